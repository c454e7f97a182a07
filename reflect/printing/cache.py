"""Keep finished PDFs on disk, under a key that changes with anything that shapes their pages."""

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.metadata import distributions
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from reflect import clock, paths
from reflect.printing import renderer_pool

log = logging.getLogger(__name__)

_DAY_SECONDS = 24 * 3600
_CHECKSUM_TRAILER = b"\n%% %s\n"  # a comment after the PDF: the sha256 of all before it
_TRAILER_LENGTH = len(_CHECKSUM_TRAILER % (b"0" * 64))
# Whole folders, since nobody would remember to extend a list of the files that shape a page. A key
# that changes with too much only costs rendering the pages again after an upgrade.
SOURCE_FOLDERS = (
    Path(__file__).resolve().parent.parent,
    paths.TEMPLATES,
    paths.STATIC / "css",
    paths.STATIC / "fonts",
)


def cache_key(*parts: Any) -> str:
    """Return a key for pages with this content, as hexadecimal digits.

    It changes with the content, our own files and the versions of all libraries. Raises TypeError
    for content that has no fixed text, such as a set of objects.
    """
    content = json.dumps(
        [_to_jsonable(part) for part in parts], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(f"{_installation_digest()} {content}".encode()).hexdigest()


def _to_jsonable(part: Any) -> Any:
    if isinstance(part, str | int | float | None):
        return part
    if isinstance(part, bytes):
        # A picture by its digest, which is short.
        return hashlib.sha256(part).hexdigest()
    if is_dataclass(part):
        values = [_to_jsonable(getattr(part, field.name)) for field in fields(part)]
        return [type(part).__name__, *values]
    if isinstance(part, Mapping):
        # Sorted, since equal mappings may be in another order.
        return {str(name): _to_jsonable(value) for name, value in sorted(part.items())}
    if isinstance(part, frozenset):
        # Sorted, since a set has no order, and the key must not depend on one.
        return sorted(_to_jsonable(item) for item in part)
    if isinstance(part, list | tuple):
        return [_to_jsonable(item) for item in part]
    if isinstance(part, date | datetime):
        return part.isoformat()
    # An error is better than a key that stays the same when the content changes.
    raise TypeError(type(part).__name__)


@lru_cache(maxsize=1)
def _installation_digest() -> str:
    """Return a digest of all that shapes every page. It cannot change while the process runs."""
    installed = sorted(f"{library.name} {library.version}" for library in distributions())
    # Pango and HarfBuzz are no Python packages: only a child that has loaded them can tell.
    versions = [renderer_pool.library_versions(), *installed]
    return files_digest(SOURCE_FOLDERS, versions=versions)


def files_digest(folders: Iterable[Path], *, versions: Iterable[str]) -> str:
    """Return a digest of all files in these folders, by path and content, and of these versions."""
    digest = hashlib.sha256("\n".join(versions).encode())
    for folder in folders:
        for path in source_files(folder):
            digest.update(f"\n{path.relative_to(folder)} ".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def source_files(folder: Path) -> list[Path]:
    """Return all files below this folder, sorted, without what Python compiled from them."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"
    )


@dataclass(frozen=True)
class PdfCache:
    """A folder of finished PDFs, by student, with limits on its size and on the days without use.

    What cannot be written, for example to a full disk, is not kept.
    """

    folder: Path
    max_megabytes: int
    max_unused_days: int
    prune_every: int = 50  # prune after this many puts of this process

    def get(self, key: str, *, student_id: int) -> bytes | None:
        """Return a PDF, complete as it was put; None when it is not there or damaged."""
        path = self._path(key, student_id)
        try:
            content = path.read_bytes()
            # The time of the last use, by which `prune` decides what to remove.
            os.utime(path)
        except OSError:
            return None
        pdf = content[:-_TRAILER_LENGTH]
        # A damaged file counts as absent, and the pages are rendered again.
        return pdf if content.endswith(_trailer(pdf)) else None

    def contains(self, key: str, *, student_id: int) -> bool:
        return self._path(key, student_id).is_file()

    def put(self, pdf: bytes, *, key: str, student_id: int) -> None:
        """Keep a PDF, readable only for the user that we run as."""
        if not self.max_megabytes:
            return
        path = self._path(key, student_id)
        try:
            for folder in (self.folder, path.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            with _atomic_write(path) as file:
                file.write(pdf + _trailer(pdf))
        except OSError as error:
            # A full disk must not stop a print: nothing is kept, and everything still prints
            # (decision 12).
            log.warning("a finished PDF could not be kept: %s", error.strerror)
        # Not at every put, since pruning looks at every file in the cache.
        if next(_put_counter) % self.prune_every == 0:
            self.prune()

    def prune(self) -> None:
        """Remove PDFs that were not used for too long, then the least recently used ones."""
        entries = list[tuple[float, int, Path]]()
        for path in self.folder.glob("*/*"):
            # Another process may prune at the same moment.
            with contextlib.suppress(OSError):
                entries.append((path.stat().st_mtime, path.stat().st_size, path))
        total_bytes = sum(size for _, size, _ in entries)
        oldest_allowed = clock.now().timestamp() - self.max_unused_days * _DAY_SECONDS
        # The least recently used first.
        for last_used, file_bytes, path in sorted(entries):
            if last_used >= oldest_allowed and total_bytes <= self.max_megabytes * 1_000_000:
                return
            path.unlink(missing_ok=True)
            total_bytes -= file_bytes

    def _path(self, key: str, student_id: int) -> Path:
        return self.folder / str(student_id) / f"{key}.pdf"


_put_counter = count()


def _trailer(pdf: bytes) -> bytes:
    return _CHECKSUM_TRAILER % hashlib.sha256(pdf).hexdigest().encode()


@contextlib.contextmanager
def _atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the place of `path` once it is written in full."""
    handle, temporary_path = tempfile.mkstemp(dir=path.parent, prefix=".")  # mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        # Atomic: another process finds no file or a complete one, never half of one.
        os.replace(temporary_path, path)
    except BaseException:
        # BaseException, so that no half file stays behind when the process is being stopped.
        Path(temporary_path).unlink(missing_ok=True)
        raise
