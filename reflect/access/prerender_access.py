"""What prerendering may load of other people's reports, without a reading in the access log.

A booklet is laid out before its mentor asks for it, and nobody reads it until then. So nothing
from here may reach a person: a contract in setup.cfg lets only `reflect.printing.prerender`
import this module, and that hands on nothing but a count.
"""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from reflect.access.report_loading import load_unlogged
from reflect.access.view_models import ReportView
from reflect.db.session import session
from reflect.reports.report import Report
from reflect.school.people import Actor, Group, Person
from reflect.school.queries import NamedRef
from reflect.school.ties import Membership, Mentoring, is_current


@dataclass(frozen=True)
class BookletTarget:
    """A booklet that will be asked for: of a student, in a round, by a mentor of the group."""

    student_id: int
    round_id: int
    group: NamedRef
    mentor: Actor


def booklet_targets(report_ids: list[int], *, on: date) -> list[BookletTarget]:
    """Return the booklets that these reports come into, one for each mentor of the student."""
    targets_sql = (
        sa.select(Report.student_id, Report.round_id, Group.id, Group.code, Group.name, Person)
        .join(Membership, Membership.person_id == Report.student_id)
        .join(Group, Group.id == Membership.group_id)
        .join(Mentoring, Mentoring.group_id == Group.id)
        .join(Person, Person.id == Mentoring.person_id)
        .where(Report.id.in_(report_ids))
        # Mentors and groups of today, since the pages are rendered as such a mentor would see
        # them.
        .where(is_current(Membership, on=on), is_current(Mentoring, on=on))
        .distinct()
        .order_by(Report.student_id, Report.round_id, Group.id, Person.id)
    )
    return [
        BookletTarget(student_id, round_id, NamedRef(group_id, code, name), mentor.as_actor(on))
        for student_id, round_id, group_id, code, name, mentor in session().execute(targets_sql)
    ]


def load_for_prerender(report_ids: list[int], *, by: Actor, at: datetime) -> list[ReportView]:
    """Return these reports as `by` would see them in a print."""
    return load_unlogged(report_ids, by=by, at=at)
