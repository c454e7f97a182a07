"""The lists of reports: my own, and those of a course, a group, a child, or shared with me."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, aliased

from reflect.access.permissions import as_column, can_see, viewer_params
from reflect.access.view_models import ReportPart
from reflect.db.session import execute
from reflect.reports.report import Report, reopened_by, teaches_report
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import State
from reflect.school import ties
from reflect.school.people import Actor, Course, Group, Person, PersonRef, Subject, make_person_ref
from reflect.school.ties import ACTOR_ID, TODAY
from reflect.text.collation import collation_key


# Not a frozen dataclass: those take four times as long to make, and a list has hundreds.
class ReportRow(NamedTuple):
    """One report in a list, or a place where one can be begun (`report_id` is None).

    `state` is None when the report is not begun, or when its state is not for this viewer.
    `has_answer` and `has_text`: there is an answer, or a text, that this viewer may read.
    `has_left`: the student has left the school.
    `reopened_by_id`: who opened it again, when that is why its student goes on writing.
    """

    report_id: int | None
    student: PersonRef
    course_id: int
    course_name: str
    subject: str
    round_id: int
    round_name: str
    opens_on: date
    hand_in_on: date
    conversation_on: date | None
    state: State | None
    state_since: datetime | None
    has_answer: bool
    has_text: bool
    has_left: bool
    reopened_by_id: int | None = None


def own_reports(*, by: Actor, at: datetime) -> list[ReportRow]:
    """Return my own reports and those I can begin, the newest round first.

    Rounds that are still to open are among them.
    """
    return _load_report_rows(_list_sql("mine"), by=by, at=at, scope_id=0)


def for_course(course_id: int, *, by: Actor, at: datetime, round_id: int = 0) -> list[ReportRow]:
    """Return the students of a course that I teach, in one round, or (0) every opened round."""
    return _load_report_rows(
        _list_sql("course"), by=by, at=at, scope_id=course_id, round_id=round_id
    )


def for_group(group_id: int, *, by: Actor, at: datetime, round_id: int = 0) -> list[ReportRow]:
    """Return the students of a group that I mentor, in one round, or (0) every opened round."""
    return _load_report_rows(_list_sql("group"), by=by, at=at, scope_id=group_id, round_id=round_id)


def for_child(student_id: int, *, by: Actor, at: datetime) -> list[ReportRow]:
    """Return what I, a guardian, may read of this child; states are not for me."""
    return _load_report_rows(_list_sql("child"), by=by, at=at, scope_id=student_id)


def for_counsellor(*, by: Actor, at: datetime) -> list[ReportRow]:
    """Return the reports that were shared with me, a counsellor."""
    return _load_report_rows(_list_sql("involved"), by=by, at=at, scope_id=0)


SCOPE_ID = sa.bindparam("scope", type_=sa.Integer)  # the id of a course, a group or a child
ROUND_ID = sa.bindparam("round", type_=sa.Integer)


def _is_in_mentored_group() -> ColumnElement[bool]:
    members = sa.select(ties.Membership.person_id).where(
        ties.Membership.group_id == SCOPE_ID, ties.is_current(ties.Membership, on=TODAY)
    )
    mentored = sa.exists().where(
        ties.Mentoring.group_id == SCOPE_ID,
        ties.Mentoring.person_id == ACTOR_ID,
        ties.is_current(ties.Mentoring, on=TODAY),
    )
    # Of the year of the group: what a student wrote before is not this mentor's to read.
    year_id = sa.select(Group.year_id).where(Group.id == SCOPE_ID).scalar_subquery()
    return sa.and_(
        Person.id.in_(members), mentored, Round.opens_on <= TODAY, Round.year_id == year_id
    )


def _is_in_taught_course() -> ColumnElement[bool]:
    # By the tie and not by rights to a report, so that students without a report are listed too.
    taught = sa.or_(
        ties.teaches_course(ACTOR_ID, Course.id, on=TODAY),
        # When the year is over, what was still open: there the right to the report decides.
        teaches_report(ACTOR_ID, on=TODAY),
    )
    return sa.and_(Course.id == SCOPE_ID, taught, Round.opens_on <= TODAY)


def _is_readable_of_child() -> ColumnElement[bool]:
    has_custody = ties.has_custody_of(ACTOR_ID, Person.id, on=TODAY)
    return sa.and_(Person.id == SCOPE_ID, has_custody, _can_read_text())


def _is_shared_with_counsellor() -> ColumnElement[bool]:
    is_counsellor = ties.has_duty(ACTOR_ID, ties.DutyKind.COUNSELLOR, on=TODAY)
    return sa.and_(is_counsellor, _can_read_text())


def _can_read_text() -> ColumnElement[bool]:
    return sa.or_(can_see(ReportPart.TEXT), can_see(ReportPart.ANSWERED_TEXT))


_SCOPES: dict[str, Callable[[], ColumnElement[bool]]] = {
    "mine": lambda: Person.id == ACTOR_ID,
    "course": _is_in_taught_course,
    "group": _is_in_mentored_group,
    "child": _is_readable_of_child,
    "involved": _is_shared_with_counsellor,
}


def _list_columns() -> tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]:
    return (
        Report.id.label("report_id"),
        Report.state,
        Report.state_since,
        Report.home_sees_until_revision_id,
        reopened_by().label("reopened_by_id"),
        Person.id.label("student_id"),
        Person.given_name,
        Person.infix,
        Person.family_name,
        ties.HAS_LEFT.label("has_left"),
        Course.id.label("course_id"),
        Course.name.label("course_name"),
        Subject.name.label("subject"),
        Round.id.label("round_id"),
        Round.name.label("round_name"),
        Round.opens_on,
        Round.hand_in_on,
        Round.conversation_on,
        # Rights are asked within the query of the list, not once for each report.
        as_column(can_see(ReportPart.STATE)).label("can_see_state"),
        as_column(can_see(ReportPart.FEEDBACK)).label("can_see_feedback"),
        as_column(_can_read_text()).label("can_read_text"),
    )


# One statement for each scope, built once (decision 22).
@lru_cache(maxsize=8)
def _list_sql(scope: str) -> sa.Select[*tuple[Any, ...]]:
    """Select a row for every student, course and round of this scope, with the report if begun.

    A student who has left the course is listed as long as there is a report.
    """
    enrolment = aliased(ties.Enrolment)
    is_enrolled = ties.is_current(enrolment, on=TODAY)
    has_report = sa.and_(
        Report.student_id == Person.id, Report.course_id == Course.id, Report.round_id == Round.id
    )
    return (
        sa.select(*_list_columns())
        # From enrolments and not from reports, so that a report that is not begun has a row too.
        .select_from(enrolment)
        .join(Person, Person.id == enrolment.person_id)
        .join(Course, Course.id == enrolment.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(RoundCourse, RoundCourse.course_id == Course.id)
        .join(Round, Round.id == RoundCourse.round_id)
        .outerjoin(Report, has_report)
        .where(sa.or_(is_enrolled, Report.id.is_not(None)), _SCOPES[scope]())
        # Here 0 is every round, so that one statement serves both.
        .where(sa.or_(ROUND_ID == 0, Round.id == ROUND_ID))
    )


def _load_report_rows(
    statement: sa.Select[*tuple[Any, ...]],
    *,
    by: Actor,
    at: datetime,
    scope_id: int,
    round_id: int = 0,
) -> list[ReportRow]:
    params = {**viewer_params(by, at=at), "scope": scope_id, "round": round_id}
    students: dict[int, PersonRef] = {}
    rows = [_to_report_row(row, students) for row in execute(statement, params)]
    # A student who left a course and came back has two enrolments, and so two rows.
    unique = {(row.student.id, row.course_id, row.round_id): row for row in rows}
    return sorted(unique.values(), key=_place_in_list)


def _place_in_list(row: ReportRow) -> tuple[Any, ...]:
    """Return the newest round first, then the students by surname, then the subjects."""
    return (
        -row.opens_on.toordinal(),
        -row.round_id,
        row.student.sort_key,
        collation_key(row.subject),
        collation_key(row.course_name),
        row.course_id,
    )


def _to_report_row(row: sa.Row[*tuple[Any, ...]], students: dict[int, PersonRef]) -> ReportRow:
    """`students`: those of the rows before, by id; a list has many rows of each."""
    student = students.get(row.student_id)
    if student is None:
        student = make_person_ref(row.student_id, row.given_name, row.infix, row.family_name)
        students[row.student_id] = student
    # Without any right the row looks like that of a report that was not begun.
    is_visible = row.can_see_state or row.can_read_text
    return ReportRow(
        report_id=row.report_id if is_visible else None,
        student=student,
        course_id=row.course_id,
        course_name=row.course_name,
        subject=row.subject,
        round_id=row.round_id,
        round_name=row.round_name,
        opens_on=row.opens_on,
        hand_in_on=row.hand_in_on,
        conversation_on=row.conversation_on,
        state=row.state if row.can_see_state else None,
        state_since=row.state_since if row.can_see_state else None,
        has_answer=bool(row.home_sees_until_revision_id and row.can_see_feedback),
        has_text=bool(row.can_read_text),
        has_left=bool(row.has_left),
        reopened_by_id=row.reopened_by_id if row.can_see_state else None,
    )
