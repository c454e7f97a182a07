"""A release: an answer, or a question back, planned for a moment and revocable until then."""

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import begin_write, commit, execute, rollback, session
from reflect.errors import (
    AnswerMissing,
    InvalidTransition,
    NotFound,
    QuestionMissing,
    StudentHasLeft,
    UserError,
)
from reflect.i18n import N_
from reflect.reports import revisions
from reflect.reports.report import Report, Voice, lock, teaches_report
from reflect.reports.workflow import Action, State
from reflect.school.people import Actor, Person, PersonRef, person_refs

log = logging.getLogger(__name__)
# "Give it now" to many students at once is planned for this much later: until then it can be
# revoked, and after that it stays released.
MIN_RELEASE_DELAY = timedelta(minutes=10)
# For how long a teacher sees why something was not released.
FAILURE_SHOWN_FOR = timedelta(days=14)


class ReleaseRefusal(StrEnum):
    """Why a report cannot be planned, or why a planned one was not released."""

    NOT_YOURS = "not_yours"
    MOVED_ON = "moved_on"
    NO_ANSWER = "no_answer"
    NO_QUESTION = "no_question"
    PLANNED = "planned"
    OPEN_CONFLICT = "two_texts"
    LEFT = "left"


REASON_MESSAGES = {
    ReleaseRefusal.NOT_YOURS:     N_("Who planned this does not teach this course any more."),
    ReleaseRefusal.MOVED_ON:      N_("This report has moved on meanwhile."),
    ReleaseRefusal.NO_ANSWER:     N_("There is no answer yet."),
    ReleaseRefusal.NO_QUESTION:   N_("There is no question yet."),
    ReleaseRefusal.PLANNED:       N_("This report is planned already."),
    ReleaseRefusal.OPEN_CONFLICT:
        N_("Two texts stand side by side there. Choose between them first."),
    ReleaseRefusal.LEFT:
        N_("This student has left the school, so nobody would write on. You can still answer."),
}  # fmt: skip
_REASON_BY_ERROR: dict[type[UserError], ReleaseRefusal] = {
    NotFound: ReleaseRefusal.NOT_YOURS,
    InvalidTransition: ReleaseRefusal.MOVED_ON,
    AnswerMissing: ReleaseRefusal.NO_ANSWER,
    QuestionMissing: ReleaseRefusal.NO_QUESTION,
    # An answer is still given: it is the student's to take along. A question would wait for ever.
    StudentHasLeft: ReleaseRefusal.LEFT,
}
# The only actions that can be planned; `plan` refuses all others.
_ACTIONS: dict[Action, Callable[..., None]] = {
    Action.ANSWER: Report.answer,
    Action.RETURN_WITH_QUESTION: Report.return_with_question,
}


@dataclass(frozen=True)
class ReleaseLabels:
    """What a release is called (msgids): to choose it, to confirm it, above those planned."""

    choice: str
    confirmation: str
    heading: str


RELEASE_LABELS = {
    Action.ANSWER: ReleaseLabels(
        choice=N_("My answer"),
        confirmation=N_("They get your answer."),
        heading=N_("Your answer to:"),
    ),
    Action.RETURN_WITH_QUESTION: ReleaseLabels(
        choice=N_("My question: they go on writing"),
        confirmation=N_("They get your question, and go on writing."),
        heading=N_("Your question back to:"),
    ),
}

_OPEN_SQL = sa.text("revoked_at IS NULL AND done_at IS NULL AND failed_at IS NULL")


class Release(Base):
    """One report that is to be released at `due_at`.

    It ends once: revoked, done, or failed with a reason; a report has at most one that is open.
    What was planned together shares a `batch`.
    """

    __tablename__ = "release"
    __table_args__ = (
        # Where two teachers plan the same report at the same moment, the database refuses the
        # second.
        sa.Index(
            "uq_release_report_id",
            "report_id",
            unique=True,
            sqlite_where=_OPEN_SQL,
            postgresql_where=_OPEN_SQL,
        ),
        sa.Index("ix_release_due_at", "due_at", sqlite_where=_OPEN_SQL, postgresql_where=_OPEN_SQL),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(index=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    action: Mapped[Action]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    reason: Mapped[ReleaseRefusal | None]


IS_OPEN = sa.and_(
    Release.revoked_at.is_(None), Release.done_at.is_(None), Release.failed_at.is_(None)
)


@dataclass(frozen=True)
class PlanResult:
    """The batch with its reports, and why others are not in it; without reports no batch."""

    batch: str | None
    report_ids: tuple[int, ...]
    refusals: dict[int, ReleaseRefusal]


@dataclass(frozen=True)
class PlannedRelease:
    """One release as a teacher of the course sees it; `reason` is None unless it failed."""

    id: int
    batch: str
    report_id: int
    student: PersonRef
    action: Action
    due_at: datetime
    reason: ReleaseRefusal | None

    @property
    def heading(self) -> str:
        """The msgid above what is planned with it."""
        return RELEASE_LABELS[self.action].heading


def plan(
    report_ids: Iterable[int], *, action: Action, due_at: datetime, by: Actor, at: datetime
) -> PlanResult:
    """Plan to answer these reports, or return them with a question, at `due_at`.

    A report that could not be released now is refused. Raises NotFound for another action.
    """
    if action not in _ACTIONS:
        raise NotFound
    chosen_ids = list(dict.fromkeys(report_ids))
    # In one order for everybody, since each report is locked until the commit.
    reasons = {
        report_id: _refusal_reason(report_id, action, by=by) for report_id in sorted(chosen_ids)
    }
    refusals = {chosen: reason for chosen in chosen_ids if (reason := reasons[chosen])}
    planned_ids = tuple(chosen for chosen in chosen_ids if not reasons[chosen])
    if not planned_ids:
        return PlanResult(None, planned_ids, refusals)
    batch = secrets.token_urlsafe(16)
    session().add_all(
        Release(
            batch=batch,
            report_id=report_id,
            action=action,
            by_id=by.id,
            created_at=at,
            # A moment in the past means now.
            due_at=max(due_at, at),
        )
        for report_id in planned_ids
    )
    session().flush()
    return PlanResult(batch, planned_ids, refusals)


def _refusal_reason(report_id: int, action: Action, *, by: Actor) -> ReleaseRefusal | None:
    report = session().get(Report, report_id)
    if report is None:
        # As for a report of somebody else, so that nobody learns which ids exist.
        return ReleaseRefusal.NOT_YOURS
    lock(report)
    try:
        report.ensure_can(action, by=by)
    except tuple(_REASON_BY_ERROR) as error:
        return _REASON_BY_ERROR[type(error)]
    # No answer is released while its teacher still has to choose between two texts (decision 18).
    if revisions.conflicts_of(report, voice=Voice.TEACHER):
        return ReleaseRefusal.OPEN_CONFLICT
    open_release_sql = sa.select(Release.id).where(Release.report_id == report_id, IS_OPEN)
    return ReleaseRefusal.PLANNED if session().scalar(open_release_sql) else None


def revoke_batch(batch: str, *, by: Actor, at: datetime) -> list[int]:
    """Revoke what is open in a batch, and return its reports; what was released stays so.

    Raises NotFound when no course of this teacher is in it.
    """
    return _revoke_where(Release.batch == batch, by=by, at=at)


def revoke_release(release_id: int, *, by: Actor, at: datetime) -> list[int]:
    """Revoke one release of a batch, as `revoke_batch` does all. Raises NotFound."""
    return _revoke_where(Release.id == release_id, by=by, at=at)


def revoke_for_report(report_id: int, *, by: Actor, at: datetime) -> None:
    """Revoke what is planned for a report, since its teacher releases it by hand."""
    open_and_taught = sa.and_(
        Release.report_id == report_id, Release.report_id.in_(_taught_report_ids(by)), IS_OPEN
    )
    session().execute(sa.update(Release).where(open_and_taught).values(revoked_at=at))


def _revoke_where(condition: ColumnElement[bool], *, by: Actor, at: datetime) -> list[int]:
    # Every teacher of the course may revoke, not only the one who planned it.
    condition_and_taught = sa.and_(condition, Release.report_id.in_(_taught_report_ids(by)))
    if session().scalar(sa.select(sa.func.min(Release.id)).where(condition_and_taught)) is None:
        raise NotFound
    revoke_sql = (
        sa.update(Release)
        .where(condition_and_taught, IS_OPEN)
        .values(revoked_at=at)
        .returning(Release.report_id)
    )
    # "fetch" also updates the rows that this session may have loaded before.
    return sorted(session().scalars(revoke_sql, execution_options={"synchronize_session": "fetch"}))


def _taught_report_ids(by: Actor) -> sa.Select[int]:
    return sa.select(Report.id).where(teaches_report(by.id, on=by.today))


def planned(course_id: int, *, by: Actor) -> list[PlannedRelease]:
    """Return what is planned in a course that I teach, the first to be released first."""
    return _list_releases(IS_OPEN, course_id=course_id, by=by)


def failed(course_id: int, *, by: Actor, at: datetime) -> list[PlannedRelease]:
    """Return what failed lately in a course that I teach, and was not released since."""
    # Once the report was answered or handed in again, its failure is not news any more. A report
    # that moved on is not handed in, and so it has a condition of its own below.
    is_still_handed_in = sa.and_(
        Report.state == State.HANDED_IN, Report.state_since <= Release.created_at
    )
    is_recent_failure = sa.and_(
        Release.failed_at > at - FAILURE_SHOWN_FOR,
        sa.or_(is_still_handed_in, Release.reason == ReleaseRefusal.MOVED_ON),
    )
    return _list_releases(is_recent_failure, course_id=course_id, by=by)


_DUE_AT_SQL = sa.select(Release.due_at).where(
    Release.report_id == sa.bindparam("report", type_=sa.Integer), IS_OPEN
)


def planned_for(report_id: int) -> datetime | None:
    """Return when this report is going to be released, if that is planned."""
    return execute(_DUE_AT_SQL, {"report": report_id}).scalar()


def _list_releases(
    condition: ColumnElement[bool], *, course_id: int, by: Actor
) -> list[PlannedRelease]:
    releases_sql = (
        sa.select(Release, Report.student_id)
        .join(Report, Report.id == Release.report_id)
        .where(Report.course_id == course_id, condition)
        .where(teaches_report(by.id, on=by.today))
        .order_by(Release.due_at, Release.id)
    )
    rows = list(session().execute(releases_sql))
    students_by_id = person_refs({student_id for _, student_id in rows})
    return [
        PlannedRelease(
            id=row.id,
            batch=row.batch,
            report_id=row.report_id,
            student=students_by_id[student_id],
            action=row.action,
            due_at=row.due_at,
            reason=row.reason,
        )
        for row, student_id in rows
    ]


def run_due(*, on: date, at: datetime) -> int:
    """Release what is due, each report in its own transaction, and return how many were released.

    For the worker. Each is released by its teacher's right of today. After an unforeseen error,
    such as a database that cannot be reached, it stays open and is tried again.
    """
    due_sql = sa.select(Release.id).where(IS_OPEN, Release.due_at <= at).order_by(Release.due_at)
    due_ids = list(session().scalars(due_sql))
    done_count = 0
    for release_id in due_ids:
        # Take the right to write before reading, or another process could answer in between
        # (decision 7).
        begin_write()
        try:
            done_count += _run_release(release_id, on=on, at=at)
            commit()
        except Exception as error:
            rollback()
            reference = f"release {release_id}"
            log.error("a release was not taken", extra={"reference": reference}, exc_info=error)
    return done_count


# Read a locked row from the database, even where this session had loaded it before the lock.
_FRESH = {"populate_existing": True}


def _run_release(release_id: int, *, on: date, at: datetime) -> bool:
    """Release one report, or note why that failed; do nothing when it is not open any more."""
    open_release_sql = sa.select(Release).where(Release.id == release_id, IS_OPEN)
    release = session().scalar(open_release_sql)
    if release is None:
        return False
    report = session().get_one(Report, release.report_id)
    # The report first, as everybody else: two that lock in another order would wait for each other.
    lock(report)
    # Another process may have released or revoked it while this one waited.
    release = session().scalar(open_release_sql.with_for_update(), execution_options=_FRESH)
    if release is None:
        return False
    # Checked a second time, since much can happen after the plan was made (decision 18).
    if revisions.conflicts_of(report, voice=Voice.TEACHER):
        return _fail(release, ReleaseRefusal.OPEN_CONFLICT, at=at)
    try:
        # By today's rights: whoever has left the course or the school releases nothing any more.
        _ACTIONS[release.action](report, by=_acting_teacher(release.by_id, on=on), at=at)
    except tuple(_REASON_BY_ERROR) as error:
        return _fail(release, _REASON_BY_ERROR[type(error)], at=at)
    release.done_at = at
    return True


def _fail(release: Release, reason: ReleaseRefusal, *, at: datetime) -> bool:
    release.failed_at = at
    release.reason = reason
    return False


def _acting_teacher(person_id: int, *, on: date) -> Actor:
    """Return the teacher as they are today. Raises NotFound when they have left the school."""
    person = session().get(Person, person_id)
    if person is None or person.has_left(on=on):
        raise NotFound
    return person.as_actor(on)
