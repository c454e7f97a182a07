"""The teacher's inbox: which reports wait for an answer; no text leaves this module."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from reflect.access.permissions import can_see, viewer_params
from reflect.access.report_lists import ROUND_ID, SCOPE_ID
from reflect.access.view_models import ReportPart
from reflect.db.session import execute, session
from reflect.reports import annotations
from reflect.reports.report import Report, Revision, Voice, teaches_report
from reflect.reports.workflow import State
from reflect.school.people import Actor, Course, Person, SchoolYear, full_name
from reflect.school.ties import ACTOR_ID, HAS_LEFT, TODAY


def with_draft_answer(course_id: int, *, by: Actor, at: datetime) -> set[int]:
    """Return the reports of a course that wait for an answer of which a part is written."""
    params = {**viewer_params(by, at=at), "scope": course_id}
    rows = session().execute(_draft_answers_sql(), params)
    # They are in the order of writing, so that the latest content of a section stays.
    latest_contents = {(report_id, section): content for report_id, section, content in rows}
    return {
        report_id
        for (report_id, section), content in latest_contents.items()
        if annotations.has_text(section, content)
    }


@lru_cache(maxsize=1)
def _draft_answers_sql() -> sa.Select[int, str, dict[str, str]]:
    # Older texts are the answer to an earlier hand-in.
    is_since_hand_in = Revision.id > Report.teacher_sees_until_revision_id
    return (
        sa.select(Report.id, Revision.section, Revision.content)
        .join(Revision, Revision.report_id == Report.id)
        .where(Report.course_id == SCOPE_ID, Report.state == State.HANDED_IN)
        .where(Revision.voice == Voice.TEACHER, ~Revision.is_conflict, is_since_hand_in)
        .where(can_see(ReportPart.FEEDBACK_DRAFT))
        .order_by(Revision.id)
    )


@dataclass(frozen=True)
class InboxItem:
    """A report that waits for an answer, by the name of its student."""

    report_id: int
    student_name: str


def unanswered_reports(
    course_id: int, *, round_id: int, by: Actor, at: datetime
) -> list[InboxItem]:
    """Return what waits for an answer in one round of a course that I teach, the longest first.

    A student who has left the school does not wait.
    """
    params = {**viewer_params(by, at=at), "scope": course_id, "round": round_id}
    return [
        InboxItem(report_id, full_name(given_name, infix, family_name))
        for report_id, given_name, infix, family_name in execute(_unanswered_sql(), params)
    ]


@lru_cache(maxsize=1)
def _unanswered_sql() -> sa.Select[int, str, str, str]:
    return (
        sa.select(Report.id, Person.given_name, Person.infix, Person.family_name)
        .join(Person, Person.id == Report.student_id)
        .where(Report.course_id == SCOPE_ID, Report.round_id == ROUND_ID)
        .where(Report.state == State.HANDED_IN, can_see(ReportPart.FEEDBACK_DRAFT), ~HAS_LEFT)
        .order_by(Report.state_since, Report.id)
    )


def courses_with_unanswered(*, by: Actor, at: datetime) -> set[int]:
    """Return the courses that I teach in which a report waits for an answer."""
    return set(session().scalars(_COURSES_SQL, viewer_params(by, at=at)))


def courses_to_finish(*, by: Actor, at: datetime) -> set[int]:
    """Return the courses of a year that ended in which I may still finish a report."""
    return set(session().scalars(_courses_to_finish_sql(), viewer_params(by, at=at)))


@lru_cache(maxsize=1)
def _courses_to_finish_sql() -> sa.Select[int]:
    return (
        sa.select(Report.course_id)
        .join(Course, Course.id == Report.course_id)
        .join(SchoolYear, SchoolYear.id == Course.year_id)
        .where(SchoolYear.ends_on <= TODAY, teaches_report(ACTOR_ID, on=TODAY))
        .distinct()
    )


_COURSES_SQL = (
    sa.select(Report.course_id)
    .join(Person, Person.id == Report.student_id)
    .where(Report.state == State.HANDED_IN, ~HAS_LEFT)
    .where(teaches_report(ACTOR_ID, on=TODAY))
    .distinct()
)
