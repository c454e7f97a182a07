"""A round: some courses write a report, each with its form, between an opening day and a conversation."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import NotFound
from reflect.school.people import Course, Group, SchoolYear
from reflect.school.ties import Enrolment, Membership
from reflect.store import Base, session


class Round(Base):
    """Days are the school's; writing after the hand-in day stays possible, since a late word is a word."""

    __tablename__ = "round"
    __table_args__ = (sa.UniqueConstraint("year_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    year_id: Mapped[int] = mapped_column(sa.ForeignKey("school_year.id"))
    opens_on: Mapped[date]
    hand_in_on: Mapped[date]
    conversation_on: Mapped[date | None]


class RoundCourse(Base):
    """This course takes part in this round, with this form."""

    __tablename__ = "round_course"
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), primary_key=True, index=True)
    form_id: Mapped[int] = mapped_column(sa.ForeignKey("form.id"))


def rounds(*, on: date) -> list[Round]:
    """Give the rounds that have opened, the newest first."""
    return list(session().scalars(sa.select(Round).where(Round.opens_on <= on).order_by(Round.opens_on.desc())))


def rounds_of(group_id: int, *, on: date) -> list[Round]:
    """Give the rounds that have opened and that students of this group take part in, the newest first."""
    taken = (
        sa.select(RoundCourse.round_id)
        .join(Enrolment, Enrolment.course_id == RoundCourse.course_id)
        .join(Membership, Membership.person_id == Enrolment.person_id)
        .where(Membership.group_id == group_id)
    )
    opened = sa.select(Round).where(Round.opens_on <= on, Round.id.in_(taken)).order_by(Round.opens_on.desc())
    return list(session().scalars(opened))


def round_named(name: str | None, *, on: date) -> Round | None:
    """Give the round with this name, or without a name the newest that has opened."""
    return next((one for one in rounds(on=on) if name in (None, one.name)), None)


def open_for(name: str, *, groups: list[str], form_id: int, days: dict[str, date | None]) -> int:
    """Open a round in the newest school year for the courses of these groups (none: all); give how many take part.

    A round of that name gets the days and the courses; a course that has its form in it already keeps that.
    """
    year = session().scalar(sa.select(SchoolYear).order_by(SchoolYear.begins_on.desc()))
    if year is None:
        raise NotFound
    found = session().scalar(sa.select(Round).where(Round.name == name, Round.year_id == year.id))
    row = found or Round(name=name, year_id=year.id)
    for column, day in days.items():
        setattr(row, column, day)
    session().add(row)
    session().flush()
    chosen = sa.select(Course.id).where(Course.year_id == year.id)
    if groups:
        chosen = chosen.join(Group, Group.id == Course.group_id).where(Group.code.in_(groups))
    taken = set(session().scalars(sa.select(RoundCourse.course_id).where(RoundCourse.round_id == row.id)))
    new = [course for course in session().scalars(chosen) if course not in taken]
    session().add_all(RoundCourse(round_id=row.id, course_id=course, form_id=form_id) for course in new)
    return len(taken) + len(new)
