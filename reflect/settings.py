"""Every setting of the house: its name, default, bounds and purpose; read from the environment or a file."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from reflect.tongue import LANGUAGES


class WrongSetting(Exception):
    """One clear sentence about the setting that stops the start."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("may not be empty")
    return value.strip()


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isdecimal() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError("must be a time zone such as Europe/Amsterdam") from unknown
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("must be a web address such as https://reflect.school.example")
    return value.rstrip("/")


def _secret(value: str) -> str:
    if value and (len(value) < 32 or len(set(value)) < 10):
        raise ValueError("is too weak: use at least 32 characters, or leave it out and one is made for you")
    return value


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"must be one of: {', '.join(words)}")
        return value

    return read


def _switch(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return value == "yes"


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    read: Callable[[str], Any]
    purpose: str


TABLE = (
    Setting("DATA", "data", lambda value: Path(_text(value)).resolve(), "Folder for everything that Reflect writes."),
    Setting("DATABASE", "", str, "Database address; empty means SQLite in the data folder."),
    Setting(
        "EVIDENCE",
        "",
        str,
        "Where photos, sounds and files are kept: empty means the data folder, else s3://bucket/prefix.",
    ),
    Setting("EVIDENCE_MB", "20", _between(1, 200), "How large one photo, sound or file may be when it is sent, in MB."),
    Setting(
        "SECRET", "", _secret, "Key that signs sessions; empty means: made at first start, kept in the data folder."
    ),
    Setting(
        "BASE_URL", "", _address, "The address that people type; used in links. Empty means this machine, at the port."
    ),
    Setting("SCHOOL", "Reflect", _text, "Name of the school, shown on every page and every print."),
    Setting("LANGUAGE", "nl", _one_of(*LANGUAGES), "Language for who did not choose one."),
    Setting("TIMEZONE", "Europe/Amsterdam", _zone, "Where the school's days begin."),
    Setting("HOST", "127.0.0.1", _text, "Network address to listen on."),
    Setting("PORT", "8000", _between(1, 65535), "Port to listen on."),
    Setting("WORKERS", "2", _between(1, 64), "Server processes."),
    Setting("THREADS", "4", _between(1, 64), "Requests that one process serves at the same time."),
    Setting(
        "WORKER",
        "beside",
        _one_of("beside", "apart"),
        "Who starts the worker: `reflect serve`, beside itself, or you (`reflect worker`).",
    ),
    Setting("WORKER_NAME", "", str, "Name of this worker, the same after a restart; empty means the machine's."),
    Setting("QUEUE", "", str, "Address of the queue's own database; empty means SQLite in the data folder."),
    Setting(
        "HINTS",
        "show",
        _one_of("show", "ask"),
        "Kind hints to teachers: only show them, or ask once more before an answer is given (show, ask).",
    ),
    Setting("PRINT_SECONDS", "300", _between(10, 3600), "How long one print may take."),
    Setting("PRINT_HOURS", "24", _between(1, 720), "How long a printed group can be fetched."),
    Setting("PRINT_ROOM_MB", "200", _between(1, 1_000_000), "How much of the disk prints leave to what people write."),
    Setting("PRINT_STUDENT_SECONDS", "60", _between(5, 600), "How long the pages of one student may take."),
    Setting(
        "PRINT_STUDENT_MEMORY_MB",
        "1024",
        _between(512, 8192),
        "How much address space the process may take that prints one student.",
    ),
    Setting(
        "PRINT_STUDENT_MB", "64", _between(1, 512), "How many words and photos one student's pages may hold, in MB."
    ),
    Setting("PRINT_KEPT_MB", "2000", _between(0, 100_000), "How many finished pages are kept to print again; 0: none."),
    Setting("PRINT_KEPT_DAYS", "120", _between(1, 1000), "How long finished pages are kept after they were last used."),
    Setting("IDLE_MINUTES", "60", _between(5, 600), "A session ends after so many minutes without a click."),
    Setting("SESSION_HOURS", "10", _between(1, 24), "A session ends after so many hours at the latest."),
    Setting("PROXIES", "0", _between(0, 5), "Trusted proxies in front that set X-Forwarded-For and -Proto."),
    Setting("HSTS", "no", _switch, "Tell browsers to come back by https only (yes, no)."),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one running house; `data` is made if it is not there."""

    data: Path
    database: str
    evidence: str
    evidence_mb: int
    secret: str
    base_url: str
    school: str
    language: str
    timezone: str
    host: str
    port: int
    workers: int
    threads: int
    worker: str
    worker_name: str
    queue: str
    hints: str
    print_seconds: int
    print_hours: int
    print_room_mb: int
    print_student_seconds: int
    print_student_memory_mb: int
    print_student_mb: int
    print_kept_mb: int
    print_kept_days: int
    idle_minutes: int
    session_hours: int
    proxies: int
    hsts: bool

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Read REFLECT_* from the environment, then from the file REFLECT_SETTINGS names (default: reflect.env here).

    Raises WrongSetting with one sentence for the first setting that is unknown or out of bounds.
    """
    given = {**_from_file(environ or os.environ), **(environ or os.environ)}
    known = {f"REFLECT_{setting.name}" for setting in TABLE} | {"REFLECT_SETTINGS", "REFLECT_CHROMIUM"}
    for name in sorted(name for name in given if name.startswith("REFLECT_") and name not in known):
        raise WrongSetting(f"{name} is not a setting of Reflect. The settings are: {', '.join(sorted(known))}.")
    values = {setting.name.lower(): _one(setting, given) for setting in TABLE}
    settings = Settings(**values)
    _make_folder(settings.data)
    return _completed(settings)


def _from_file(environ: Mapping[str, str]) -> dict[str, str]:
    path = environ.get("REFLECT_SETTINGS")
    if path and not Path(path).is_file():
        raise WrongSetting(f"REFLECT_SETTINGS names {path}, but there is no such file.")
    return {name: value or "" for name, value in dotenv_values(path or "reflect.env").items()}


def _one(setting: Setting, given: Mapping[str, str]) -> Any:
    value = given.get(f"REFLECT_{setting.name}", setting.default)
    try:
        return setting.read(value)
    except ValueError as wrong:
        raise WrongSetting(f"REFLECT_{setting.name} {wrong} (it is {value!r}). {setting.purpose}") from None


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise WrongSetting(f"REFLECT_DATA names {data}, but that folder cannot be made: {wrong.strerror}.") from None


def _completed(settings: Settings) -> Settings:
    database = settings.database or f"sqlite:///{settings.data / 'reflect.sqlite3'}"
    if not database.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise WrongSetting("REFLECT_DATABASE must start with sqlite:/// or postgresql+psycopg://.")
    evidence = settings.evidence or (settings.data / "evidence").as_uri()
    if not evidence.startswith(("file:///", "s3://")):
        raise WrongSetting("REFLECT_EVIDENCE must start with s3:// (or be empty: then it is in the data folder).")
    queue = settings.queue or f"sqlite:///{settings.data / 'queue.sqlite3'}"
    if not queue.startswith(("sqlite:///", "postgresql+psycopg://")) or queue == database:
        raise WrongSetting("REFLECT_QUEUE must start with postgresql+psycopg:// and differ from REFLECT_DATABASE.")
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return Settings(
        **{
            **values,
            "base_url": settings.base_url or f"http://127.0.0.1:{settings.port}",
            "database": database,
            "evidence": evidence,
            "queue": queue,
            "worker_name": settings.worker_name or socket.gethostname(),
            "secret": settings.secret or _kept_secret(settings.data),
        }
    )


def _kept_secret(data: Path) -> str:
    path = data / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _secret(path.read_text().strip())
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()
