"""The settings of an installation, read from the environment or from a file."""

import fcntl
import os
import secrets
import shlex
import socket
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from reflect.i18n import DEFAULT_LANGUAGE, INTERFACE_LANGUAGES

_PRIVATE_UMASK = 0o077
_OTHERS = 0o077  # what a file may allow its group and everybody


class InvalidSetting(Exception):
    """One clear sentence about the setting that stops the start."""


_T = TypeVar("_T")


def _setting(default: str, parse: Callable[[str], _T], purpose: str) -> _T:
    """Return a dataclass field for a setting that is read from the environment as text.

    `parse` raises ValueError with the end of a sentence that begins with the setting's name.
    `purpose` is Markdown, for the table in docs/install.md.
    """
    details = {"default": default, "parse": parse, "purpose": purpose}
    # Typed as what `parse` returns, so that the annotation of each setting is checked.
    return cast(_T, field(metadata=details))


def _secret_setting(default: str, parse: Callable[[str], _T], purpose: str) -> _T:
    """Return a field as `_setting` does, whose value is never printed: it is a key or holds one."""
    details = {"default": default, "parse": parse, "purpose": purpose, "is_secret": True}
    return cast(_T, field(metadata=details, repr=False))


def _text(value: str) -> str:
    return value


def _non_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("may not be empty")
    return value.strip()


def _folder(value: str) -> Path:
    return Path(_non_empty(value)).resolve()


def _integer_between(low: int, high: int) -> Callable[[str], int]:
    # Not text.numbers: settings lie below it, and a wrong setting is refused with a reason.
    def parse(value: str) -> int:
        if not value.isdecimal() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


DEFAULT_TIMEZONE = "Europe/Amsterdam"


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as Europe/Amsterdam") from error
    return value


def _url(value: str) -> str:
    # The paths of links are put behind this address, and a query or fragment would swallow them.
    parts = urlsplit(value)
    is_web_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    if value and (not is_web_address or parts.query or parts.fragment):
        raise ValueError("must be a web address such as https://reflect.school.example")
    # Every path that follows begins with a slash of its own.
    return value.rstrip("/")


def _strong_secret(value: str) -> str:
    # Everything rests on this key: it signs sessions, and the keys of texts that wait on a device
    # are derived from it (docs/decisions/0015). A word, or one character repeated, could be
    # guessed.
    if value and (len(value) < 32 or len(set(value)) < 10):
        raise ValueError(
            "is too weak: use at least 32 characters, or leave it out and one is made for you"
        )
    return value


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"must be one of: {', '.join(words)}")
        return value

    return parse


def _yes_no(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return value == "yes"


@dataclass(frozen=True)
class Settings:
    """The settings of one installation.

    This is the one list of them. A field `port` is read from REFLECT_PORT; `reflect settings`
    prints the table in docs/install.md from it.
    """

    data: Path = _setting(  # noqa: RUF009 - a dataclass field
        "data", _folder, "Folder for everything that Reflect writes."
    )
    # The addresses of databases hold a password.
    database: str = _secret_setting(
        "", _text, "Database address; empty means SQLite in the data folder."
    )
    evidence: str = _setting(
        "",
        _text,
        "Where photos, sounds and files are kept: empty means the data folder, "
        "else `s3://bucket/prefix`.",
    )
    evidence_mb: int = _setting(
        "20",
        _integer_between(1, 200),
        "How large one photo, sound or file may be when it is sent, in MB.",
    )
    evidence_year_mb: int = _setting(
        "500",
        _integer_between(10, 100_000),
        "How much all photos, sounds and files of one student may take in one school year, in MB.",
    )
    secret: str = _secret_setting(
        "",
        _strong_secret,
        "Key that signs sessions; empty means: made at first start, kept in the data folder.",
    )
    base_url: str = _setting(
        "",
        _url,
        "The address that people type; used in links. Empty means this machine, at the port.",
    )
    school: str = _setting(
        "Reflect", _non_empty, "Name of the school, shown on every page and every print."
    )
    language: str = _setting(
        DEFAULT_LANGUAGE, _one_of(*INTERFACE_LANGUAGES), "Language for who did not choose one."
    )
    timezone: str = _setting(DEFAULT_TIMEZONE, _timezone, "Where the school's days begin.")
    # Other machines cannot reach it until somebody sets this on purpose.
    host: str = _setting("127.0.0.1", _non_empty, "Network address to listen on.")
    port: int = _setting("8000", _integer_between(1, 65535), "Port to listen on.")
    workers: int = _setting("2", _integer_between(1, 64), "Server processes.")
    threads: int = _setting(
        "4", _integer_between(1, 64), "Requests that one process serves at the same time."
    )
    worker: str = _setting(
        "beside",
        _one_of("beside", "apart"),
        "Who starts the worker: `reflect serve`, `beside` itself, or you (`apart`).",
    )
    # Two workers of one name would repeat each other's steps (docs/decisions/0011).
    worker_name: str = _setting(
        "", _text, "Name of this worker, the same after a restart; empty means the machine's."
    )
    # DBOS keeps its steps in a database of its own. It holds only keys, and needs no backup.
    queue: str = _secret_setting(
        "", _text, "Address of the queue's own database; empty means SQLite in the data folder."
    )
    hints: str = _setting(
        "show",
        _one_of("show", "ask"),
        "Kind hints to teachers: only `show` them, or `ask` once more before an answer is given.",
    )
    print_seconds: int = _setting("300", _integer_between(10, 3600), "How long one print may take.")
    print_hours: int = _setting(
        "24", _integer_between(1, 720), "How long a printed group can be fetched."
    )
    # Prints wait rather than take the space that people's texts need.
    print_room_mb: int = _setting(
        "200",
        _integer_between(1, 1_000_000),
        "How much of the disk prints leave to what people write.",
    )
    print_student_seconds: int = _setting(
        "60", _integer_between(5, 600), "How long the pages of one student may take."
    )
    print_student_memory_mb: int = _setting(
        "1024",
        _integer_between(512, 8192),
        "How much address space the process may take that prints one student.",
    )
    print_student_mb: int = _setting(
        "64",
        _integer_between(1, 512),
        "How many words and photos one student's pages may hold, in MB.",
    )
    # A cache: whatever is removed from it is rendered again (docs/decisions/0012).
    print_kept_mb: int = _setting(
        "2000",
        _integer_between(0, 100_000),
        "How many MB of finished pages are cached, to print them again at once; 0: none.",
    )
    print_kept_days: int = _setting(
        "120",
        _integer_between(1, 1000),
        "How many days finished pages stay in that cache after they were last used.",
    )
    # Far more than anybody types: an autosave is some kilobytes, each few seconds.
    sending_mb: int = _setting(
        "16",
        _integer_between(4, 1000),
        "How much one person may send at once to one server process, in MB, without files.",
    )
    sending_kb_per_second: int = _setting(
        "60",
        _integer_between(1, 10_000),
        "How much of that comes back each second, in kB.",
    )
    idle_minutes: int = _setting(
        "60", _integer_between(5, 600), "A session ends after so many minutes without a click."
    )
    session_hours: int = _setting(
        "10", _integer_between(1, 24), "A session ends after so many hours at the latest."
    )
    leaver_weeks: int = _setting(
        "12",
        _integer_between(0, 520),
        "How many weeks a student who has left the school can still sign in, to take along "
        "what is theirs.",
    )
    proxies: int = _setting(
        "0",
        _integer_between(0, 5),
        "Trusted proxies in front that set X-Forwarded-For and -Proto.",
    )
    # Off until the school chooses it: a browser remembers it for a year and then refuses http.
    hsts: bool = _setting("no", _yes_no, "Tell browsers to come back by https only (yes, no).")

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


# Read by something else than this module: the name of the settings file, and by the tests
# which browser they start.
_OTHER_NAMES = ("REFLECT_SETTINGS", "REFLECT_CHROMIUM")


def variable_name(setting: Field[Any]) -> str:
    """Return the environment variable of a setting, such as REFLECT_PORT."""
    return f"REFLECT_{setting.name.upper()}"


def markdown_table() -> str:
    """Return every setting, its default and its purpose, as the table in docs/install.md."""
    lines = ["| setting | default | |", "|---|---|---|"]
    for setting in fields(Settings):
        default = setting.metadata["default"]
        shown_default = f"`{default}`" if default else "(empty)"
        purpose = setting.metadata["purpose"]
        lines.append(f"| `{variable_name(setting)}` | {shown_default} | {purpose} |")
    return "\n".join(lines) + "\n"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from the environment, else from a file, else their defaults.

    The file is the one that REFLECT_SETTINGS names, or reflect.env in the working directory.
    Makes the data folder. Raises InvalidSetting for the first that is unknown or wrong.
    """
    environment = os.environ if environ is None else environ
    # The environment wins over the file.
    values = {**_read_file(environment), **environment}
    known_names = {*map(variable_name, fields(Settings)), *_OTHER_NAMES}
    # A misspelt name would otherwise be ignored without a word, and the default be used.
    for name in sorted(values):
        if name.startswith("REFLECT_") and name not in known_names:
            raise InvalidSetting(
                f"{name} is not a setting of Reflect. "
                f"The settings are: {', '.join(sorted(known_names))}."
            )
    settings = _parse(values)
    _create_data_folder(settings.data)
    return _fill_in_addresses(settings)


def _parse(values: Mapping[str, str]) -> Settings:
    return Settings(**{one.name: _parse_setting(one, values) for one in fields(Settings)})


def _read_file(environ: Mapping[str, str]) -> dict[str, str]:
    path = environ.get("REFLECT_SETTINGS")
    if path and not Path(path).is_file():
        raise InvalidSetting(f"REFLECT_SETTINGS names {path}, but there is no such file.")
    return {name: value or "" for name, value in dotenv_values(path or "reflect.env").items()}


def _parse_setting(setting: Field[Any], values: Mapping[str, str]) -> Any:
    name = variable_name(setting)
    value = values.get(name, setting.metadata["default"])
    try:
        return setting.metadata["parse"](value)
    except ValueError as error:
        purpose = setting.metadata["purpose"]
        # This goes to standard error, and from there into a log.
        shown = "" if setting.metadata.get("is_secret") else f" (it is {value!r})"
        raise InvalidSetting(f"{name} {error}{shown}. {purpose}") from None


_DATABASE_FILE = "reflect.sqlite3"
# What a school that was here has left in its data folder, when its database is not.
_BESIDE_DATABASE = ("secret", "queue.sqlite3", "evidence")


def has_school(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether somebody has said where their school is, or there is one already.

    Otherwise a command that runs in the wrong folder would make an empty school there.
    """
    environment = os.environ if environ is None else environ
    if environment.get("REFLECT_SETTINGS") or Path("reflect.env").is_file():
        return True
    if any(environment.get(name) for name in ("REFLECT_DATA", "REFLECT_DATABASE")):
        return True
    return (default_data_folder() / _DATABASE_FILE).exists()


def lost_database(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return where the SQLite database of a school was, if the rest of its data is still there.

    Raises InvalidSetting. Touches nothing.
    """
    environment = os.environ if environ is None else environ
    settings = _parse({**_read_file(environment), **environment})
    address = settings.database or f"sqlite:///{settings.data / _DATABASE_FILE}"
    path = Path(address.removeprefix("sqlite:///"))
    if path == Path(address) or (path.exists() and path.stat().st_size):
        return None
    return path if any((settings.data / name).exists() for name in _BESIDE_DATABASE) else None


def default_data_folder() -> Path:
    """Return where the data is when nothing says otherwise: in the working directory."""
    (setting,) = (setting for setting in fields(Settings) if setting.name == "data")
    return _folder(setting.metadata["default"])


def _create_data_folder(data: Path) -> None:
    """Make the folder unless it is there; what this process makes is for its own user alone."""
    # Whatever makes it: SQLite with its -wal and -shm, a library, a child.
    os.umask(_PRIVATE_UMASK)
    try:
        # For the user that Reflect runs as alone: texts, PDFs and the secret are in here.
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = data.stat().st_mode
    except OSError as error:
        raise InvalidSetting(
            f"REFLECT_DATA names {data}, but that folder cannot be made: {error.strerror}."
        ) from None
    # Refused and not mended: whoever opened it may have had a reason, such as a backup's user.
    if mode & _OTHERS:
        raise InvalidSetting(
            f"Other users of this machine can get into the data folder {data}, which holds what "
            f"students wrote. Close it with: chmod -R go= {shlex.quote(str(data))}"
        )


_DATABASE_SCHEMES = ("sqlite:///", "postgresql+psycopg://")


def _fill_in_addresses(settings: Settings) -> Settings:
    """Return the settings with a default for each empty one. Raises InvalidSetting."""
    database = settings.database or f"sqlite:///{settings.data / _DATABASE_FILE}"
    if not database.startswith(_DATABASE_SCHEMES):
        raise InvalidSetting(
            "REFLECT_DATABASE must start with sqlite:/// or postgresql+psycopg://."
        )
    evidence = settings.evidence or (settings.data / "evidence").as_uri()
    if not evidence.startswith(("file:///", "s3://")):
        raise InvalidSetting(
            "REFLECT_EVIDENCE must start with s3:// (or be empty: then it is in the data folder)."
        )
    queue = settings.queue or f"sqlite:///{settings.data / 'queue.sqlite3'}"
    # DBOS keeps which steps are done in a database of its own (docs/decisions/0011).
    if not queue.startswith(_DATABASE_SCHEMES) or queue == database:
        raise InvalidSetting(
            "REFLECT_QUEUE must start with sqlite:/// or postgresql+psycopg://, and differ from "
            "REFLECT_DATABASE."
        )
    return replace(
        settings,
        base_url=settings.base_url or f"http://127.0.0.1:{settings.port}",
        database=database,
        evidence=evidence,
        queue=queue,
        worker_name=settings.worker_name or socket.gethostname(),
        secret=settings.secret or _load_or_create_secret(settings.data),
    )


def _load_or_create_secret(data: Path) -> str:
    """Return the key that is kept in the data folder, made now unless it is there."""
    path = data / "secret"
    try:
        key = _locked_secret(data, path)
    except OSError as error:
        raise InvalidSetting(
            f"The key in {path} cannot be read or made: {error.strerror}."
        ) from None
    try:
        return _strong_secret(key)
    except ValueError:
        # Another one must not take its place in silence: texts that wait on devices could not be
        # read any more (docs/decisions/0015).
        raise InvalidSetting(
            f"The file {path} does not hold a whole key. Put it back from a backup. Without a "
            "backup remove it: then a new one is made, and texts that wait on devices are lost."
        ) from None


def _locked_secret(data: Path, path: Path) -> str:
    # Of two processes that start together only one makes the key, else each would sign with one
    # of its own. The lock ends with the process, however that ends.
    descriptor = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        key = path.read_text("utf-8", "replace").strip() if path.exists() else ""
        # A crash once left an empty file: it was made before the key was in it. Nobody can have
        # signed with that.
        if not key:
            key = secrets.token_urlsafe(48)
            _write_whole(path, key)
            os.fsync(descriptor)
        return key
    finally:
        os.close(descriptor)


def _write_whole(path: Path, text: str) -> None:
    """Write a file that is whole or not there, also after a power cut."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(path)
