"""The access log: who read which report, when, how and for what; shown to the student."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.access.permissions import get_with_part_or_404
from reflect.access.share import Share
from reflect.access.view_models import ReportPart
from reflect.db.base import Base, Instant
from reflect.db.session import execute, session
from reflect.i18n import N_
from reflect.reports.report import Report
from reflect.reports.workflow import State
from reflect.school.calendar import PartOfDay, day_part
from reflect.school.people import Actor, person_refs
from reflect.settings import DEFAULT_TIMEZONE

# Looking again on a screen within this time is the same reading: a teacher's page loads the
# report at every save, and a list of all those loads would tell the student nothing.
READING_WINDOW = timedelta(minutes=15)
# A page that was opened by a link fetches its photos and sounds, perhaps hours later.
LINK_FILE_WINDOW = timedelta(days=1)


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


class Purpose(StrEnum):
    """What a report was read for."""

    ANSWERING = "answering"
    TALK = "talk"
    PRINT = "print"
    READING_ALONG = "reading_along"
    FORMAL_REQUEST = "formal_request"
    TAKE_ALONG = "take_along"

    @property
    def label(self) -> str:
        """The msgid of it in the student's list of readings."""
        return _PURPOSE_LABELS[self]


_PURPOSE_LABELS = {
    Purpose.ANSWERING:      N_("to answer you"),
    Purpose.TALK:           N_("for the talk"),
    Purpose.PRINT:          N_("printed"),
    Purpose.READING_ALONG:  N_("to read along"),
    Purpose.FORMAL_REQUEST: N_("for a formal request to the school"),
    Purpose.TAKE_ALONG:     N_("packed it for you to take along"),
}  # fmt: skip


class AccessLogEntry(Base):
    """One reading by one person, or by whoever holds a share link.

    `purpose`: None for what was read on a screen before purposes were noted.
    """

    __tablename__ = "access_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    # Both are set when somebody who is signed in opens a share link, and neither when the school's
    # IT prints at the command line without a name.
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    share_id: Mapped[int | None] = mapped_column(sa.ForeignKey("share.id"))
    channel: Mapped[Channel]
    purpose: Mapped[Purpose | None]
    at: Mapped[datetime]


@dataclass(frozen=True)
class AccessEntryView:
    """A reading as the student sees it: the part of a day, since the minute is the reader's own.

    `reader_name`: of whoever opened a link without signing in, its label; "" for the school's IT at
    the command line. `link_label`: "" for a reading without a link. `at`: when that part of
    the day began.
    """

    reader_name: str
    link_label: str
    channel: Channel
    purpose: Purpose | None
    at: datetime
    part_of_day: PartOfDay

    @property
    def label(self) -> str:
        """The msgid of what it was for; of an old entry, how it was read."""
        return self.purpose.label if self.purpose else self.channel.label


_REPORT_IDS = sa.bindparam("ids", expanding=True, type_=sa.Integer)
_PERSON_ID = sa.bindparam("person", type_=sa.Integer)
_SHARE_ID = sa.bindparam("share", type_=sa.Integer)
_CHANNEL = sa.bindparam("channel", type_=AccessLogEntry.channel.type)
_SINCE = sa.bindparam("since", type_=Instant)
_LOGGED_SINCE_SQL = sa.select(AccessLogEntry.report_id).where(
    AccessLogEntry.report_id.in_(_REPORT_IDS),
    # One of the two is NULL, which equals nothing, so only the other one can match.
    sa.or_(AccessLogEntry.person_id == _PERSON_ID, AccessLogEntry.share_id == _SHARE_ID),
    AccessLogEntry.channel == _CHANNEL,
    AccessLogEntry.at > _SINCE,
)
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
    purpose: Purpose,
    at: datetime,
) -> None:
    """Log that these reports were read.

    On a screen, without those that this person has read just now. Each print that is handed over
    and each opening of a link is a reading of its own.
    """
    new_ids = unrecorded_ids(report_ids, person_id=person_id, channel=channel, at=at)
    new_rows = [
        {
            "report_id": report_id,
            "person_id": person_id,
            "share_id": share_id,
            "channel": channel,
            "purpose": purpose,
            "at": at,
        }
        for report_id in new_ids
    ]
    # Before the texts are handed out: what cannot be logged is not shown (decision 7).
    if new_rows:
        session().connection().execute(_INSERT_SQL, new_rows)


def unrecorded_ids(
    report_ids: list[int], *, person_id: int | None, channel: Channel, at: datetime
) -> list[int]:
    """Return those of these reports of which `record` would log a reading now."""
    if not report_ids:
        return []
    # Each print and each opening of a link is one of its own.
    if channel is not Channel.SCREEN:
        return report_ids
    params = {"ids": report_ids, "person": person_id, "share": None, "channel": channel}
    logged_ids = _logged_since(at - READING_WINDOW, params)
    return [report_id for report_id in report_ids if report_id not in logged_ids]


def is_file_of_opening(report_id: int, *, share_id: int, at: datetime) -> bool:
    """Return whether a file that is fetched by a link belongs to an opening that is logged."""
    # By whomever: a visitor who is not signed in cannot be told from the next one.
    params = {"ids": [report_id], "person": None, "share": share_id, "channel": Channel.LINK}
    return bool(_logged_since(at - LINK_FILE_WINDOW, params))


def record_link_file(report_id: int, *, person_id: int | None, share_id: int, at: datetime) -> None:
    """Log that a file was fetched by a link, unless it belongs to an opening of that link."""
    if not is_file_of_opening(report_id, share_id=share_id, at=at):
        record(
            [report_id],
            person_id=person_id,
            share_id=share_id,
            channel=Channel.LINK,
            purpose=Purpose.READING_ALONG,
            at=at,
        )


def _logged_since(since: datetime, params: Mapping[str, object]) -> set[int]:
    """Return the reports that this reader has read by this channel after `since`."""
    return {report_id for (report_id,) in execute(_LOGGED_SINCE_SQL, {**params, "since": since})}


def mark_opened_by_teacher(report_ids: list[int], *, at: datetime) -> None:
    """Mark reports that a teacher has read, so that their hand-in cannot be taken back any more."""
    if report_ids:
        session().connection().execute(_SET_OPENED_AT_SQL, {"ids": report_ids, "now": at})


def access_entries(
    report_id: int, *, by: Actor, at: datetime, zone: str = DEFAULT_TIMEZONE
) -> list[AccessEntryView]:
    """Return who has read my report, the newest reading first, by days in this time zone.

    Raises NotFound.
    """
    get_with_part_or_404(report_id, ReportPart.READINGS, by=by, at=at)
    entries_sql = (
        sa.select(AccessLogEntry, Share.label)
        .outerjoin(Share, Share.id == AccessLogEntry.share_id)
        .where(AccessLogEntry.report_id == report_id)
        .order_by(AccessLogEntry.at.desc(), AccessLogEntry.id.desc())
    )
    rows = list(session().execute(entries_sql))
    people = person_refs({entry.person_id for entry, _ in rows if entry.person_id})
    entry_views = []
    for entry, link_label in rows:
        read_in = day_part(entry.at, zone=zone)
        entry_views.append(
            AccessEntryView(
                reader_name=people[entry.person_id].name if entry.person_id else link_label or "",
                link_label=link_label or "",
                channel=entry.channel,
                purpose=entry.purpose,
                at=read_in.began_at,
                part_of_day=read_in.part,
            )
        )
    return entry_views
