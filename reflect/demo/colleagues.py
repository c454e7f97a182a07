"""The demo's colleagues at work: phrases that they keep and share, and one draft answer that is read along."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect.demo.people import School
from reflect.report import phrase, reading_along
from reflect.report.life import State
from reflect.report.reading_along import UPON
from reflect.report.report import OVERALL, Report, Revision, Voice
from reflect.school.people import Me, Person
from reflect.store import session
from reflect.trust import read

_OWN = {
    "dewit": ("Je schrijft wat je dacht toen het misging, {naam}. Daar kun je verder mee.",
              "Je nam je voor: {voornemen}. Wat merkte je daarvan in deze periode?",
              "Teken eerst de situatie, en schrijf daarna pas de vergelijking op."),
    "bakker": ("Welke stap zou je aan een klasgenoot uitleggen, en hoe?",),
}  # fmt: skip
_SHARED = {
    "bakker": ("Schrijf bij elke stap één woord over wat je doet, zoals ‘haakjes’ of ‘links en rechts’.",),
    "lindeman": ("Kijk eens terug naar je eerste poging, {naam}: wat klopte daar al aan?",),
}  # fmt: skip
_NOTE = "Klinkt dit als een vraag waar je verder mee komt, of vul ik het al in?"


def work_together(made: School, round_id: int, *, at: datetime) -> None:
    maths = made.courses["wiskunde", "2b"]
    for kept, subject in ((_OWN, None), (_SHARED, maths.subject_id)):
        for name, texts in kept.items():
            for text in texts:
                phrase.write(text, subject_id=subject, by=_me(made.by_name[name], at), at=at - timedelta(days=9))
    half = session().scalars(
        sa.select(Report)
        .join(Revision, Revision.report_id == Report.id)
        .where(Report.course_id == maths.id, Report.round_id == round_id, Report.state == State.HANDED_IN)
        .where(Revision.voice == Voice.TEACHER)
        .order_by(Report.id)
    ).first()  # fmt: skip
    if half is not None:
        _read_along(half, made, at=at - timedelta(hours=2))


def _read_along(report: Report, made: School, *, at: datetime) -> None:
    teacher, trainee = (_me(made.by_name[name], at) for name in ("dewit", "lindeman"))
    asked = reading_along.ask(report, trainee.id, note=_NOTE, by=teacher, at=at)
    later = at + timedelta(minutes=40)
    seen = read.read(report.id, by=trainee, at=later)
    upon = session().scalar(
        sa.select(sa.func.max(Revision.id)).where(Revision.report_id == report.id, Revision.section == OVERALL)
    )
    words = f"{seen.overall.get('seen', '')}\n\nWelke zin daarvan zou je zelf nog eens willen lezen?"
    sent = {OVERALL: {"seen": words, "note": "Mooi dat je begint met wat er staat.", UPON: str(upon)}}
    reading_along.suggest(asked, sent, version=0, key=None, by=trainee, at=later)


def _me(person: Person, at: datetime) -> Me:
    return Me(id=person.id, name=person.name, first=person.given_name, on=at.date())
