"""Who teaches a course, and who wrote the answer to a report."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from reflect.db.session import execute
from reflect.reports import annotations
from reflect.reports.report import Revision
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
