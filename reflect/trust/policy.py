"""Policy: what home sees of a group of students; with a first day, perhaps a last one, and its history."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from reflect.school.ties import Day, Membership, Tie, holds
from reflect.store import Base, session


class Kind(StrEnum):
    """The student decides; or what is answered is released on the day of the conversation; or nothing online."""

    STUDENT_CHOICE = "student_choice"
    AT_MOMENT = "at_moment"
    CONVERSATION_ONLY = "conversation_only"


class Policy(Tie, Base):
    """In force for a mentor group from `begins_on` up to, not including, `ends_on`; without one: student_choice."""

    __tablename__ = "policy"
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"), index=True)
    kind: Mapped[Kind]
    set_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    set_at: Mapped[datetime]


def _under(student_id: InstrumentedAttribute[int], kind: Kind, *, on: Day) -> ColumnElement[bool]:
    return student_id.in_(
        sa.select(Membership.person_id)
        .join(Policy, Policy.group_id == Membership.group_id)
        .where(Policy.kind == kind, holds(Policy, on=on), holds(Membership, on=on))
    )


def closes_online(student_id: InstrumentedAttribute[int], *, on: Day) -> ColumnElement[bool]:
    """Home sees nothing of this student online; the mentor brings paper."""
    return _under(student_id, Kind.CONVERSATION_ONLY, on=on)


def releases(student_id: InstrumentedAttribute[int], *, on: Day) -> ColumnElement[bool]:
    """What is answered reaches home on the round's conversation day."""
    return sa.and_(_under(student_id, Kind.AT_MOMENT, on=on), ~closes_online(student_id, on=on))


def kind_for(student_id: int, *, on: date) -> Kind:
    """Give the policy that holds for this student; where two groups differ, the one that shows home the least."""
    kinds = set(
        session().scalars(
            sa.select(Policy.kind)
            .join(Membership, Membership.group_id == Policy.group_id)
            .where(Membership.person_id == student_id, holds(Policy, on=on), holds(Membership, on=on))
        )
    )
    return next((kind for kind in (Kind.CONVERSATION_ONLY, Kind.AT_MOMENT) if kind in kinds), Kind.STUDENT_CHOICE)


def set_policy(kind: Kind, *, group_id: int, begins_on: date, ends_on: date | None, by_id: int, at: datetime) -> None:
    """Set the policy of a group from a day on; the one that held until then ends there and stays in the history."""
    for earlier in session().scalars(sa.select(Policy).where(Policy.group_id == group_id)):
        if earlier.ends_on is None or earlier.ends_on > begins_on:
            earlier.ends_on = max(begins_on, earlier.begins_on)
    session().add(
        Policy(kind=kind, group_id=group_id, begins_on=begins_on, ends_on=ends_on, set_by_id=by_id, set_at=at)
    )
