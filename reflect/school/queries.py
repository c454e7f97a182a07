"""A person's courses, groups and children as names to choose from, and the people of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from reflect.db.session import execute, session
from reflect.errors import NotFound
from reflect.school import ties
from reflect.school.people import (
    Actor,
    Course,
    Group,
    Person,
    PersonRef,
    SchoolYear,
    by_surname,
    make_person_ref,
)
from reflect.school.ties import (
    ACTOR_ID,
    TODAY,
    Custody,
    Duty,
    DutyKind,
    Enrolment,
    Guardianship,
    Membership,
    Mentoring,
    Teaching,
    is_current,
    may_finish_course,
    teaches_course,
)
from reflect.text.collation import collation_key


@dataclass(frozen=True)
class NamedRef:
    """A course or a group; its code is unique within a school year.

    `ended_year`: the name of its school year once that has ended, "" until then.
    """

    id: int
    code: str
    name: str
    ended_year: str = ""


@dataclass(frozen=True)
class SchoolRoles:
    """What a person is at the school today.

    `courses`: those they teach, and those of which they may finish what was open when its year
    ended.
    """

    is_student: bool
    is_counsellor: bool
    courses: tuple[NamedRef, ...]
    groups: tuple[NamedRef, ...]
    children: tuple[PersonRef, ...]


_SCOPE_ID = sa.bindparam("scope", type_=sa.Integer)  # the id of a course or a group
_PERSON_COLUMNS = (Person.id, Person.given_name, Person.infix, Person.family_name)
_ENDED_YEAR = sa.case((SchoolYear.ends_on > TODAY, ""), else_=SchoolYear.name)
_SELECT_COURSES = (
    sa.select(Course.id, Course.code, Course.name, _ENDED_YEAR.label("ended_year"))
    .join(SchoolYear, SchoolYear.id == Course.year_id)
    .where(
        sa.or_(
            teaches_course(ACTOR_ID, Course.id, on=TODAY),
            may_finish_course(ACTOR_ID, Course.id, on=TODAY),
        )
    )
    .order_by(Course.id)
)
_SELECT_GROUPS = (
    sa.select(Group.id, Group.code, Group.name)
    .join(Mentoring, Mentoring.group_id == Group.id)
    .where(Mentoring.person_id == ACTOR_ID, is_current(Mentoring, on=TODAY))
    .order_by(Group.id)
)
_SELECT_CHILDREN = (
    sa.select(*_PERSON_COLUMNS)
    .join(Guardianship, Guardianship.student_id == Person.id)
    .where(
        Guardianship.person_id == ACTOR_ID,
        # A roster brings guardianships, and only the school can confirm the custody.
        Guardianship.custody == Custody.YES,
        is_current(Guardianship, on=TODAY),
    )
)
_SELECT_COLLEAGUES = (
    sa.select(*_PERSON_COLUMNS)
    .join(Teaching, Teaching.person_id == Person.id)
    .where(Teaching.course_id == _SCOPE_ID, Person.id != ACTOR_ID, is_current(Teaching, on=TODAY))
)
_SELECT_STUDENTS = (
    sa.select(*_PERSON_COLUMNS)
    .join(Enrolment, Enrolment.person_id == Person.id)
    .where(Enrolment.course_id == _SCOPE_ID, is_current(Enrolment, on=TODAY))
)
_SELECT_COURSE_PEOPLE = sa.union_all(
    _SELECT_COLLEAGUES.add_columns(sa.true().label("teaches")),
    _SELECT_STUDENTS.add_columns(sa.false().label("teaches")),
)
_SELECT_MEMBERS = (
    sa.select(*_PERSON_COLUMNS)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.group_id == _SCOPE_ID, is_current(Membership, on=TODAY))
)
_SELECT_ROLE_FLAGS = sa.select(
    # Of any day: somebody who has taken their last course still has reports.
    sa.exists().where(Enrolment.person_id == ACTOR_ID),
    sa.exists().where(
        Duty.person_id == ACTOR_ID, Duty.duty == DutyKind.COUNSELLOR, is_current(Duty, on=TODAY)
    ),
    # Of any day too: most people have one role, and only of that one the list is asked.
    sa.exists().where(Teaching.person_id == ACTOR_ID),
    sa.exists().where(Mentoring.person_id == ACTOR_ID),
    sa.exists().where(Guardianship.person_id == ACTOR_ID),
)


def roles_of(by: Actor) -> SchoolRoles:
    flags = execute(_SELECT_ROLE_FLAGS, _bind_values(by)).one()
    is_student, is_counsellor, has_taught, has_mentored, is_guardian = flags
    return SchoolRoles(
        is_student=is_student,
        is_counsellor=is_counsellor,
        courses=_courses_of(by) if has_taught else (),
        groups=_groups_of(by) if has_mentored else (),
        children=_children_of(by) if is_guardian else (),
    )


def is_administrator(person_id: int, *, on: date) -> bool:
    """Return whether this person is an administrator of the school on that day."""
    duty = ties.has_duty(person_id, ties.DutyKind.ADMINISTRATOR, on=on)
    return bool(session().scalar(sa.select(duty)))


def get_taught_course(course_id: int, *, by: Actor) -> NamedRef:
    """Return a course that this person teaches today, or may finish. Raises NotFound."""
    return _find(_courses_of(by), course_id)


def get_mentored_group(group_id: int, *, by: Actor) -> NamedRef:
    """Return a group that this person mentors today. Raises NotFound."""
    return _find(_groups_of(by), group_id)


def get_own_child(student_id: int, *, by: Actor) -> PersonRef:
    """Return a student of whom this person has custody today. Raises NotFound."""
    return _find(_children_of(by), student_id)


_Ref = TypeVar("_Ref", NamedRef, PersonRef)


def _find(refs: Iterable[_Ref], ref_id: int) -> _Ref:
    for ref in refs:
        # 404 for both: nobody can see whether a course exists that is not theirs.
        if ref.id == ref_id:
            return ref
    raise NotFound


def _courses_of(by: Actor) -> tuple[NamedRef, ...]:
    courses = [NamedRef(*row) for row in execute(_SELECT_COURSES, _bind_values(by))]
    return tuple(sorted(courses, key=lambda course: collation_key(course.name)))


def _groups_of(by: Actor) -> tuple[NamedRef, ...]:
    groups = [NamedRef(*row) for row in execute(_SELECT_GROUPS, _bind_values(by))]
    return tuple(_by_code(groups))


def _by_code(groups: Iterable[NamedRef]) -> list[NamedRef]:
    """Return these groups by code; those of one code stay in their order."""
    return sorted(groups, key=lambda group: collation_key(group.code))


def _children_of(by: Actor) -> tuple[PersonRef, ...]:
    return tuple(_people_by_surname(execute(_SELECT_CHILDREN, _bind_values(by))))


def _people_by_surname(rows: Iterable[Any]) -> list[PersonRef]:
    """Return the persons of these rows, each once: somebody may have two ties."""
    return by_surname(dict.fromkeys(make_person_ref(*row) for row in rows))


def _bind_values(by: Actor, *, scope_id: int = 0) -> dict[str, object]:
    """Return the values of ACTOR_ID, TODAY and _SCOPE_ID; a statement takes those it needs."""
    return {"actor_id": by.id, "today": by.today, "scope": scope_id}


_SELECT_GROUP_REFS = sa.select(Group.id, Group.code, Group.name).join(
    SchoolYear, SchoolYear.id == Group.year_id
)


def all_groups() -> list[NamedRef]:
    """Return every mentor group, by code, the one of the newest school year first."""
    newest_first = _SELECT_GROUP_REFS.order_by(SchoolYear.begins_on.desc(), Group.id.desc())
    return _by_code(NamedRef(*row) for row in session().execute(newest_first))


def groups_of_year(*, on: date) -> list[NamedRef]:
    """Return the mentor groups of the school year of this day, by code."""
    of_day = sa.and_(SchoolYear.begins_on <= on, SchoolYear.ends_on > on)
    rows = session().execute(_SELECT_GROUP_REFS.where(of_day).order_by(Group.id))
    return _by_code(NamedRef(*row) for row in rows)


def group_by_code(code: str, *, on: date) -> NamedRef | None:
    """Return the newest group with this code whose school year has begun, or None."""
    # The same code, such as 2b, comes back every school year, and next year's may be there already.
    newest_first = _SELECT_GROUP_REFS.where(
        Group.code == code, SchoolYear.begins_on <= on
    ).order_by(SchoolYear.begins_on.desc(), Group.id.desc())
    row = session().execute(newest_first).first()
    return NamedRef(*row) if row else None


def mentors_of_group(group_id: int, *, on: date) -> list[PersonRef]:
    """Return the mentors of a group, the one who began first at the head."""
    rows = session().scalars(
        sa.select(Person)
        .join(Mentoring, Mentoring.person_id == Person.id)
        .where(Mentoring.group_id == group_id, is_current(Mentoring, on=on))
        .order_by(Mentoring.id)
    )
    return [person.ref for person in rows]


def last_members_of_group(group_id: int, *, on: date) -> list[PersonRef]:
    """Return the students of a group, or of its last day when its school year has ended."""
    ends_on_sql = (
        sa.select(SchoolYear.ends_on)
        .join(Group, Group.year_id == SchoolYear.id)
        .where(Group.id == group_id)
    )
    ends_on = session().scalars(ends_on_sql).one()
    return members_of_group(group_id, on=min(on, ends_on - timedelta(days=1)))


def students_who_left(*, on: date) -> list[PersonRef]:
    """Return everybody who has left the school and took a course, by surname."""
    took_a_course = sa.exists().where(Enrolment.person_id == Person.id)
    rows = session().execute(sa.select(*_PERSON_COLUMNS).where(Person.left_on <= on, took_a_course))
    return _people_by_surname(rows)


def members_of_group(group_id: int, *, on: date) -> list[PersonRef]:
    """Return the students of a group, by surname."""
    return _people_by_surname(execute(_SELECT_MEMBERS, {"today": on, "scope": group_id}))


def colleagues_of_course(course_id: int, *, by: Actor) -> list[PersonRef]:
    """Return the other teachers of a course today, by surname."""
    return _people_by_surname(execute(_SELECT_COLLEAGUES, _bind_values(by, scope_id=course_id)))


def students_of_course(course_id: int, *, by: Actor) -> list[PersonRef]:
    """Return the students of a course today, by surname."""
    return _people_by_surname(execute(_SELECT_STUDENTS, _bind_values(by, scope_id=course_id)))


def people_of_course(course_id: int, *, by: Actor) -> tuple[list[PersonRef], list[PersonRef]]:
    """Return colleagues_of_course and students_of_course, asked in one statement."""
    rows = execute(_SELECT_COURSE_PEOPLE, _bind_values(by, scope_id=course_id))
    colleagues = list[Any]()
    students = list[Any]()
    for *person, is_teacher in rows:
        (colleagues if is_teacher else students).append(person)
    return _people_by_surname(colleagues), _people_by_surname(students)


def attendees_of(student_id: int, *, on: date) -> list[PersonRef]:
    """Return the guardians who come to the conversation about a student."""
    rows = session().scalars(
        sa.select(Person)
        .join(Guardianship, Guardianship.person_id == Person.id)
        .where(
            Guardianship.student_id == student_id,
            Guardianship.custody == Custody.YES,
            is_current(Guardianship, on=on),
        )
        .order_by(Guardianship.id)
    )
    return [person.ref for person in rows]
