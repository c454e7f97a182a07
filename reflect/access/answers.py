"""The answer to a report: who teaches its course, who wrote it, and what stands above it."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from reflect.access.view_models import (
    ANSWER_HEADING,
    DRAFT_ANSWER_HEADING,
    QUESTION_HEADING,
    ReportPart,
)
from reflect.db.session import execute
from reflect.reports import annotations
from reflect.reports.report import Report, Revision
from reflect.school.people import Person, PersonRef, make_person_ref, person_refs
from reflect.school.ties import TODAY, Teaching, is_current

RevisionsBySection = Mapping[str, Revision]
_IDS_PARAM = sa.bindparam("ids", expanding=True, type_=sa.Integer)
_TEACHERS_SQL = (
    sa.select(Teaching.course_id, Person.id, Person.given_name, Person.infix, Person.family_name)
    .join(Person, Person.id == Teaching.person_id)
    .where(Teaching.course_id.in_(_IDS_PARAM), is_current(Teaching, on=TODAY))
    .order_by(Teaching.id)
)


def load_teachers(course_ids: set[int], *, on: date) -> dict[int, tuple[PersonRef, ...]]:
    """Return who teaches each course then."""
    teachers: dict[int, tuple[PersonRef, ...]] = {}
    rows = execute(_TEACHERS_SQL, {"ids": list(course_ids), "today": on})
    for course_id, person_id, given_name, infix, family_name in rows:
        person = make_person_ref(person_id, given_name, infix, family_name)
        teachers[course_id] = (*teachers.get(course_id, ()), person)
    return teachers


def load_writers(
    revisions_by_report: Mapping[int, RevisionsBySection],
    teachers_by_course: Mapping[int, tuple[PersonRef, ...]],
) -> dict[int, tuple[PersonRef, ...]]:
    """Return who wrote each answer, as far as the viewer sees it, the first writer first."""
    ids_by_report = {
        report_id: _writer_ids(revisions) for report_id, revisions in revisions_by_report.items()
    }
    # Most writers still teach the course, and so their names are known already.
    known = {person.id: person for persons in teachers_by_course.values() for person in persons}
    all_ids = {person_id for person_ids in ids_by_report.values() for person_id in person_ids}
    people = known | person_refs(all_ids - known.keys())
    return {
        report_id: tuple(people[person_id] for person_id in person_ids)
        for report_id, person_ids in ids_by_report.items()
    }


def _writer_ids(teacher_revisions: RevisionsBySection) -> list[int]:
    """Return who wrote these texts of a teacher, so that nobody's name is under another's."""
    revisions = sorted(teacher_revisions.values(), key=lambda revision: revision.id)
    with_text = (row for row in revisions if annotations.has_text(row.section, row.content))
    return list(dict.fromkeys(row.by_id for row in with_text))


def answer_heading(
    report: Report, overall: Revision | None, *, parts: frozenset[ReportPart]
) -> str:
    """Return what the teacher's words are that somebody who sees these parts reads.

    `overall`: the newest text about the whole that they read.
    """
    if ReportPart.DRAFT not in parts and ReportPart.FEEDBACK_DRAFT not in parts:
        return ANSWER_HEADING
    given = report.student_sees_until_revision_id or 0
    if ReportPart.FEEDBACK_DRAFT in parts and overall is not None and overall.id > given:
        return DRAFT_ANSWER_HEADING
    # A question is released to the student alone; an answer to mentor and home too.
    was_asked = given > (report.home_sees_until_revision_id or 0)
    return QUESTION_HEADING if was_asked else ANSWER_HEADING
