"""Sessions: how one begins, is found, is extended and ends.

How long they last are the settings `idle_minutes` and `session_hours`.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base, Instant
from reflect.db.session import begin_write, session
from reflect.school.people import Person
from reflect.school.ties import LEAVER_PERIOD, may_sign_in

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


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts without being used, and how long at most.

    `leaver`: for how long a student who has left the school can still sign in.
    """

    idle: timedelta
    absolute: timedelta
    leaver: timedelta = LEAVER_PERIOD


def begin_session(person: Person, *, at: datetime) -> str:
    """Begin a session, and return its token."""
    token = secrets.token_urlsafe(32)
    session().add(
        UserSession(token_hash=digest(token), person_id=person.id, began_at=at, used_at=at)
    )
    session().flush()
    return token


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
        "token": digest(token),
        "idle": at - limits.idle,
        "absolute": at - limits.absolute,
        "today": at.date(),
        "left_since": (at - limits.leaver).date(),
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
        # Leaving the school ends every session of this person, for a student some weeks later.
        may_sign_in(
            today=sa.bindparam("today", type_=sa.Date),
            left_since=sa.bindparam("left_since", type_=sa.Date),
        ),
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
        sa.update(UserSession).where(UserSession.token_hash == digest(token)).values(ended_at=at)
    )


def sign_out_everywhere(person_id: int, *, at: datetime) -> None:
    """End every session of this person."""
    session().execute(
        sa.update(UserSession)
        .where(UserSession.person_id == person_id, UserSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def digest(text: str) -> str:
    """Return the hash under which a token, or the name of an attempt, is stored."""
    # Fast is fine here: a token is random and cannot be guessed. Passwords go through Argon2.
    return hashlib.sha256(text.encode()).hexdigest()
