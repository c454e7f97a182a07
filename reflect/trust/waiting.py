"""Waiting: what waits for a teacher, in which courses, and on what words stand already; no text leaves here."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from reflect.report import remark
from reflect.report.life import State
from reflect.report.report import Report, Revision, Voice
from reflect.school import ties
from reflect.school.people import Me, Person, full_name
from reflect.school.ties import ME, ON
from reflect.store import ask, session
from reflect.trust.seen import Part
from reflect.trust.shelf import ROUND, SCOPE
from reflect.trust.sight import here, sees


def begun(course_id: int, *, by: Me, at: datetime) -> set[int]:
    """Give the reports of a course that wait for an answer of which words stand already."""
    rows = session().execute(_begun(), {**here(by, at=at), "scope": course_id})
    standing = {(report, section): content for report, section, content in rows}
    return {report for (report, section), content in standing.items() if remark.says(section, content)}


@lru_cache(maxsize=1)
def _begun() -> sa.Select[int, str, dict[str, str]]:
    since = sa.and_(Revision.voice == Voice.TEACHER, ~Revision.kept_aside, Revision.id > Report.handed_in_upto)
    return (
        sa.select(Report.id, Revision.section, Revision.content)
        .join(Revision, Revision.report_id == Report.id)
        .where(Report.course_id == SCOPE, Report.state == State.HANDED_IN, since, sees(Part.FEEDBACK_DRAFT))
        .order_by(Revision.id)
    )


@dataclass(frozen=True)
class Waiting:
    """A report that waits for an answer, by the name of its student."""

    report: int
    student: str


def reports(course_id: int, *, round_id: int, by: Me, at: datetime) -> list[Waiting]:
    """Give what waits for an answer in one round of a course that I teach, the longest first."""
    rows = ask(_waiting(), {**here(by, at=at), "scope": course_id, "round": round_id})
    return [Waiting(report, full_name(given, infix, family)) for report, given, infix, family in rows]


def courses(*, by: Me, at: datetime) -> set[int]:
    """Give the courses that I teach in which somebody waits for an answer."""
    return set(session().scalars(_courses_that_wait(), here(by, at=at)))


@lru_cache(maxsize=1)
def _courses_that_wait() -> sa.Select[int]:
    mine = sa.select(Report.course_id).where(Report.state == State.HANDED_IN, ties.teaches(ME, Report.course_id, on=ON))
    return mine.distinct()


@lru_cache(maxsize=1)
def _waiting() -> sa.Select[int, str, str, str]:
    return (
        sa.select(Report.id, Person.given_name, Person.infix, Person.family_name)
        .join(Person, Person.id == Report.student_id)
        .where(Report.course_id == SCOPE, Report.round_id == ROUND, Report.state == State.HANDED_IN)
        .where(sees(Part.FEEDBACK_DRAFT))
        .order_by(Report.state_since, Report.id)
    )
