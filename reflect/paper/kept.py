"""Kept: finished pages, so that what did not change is not laid out again; found only by what is on them."""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from reflect import clock, places
from reflect.paper import press

log = logging.getLogger(__name__)

_DAY = 24 * 3600
_SEAL = b"\n%% %s\n"  # a comment behind the PDF: sha256 of what stands before it
_SEALED = len(_SEAL % (b"0" * 64))
_TIDY_EVERY = 50  # pages put away
_LIBRARIES = ("babel", "flask-babel", "fonttools", "jinja2", "latex2mathml", "markdown", "markupsafe", "nh3", "pydyf",
              "pyphen", "weasyprint", "ziafont", "ziamath")  # fmt: skip
_HOUSE = Path(__file__).resolve().parent.parent


def key(*things: Any) -> str:
    """Give the name of pages: it differs when anything differs that is on them or that made them."""
    said = json.dumps([_plain(thing) for thing in things], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{_makers()} {said}".encode()).hexdigest()


def _plain(thing: Any) -> Any:
    if isinstance(thing, str | int | float | None):
        return thing
    if isinstance(thing, bytes):
        return hashlib.sha256(thing).hexdigest()
    if is_dataclass(thing):
        return [type(thing).__name__, *(_plain(getattr(thing, field.name)) for field in fields(thing))]
    if isinstance(thing, Mapping):
        return {str(name): _plain(value) for name, value in sorted(thing.items())}
    if isinstance(thing, frozenset):
        return sorted(_plain(one) for one in thing)
    if isinstance(thing, list | tuple):
        return [_plain(one) for one in thing]
    if isinstance(thing, date | datetime):
        return thing.isoformat()
    raise TypeError(type(thing).__name__)  # better no print than the pages of another day


@lru_cache(maxsize=1)
def _makers() -> str:
    """Sum up templates, styles, letters, sentences, our own code, the libraries and the engine."""
    said = hashlib.sha256(" ".join([press.versions(), *map(version, _LIBRARIES)]).encode())
    for path in sorted(_made_with()):
        said.update(path.name.encode() + path.read_bytes())
    return said.hexdigest()


def _made_with() -> list[Path]:
    names = ("words.py", "passage.py", "direction.py", "formula.py", "formula_picture.py", "spoken.py",
             "web/speech.py", "web/sentences.py", "report/grammar.py")  # fmt: skip
    code = [_HOUSE / name for name in names]
    return [
        *places.TEMPLATES.glob("paper/*"), *places.STATIC.glob("css/*.css"), *places.STATIC.glob("fonts/*.woff2"),
        *places.TRANSLATIONS.glob("*/LC_MESSAGES/*.mo"), *_HOUSE.glob("paper/*.py"), *code,
    ]  # fmt: skip


@dataclass(frozen=True)
class Drawer:
    """Where finished pages lie, by student; bounded in size (MB) and in days without use. A full disk keeps nothing."""

    folder: Path
    megabytes: int
    days: int

    def find(self, key: str, *, student_id: int) -> bytes | None:
        """Give the pages, whole as they were put away; None when they are not here."""
        path = self._path(key, student_id)
        try:
            found = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        pdf = found[:-_SEALED]
        return pdf if found.endswith(_sealed(pdf)) else None

    def holds(self, key: str, *, student_id: int) -> bool:
        return self._path(key, student_id).is_file()

    def put(self, pdf: bytes, *, key: str, student_id: int) -> None:
        """Put pages away, for us alone to read; when that fails they are laid out again next time."""
        if not self.megabytes:
            return
        path = self._path(key, student_id)
        try:
            for folder in (self.folder, path.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            with _replacing(path) as into:
                into.write(pdf + _sealed(pdf))
        except OSError as wrong:
            log.warning("finished pages could not be kept: %s", wrong.strerror)
        if next(_put_away) % _TIDY_EVERY == 0:
            self.tidy()

    def forget(self, student_id: int) -> None:
        """Remove all pages of a student."""
        shutil.rmtree(self.folder / str(student_id), ignore_errors=True)

    def tidy(self) -> None:
        """Remove what was not used for long, and then what was used longest ago, until the rest fits."""
        lying = list[tuple[float, int, Path]]()
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):  # somebody else tidies too
                lying.append((path.stat().st_mtime, path.stat().st_size, path))
        size, oldest = sum(size for _, size, _ in lying), clock.now().timestamp() - self.days * _DAY
        for used, bytes_taken, path in sorted(lying):
            if used >= oldest and size <= self.megabytes * 1_000_000:
                return
            path.unlink(missing_ok=True)
            size -= bytes_taken

    def _path(self, key: str, student_id: int) -> Path:
        return self.folder / str(student_id) / f"{key}.pdf"


_put_away = count()


def _sealed(pdf: bytes) -> bytes:
    return _SEAL % hashlib.sha256(pdf).hexdigest().encode()


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Write beside, and put it in place when it is whole."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".")  # mode 600
    try:
        with os.fdopen(handle, "wb") as into:
            yield into
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
