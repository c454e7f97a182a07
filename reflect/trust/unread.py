"""Unread: what a mentor would be handed, for the press alone to lay out before anybody asks; nobody reads it.

No reading is noted, so nothing from here may reach a person. A contract in setup.cfg lets `reflect.paper.ahead` import
this module and nobody else, and what that gives back is a number.
"""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from reflect.report.report import Report
from reflect.school.lists import Named
from reflect.school.people import Group, Me, Person
from reflect.school.ties import Membership, Mentoring, holds
from reflect.store import session
from reflect.trust.read import hand_out_unnoted
from reflect.trust.seen import Seen


@dataclass(frozen=True)
class Talk:
    """A booklet that is going to be asked for: of a student, in a round, by a mentor of the group."""

    student_id: int
    round_id: int
    group: Named
    mentor: Me


def talks(report_ids: list[int], *, on: date) -> list[Talk]:
    """Give the talks that these reports come up in."""
    found = session().execute(
        sa.select(Report.student_id, Report.round_id, Group.id, Group.code, Group.name, Person)
        .join(Membership, Membership.person_id == Report.student_id)
        .join(Group, Group.id == Membership.group_id)
        .join(Mentoring, Mentoring.group_id == Group.id)
        .join(Person, Person.id == Mentoring.person_id)
        .where(Report.id.in_(report_ids), holds(Membership, on=on), holds(Mentoring, on=on))
        .distinct()
        .order_by(Report.student_id, Report.round_id, Group.id, Person.id)
    )
    return [
        Talk(student, round, Named(id, code, name), Me(id=mentor.id, name=mentor.name, first=mentor.given_name, on=on))
        for student, round, id, code, name, mentor in found
    ]


def would_see(report_ids: list[int], *, by: Me, at: datetime) -> list[Seen]:
    """Give these reports as `by` would be handed them at a print."""
    return hand_out_unnoted(report_ids, by=by, at=at)
