"""A release: an answer, or a question back, that is planned for a moment and can be taken back until then."""

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import AnswerMissing, NotFound, NotNow, QuestionMissing, Refusal
from reflect.report import writing
from reflect.report.life import State, Verb
from reflect.report.report import Report, Voice
from reflect.school import ties
from reflect.school.people import Me, Person, Who, persons
from reflect.store import Base, ask, begin_writing, keep, session, undo
from reflect.tongue import N_

log = logging.getLogger(__name__)
UNDO = timedelta(minutes=10)  # how long an act on a whole class that is asked for now can be taken back
TOLD = timedelta(days=14)  # how long a teacher sees why something was not given


class Why(StrEnum):
    """Why a report cannot be planned, or a planned one was not given."""

    NOT_YOURS = "not_yours"
    MOVED_ON = "moved_on"
    NO_ANSWER = "no_answer"
    NO_QUESTION = "no_question"
    PLANNED = "planned"
    TWO_TEXTS = "two_texts"


SENTENCES = {
    Why.NOT_YOURS:   N_("Who planned this does not teach this course any more."),
    Why.MOVED_ON:    N_("This report has moved on meanwhile."),
    Why.NO_ANSWER:   N_("There is no answer yet."),
    Why.NO_QUESTION: N_("There is no question yet."),
    Why.PLANNED:     N_("This report is planned already."),
    Why.TWO_TEXTS:   N_("Two texts stand side by side there. Choose between them first."),
}  # fmt: skip
_REASONS: dict[type[Refusal], Why] = {
    NotFound: Why.NOT_YOURS, NotNow: Why.MOVED_ON, AnswerMissing: Why.NO_ANSWER, QuestionMissing: Why.NO_QUESTION,
}  # fmt: skip
_ANEW = {"populate_existing": True}  # as it stands in the database, not as this process knew it
_STEPS: dict[Verb, Callable[..., None]] = {Verb.ANSWER: Report.answer, Verb.ASK_ON: Report.ask_on}


_STILL = sa.text("revoked_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL")


class Release(Base):
    """One report that is to be given at `due_at`; it ends once: taken back, done, or lapsed with a reason.

    What was planned together has one `batch`. A report has at most one release that is open.
    """

    __tablename__ = "release"
    __table_args__ = (
        sa.Index("uq_release_report_id", "report_id", unique=True, sqlite_where=_STILL, postgresql_where=_STILL),
        sa.Index("ix_release_due_at", "due_at", sqlite_where=_STILL, postgresql_where=_STILL),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(index=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    verb: Mapped[Verb]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]
    why: Mapped[Why | None]


OPEN = sa.and_(Release.revoked_at.is_(None), Release.done_at.is_(None), Release.lapsed_at.is_(None))


@dataclass(frozen=True)
class Plan:
    """What came of planning: the batch, the reports in it, and per report why it is not; without reports no batch."""

    batch: str | None
    reports: tuple[int, ...]
    refused: dict[int, Why]


@dataclass(frozen=True)
class Planned:
    """One release as a teacher of the course sees it; `why` is None as long as it is open."""

    id: int
    batch: str
    report: int
    student: Who
    verb: Verb
    by: Who
    due_at: datetime
    lapsed_at: datetime | None
    why: Why | None


def plan(reports: Iterable[int], *, verb: Verb, due_at: datetime, by: Me, at: datetime) -> Plan:
    """Plan that these reports are answered, or asked on, at `due_at`; whatever could not be given now is refused.

    Raises NotFound when the verb is none that can be planned.
    """
    if verb not in _STEPS:
        raise NotFound
    ids = list(dict.fromkeys(reports))
    refused = {id: why for id in ids if (why := _stands_in_the_way(id, verb, by=by))}
    fine = tuple(id for id in ids if id not in refused)
    batch = secrets.token_urlsafe(16) if fine else None
    session().add_all(
        Release(batch=batch, report_id=id, verb=verb, by_id=by.id, made_at=at, due_at=max(due_at, at)) for id in fine
    )
    session().flush()
    return Plan(batch, fine, refused)


def _stands_in_the_way(report_id: int, verb: Verb, *, by: Me) -> Why | None:
    report = session().scalar(sa.select(Report).where(Report.id == report_id).with_for_update())
    if report is None:
        return Why.NOT_YOURS
    try:
        report.check(verb, by=by)
    except tuple(_REASONS) as no:
        return _REASONS[type(no)]
    if writing.put_aside(report, voice=Voice.TEACHER):
        return Why.TWO_TEXTS
    open_one = sa.select(Release.id).where(Release.report_id == report_id, OPEN)
    return Why.PLANNED if session().scalar(open_one) else None


def revoke(batch: str, *, by: Me, at: datetime) -> list[int]:
    """Take a batch back; give the reports that stay as they are. What was given meanwhile is given. Raises NotFound."""
    return _revoke(Release.batch == batch, by=by, at=at)


def revoke_one(release_id: int, *, by: Me, at: datetime) -> list[int]:
    """Take one report out of its batch, as `revoke` does. Raises NotFound."""
    return _revoke(Release.id == release_id, by=by, at=at)


def let_go(report_id: int, *, by: Me, at: datetime) -> None:
    """End what is planned for a report that its teacher gives by hand."""
    mine = sa.and_(Release.report_id == report_id, Release.report_id.in_(_taught(by)), OPEN)
    session().execute(sa.update(Release).where(mine).values(revoked_at=at))


def _revoke(which: ColumnElement[bool], *, by: Me, at: datetime) -> list[int]:
    mine = sa.and_(which, Release.report_id.in_(_taught(by)))
    if session().scalar(sa.select(sa.func.min(Release.id)).where(mine)) is None:
        raise NotFound
    taken_back = sa.update(Release).where(mine, OPEN).values(revoked_at=at).returning(Release.report_id)
    return sorted(session().scalars(taken_back, execution_options={"synchronize_session": "fetch"}))


def _taught(by: Me) -> sa.Select[int]:
    return sa.select(Report.id).where(ties.teaches(by.id, Report.course_id, on=by.on))


def planned(course_id: int, *, by: Me, at: datetime) -> list[Planned]:
    """Give what is planned in a course that I teach, the first to go first."""
    return _listed(OPEN, course_id=course_id, by=by)


def lapsed(course_id: int, *, by: Me, at: datetime) -> list[Planned]:
    """Give what was planned in a course that I teach and was not given lately, with why, unless it was given since."""
    waits = sa.and_(Report.state == State.HANDED_IN, Report.state_since <= Release.made_at)
    left = sa.and_(Release.lapsed_at > at - TOLD, sa.or_(waits, Release.why == Why.MOVED_ON))
    return _listed(left, course_id=course_id, by=by)


_DUE = sa.select(Release.due_at).where(Release.report_id == sa.bindparam("report", type_=sa.Integer), OPEN)


def goes_at(report_id: int) -> datetime | None:
    """Give when this report is given by itself, if that is planned."""
    return ask(_DUE, {"report": report_id}).scalar()


def _listed(which: ColumnElement[bool], *, course_id: int, by: Me) -> list[Planned]:
    rows = list(
        session().execute(
            sa.select(Release, Report.student_id)
            .join(Report, Report.id == Release.report_id)
            .where(Report.course_id == course_id, which, ties.teaches(by.id, Report.course_id, on=by.on))
            .order_by(Release.due_at, Release.id)
        )
    )
    names = persons({id for row, student in rows for id in (row.by_id, student)})
    return [
        Planned(id=row.id, batch=row.batch, report=row.report_id, student=names[student], verb=row.verb,
                by=names[row.by_id], due_at=row.due_at, lapsed_at=row.lapsed_at, why=row.why)
        for row, student in rows
    ]  # fmt: skip


def take_due(*, on: date, at: datetime) -> int:
    """Take every step that is due by now, each in a transaction of its own and by its teacher's right today.

    Gives how many were taken. For the worker; what could not be taken for reasons of the house stays due.
    """
    due = list(session().scalars(sa.select(Release.id).where(OPEN, Release.due_at <= at).order_by(Release.due_at)))
    taken = 0
    for id in due:
        begin_writing()
        try:
            taken += _take(id, on=on, at=at)
            keep()
        except Exception as wrong:
            undo()
            log.error("a release was not taken", extra={"reference": f"release {id}"}, exc_info=wrong)
    return taken


def _take(release_id: int, *, on: date, at: datetime) -> bool:
    """Take one step, or let it lapse; whoever holds the row in another process is left to it."""
    still_open = sa.select(Release).where(Release.id == release_id, OPEN).with_for_update(skip_locked=True)
    row = session().scalar(still_open, execution_options=_ANEW)
    if row is None:
        return False
    now = sa.select(Report).where(Report.id == row.report_id).with_for_update()
    report = session().scalars(now, execution_options=_ANEW).one()
    if writing.put_aside(report, voice=Voice.TEACHER):
        row.lapsed_at, row.why = at, Why.TWO_TEXTS
        return False
    try:
        _STEPS[row.verb](report, by=_teacher(row.by_id, on=on), at=at)
    except tuple(_REASONS) as no:
        row.lapsed_at, row.why = at, _REASONS[type(no)]
        return False
    row.done_at = at
    return True


def _teacher(id: int, *, on: date) -> Me:
    """Give the teacher as they are today. Raises NotFound for somebody who has left the school."""
    person = session().get(Person, id)
    if person is None or (person.left_on and person.left_on <= on):
        raise NotFound
    return Me(id=id, name=person.name, first=person.given_name, on=on)
