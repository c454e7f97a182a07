"""Dated relations between people, groups and courses, and SQL conditions on them.

Each kind of tie is a table of its own; a tie is ended by its date and never deleted.
"""

from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from reflect.db.base import Base
from reflect.db.days import days_between
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.school.people import Course, Group, Person, SchoolYear, get_by_sign_in_name_or_id

IdColumn = InstrumentedAttribute[int] | ColumnElement[int]
# A person's id or a day, or the bind parameter of a prepared statement in its place.
PersonIdExpr = int | ColumnElement[int]
DateExpr = date | ColumnElement[date]

# Bind parameters for the acting person and the day of the school. The statements of every request
# are built once, at import, because building their SQL takes longer than running it.
ACTOR_ID = sa.bindparam("actor_id", type_=sa.Integer)
TODAY = sa.bindparam("today", type_=sa.Date)

HAS_LEFT = sa.func.coalesce(Person.left_on <= TODAY, sa.false())


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
    # A roster ends what a roster gave; what was given by hand stays.
    from_roster: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


# How long a student who left can sign in, where the setting `leaver_weeks` says nothing else.
LEAVER_PERIOD = timedelta(weeks=12)
# How long the teachers of a course may finish what was open when its school year ended.
DAYS_TO_FINISH = 42


def is_current(tie: type[Tie], *, on: DateExpr) -> ColumnElement[bool]:
    """Return the condition that a tie holds on this day.

    A tie to a course or a group ends with the school year at the latest.
    """
    holds = sa.and_(tie.begins_on <= on, sa.or_(tie.ends_on.is_(None), tie.ends_on > on))
    ends_of_year = _end_of_year(tie)
    return holds if ends_of_year is None else sa.and_(holds, ends_of_year > on)


def _end_of_year(tie: type[Tie]) -> sa.ScalarSelect[date] | None:
    """Return the end of the school year of what somebody is tied to; None for a person."""
    target: type[Course | Group]
    # A tie may be an alias of its table, so it is known by its columns.
    if hasattr(tie, "course_id"):
        target, target_id = aliased(Course), tie.course_id
    elif hasattr(tie, "group_id"):
        target, target_id = aliased(Group), tie.group_id
    else:
        return None
    year = aliased(SchoolYear)
    # Aliases of its own, since the statement around it may be about courses and groups too.
    return (
        sa.select(year.ends_on)
        .join(target, target.year_id == year.id)
        .where(target.id == target_id)
        .correlate(tie)
        .scalar_subquery()
    )


def may_sign_in(*, today: DateExpr, left_since: DateExpr) -> ColumnElement[bool]:
    """Return the condition that a person's account is open today.

    It is until they leave, unless a roster says that it is closed. A student's stays open for
    whoever left after `left_since`, so that they can take their things along.
    """
    is_student = sa.exists().where(Enrolment.person_id == Person.id)
    return sa.and_(
        Person.may_sign_in,
        sa.or_(
            Person.left_on.is_(None),
            Person.left_on > today,
            sa.and_(Person.left_on > left_since, is_student),
        ),
    )


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


def may_finish_course(
    person_id: PersonIdExpr, course_id: IdColumn, *, on: DateExpr
) -> ColumnElement[bool]:
    """Return the condition that this person taught a course until its year ended, of late.

    They may finish what was open then, for DAYS_TO_FINISH.
    """
    until_the_end = sa.or_(Teaching.ends_on.is_(None), Teaching.ends_on >= SchoolYear.ends_on)
    return course_id.in_(
        sa.select(Teaching.course_id)
        .join(Course, Course.id == Teaching.course_id)
        .join(SchoolYear, SchoolYear.id == Course.year_id)
        .where(Teaching.person_id == person_id, Teaching.begins_on < SchoolYear.ends_on)
        .where(until_the_end, SchoolYear.ends_on <= on)
        .where(days_between(SchoolYear.ends_on, on) < DAYS_TO_FINISH)
        # The statement around it may be about courses too.
        .correlate(None)
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


def mentors_student_in_year_of(
    person_id: PersonIdExpr, student_id: IdColumn, course_id: IdColumn, *, on: DateExpr
) -> ColumnElement[bool]:
    """Return the condition that a course is of the school year in which they mentor a student."""
    group, course = aliased(Group), aliased(Course)
    return sa.exists(
        sa.select(course.id)
        .join(group, group.year_id == course.year_id)
        .join(Mentoring, Mentoring.group_id == group.id)
        .join(Membership, Membership.group_id == group.id)
        .where(course.id == course_id, Membership.person_id == student_id)
        .where(Mentoring.person_id == person_id)
        .where(is_current(Mentoring, on=on), is_current(Membership, on=on))
        .correlate_except(group, course, Mentoring, Membership)
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

    Either may be given by the id in the roster, for somebody without a sign-in name.
    Raises NotFound when no roster ever brought this guardianship.
    """
    guardian = get_by_sign_in_name_or_id(guardian_sign_in_name)
    student = get_by_sign_in_name_or_id(student_sign_in_name)
    guardianship = session().scalar(
        sa.select(Guardianship)
        .where(Guardianship.person_id == guardian.id, Guardianship.student_id == student.id)
        # The newest: one that a roster ended may have been followed by another.
        .order_by(Guardianship.id.desc())
    )
    if guardianship is None:
        raise NotFound
    guardianship.custody = custody
