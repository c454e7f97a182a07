"""Sharing: the student's decision with whom, from when and until when; by name, or by a link; and what they open."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import DoorClosed, NotFound, ShareDates, ShareNotPossible
from reflect.report.report import Report
from reflect.school import ties
from reflect.school.people import Me, Person, Who
from reflect.store import Base, session


class Share(Base):
    """A report is shared with a person, or with whoever holds the token; `ends_at` is the first moment it is not."""

    __tablename__ = "share"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]


class Audience(StrEnum):
    TEACHER = "teacher"
    MENTOR = "mentor"
    HOME = "home"
    COUNSELLOR = "counsellor"


class Opening(Base):
    """The student opened a private section, or the letter, to somebody; `ended_at` when they closed it again."""

    __tablename__ = "opening"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    section: Mapped[str]
    audience: Mapped[Audience]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def in_force(at: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return sa.and_(
        Share.begins_at <= at, sa.or_(Share.ends_at.is_(None), Share.ends_at > at), Share.taken_back_at.is_(None)
    )


@dataclass(frozen=True)
class Shared:
    """One share as the student sees it; `who` is a person's name or the label of a link."""

    id: int
    who: str
    by_link: bool
    begins_at: datetime
    ends_at: datetime | None
    taken_back_at: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.begins_at <= at and (self.ends_at is None or self.ends_at > at) and self.taken_back_at is None


def possible(student_id: int, *, by: Me) -> tuple[list[Who], list[Who]]:
    """Give whom this student can share with by name: guardians with custody, and, apart, the school's counsellors."""
    guardians = sa.select(ties.Guardianship.person_id).where(
        ties.Guardianship.student_id == student_id,
        ties.Guardianship.custody == ties.Custody.YES,
        ties.holds(ties.Guardianship, on=by.on),
    )
    counsellors = sa.select(ties.Duty.person_id).where(
        ties.Duty.duty == ties.DutyKind.COUNSELLOR, ties.holds(ties.Duty, on=by.on)
    )
    named = sa.select(Person).where(Person.id != student_id).order_by(Person.given_name)
    home = [person.who for person in session().scalars(named.where(Person.id.in_(guardians)))]
    school = [person.who for person in session().scalars(named.where(Person.id.in_(counsellors)))]
    return home, [who for who in school if who not in home]


def _mine(report: Report, *, by: Me) -> None:
    if report.student_id != by.id:
        raise NotFound


def share_with(
    report: Report, *, person_id: int, begins_at: datetime, ends_at: datetime | None, by: Me, at: datetime
) -> None:
    """Share with a person. Raises ShareNotPossible, ShareDates, NotFound (not my report)."""
    _mine(report, by=by)
    home, counsellors = possible(report.student_id, by=by)
    if person_id not in {who.id for who in (*home, *counsellors)}:
        raise ShareNotPossible
    _add(report, begins_at=begins_at, ends_at=ends_at, by=by, at=at, person_id=person_id)


def share_by_link(
    report: Report, *, label: str, begins_at: datetime, ends_at: datetime | None, by: Me, at: datetime
) -> str:
    """Share by a link; give its token, which is nowhere kept and cannot be shown again."""
    _mine(report, by=by)
    token = secrets.token_urlsafe(24)
    _add(report, begins_at=begins_at, ends_at=ends_at, by=by, at=at, token_hash=_hash(token), label=label.strip())
    return token


def _add(
    report: Report, *, begins_at: datetime, ends_at: datetime | None, by: Me, at: datetime,
    person_id: int | None = None, token_hash: str | None = None, label: str = "",
) -> None:  # fmt: skip
    if ends_at is not None and ends_at <= begins_at:
        raise ShareDates
    session().add(
        Share(report_id=report.id, by_id=by.id, person_id=person_id, token_hash=token_hash, label=label,
              begins_at=begins_at, ends_at=ends_at, made_at=at)
    )  # fmt: skip
    session().flush()


def take_back(report: Report, *, share_id: int, by: Me, at: datetime) -> None:
    """End a share now. Raises NotFound when this report has no such share."""
    _mine(report, by=by)
    share = session().get(Share, share_id)
    if share is None or share.report_id != report.id:
        raise NotFound
    share.taken_back_at = share.taken_back_at or at


def shares_of(report: Report, *, by: Me) -> list[Shared]:
    """Give the shares of my report, the newest first."""
    _mine(report, by=by)
    rows = session().execute(
        sa.select(Share, Person).outerjoin(Person, Person.id == Share.person_id)
        .where(Share.report_id == report.id).order_by(Share.id.desc())
    )  # fmt: skip
    return [
        Shared(id=share.id, who=person.name if person else share.label, by_link=person is None,
               begins_at=share.begins_at, ends_at=share.ends_at, taken_back_at=share.taken_back_at)
        for share, person in rows
    ]  # fmt: skip


def behind(token: str, *, at: datetime) -> tuple[int, int]:
    """Give (share id, report id) of the link with this token. Raises DoorClosed."""
    share = session().scalar(sa.select(Share).where(Share.token_hash == _hash(token), in_force(at)))
    if share is None:
        raise DoorClosed
    return share.id, share.report_id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_section(report: Report, *, section: str, audience: Audience, by: Me, at: datetime) -> None:
    """Open a private section or the letter to somebody; twice is once. Raises NotFound."""
    _mine(report, by=by)
    if audience not in openings_of(report, by=by).get(section, set()):
        session().add(Opening(report_id=report.id, section=section, audience=audience, at=at))
        session().flush()


def close_section(report: Report, *, section: str, audience: Audience, by: Me, at: datetime) -> None:
    _mine(report, by=by)
    session().execute(
        sa.update(Opening)
        .where(Opening.report_id == report.id, Opening.section == section, Opening.audience == audience)
        .where(Opening.ended_at.is_(None))
        .values(ended_at=at)
    )


def openings_of(report: Report, *, by: Me) -> dict[str, set[Audience]]:
    """Give to whom the sections of my report are open now."""
    _mine(report, by=by)
    rows = session().scalars(sa.select(Opening).where(Opening.report_id == report.id, Opening.ended_at.is_(None)))
    found: dict[str, set[Audience]] = {}
    for row in rows:
        found.setdefault(row.section, set()).add(row.audience)
    return found
