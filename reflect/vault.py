"""The vault: where the bytes of evidence lie, on this machine's disk or in a store that speaks S3."""

import contextlib
import os
import shutil
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store, from_url


class Vault:
    """Named bytes, written once; a name is unguessable and says nothing about a person."""

    def __init__(self, address: str) -> None:
        """Open the place that `address` names: file:///folder or s3://bucket/prefix (with keys from AWS_*)."""
        parts = urlsplit(address)
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        if self.folder:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store: LocalStore | S3Store = (
            LocalStore(self.folder) if self.folder else from_url(address)  # type: ignore[assignment]  # by its address it is S3
        )

    def put(self, name: str, content: bytes) -> None:
        """Keep these bytes; they are on disk when this returns. Raises OSError, also where S3 is out of reach."""
        try:
            self.store.put(name, content)
        except BaseError as no:
            raise OSError(f"{name} is not kept") from no
        for path in (self.folder / name, self.folder) if self.folder else ():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    def get(self, name: str) -> bytes:
        """Give these bytes. Raises FileNotFoundError."""
        return bytes(self.store.get(name).bytes())

    def remove(self, name: str) -> None:
        """Remove these bytes; what is not there is removed already."""
        with contextlib.suppress(FileNotFoundError):
            self.store.delete(name)

    def has_room(self, least: int) -> bool:
        """Say whether at least so many bytes are free; a store elsewhere is taken to have room."""
        return self.folder is None or shutil.disk_usage(self.folder).free >= least


@lru_cache(maxsize=8)
def vault(address: str) -> Vault:
    return Vault(address)
