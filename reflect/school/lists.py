"""What a person is tied to, as names to choose from: my courses, my groups, my children."""

from dataclasses import dataclass

import sqlalchemy as sa

from reflect.school.people import Course, Group, Me, Person, Who, who
from reflect.school.ties import (
    ME,
    ON,
    Custody,
    Duty,
    DutyKind,
    Enrolment,
    Guardianship,
    Membership,
    Mentoring,
    Teaching,
    holds,
)
from reflect.store import ask, session


@dataclass(frozen=True)
class Named:
    """A course or a group: its id, its code (unique in a year) and its name."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class Ties:
    """What a person has to do with the school today."""

    is_student: bool
    is_counsellor: bool
    courses: tuple[Named, ...]
    groups: tuple[Named, ...]
    children: tuple[Who, ...]


_SCOPE = sa.bindparam("scope", type_=sa.Integer)  # a course or a group
_WHO = (Person.id, Person.given_name, Person.infix, Person.family_name)
_COURSES = (
    sa.select(Course.id, Course.code, Course.name)
    .join(Teaching, Teaching.course_id == Course.id)
    .where(Teaching.person_id == ME, holds(Teaching, on=ON))
    .order_by(Course.name)
)
_GROUPS = (
    sa.select(Group.id, Group.code, Group.name)
    .join(Mentoring, Mentoring.group_id == Group.id)
    .where(Mentoring.person_id == ME, holds(Mentoring, on=ON))
    .order_by(Group.code)
)
_CHILDREN = (
    sa.select(*_WHO)
    .join(Guardianship, Guardianship.student_id == Person.id)
    .where(Guardianship.person_id == ME, Guardianship.custody == Custody.YES, holds(Guardianship, on=ON))
    .order_by(Person.given_name)
)
_COLLEAGUES = (
    sa.select(*_WHO)
    .join(Teaching, Teaching.person_id == Person.id)
    .where(Teaching.course_id == _SCOPE, Person.id != ME, holds(Teaching, on=ON))
    .order_by(Person.family_name, Person.given_name, Person.id)
)
_STUDENTS = (
    sa.select(*_WHO)
    .join(Enrolment, Enrolment.person_id == Person.id)
    .where(Enrolment.course_id == _SCOPE, holds(Enrolment, on=ON))
    .order_by(Person.given_name, Person.family_name, Person.id)
)
_BY, _THEN = "by_name", "then_by_name"
_IN_COURSE = sa.union_all(
    _COLLEAGUES.order_by(None).add_columns(
        sa.true().label("teaches"), Person.family_name.label(_BY), Person.given_name.label(_THEN)
    ),
    _STUDENTS.order_by(None).add_columns(
        sa.false().label("teaches"), Person.given_name.label(_BY), Person.family_name.label(_THEN)
    ),
).order_by(_BY, _THEN, sa.literal_column("1"))  # 1: the first column, the person
_MEMBERS = (
    sa.select(*_WHO)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.group_id == _SCOPE, holds(Membership, on=ON))
    .order_by(Person.given_name, Person.family_name, Person.id)
)
_IS = sa.select(
    sa.exists().where(Enrolment.person_id == ME),
    sa.exists().where(Duty.person_id == ME, Duty.duty == DutyKind.COUNSELLOR, holds(Duty, on=ON)),
)


def ties_of(me: Me) -> Ties:
    here = {"me": me.id, "on": me.on}
    is_student, is_counsellor = session().execute(_IS, here).one()
    return Ties(
        is_student=is_student, is_counsellor=is_counsellor,
        courses=tuple(Named(*row) for row in session().execute(_COURSES, here)),
        groups=tuple(Named(*row) for row in session().execute(_GROUPS, here)),
        children=children_of(me),
    )  # fmt: skip


def children_of(me: Me) -> tuple[Who, ...]:
    """Give the children of whom this guardian has custody, as the school knows it."""
    return tuple(_persons(_CHILDREN, by=me))


def _persons(statement: sa.Select[int, str, str, str], *, by: Me, scope: int = 0) -> list[Who]:
    return [who(*row) for row in ask(statement, {"me": by.id, "on": by.on, "scope": scope})]


def groups() -> list[Named]:
    """Give every mentor group, by code."""
    return [Named(*row) for row in session().execute(sa.select(Group.id, Group.code, Group.name).order_by(Group.code))]


def group_coded(code: str) -> Named | None:
    """Give the newest group with this code."""
    found = session().execute(
        sa.select(Group.id, Group.code, Group.name).where(Group.code == code).order_by(Group.year_id.desc())
    ).first()  # fmt: skip
    return Named(*found) if found else None


def mentors_of(group_id: int, *, by: Me) -> list[Who]:
    rows = session().scalars(
        sa.select(Person)
        .join(Mentoring, Mentoring.person_id == Person.id)
        .where(Mentoring.group_id == group_id, holds(Mentoring, on=by.on))
        .order_by(Mentoring.id)
    )
    return [person.who for person in rows]


def colleagues_in(course_id: int, *, by: Me) -> list[Who]:
    """Give who else teaches this course now."""
    return list(dict.fromkeys(_persons(_COLLEAGUES, by=by, scope=course_id)))


def students_of(course_id: int, *, by: Me) -> list[Who]:
    """Give who follows this course now."""
    return _persons(_STUDENTS, by=by, scope=course_id)


def in_course(course_id: int, *, by: Me) -> tuple[list[Who], list[Who]]:
    """Give `colleagues_in` and `students_of` at once."""
    rows = ask(_IN_COURSE, {"me": by.id, "on": by.on, "scope": course_id})
    colleagues, students = dict[Who, None](), list[Who]()
    for id, given, infix, family, teaches, _, _ in rows:
        one = who(id, given, infix, family)
        if teaches:
            colleagues[one] = None
        else:
            students.append(one)
    return list(colleagues), students


def members_of(group_id: int, *, by: Me) -> list[Who]:
    return _persons(_MEMBERS, by=by, scope=group_id)


def at_table(student_id: int, *, by: Me) -> list[Who]:
    """Give the guardians who come to the talk about this student."""
    rows = session().scalars(
        sa.select(Person)
        .join(Guardianship, Guardianship.person_id == Person.id)
        .where(Guardianship.student_id == student_id, Guardianship.custody == Custody.YES)
        .where(holds(Guardianship, on=by.on))
        .order_by(Guardianship.id)
    )
    return [person.who for person in rows]
