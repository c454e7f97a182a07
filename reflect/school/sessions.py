"""Signing in with a password, sessions kept on the server, and a limit on attempts."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base, Instant
from reflect.db.session import begin_write, session
from reflect.errors import TooManyAttempts
from reflect.school.passwords import DUMMY_HASH, hash_matches, hash_password, needs_rehash
from reflect.school.people import Person

# Failed attempts within ATTEMPT_WINDOW. A class of thirty behind the one address of a school must
# still get in, so an address may fail more often than a name.
MAX_ATTEMPTS_PER_NAME = 10
MAX_ATTEMPTS_PER_ADDRESS = 200
ATTEMPT_WINDOW = timedelta(minutes=15)
# How often a session's use is stored: a write at every request would be waste.
TOUCH_INTERVAL = timedelta(minutes=5)


class UserSession(Base):
    """A session: the device has its token, the database only the token's hash."""

    __tablename__ = "user_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    began_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed attempt; two rows, with the hash of the name and that of the address as `key`."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts without being used, and how long at most."""

    idle: timedelta
    absolute: timedelta


def sign_in(sign_in_name: str, *, password: str, remote_address: str, at: datetime) -> str | None:
    """Return the token of a new session, or None when name and password do not match.

    Raises TooManyAttempts.
    """
    # As it is stored: capital letters count in the password alone.
    sign_in_name = sign_in_name.strip().casefold()
    keys = (_digest(f"name:{sign_in_name}"), _digest(f"address:{remote_address}"))
    # Before the password is looked at, so that a right guess after too many wrong ones fails too.
    _check_attempt_limits(keys, at=at)
    person = session().scalar(
        sa.select(Person).where(Person.sign_in_name == sign_in_name, Person.left_on.is_(None))
    )
    own_hash = person.password_hash if person else None
    password_hash = own_hash or DUMMY_HASH
    is_match = hash_matches(password_hash, password)
    if not is_match or person is None or not own_hash:
        # Returned and not raised: an exception would roll back the very row that counts this
        # attempt.
        session().add_all(SignInAttempt(key=key, at=at) for key in keys)
        return None
    # Only at this moment is the password itself known.
    if needs_rehash(password_hash):
        person.password_hash = hash_password(password)
    # The attempts of the address stay: somebody who knows one password may guess at others.
    is_expired = SignInAttempt.at < at - ATTEMPT_WINDOW
    session().execute(sa.delete(SignInAttempt).where((SignInAttempt.key == keys[0]) | is_expired))
    return _create_session(person, at=at)


def _create_session(person: Person, *, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session().add(
        UserSession(token_hash=_digest(token), person_id=person.id, began_at=at, used_at=at)
    )
    session().flush()
    return token


def _check_attempt_limits(keys: tuple[str, str], *, at: datetime) -> None:
    for key, limit in zip(keys, (MAX_ATTEMPTS_PER_NAME, MAX_ATTEMPTS_PER_ADDRESS), strict=True):
        attempts = sa.select(sa.func.count()).where(
            SignInAttempt.key == key, SignInAttempt.at > at - ATTEMPT_WINDOW
        )
        if (session().scalar(attempts) or 0) >= limit:
            raise TooManyAttempts


@dataclass(frozen=True)
class ActiveSession:
    """A session that has not ended: its person, and when it ends, without use or at the latest."""

    id: int
    person: Person
    used_at: datetime
    idle_expires_at: datetime
    absolute_expires_at: datetime
    limits: SessionLimits


def find_active(token: str, *, limits: SessionLimits, at: datetime) -> ActiveSession | None:
    """Return the session of a token, or None when it is unknown, ended or expired.

    This does not count as using it.
    """
    bind_values = {
        "token": _digest(token),
        "idle": at - limits.idle,
        "absolute": at - limits.absolute,
    }
    row = session().execute(_SELECT_ACTIVE, bind_values).first()
    if row is None:
        return None
    absolute_expires_at = row.began_at + limits.absolute
    return ActiveSession(
        id=row.id,
        person=row.Person,
        used_at=row.used_at,
        idle_expires_at=min(row.used_at + limits.idle, absolute_expires_at),
        absolute_expires_at=absolute_expires_at,
        limits=limits,
    )


_SELECT_ACTIVE = (
    sa.select(UserSession.id, UserSession.began_at, UserSession.used_at, Person)
    .join(Person, Person.id == UserSession.person_id)
    .where(
        UserSession.token_hash == sa.bindparam("token"),
        UserSession.ended_at.is_(None),
        # Leaving the school ends every session of this person.
        Person.left_on.is_(None),
        UserSession.used_at > sa.bindparam("idle", type_=Instant),
        UserSession.began_at > sa.bindparam("absolute", type_=Instant),
    )
)


def extend(active: ActiveSession, *, at: datetime) -> ActiveSession:
    """Store that this session is in use now, and return it with its new end."""
    # Also in a GET, which reads in a snapshot until here.
    begin_write()
    session().execute(sa.update(UserSession).where(UserSession.id == active.id).values(used_at=at))
    idle_expires_at = min(at + active.limits.idle, active.absolute_expires_at)
    return replace(active, used_at=at, idle_expires_at=idle_expires_at)


def touch_if_old(token: str, *, limits: SessionLimits, at: datetime) -> ActiveSession | None:
    """Return the session of a token as find_active does, and extend it every TOUCH_INTERVAL."""
    active = find_active(token, limits=limits, at=at)
    if active is None or active.used_at >= at - TOUCH_INTERVAL:
        return active
    return extend(active, at=at)


def sign_out(token: str, *, at: datetime) -> None:
    session().execute(
        sa.update(UserSession).where(UserSession.token_hash == _digest(token)).values(ended_at=at)
    )


def sign_out_everywhere(person_id: int, *, at: datetime) -> None:
    """End every session of this person."""
    session().execute(
        sa.update(UserSession)
        .where(UserSession.person_id == person_id, UserSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def _digest(text: str) -> str:
    # Fast is fine here: a token is random and cannot be guessed. Passwords go through Argon2.
    return hashlib.sha256(text.encode()).hexdigest()
