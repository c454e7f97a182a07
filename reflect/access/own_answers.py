"""What I wrote in my other answers of a course and round; my own texts, and so no reading."""

from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from reflect.access.permissions import can_see, viewer_params
from reflect.access.view_models import ReportPart
from reflect.db.session import session
from reflect.reports.report import Report, Revision, Voice
from reflect.school.people import Actor, Person, PersonRef, by_surname
from reflect.school.ties import ACTOR_ID


@lru_cache(maxsize=1)
def _own_texts_sql() -> sa.Select[dict[str, str], Person]:
    report_id = sa.bindparam("report", type_=sa.Integer)
    this_report = (
        sa.select(Report.course_id, Report.round_id).where(Report.id == report_id).subquery()
    )
    is_same_course_and_round = sa.and_(
        this_report.c.course_id == Report.course_id, this_report.c.round_id == Report.round_id
    )
    latest_ids = (
        sa.select(sa.func.max(Revision.id))
        .join(Report, Report.id == Revision.report_id)
        .join(this_report, is_same_course_and_round)
        .where(Report.id != report_id, Revision.voice == Voice.TEACHER, ~Revision.is_conflict)
        .group_by(Revision.report_id, Revision.section)
    )
    return (
        sa.select(Revision.content, Person)
        .join(Report, Report.id == Revision.report_id)
        .join(Person, Person.id == Report.student_id)
        # The newest text of a section may be a colleague's, and then mine is in no answer any
        # more.
        .where(Revision.id.in_(latest_ids), Revision.by_id == ACTOR_ID)
        .where(can_see(ReportPart.FEEDBACK_DRAFT))
        .order_by(Revision.id)
    )


def own_texts_by_student(report_id: int, *, by: Actor, at: datetime) -> dict[PersonRef, list[str]]:
    """Return the current texts of my answers, draft or not, to the other students.

    Those of the course and round of this report.
    """
    params = {**viewer_params(by, at=at), "report": report_id}
    texts: dict[PersonRef, list[str]] = {}
    for content, student in session().execute(_own_texts_sql(), params):
        texts.setdefault(student.ref, []).extend(content.values())
    return {student_ref: texts[student_ref] for student_ref in by_surname(texts)}
