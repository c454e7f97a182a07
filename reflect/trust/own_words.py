"""Own words: what I wrote myself in the answers of one course and round; mine already, so no reading."""

from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from reflect.report.report import Report, Revision, Voice
from reflect.school.people import Me, Person, Who
from reflect.school.ties import ME
from reflect.store import session
from reflect.trust.seen import Part
from reflect.trust.sight import here, sees


@lru_cache(maxsize=1)
def _statement() -> sa.Select[dict[str, str], Person]:
    asked = sa.bindparam("report", type_=sa.Integer)
    this = sa.select(Report.course_id, Report.round_id).where(Report.id == asked).subquery()
    newest = (
        sa.select(sa.func.max(Revision.id))
        .join(Report, Report.id == Revision.report_id)
        .join(this, sa.and_(this.c.course_id == Report.course_id, this.c.round_id == Report.round_id))
        .where(Report.id != asked, Revision.voice == Voice.TEACHER, ~Revision.kept_aside)
        .group_by(Revision.report_id, Revision.section)
    )
    return (
        sa.select(Revision.content, Person)
        .join(Report, Report.id == Revision.report_id)
        .join(Person, Person.id == Report.student_id)
        .where(Revision.id.in_(newest), Revision.by_id == ME, sees(Part.FEEDBACK_DRAFT))
        .order_by(Person.given_name, Person.family_name, Person.id)
    )


def beside(report_id: int, *, by: Me, at: datetime) -> dict[Who, list[str]]:
    """Give what stands of my words, draft or given, in the answers to the other students of this course and round."""
    found: dict[Who, list[str]] = {}
    for content, student in session().execute(_statement(), {**here(by, at=at), "report": report_id}):
        found.setdefault(student.who, []).extend(content.values())
    return found
