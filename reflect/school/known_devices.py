"""Devices on which a person has signed in before: what others guess does not hold them up.

A browser keeps one random token for all who sign in on it; each of them has a row of their own.
"""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.school.sessions import digest

# As long as a browser keeps a cookie at most, and longer than any holiday.
REMEMBERED_FOR = timedelta(days=400)
# Who clears the browser after each visit would otherwise get a row for every visit.
MAX_DEVICES_PER_PERSON = 30


class KnownDevice(Base):
    """A device on which this person has signed in; the device has the token, we its hash."""

    __tablename__ = "known_device"
    __table_args__ = (sa.UniqueConstraint("person_id", "token_hash"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    token_hash: Mapped[str]
    used_at: Mapped[datetime]


def new_token() -> str:
    return secrets.token_urlsafe(32)


def find_device(token: str, *, person_id: int, at: datetime) -> int | None:
    """Return the id of the device if this person signed in on it before, else None."""
    return session().scalar(
        sa.select(KnownDevice.id).where(
            KnownDevice.person_id == person_id,
            KnownDevice.token_hash == digest(token),
            KnownDevice.used_at > at - REMEMBERED_FOR,
        )
    )


def remember(token: str, *, person_id: int, at: datetime) -> None:
    """Keep that this person has signed in on this device, and forget the oldest of too many."""
    row = session().scalar(
        sa.select(KnownDevice).where(
            KnownDevice.person_id == person_id, KnownDevice.token_hash == digest(token)
        )
    )
    if row is None:
        row = KnownDevice(person_id=person_id, token_hash=digest(token))
        session().add(row)
    row.used_at = at
    session().flush()
    kept = (
        sa.select(KnownDevice.id)
        .where(KnownDevice.person_id == person_id)
        .order_by(KnownDevice.used_at.desc(), KnownDevice.id.desc())
        .limit(MAX_DEVICES_PER_PERSON)
    )
    session().execute(
        sa.delete(KnownDevice).where(
            KnownDevice.person_id == person_id, KnownDevice.id.not_in(kept)
        ),
        execution_options={"synchronize_session": False},
    )
