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


def ties_of(me: Me) -> Ties:
    courses = (
        sa.select(Course.id, Course.code, Course.name)
        .join(Teaching, Teaching.course_id == Course.id)
        .where(Teaching.person_id == me.id, holds(Teaching, on=me.on))
        .order_by(Course.name)
    )
    groups = (
        sa.select(Group.id, Group.code, Group.name)
        .join(Mentoring, Mentoring.group_id == Group.id)
        .where(Mentoring.person_id == me.id, holds(Mentoring, on=me.on))
        .order_by(Group.code)
    )
    duty = sa.select(
        sa.exists().where(Duty.person_id == me.id, Duty.duty == DutyKind.COUNSELLOR, holds(Duty, on=me.on))
    )
    study = sa.select(sa.exists().where(Enrolment.person_id == me.id))
    return Ties(
        is_student=bool(session().scalar(study)), is_counsellor=bool(session().scalar(duty)),
        courses=tuple(Named(*row) for row in session().execute(courses)),
        groups=tuple(Named(*row) for row in session().execute(groups)),
        children=children_of(me),
    )  # fmt: skip


def children_of(me: Me) -> tuple[Who, ...]:
    """Give the children of whom this guardian has custody, as the school knows it."""
    rows = session().scalars(
        sa.select(Person)
        .join(Guardianship, Guardianship.student_id == Person.id)
        .where(Guardianship.person_id == me.id, Guardianship.custody == Custody.YES, holds(Guardianship, on=me.on))
        .order_by(Person.given_name)
    )
    return tuple(person.who for person in rows)


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
