"""Shelves: the lists of reports, each for one scope (mine, a course, a group, a student, a child)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from reflect.report.life import State
from reflect.report.report import Report
from reflect.report.round import Round, RoundCourse
from reflect.school import ties
from reflect.school.people import Course, Me, Person, Subject, Who, full_name
from reflect.school.ties import ME, ON
from reflect.store import session
from reflect.trust.seen import Part
from reflect.trust.sight import here, sees


@dataclass(frozen=True)
class Line:
    """One report in a list, or the place where one can be begun (`report` is None).

    `state` is None when nothing is begun, or when it is not for this viewer.
    `answered` and `with_words`: there is an answer, or a text, that this viewer may read.
    """

    report: int | None
    student: Who
    course: int
    course_name: str
    subject: str
    round: int
    round_name: str
    opens_on: date
    hand_in_on: date
    conversation_on: date | None
    state: State | None
    since: datetime | None
    opened: bool
    answered: bool
    with_words: bool


def mine(*, by: Me, at: datetime) -> list[Line]:
    """Give my own reports and those I can begin, the newest round first; rounds still to open come along."""
    return _lines(_statement("mine"), by=by, at=at, scope=0)


def course(course_id: int, *, by: Me, at: datetime, round_id: int = 0) -> list[Line]:
    """Give the students of a course that I teach, in one round, or (0) in every round that has opened."""
    return _lines(_statement("course"), by=by, at=at, scope=course_id, round_id=round_id)


def group(group_id: int, *, by: Me, at: datetime, round_id: int = 0) -> list[Line]:
    """Give the students of a group that I mentor, in one round, or (0) in every round that has opened."""
    return _lines(_statement("group"), by=by, at=at, scope=group_id, round_id=round_id)


def child(student_id: int, *, by: Me, at: datetime) -> list[Line]:
    """Give what I, a guardian, may read of this child; states are not for me."""
    return _lines(_statement("child"), by=by, at=at, scope=student_id)


def involved(*, by: Me, at: datetime) -> list[Line]:
    """Give the reports in which I, a counsellor, was involved."""
    return _lines(_statement("involved"), by=by, at=at, scope=0)


SCOPE = sa.bindparam("scope", type_=sa.Integer)
ROUND = sa.bindparam("round", type_=sa.Integer)


def _in_group() -> ColumnElement[bool]:
    members = sa.select(ties.Membership.person_id).where(
        ties.Membership.group_id == SCOPE, ties.holds(ties.Membership, on=ON)
    )
    mentored = sa.exists().where(
        ties.Mentoring.group_id == SCOPE, ties.Mentoring.person_id == ME, ties.holds(ties.Mentoring, on=ON)
    )
    return sa.and_(Person.id.in_(members), mentored, Round.opens_on <= ON)


@lru_cache(maxsize=8)
def _statement(scope: str) -> sa.Select[*tuple[Any, ...]]:
    reads = sa.or_(sees(Part.TEXT), sees(Part.ANSWERED_TEXT))
    scopes: dict[str, Callable[[], ColumnElement[bool]]] = {
        "mine": lambda: Person.id == ME,
        "course": lambda: sa.and_(Course.id == SCOPE, ties.teaches(ME, Course.id, on=ON), Round.opens_on <= ON),
        "group": _in_group,
        "child": lambda: sa.and_(Person.id == SCOPE, ties.guards(ME, Person.id, on=ON), reads),
        "involved": lambda: sa.and_(ties.has_duty(ME, ties.DutyKind.COUNSELLOR, on=ON), reads),
    }
    enrolment = aliased(ties.Enrolment)
    has_report = sa.and_(
        Report.student_id == Person.id, Report.course_id == Course.id, Report.round_id == Round.id
    )  # fmt: skip
    enrolled = sa.and_(
        enrolment.begins_on <= ON, sa.or_(enrolment.ends_on.is_(None), enrolment.ends_on > ON)
    )  # fmt: skip
    return (
        sa.select(
            Report.id, Report.state, Report.state_since, Report.opened_at, Report.answered_upto,
            Person.id, Person.given_name, Person.infix, Person.family_name, Course.id, Course.name, Subject.name,
            Round.id, Round.name, Round.opens_on, Round.hand_in_on, Round.conversation_on,
            sees(Part.STATE).label("state"), sees(Part.FEEDBACK).label("feedback"), reads.label("reads"),
        )
        .select_from(enrolment)
        .join(Person, Person.id == enrolment.person_id)
        .join(Course, Course.id == enrolment.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(RoundCourse, RoundCourse.course_id == Course.id)
        .join(Round, Round.id == RoundCourse.round_id)
        .outerjoin(Report, has_report)
        .where(sa.or_(enrolled, Report.id.is_not(None)), scopes[scope](), sa.or_(ROUND == 0, Round.id == ROUND))
        .order_by(Round.opens_on.desc(), Person.given_name, Person.family_name, Person.id, Subject.name)
    )  # fmt: skip


def _lines(
    statement: sa.Select[*tuple[Any, ...]], *, by: Me, at: datetime, scope: int, round_id: int = 0
) -> list[Line]:
    places = {**here(by, at=at), "scope": scope, "round": round_id}
    lines = (_line(*row) for row in session().execute(statement, places))
    return list({(line.student.id, line.course, line.round): line for line in lines}.values())


def _line(
    report: int | None, state: State | None, since: datetime | None, opened_at: datetime | None,
    answered_upto: int | None, student: int, given: str, infix: str, family: str, course: int, course_name: str,
    subject: str, round: int, round_name: str, opens_on: date, hand_in_on: date, conversation_on: date | None,
    sees_state: bool, sees_feedback: bool, reads: bool,
) -> Line:  # fmt: skip
    return Line(
        report=report if sees_state or reads else None,
        student=Who(id=student, name=full_name(given, infix, family), first=given),
        course=course, course_name=course_name, subject=subject, round=round, round_name=round_name,
        opens_on=opens_on, hand_in_on=hand_in_on, conversation_on=conversation_on,
        state=state if sees_state else None, since=since if sees_state else None,
        opened=bool(sees_state and opened_at), answered=bool(answered_upto and sees_feedback), with_words=bool(reads),
    )  # fmt: skip
