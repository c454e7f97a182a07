"""Signing in: local accounts with Argon2, sessions kept at the server, and a bound on attempts."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import TooManyTries
from reflect.school.people import Person
from reflect.store import Base, Instant, begin_writing, session

TRIES_PER_NAME = 10  # within WINDOW; a class of thirty behind one school address must still get in
TRIES_PER_ADDRESS = 200
WINDOW = timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=5)  # how often a session notes that it is in use: a write per click would be waste

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's first choice for Argon2id
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))  # so that an unknown name takes as long as a wrong password


class SignIn(Base):
    """One session: its token is only on the device; here is its hash."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    began_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Attempt(Base):
    """A failed attempt, under the hash of the name and of the address that it came from."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


@dataclass(frozen=True)
class Limits:
    """How long a session lasts without use, and at most."""

    idle: timedelta
    whole: timedelta


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_password_of(person: Person, password: str) -> bool:
    return bool(person.password_hash) and _fits(person.password_hash or "", password)


def sign_in(name: str, *, password: str, address: str, at: datetime) -> str | None:
    """Give the token of a new session, or None when name and password do not belong together. Raises TooManyTries."""
    name = name.strip().casefold()
    keys = (_digest(f"name:{name}"), _digest(f"address:{address}"))
    _within_bounds(keys, at=at)
    person = session().scalar(sa.select(Person).where(Person.sign_in_name == name, Person.left_on.is_(None)))
    kept = person.password_hash if person and person.password_hash else _NOBODY
    if not _fits(kept, password) or person is None or kept == _NOBODY:
        session().add_all(Attempt(key=key, at=at) for key in keys)
        return None
    if _hasher.check_needs_rehash(kept):
        person.password_hash = hashed(password)
    session().execute(sa.delete(Attempt).where(sa.or_(Attempt.key == keys[0], Attempt.at < at - WINDOW)))
    return _begin(person, at=at)


def _begin(person: Person, *, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session().add(SignIn(token_hash=_digest(token), person_id=person.id, began_at=at, used_at=at))
    session().flush()
    return token


def _within_bounds(keys: tuple[str, str], *, at: datetime) -> None:
    for key, bound in zip(keys, (TRIES_PER_NAME, TRIES_PER_ADDRESS), strict=True):
        tries = sa.select(sa.func.count()).where(Attempt.key == key, Attempt.at > at - WINDOW)
        if (session().scalar(tries) or 0) >= bound:
            raise TooManyTries


def _fits(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@dataclass(frozen=True)
class Running:
    """A session that still runs: whose it is, and when it ends unused, and at the latest."""

    id: int
    person: Person
    used_at: datetime
    ends_unused: datetime
    ends: datetime
    limits: Limits


def running(token: str, *, limits: Limits, at: datetime) -> Running | None:
    """Give the session behind a token, or None when it is unknown, ended, or too long unused; looking is no use."""
    places = {"token": _digest(token), "idle": at - limits.idle, "whole": at - limits.whole}
    row = session().execute(_RUNNING, places).first()
    if row is None:
        return None
    id, began_at, used_at, person = row
    ends = began_at + limits.whole
    return Running(id, person, used_at, min(used_at + limits.idle, ends), ends, limits)


_RUNNING = (
    sa.select(SignIn.id, SignIn.began_at, SignIn.used_at, Person)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.token_hash == sa.bindparam("token"), SignIn.ended_at.is_(None), Person.left_on.is_(None))
    .where(SignIn.used_at > sa.bindparam("idle", type_=Instant), SignIn.began_at > sa.bindparam("whole", type_=Instant))
)


def stay(found: Running, *, at: datetime) -> Running:
    """Note that this session is in use now; give it as it then runs."""
    begin_writing()
    session().execute(sa.update(SignIn).where(SignIn.id == found.id).values(used_at=at))
    return replace(found, used_at=at, ends_unused=min(at + found.limits.idle, found.ends))


def used(token: str, *, limits: Limits, at: datetime) -> Running | None:
    """Give the session behind a token, and note now and then that it is in use; None when it does not run any more."""
    found = running(token, limits=limits, at=at)
    return stay(found, at=at) if found is not None and found.used_at < at - SEEN_EVERY else found


def sign_out(token: str, *, at: datetime) -> None:
    session().execute(sa.update(SignIn).where(SignIn.token_hash == _digest(token)).values(ended_at=at))


def sign_out_everywhere(person_id: int, *, at: datetime) -> None:
    """End every session of this person."""
    unended = sa.update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    session().execute(unended.values(ended_at=at))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
