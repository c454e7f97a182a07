"""The school's policy: what home sees of the students of a group, and from when until when."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.i18n import N_
from reflect.school.ties import DateExpr, Membership, Tie, is_current


class PolicyKind(StrEnum):
    """What home sees online.

    STUDENT_CHOICE: what the student shares. AT_MOMENT: also what is answered, from the day of the
    conversation on. CONVERSATION_ONLY: nothing; the mentor brings the report on paper.
    """

    STUDENT_CHOICE = "student_choice"
    AT_MOMENT = "at_moment"
    CONVERSATION_ONLY = "conversation_only"

    @property
    def notice(self) -> str:
        """What the student reads before sharing (a msgid); empty where there is nothing to say."""
        return _NOTICES[self]


_NOTICES = {
    PolicyKind.STUDENT_CHOICE: "",
    PolicyKind.AT_MOMENT: N_(
        "On the day of the conversation your school shows at home what has been answered. Before"
        " that, the telling is yours."
    ),
    PolicyKind.CONVERSATION_ONLY: N_(
        "Your school keeps reports for the conversation: nothing is shown at home online. Your"
        " mentor brings it on paper."
    ),
}


class Policy(Tie, Base):
    """The policy of a mentor group; a group without one has STUDENT_CHOICE."""

    __tablename__ = "policy"
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"), index=True)
    kind: Mapped[PolicyKind]
    set_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    set_at: Mapped[datetime]


def _has_policy(
    student_id: InstrumentedAttribute[int], kind: PolicyKind, *, on: DateExpr
) -> ColumnElement[bool]:
    return student_id.in_(
        sa.select(Membership.person_id)
        .join(Policy, Policy.group_id == Membership.group_id)
        # Both of today: the policy of a group that the student has left does not count.
        .where(Policy.kind == kind, is_current(Policy, on=on), is_current(Membership, on=on))
    )


def closes_online(student_id: InstrumentedAttribute[int], *, on: DateExpr) -> ColumnElement[bool]:
    """Return the condition that home sees nothing of this student online."""
    return _has_policy(student_id, PolicyKind.CONVERSATION_ONLY, on=on)


def shows_at_conversation(
    student_id: InstrumentedAttribute[int], *, on: DateExpr
) -> ColumnElement[bool]:
    """Return the condition that home sees what is answered from the conversation day on."""
    # A student may be in two groups: the stricter policy counts, as in `kind_for`.
    return sa.and_(
        _has_policy(student_id, PolicyKind.AT_MOMENT, on=on), ~closes_online(student_id, on=on)
    )


# A student may be in two groups: of their policies the one that shows home the least counts.
_STRICTEST_FIRST = (PolicyKind.CONVERSATION_ONLY, PolicyKind.AT_MOMENT, PolicyKind.STUDENT_CHOICE)


def kind_for(student_id: int, *, on: date) -> PolicyKind:
    """Return the policy that is in force for this student."""
    kinds_sql = (
        sa.select(Policy.kind)
        .join(Membership, Membership.group_id == Policy.group_id)
        .where(Membership.person_id == student_id)
        .where(is_current(Policy, on=on), is_current(Membership, on=on))
    )
    kinds = session().scalars(kinds_sql)
    return min(kinds, key=_STRICTEST_FIRST.index, default=PolicyKind.STUDENT_CHOICE)


def set_policy(
    kind: PolicyKind,
    *,
    group_id: int,
    begins_on: date,
    ends_on: date | None,
    by_id: int,
    at: datetime,
) -> None:
    """Set the policy of a group from a day on; the one before it ends there and is kept."""
    for earlier in session().scalars(sa.select(Policy).where(Policy.group_id == group_id)):
        if earlier.ends_on is None or earlier.ends_on > begins_on:
            # One that was to begin later ends before it begins: it never comes into force.
            earlier.ends_on = max(begins_on, earlier.begins_on)
    policy = Policy(
        kind=kind,
        group_id=group_id,
        begins_on=begins_on,
        ends_on=ends_on,
        set_by_id=by_id,
        set_at=at,
    )
    session().add(policy)
