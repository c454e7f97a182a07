"""Who is tied to whom, and when: each tie one table with dates, and one SQL expression."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from reflect.school.people import Course
from reflect.store import Base

IdColumn = InstrumentedAttribute[int] | ColumnElement[int]
Id = int | ColumnElement[int]  # a person, or the place in a prepared statement where one comes
Day = date | ColumnElement[date]

# Places in a prepared statement, for who acts and for the day of the school. What a page asks at every request is
# prepared once, since building its SQL anew takes longer than the answer.
ME = sa.bindparam("me", type_=sa.Integer)
ON = sa.bindparam("on", type_=sa.Date)


class Custody(StrEnum):
    """What the school knows about a guardian's right to be told; only `yes` opens anything."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DutyKind(StrEnum):
    COUNSELLOR = "counsellor"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class Tie:
    """What every tie has: it holds from `begins_on` up to, not including, `ends_on`."""

    id: Mapped[int] = mapped_column(primary_key=True)
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]


def _person() -> Mapped[int]:
    return mapped_column(sa.ForeignKey("person.id"), index=True)


class Membership(Tie, Base):
    """A student belongs to a mentor group."""

    __tablename__ = "membership"
    person_id: Mapped[int] = _person()
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"), index=True)


class Mentoring(Tie, Base):
    """A mentor has a mentor group."""

    __tablename__ = "mentoring"
    person_id: Mapped[int] = _person()
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"), index=True)


class Enrolment(Tie, Base):
    """A student takes a course."""

    __tablename__ = "enrolment"
    person_id: Mapped[int] = _person()
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)


class Teaching(Tie, Base):
    """A teacher gives a course."""

    __tablename__ = "teaching"
    person_id: Mapped[int] = _person()
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)


class Guardianship(Tie, Base):
    """A guardian looks after a student."""

    __tablename__ = "guardianship"
    person_id: Mapped[int] = _person()
    student_id: Mapped[int] = _person()
    custody: Mapped[Custody] = mapped_column(default=Custody.UNKNOWN)


class Duty(Tie, Base):
    """A person does something for the whole school."""

    __tablename__ = "duty"
    person_id: Mapped[int] = _person()
    duty: Mapped[DutyKind]


def holds(tie: type[Tie], *, on: Day) -> ColumnElement[bool]:
    """The tie holds on that day."""
    return sa.and_(tie.begins_on <= on, sa.or_(tie.ends_on.is_(None), tie.ends_on > on))


def teaches(me: Id, course_id: IdColumn, *, on: Day) -> ColumnElement[bool]:
    return course_id.in_(sa.select(Teaching.course_id).where(Teaching.person_id == me, holds(Teaching, on=on)))


def teaches_subject(
    me: Id, subject_id: IdColumn | InstrumentedAttribute[int | None], *, on: Day
) -> ColumnElement[bool]:
    taught = sa.select(Course.subject_id).join(Teaching, Teaching.course_id == Course.id)
    return subject_id.in_(taught.where(Teaching.person_id == me, holds(Teaching, on=on)))


def mentors(me: Id, student_id: IdColumn, *, on: Day) -> ColumnElement[bool]:
    return student_id.in_(
        sa.select(Membership.person_id)
        .join(Mentoring, Mentoring.group_id == Membership.group_id)
        .where(Mentoring.person_id == me, holds(Mentoring, on=on), holds(Membership, on=on))
    )


def guards(me: Id, student_id: IdColumn, *, on: Day) -> ColumnElement[bool]:
    return student_id.in_(
        sa.select(Guardianship.student_id).where(
            Guardianship.person_id == me, Guardianship.custody == Custody.YES, holds(Guardianship, on=on)
        )
    )


def has_duty(me: Id, duty: DutyKind, *, on: Day) -> ColumnElement[bool]:
    return sa.exists().where(Duty.person_id == me, Duty.duty == duty, holds(Duty, on=on))
