"""What a person is tied to, as names to choose from: my courses, my groups, my children."""

from dataclasses import dataclass

import sqlalchemy as sa

from reflect.school.people import Course, Group, Me, Person, Who
from reflect.school.ties import (
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
from reflect.store import session


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


# Prepared once: every home page asks these.
_ME, _ON = sa.bindparam("me", type_=sa.Integer), sa.bindparam("on", type_=sa.Date)
_COURSES = (
    sa.select(Course.id, Course.code, Course.name)
    .join(Teaching, Teaching.course_id == Course.id)
    .where(Teaching.person_id == _ME, holds(Teaching, on=_ON))
    .order_by(Course.name)
)
_GROUPS = (
    sa.select(Group.id, Group.code, Group.name)
    .join(Mentoring, Mentoring.group_id == Group.id)
    .where(Mentoring.person_id == _ME, holds(Mentoring, on=_ON))
    .order_by(Group.code)
)
_CHILDREN = (
    sa.select(Person)
    .join(Guardianship, Guardianship.student_id == Person.id)
    .where(Guardianship.person_id == _ME, Guardianship.custody == Custody.YES, holds(Guardianship, on=_ON))
    .order_by(Person.given_name)
)
_IS = sa.select(
    sa.exists().where(Enrolment.person_id == _ME),
    sa.exists().where(Duty.person_id == _ME, Duty.duty == DutyKind.COUNSELLOR, holds(Duty, on=_ON)),
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
    return tuple(person.who for person in session().scalars(_CHILDREN, {"me": me.id, "on": me.on}))


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
    rows = session().scalars(
        sa.select(Person)
        .join(Teaching, Teaching.person_id == Person.id)
        .where(Teaching.course_id == course_id, Person.id != by.id, holds(Teaching, on=by.on))
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    return list(dict.fromkeys(person.who for person in rows))


def students_of(course_id: int, *, by: Me) -> list[Who]:
    """Give who follows this course now."""
    rows = session().scalars(
        sa.select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id, holds(Enrolment, on=by.on))
        .order_by(Person.given_name, Person.family_name, Person.id)
    )
    return [person.who for person in rows]


def members_of(group_id: int, *, by: Me) -> list[Who]:
    rows = session().scalars(
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.group_id == group_id, holds(Membership, on=by.on))
        .order_by(Person.given_name, Person.family_name, Person.id)
    )
    return [person.who for person in rows]


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
