"""Passwords: hashing and verifying them (Argon2), and which ones are too easy to guess."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from reflect.school.people import Person
from reflect.subprocesses import announce_slow_work

MIN_PASSWORD_LENGTH = 10
# All of ten characters or more: a shorter one is refused for its length.
_COMMON_PASSWORDS = frozenset(
    [
        "1234567890",
        "0123456789",
        "qwertyuiop",
        "wachtwoord",
        "password12",
        "password123",
        "welkom1234",
        "welkom2026",
        "welkom2027",
        "geheim1234",
        "iloveyou12",
        "aaaaaaaaaa",
        "abcdefghij",
        "voetbal123",
        "schoolschool",
        "wiskunde123",
        "qwerty12345",
        "1q2w3e4r5t",
        "zomer20262",
        "hallohallo",
    ]
)

# OWASP's first choice for Argon2id.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified for an unknown name, so that it takes as long as a wrong password.
DUMMY_HASH = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Return the hash of a password. It takes as long as a page: in no transaction that writes."""
    announce_slow_work("a hash of a password")
    return _hasher.hash(password)


def hash_matches(password_hash: str, password: str) -> bool:
    """Return whether a hash is of this password. It takes as long as making one."""
    announce_slow_work("a hash of a password")
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def is_guessable(password: str, person: Person) -> bool:
    """Return whether a password is a common one, a row of the same signs, or has their name."""
    lowered = password.casefold()
    # Fewer than four different characters is a row of the same ones.
    if lowered in _COMMON_PASSWORDS or len(set(lowered)) < 4:
        return True
    names = (person.given_name, person.family_name)
    # A name of one or two letters is in many a good password by chance.
    return any(name.casefold() in lowered for name in names if len(name) > 2)
