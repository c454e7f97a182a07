"""Dated relations between people, groups and courses, and SQL conditions on them.

Each kind of tie is a table of its own; a tie is ended by its date and never deleted.
"""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.school.people import Course, get_by_sign_in_name

IdColumn = InstrumentedAttribute[int] | ColumnElement[int]
# A person's id or a day, or the bind parameter of a prepared statement in its place.
PersonIdExpr = int | ColumnElement[int]
DateExpr = date | ColumnElement[date]

# Bind parameters for the acting person and the day of the school. The statements of every request
# are built once, at import, because building their SQL takes longer than running it.
ACTOR_ID = sa.bindparam("actor_id", type_=sa.Integer)
TODAY = sa.bindparam("today", type_=sa.Date)


class Custody(StrEnum):
    """What the school knows of a guardian's right to information; only `yes` opens anything."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DutyKind(StrEnum):
    COUNSELLOR = "counsellor"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class Tie:
    """The columns of every tie; it holds from `begins_on` up to, not including, `ends_on`."""

    id: Mapped[int] = mapped_column(primary_key=True)
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]


def _person_fk() -> Mapped[int]:
    return mapped_column(sa.ForeignKey("person.id"), index=True)


class Membership(Tie, Base):
    """A student belongs to a mentor group."""

    __tablename__ = "membership"
    person_id: Mapped[int] = _person_fk()
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"), index=True)


class Mentoring(Tie, Base):
    """A mentor has a mentor group."""

    __tablename__ = "mentoring"
    person_id: Mapped[int] = _person_fk()
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"), index=True)


class Enrolment(Tie, Base):
    """A student takes a course."""

    __tablename__ = "enrolment"
    person_id: Mapped[int] = _person_fk()
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)


class Teaching(Tie, Base):
    """A teacher teaches a course."""

    __tablename__ = "teaching"
    person_id: Mapped[int] = _person_fk()
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)


class Guardianship(Tie, Base):
    """A guardian looks after a student."""

    __tablename__ = "guardianship"
    person_id: Mapped[int] = _person_fk()
    student_id: Mapped[int] = _person_fk()
    # Unknown until the school has confirmed it: a roster cannot say who may read about a child.
    custody: Mapped[Custody] = mapped_column(default=Custody.UNKNOWN)


class Duty(Tie, Base):
    """A person does something for the whole school."""

    __tablename__ = "duty"
    person_id: Mapped[int] = _person_fk()
    duty: Mapped[DutyKind]


def is_current(tie: type[Tie], *, on: DateExpr) -> ColumnElement[bool]:
    """Return the condition that a tie holds on this day."""
    return sa.and_(tie.begins_on <= on, sa.or_(tie.ends_on.is_(None), tie.ends_on > on))


def teaches_course(
    person_id: PersonIdExpr, course_id: IdColumn, *, on: DateExpr
) -> ColumnElement[bool]:
    # A subquery and not a join: a condition must fit into any statement, without repeating its
    # rows for somebody with two ties.
    return course_id.in_(
        sa.select(Teaching.course_id).where(
            Teaching.person_id == person_id, is_current(Teaching, on=on)
        )
    )


def teaches_subject(
    person_id: PersonIdExpr,
    subject_id: IdColumn | InstrumentedAttribute[int | None],
    *,
    on: DateExpr,
) -> ColumnElement[bool]:
    subject_ids = sa.select(Course.subject_id).join(Teaching, Teaching.course_id == Course.id)
    return subject_id.in_(
        subject_ids.where(Teaching.person_id == person_id, is_current(Teaching, on=on))
    )


def mentors_student(
    person_id: PersonIdExpr, student_id: IdColumn, *, on: DateExpr
) -> ColumnElement[bool]:
    return student_id.in_(
        sa.select(Membership.person_id)
        .join(Mentoring, Mentoring.group_id == Membership.group_id)
        .where(
            Mentoring.person_id == person_id,
            is_current(Mentoring, on=on),
            is_current(Membership, on=on),
        )
    )


def has_custody_of(
    person_id: PersonIdExpr, student_id: IdColumn, *, on: DateExpr
) -> ColumnElement[bool]:
    return student_id.in_(
        sa.select(Guardianship.student_id).where(
            Guardianship.person_id == person_id,
            Guardianship.custody == Custody.YES,
            is_current(Guardianship, on=on),
        )
    )


def has_duty(person_id: PersonIdExpr, duty: DutyKind, *, on: DateExpr) -> ColumnElement[bool]:
    return sa.exists().where(
        Duty.person_id == person_id, Duty.duty == duty, is_current(Duty, on=on)
    )


def set_custody(guardian_sign_in_name: str, *, student_sign_in_name: str, custody: Custody) -> None:
    """Set what the school knows of this guardian's right to information about this student.

    Raises NotFound when no roster ever brought this guardianship.
    """
    guardian = get_by_sign_in_name(guardian_sign_in_name)
    student = get_by_sign_in_name(student_sign_in_name)
    guardianship = session().scalar(
        sa.select(Guardianship)
        .where(Guardianship.person_id == guardian.id, Guardianship.student_id == student.id)
        # The newest: one that a roster ended may have been followed by another.
        .order_by(Guardianship.id.desc())
    )
    if guardianship is None:
        raise NotFound
    guardianship.custody = custody
