"""Reading: who read which report, when, and through which door; shown to the student."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.report.life import State
from reflect.report.report import Report
from reflect.store import Base, Instant, ask, session

SITTING = timedelta(minutes=15)  # a teacher's page is fetched at every save; a list of those would say nothing


class Door(StrEnum):
    SCREEN = "screen"
    LINK = "link"
    PRINT = "print"


class Reading(Base):
    """One reading by one person, or by whoever holds a share link."""

    __tablename__ = "reading"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    share_id: Mapped[int | None] = mapped_column(sa.ForeignKey("share.id"))
    door: Mapped[Door]
    at: Mapped[datetime]


@dataclass(frozen=True)
class Listed:
    """A reading as the student sees it: by whom (for a link: the label that the student gave it)."""

    who: str
    door: Door
    at: datetime


def _again(same: sa.ColumnElement[bool]) -> sa.Select[int]:
    person, share = sa.bindparam("person", type_=sa.Integer), sa.bindparam("share", type_=sa.Integer)
    return sa.select(Reading.report_id).where(
        Reading.report_id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)),
        sa.or_(Reading.person_id == person, Reading.share_id == share),
        Reading.door == sa.bindparam("door", type_=Reading.door.type),
        same,
    )


_SINCE = sa.bindparam("since", type_=Instant)
_SAME_SITTING, _SAME_PRINT = _again(Reading.at > _SINCE), _again(Reading.at == _SINCE)


_NOTE = sa.insert(Reading)
_OPEN = (
    sa.update(Report)
    .where(Report.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))
    .where(Report.state == State.HANDED_IN, Report.opened_at.is_(None))
    .values(opened_at=sa.bindparam("now", type_=Instant))
)


def note(report_ids: list[int], *, person_id: int | None, share_id: int | None, door: Door, at: datetime) -> None:
    """Note that these reports were read. Looking again at the screen within one sitting is the same reading.

    Each print is a reading of its own; only a print that is taken up again after a kill comes with the same instant.
    """
    if not report_ids:
        return
    same, since = (_SAME_PRINT, at) if door is Door.PRINT else (_SAME_SITTING, at - SITTING)
    places = {"ids": report_ids, "person": person_id, "share": share_id, "door": door, "since": since}
    again = {id for (id,) in ask(same, places)}
    new = [id for id in report_ids if id not in again]
    if new:
        who = {"person_id": person_id, "share_id": share_id, "door": door, "at": at}
        session().connection().execute(_NOTE, [{"report_id": id, **who} for id in new])


def open_for_teacher(report_ids: list[int], *, at: datetime) -> None:
    """Mark that a teacher has read what was handed in, so that it cannot be taken back any more."""
    session().connection().execute(_OPEN, {"ids": report_ids, "now": at})
