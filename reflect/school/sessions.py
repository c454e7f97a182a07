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
from reflect.db.session import session, short_write
from reflect.errors import NotFound
from reflect.school.people import Person
from reflect.school.ties import LEAVER_PERIOD, may_sign_in

# How often a session's use is stored: a write at every request would be waste.
TOUCH_INTERVAL = timedelta(minutes=5)
# How long a password that was just typed counts for what asks for it once more.
CONFIRMED_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Browser:
    """The names of a browser and of what it runs on, "" where they are not known."""

    name: str
    system: str


UNKNOWN_BROWSER = Browser("", "")


class UserSession(Base):
    """A session: the device has its token, the database only the token's hash."""

    __tablename__ = "user_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    began_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # For the person's own list of sessions; "" where it is not known.
    browser: Mapped[str] = mapped_column(default="", server_default="")
    system: Mapped[str] = mapped_column(default="", server_default="")
    # When the password was last typed in this session, after it began.
    confirmed_at: Mapped[datetime | None]


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts without being used, and how long at most.

    `leaver`: for how long a student who has left the school can still sign in.
    """

    idle: timedelta
    absolute: timedelta
    leaver: timedelta = LEAVER_PERIOD


def begin_session(person: Person, *, browser: Browser, at: datetime) -> str:
    """Begin a session, and return its token."""
    token = secrets.token_urlsafe(32)
    row = UserSession(token_hash=digest(token), person_id=person.id, began_at=at, used_at=at)
    row.browser, row.system = browser.name, browser.system
    session().add(row)
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
    # When the password was last typed: to sign in, or once more since.
    confirmed_at: datetime
    limits: SessionLimits

    def is_confirmed(self, at: datetime) -> bool:
        """Return whether the password was typed so recently that it need not be asked again."""
        return at < self.confirmed_at + CONFIRMED_FOR


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
        confirmed_at=row.confirmed_at or row.began_at,
        limits=limits,
    )


_SELECT_ACTIVE = (
    sa.select(
        UserSession.id,
        UserSession.began_at,
        UserSession.used_at,
        UserSession.confirmed_at,
        Person,
    )
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
    # Also in a GET, which reads in a snapshot before and after this.
    with short_write():
        session().execute(
            sa.update(UserSession).where(UserSession.id == active.id).values(used_at=at)
        )
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
    _end_where(UserSession.person_id == person_id, at=at)


def sign_out_elsewhere(active: ActiveSession, *, at: datetime) -> None:
    """End every session of this person but this one."""
    is_other = sa.and_(UserSession.person_id == active.person.id, UserSession.id != active.id)
    _end_where(is_other, at=at)


def sign_out_of(session_id: int, *, person_id: int, at: datetime) -> None:
    """End one session of this person. Raises NotFound for anybody else's."""
    is_own = sa.and_(UserSession.id == session_id, UserSession.person_id == person_id)
    if session().scalar(sa.select(UserSession.id).where(is_own)) is None:
        raise NotFound
    _end_where(is_own, at=at)


def _end_where(condition: sa.ColumnElement[bool], *, at: datetime) -> None:
    session().execute(
        sa.update(UserSession).where(condition, UserSession.ended_at.is_(None)).values(ended_at=at)
    )


def mark_confirmed(active: ActiveSession, *, at: datetime) -> ActiveSession:
    """Store that the password was typed once more, and return the session with that."""
    session().execute(
        sa.update(UserSession).where(UserSession.id == active.id).values(confirmed_at=at)
    )
    return replace(active, confirmed_at=at)


@dataclass(frozen=True)
class ListedSession:
    """A session as its person sees it in a list."""

    id: int
    browser: Browser
    began_at: datetime
    is_current: bool


def list_sessions(active: ActiveSession, *, at: datetime) -> list[ListedSession]:
    """Return the sessions of this person that have not ended: this one first, then the newest."""
    rows = session().scalars(
        sa.select(UserSession)
        .where(
            UserSession.person_id == active.person.id,
            UserSession.ended_at.is_(None),
            UserSession.used_at > at - active.limits.idle,
            UserSession.began_at > at - active.limits.absolute,
        )
        .order_by(UserSession.began_at.desc(), UserSession.id.desc())
    )
    listed = [
        ListedSession(row.id, Browser(row.browser, row.system), row.began_at, row.id == active.id)
        for row in rows
    ]
    return sorted(listed, key=lambda one: not one.is_current)


def digest(text: str) -> str:
    """Return the hash under which a token, or the name of an attempt, is stored."""
    # Fast is fine here: a token is random and cannot be guessed. Passwords go through Argon2.
    return hashlib.sha256(text.encode()).hexdigest()
