"""The access log: who read which report, when and how; shown to the student."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.access.permissions import Viewer, get_with_part_or_404
from reflect.access.share import Share
from reflect.access.view_models import ReportPart
from reflect.db.base import Base, Instant
from reflect.db.session import execute, session
from reflect.i18n import N_
from reflect.reports.report import Report
from reflect.reports.workflow import State
from reflect.school.people import Actor, person_refs

# Looking again on a screen within this time is the same reading: a teacher's page loads the
# report at every save, and a list of all those loads would tell the student nothing.
READING_WINDOW = timedelta(minutes=15)


class Channel(StrEnum):
    """How a report was read."""

    SCREEN = "screen"
    LINK = "link"
    PRINT = "print"

    @property
    def label(self) -> str:
        """The msgid of it in the student's list of readings."""
        return _CHANNEL_LABELS[self]


_CHANNEL_LABELS = {
    Channel.SCREEN: N_("on the screen"),
    Channel.LINK:   N_("by your link"),
    Channel.PRINT:  N_("printed"),
}  # fmt: skip


class AccessLogEntry(Base):
    """One reading by one person, or by whoever holds a share link."""

    __tablename__ = "access_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    # One of these two is set: a share link has no person.
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    share_id: Mapped[int | None] = mapped_column(sa.ForeignKey("share.id"))
    channel: Mapped[Channel]
    at: Mapped[datetime]


class Reader(TypedDict):
    """Who reads, when and how, as `record` takes it."""

    person_id: int | None
    share_id: int | None
    channel: Channel
    at: datetime


def reader_of(viewer: Viewer, *, at: datetime, channel: Channel) -> Reader:
    """Return a viewer as `record` takes them: a person, or a share link."""
    return Reader(
        person_id=viewer.id if isinstance(viewer, Actor) else None,
        share_id=None if isinstance(viewer, Actor) else viewer.share_id,
        channel=channel,
        at=at,
    )


@dataclass(frozen=True)
class AccessEntryView:
    """A reading as the student sees it; `reader_name` of a link is the label it was given."""

    reader_name: str
    channel: Channel
    at: datetime


_REPORT_IDS = sa.bindparam("ids", expanding=True, type_=sa.Integer)
_PERSON_ID = sa.bindparam("person", type_=sa.Integer)
_SHARE_ID = sa.bindparam("share", type_=sa.Integer)
_CHANNEL = sa.bindparam("channel", type_=AccessLogEntry.channel.type)
_SINCE = sa.bindparam("since", type_=Instant)
_LOGGED_SQL = sa.select(AccessLogEntry.report_id).where(
    AccessLogEntry.report_id.in_(_REPORT_IDS),
    # One of the two is NULL, which equals nothing, so only the other one can match.
    sa.or_(AccessLogEntry.person_id == _PERSON_ID, AccessLogEntry.share_id == _SHARE_ID),
    AccessLogEntry.channel == _CHANNEL,
)
_LOGGED_IN_SESSION_SQL = _LOGGED_SQL.where(AccessLogEntry.at > _SINCE)
_LOGGED_AT_INSTANT_SQL = _LOGGED_SQL.where(AccessLogEntry.at == _SINCE)
_INSERT_SQL = sa.insert(AccessLogEntry)
# Past the ORM: a Report that this session has loaded does not learn of it (decision 22).
_SET_OPENED_AT_SQL = (
    sa.update(Report)
    .where(Report.id.in_(_REPORT_IDS))
    # Only the first opening after a hand-in counts.
    .where(Report.state == State.HANDED_IN, Report.opened_at.is_(None))
    .values(opened_at=sa.bindparam("now", type_=Instant))
)


def record(
    report_ids: list[int],
    *,
    person_id: int | None,
    share_id: int | None,
    channel: Channel,
    at: datetime,
) -> None:
    """Log that these reports were read, without those that this reader has read just now.

    Every print is a reading of its own. A print job that was killed and starts again has the
    same `at`, and so is logged once.
    """
    new_ids = unrecorded_ids(
        report_ids, person_id=person_id, share_id=share_id, channel=channel, at=at
    )
    new_rows = [
        {
            "report_id": report_id,
            "person_id": person_id,
            "share_id": share_id,
            "channel": channel,
            "at": at,
        }
        for report_id in new_ids
    ]
    # Before the texts are handed out: what cannot be logged is not shown (decision 7).
    if new_rows:
        session().connection().execute(_INSERT_SQL, new_rows)


def unrecorded_ids(
    report_ids: list[int],
    *,
    person_id: int | None,
    share_id: int | None,
    channel: Channel,
    at: datetime,
) -> list[int]:
    """Return those of these reports of which `record` would log a reading now."""
    if not report_ids:
        return []
    # A job that starts again keeps its instant (decision 11).
    is_print = channel is Channel.PRINT
    params = {
        "ids": report_ids,
        "person": person_id,
        "share": share_id,
        "channel": channel,
        "since": at if is_print else at - READING_WINDOW,
    }
    logged_rows = execute(_LOGGED_AT_INSTANT_SQL if is_print else _LOGGED_IN_SESSION_SQL, params)
    logged_ids = {report_id for (report_id,) in logged_rows}
    return [report_id for report_id in report_ids if report_id not in logged_ids]


def mark_opened_by_teacher(report_ids: list[int], *, at: datetime) -> None:
    """Mark reports that a teacher has read, so that their hand-in cannot be taken back any more."""
    if report_ids:
        session().connection().execute(_SET_OPENED_AT_SQL, {"ids": report_ids, "now": at})


def access_entries(report_id: int, *, by: Actor, at: datetime) -> list[AccessEntryView]:
    """Return who has read my report, the newest reading first. Raises NotFound."""
    get_with_part_or_404(report_id, ReportPart.READINGS, by=by, at=at)
    entries_sql = (
        sa.select(AccessLogEntry, Share.label)
        .outerjoin(Share, Share.id == AccessLogEntry.share_id)
        .where(AccessLogEntry.report_id == report_id)
        .order_by(AccessLogEntry.at.desc(), AccessLogEntry.id.desc())
    )
    rows = list(session().execute(entries_sql))
    people = person_refs({entry.person_id for entry, _ in rows if entry.person_id})
    return [
        AccessEntryView(
            reader_name=people[entry.person_id].name if entry.person_id else label or "",
            channel=entry.channel,
            at=entry.at,
        )
        for entry, label in rows
    ]
