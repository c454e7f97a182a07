"""Passwords: hashing and verifying them (Argon2), a few at a time."""

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from reflect.errors import ServiceBusy
from reflect.subprocesses import announce_slow_work

# OWASP's first choice for Argon2id.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified for an unknown name, so that it takes as long as a wrong password.
DUMMY_HASH = _hasher.hash(secrets.token_urlsafe(16))


_WORK = "a hash of a password"


class HashQueue:
    """Lets one password at a time be looked at in this process, and a few requests wait for it.

    Made-up names have no limit of their own. Without this, whoever sends many of them would keep
    every core, and every thread of the server, busy with hashing.
    """

    def __init__(self, *, places: int) -> None:
        self._places = BoundedSemaphore(places)
        self._turn = Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place in the queue, for the length of a `with`. Raises ServiceBusy at once."""
        if not self._places.acquire(blocking=False):
            raise ServiceBusy
        try:
            yield
        finally:
            self._places.release()

    def matching_form(self, password_hash: str, password: str) -> str | None:
        """Return the form of a password that the hash was made of, None when it is another one."""
        announce_slow_work(_WORK)
        with self._turn:
            return next((form for form in _forms(password) if _verify(password_hash, form)), None)


# Staff, a device that is known and whoever is signed in: their tries are few, since each is
# counted under the name of somebody who exists.
FIRST_QUEUE = HashQueue(places=64)
# Everybody else. One place less than the threads of a process, so that one is left for saving.
STRANGERS_QUEUE = HashQueue(places=3)


def hash_password(password: str) -> str:
    """Return the hash to store. It takes some 25 ms: to be called without an open transaction."""
    announce_slow_work(_WORK)
    return _hasher.hash(_nfc(password))


def is_outdated(password_hash: str, *, matching_form: str) -> bool:
    """Return whether to hash the password anew: other parameters, or another form than NFC."""
    return matching_form != _nfc(matching_form) or _hasher.check_needs_rehash(password_hash)


def _nfc(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _forms(password: str) -> list[str]:
    """Return the forms of Unicode in which this password may have been hashed.

    A Mac may send an é as two characters. Today it is NFC that is hashed; earlier it was what the
    device had sent.
    """
    nfd = unicodedata.normalize("NFD", password)
    return list(dict.fromkeys([_nfc(password), password, nfd]))


def _verify(password_hash: str, form: str) -> bool:
    try:
        return _hasher.verify(password_hash, form)
    except (VerifyMismatchError, InvalidHashError):
        return False
