"""A round: some courses write a report, each with its form, between an opening day and a talk."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.school.people import Course, Group, SchoolYear
from reflect.school.ties import Enrolment, Membership


class Round(Base):
    """A round, with days of the school.

    `hand_in_on` is a target and no deadline: a student may write and hand in after it.
    `conversation_on`: the day of the conversations about the reports.
    """

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


def opened_rounds(*, on: date) -> list[Round]:
    """Return the rounds that have opened, the newest first."""
    return list(session().scalars(_opened_rounds_sql(on)))


def opened_rounds_of_group(group_id: int, *, on: date) -> list[Round]:
    """Return the opened rounds of its year that students of this group are in, newest first."""
    round_ids = (
        sa.select(RoundCourse.round_id)
        .join(Enrolment, Enrolment.course_id == RoundCourse.course_id)
        .join(Membership, Membership.person_id == Enrolment.person_id)
        .where(Membership.group_id == group_id)
    )
    year_id = sa.select(Group.year_id).where(Group.id == group_id).scalar_subquery()
    of_group = sa.and_(Round.id.in_(round_ids), Round.year_id == year_id)
    return list(session().scalars(_opened_rounds_sql(on).where(of_group)))


def _opened_rounds_sql(on: date) -> sa.Select[Round]:
    return (
        sa.select(Round)
        .where(Round.opens_on <= on)
        .order_by(Round.opens_on.desc(), Round.id.desc())
    )


def find_round(name: str | None, *, on: date) -> Round | None:
    """Return the opened round with this name, or without a name the newest."""
    rounds = opened_rounds(on=on)
    return next((item for item in rounds if name in (None, item.name)), None)


def save_round(
    name: str, *, group_codes: list[str], form_id: int, days: dict[str, date | None]
) -> int:
    """Open a round in the school year of its first day, and return how many courses take part.

    They are those of the groups with these codes, or without codes all. `days`: the columns of
    Round that hold a day. A round of that name gets the days and the new courses; a course that
    takes part already keeps its form. Raises NotFound without a school year.
    """
    year = _year_of_day(days["opens_on"])
    if year is None:
        raise NotFound
    same_name_sql = sa.select(Round).where(Round.name == name, Round.year_id == year.id)
    saved_round = session().scalar(same_name_sql) or Round(name=name, year_id=year.id)
    for column, day in days.items():
        setattr(saved_round, column, day)
    session().add(saved_round)
    session().flush()
    # A course keeps the form that it has, since students may have begun their reports with it.
    present_ids_sql = sa.select(RoundCourse.course_id).where(RoundCourse.round_id == saved_round.id)
    present_ids = set(session().scalars(present_ids_sql))
    course_ids = session().scalars(_course_ids_sql(year.id, group_codes))
    new_ids = [course_id for course_id in course_ids if course_id not in present_ids]
    session().add_all(
        RoundCourse(round_id=saved_round.id, course_id=course_id, form_id=form_id)
        for course_id in new_ids
    )
    return len(present_ids) + len(new_ids)


def _year_of_day(day: date | None) -> SchoolYear | None:
    """Return the newest school year that has begun on this day, else the first of all."""
    newest_first = sa.select(SchoolYear).order_by(SchoolYear.begins_on.desc())
    # Next year may stand there already, imported before the summer.
    begun = session().scalar(newest_first.where(SchoolYear.begins_on <= day)) if day else None
    return begun or session().scalar(sa.select(SchoolYear).order_by(SchoolYear.begins_on))


def _course_ids_sql(year_id: int, group_codes: list[str]) -> sa.Select[int]:
    course_ids = sa.select(Course.id).where(Course.year_id == year_id)
    if not group_codes:
        return course_ids
    return course_ids.join(Group, Group.id == Course.group_id).where(Group.code.in_(group_codes))


def last_day_of_year(round_id: int) -> date:
    """Return the last day of the school year that a round is in."""
    year_id = session().get_one(Round, round_id).year_id
    ends_on: date = session().get_one(SchoolYear, year_id).ends_on
    return ends_on - timedelta(days=1)
