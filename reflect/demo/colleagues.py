"""The demo's colleagues at work: their phrases, and one draft answer that is reviewed."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect.access import report_loading
from reflect.db.session import session
from reflect.demo.people import DemoSchool
from reflect.peer_review import reviews
from reflect.peer_review.reviews import BASED_ON_FIELD
from reflect.reports import snippets
from reflect.reports.report import OVERALL, Report, Revision, Voice
from reflect.reports.workflow import State

_OWN_SNIPPETS = [
    ("dewit", "Je schrijft wat je dacht toen het misging, {naam}. Daar kun je verder mee."),
    ("dewit", "Je nam je voor: {voornemen}. Wat merkte je daarvan in deze periode?"),
    ("dewit", "Teken eerst de situatie, en schrijf daarna pas de vergelijking op."),
    ("bakker", "Welke stap zou je aan een klasgenoot uitleggen, en hoe?"),
]
_SHARED_SNIPPETS = [
    (
        "bakker",
        "Schrijf bij elke stap één woord over wat je doet, zoals ‘haakjes’ of ‘links en rechts’.",
    ),
    ("lindeman", "Kijk eens terug naar je eerste poging, {naam}: wat klopte daar al aan?"),
]
_NOTE = "Klinkt dit als een vraag waar je verder mee komt, of vul ik het al in?"
_SUGGESTED_END = "Welke zin daarvan zou je zelf nog eens willen lezen?"
_SUGGESTION_NOTE = "Mooi dat je begint met wat er staat."


def add_peer_work(school: DemoSchool, round_id: int, *, at: datetime) -> None:
    """Add phrases, and a request to review a draft answer, if there is one in this round."""
    maths = school.courses["wiskunde", "2b"]
    added_at = at - timedelta(days=9)
    for snippet_list, subject_id in ((_OWN_SNIPPETS, None), (_SHARED_SNIPPETS, maths.subject_id)):
        for owner_name, text in snippet_list:
            owner = school.by_name[owner_name].as_actor(at.date())
            snippets.add_snippet(text, subject_id=subject_id, by=owner, at=added_at)
    first_draft = (
        sa.select(Report)
        .join(Revision, Revision.report_id == Report.id)
        .where(Report.course_id == maths.id, Report.round_id == round_id)
        .where(Report.state == State.HANDED_IN, Revision.voice == Voice.TEACHER)
        .order_by(Report.id)
    )
    report = session().scalars(first_draft).first()
    if report is not None:
        _add_peer_review(report, school, at=at - timedelta(hours=2))


def _add_peer_review(report: Report, school: DemoSchool, *, at: datetime) -> None:
    teacher = school.by_name["dewit"].as_actor(at.date())
    trainee = school.by_name["lindeman"].as_actor(at.date())
    review = reviews.request_review(report, trainee.id, note=_NOTE, by=teacher, at=at)
    answered_at = at + timedelta(minutes=40)
    # Loaded as the colleague, whose reading is logged like any other.
    view = report_loading.load(report.id, by=trainee, at=answered_at)
    overall_revisions = sa.select(sa.func.max(Revision.id)).where(
        Revision.report_id == report.id, Revision.section == OVERALL
    )
    overall_suggestion = {
        "seen": f"{view.overall.get('seen', '')}\n\n{_SUGGESTED_END}",
        "note": _SUGGESTION_NOTE,
        # The answer that the colleague saw: a suggestion is compared with that.
        BASED_ON_FIELD: str(session().scalar(overall_revisions)),
    }
    reviews.save_suggestions(
        review,
        {OVERALL: overall_suggestion},
        base_version=0,
        save_key=None,
        by=trainee,
        at=answered_at,
    )
