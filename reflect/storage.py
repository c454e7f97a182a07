"""Blob storage: the bytes of photos, sounds and files, on this machine's disk or in S3."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store, from_url

from reflect.subprocesses import announce_slow_work


@dataclass(frozen=True)
class StoredFile:
    """A name in the store, and when it was written."""

    name: str
    modified_at: datetime


class BlobStore:
    """Named bytes, each written once. A name is unguessable and tells nothing about a person."""

    def __init__(self, url: str) -> None:
        """Open file:///folder, or s3://bucket/prefix with the keys of AWS_* in the environment."""
        parts = urlsplit(url)
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self.backend: LocalStore | S3Store
        if self.folder:
            # For the user that Reflect runs as alone: these are photos and texts of students.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.backend = LocalStore(self.folder)
        else:
            self.backend = from_url(url)  # type: ignore[assignment]  # by its scheme it is S3

    def put(self, name: str, content: bytes) -> None:
        """Store these bytes; they are on disk when this returns.

        Raises OSError, also where S3 cannot be reached.
        """
        self._announce()
        try:
            self.backend.put(name, content)
        # Callers should not have to know which library stores the bytes.
        except BaseError as error:
            raise OSError(f"{name} is not kept") from error
        if self.folder:
            # The folder too, since that holds the name.
            for path in (self.folder / name, self.folder):
                # The row with this name is committed later: a power cut must not leave it without
                # bytes.
                _flush_to_disk(path)

    def get(self, name: str) -> bytes:
        """Return these bytes. Raises FileNotFoundError."""
        self._announce()
        return bytes(self.backend.get(name).bytes())

    def delete(self, name: str) -> None:
        """Remove these bytes, if they are there."""
        self._announce()
        # The caller wants it gone, and it is.
        with contextlib.suppress(FileNotFoundError):
            if self.folder:
                # Also what was never written to its end, which the library does not know.
                (self.folder / name).unlink()
            else:
                self.backend.delete(name)

    def files(self) -> Iterator[StoredFile]:
        """Yield every file, on disk also those that were never written to their end."""
        if self.folder is None:
            for batch in self.backend.list():
                yield from (StoredFile(one["path"], one["last_modified"]) for one in batch)
            return
        for entry in os.scandir(self.folder):
            # One that is gone since it was listed is no file of the store any more.
            with contextlib.suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    written_at = datetime.fromtimestamp(entry.stat().st_mtime, UTC)
                    yield StoredFile(entry.name, written_at)

    def _announce(self) -> None:
        if self.folder is None:
            announce_slow_work("a request to S3")

    def has_free_space(self, min_bytes: int) -> bool:
        """Return whether the disk has this many bytes left; S3 is taken to have them always."""
        return self.folder is None or shutil.disk_usage(self.folder).free >= min_bytes


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


@lru_cache(maxsize=8)
def blob_store(url: str) -> BlobStore:
    """Return the store at this address, opened once."""
    return BlobStore(url)
