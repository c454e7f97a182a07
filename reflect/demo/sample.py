"""A sample: the booklet of an invented student, for whoever wants to see what paper looks like."""

from datetime import UTC, date, datetime, time, timedelta

from reflect import places
from reflect.demo.texts import Voice, voices
from reflect.paper.booklet import Booklet, Shape
from reflect.paper.design import Design
from reflect.report.form_text import parse
from reflect.report.grammar import Kind
from reflect.school.people import Who
from reflect.trust.seen import Goal, Said, Seen

_SUBJECTS = {
    "nl": {"biologie": "Biologie", "geschiedenis": "Geschiedenis", "wiskunde-periode": "Wiskunde"},
    "en": {"biologie": "Biology", "geschiedenis": "History", "wiskunde-periode": "Mathematics"},
}
_WORDS = {"nl": ("Klas 2b", "Herfst", "Aardrijkskunde"), "en": ("Class 2b", "Autumn", "Geography")}
_STUDENT, _TEACHER = Who(0, "Noor el Amrani", "Noor"), Who(0, "Marleen de Wit", "Marleen")


def booklet(shape: Shape, *, design: Design, school: str, language: str, day: date) -> Booklet:
    """Give the pages for a talk a week after `day`."""
    group, round, waiting = _WORDS[language]
    reports = tuple(_report(number, file, language, day) for number, file in enumerate(_SUBJECTS[language]))
    return Booklet(
        student=_STUDENT, group=group, round=round, school=school, talk_on=day + timedelta(days=7),
        at_table=("Fatima el Amrani", "Carla Smit"), language=language, reports=reports, waiting=(waiting,),
        design=design, shape=shape,
    )  # fmt: skip


def _report(number: int, file: str, language: str, day: date) -> Seen:
    voice = voices(f"{file}.{language}", year=2)[0]
    path = places.FORMS / f"{voice.form}.{language}.md"
    form, answer = parse(path.read_text("utf-8"), source=path.name), voice.answer_for(_STUDENT.first)
    said = tuple(
        Said(section, voice.said.get(section.key, {}), answer.get(section.key, {}).get("text", ""), only_me=False)
        for section in form.sections
        if not section.private and section.kind is not Kind.LETTER
    )
    return Seen(
        id=number + 1, student=_STUDENT, teachers=(_TEACHER,), course=file, course_id=0,
        subject=_SUBJECTS[language][file], group="2b", round=_WORDS[language][1], language=language, form=form,
        state=None, since=None, said=said, remarks=(), overall=answer["overall"], in_words=(),
        closing_word=voice.closing.get("word", ""), goals=_goals(voice), pieces={}, handed_in_at=None,
        answered_at=datetime.combine(day, time(12), tzinfo=UTC), parts=frozenset(),
    )  # fmt: skip


def _goals(voice: Voice) -> tuple[Goal, ...]:
    said = ((voice.closing.get(f"{row}.goal", ""), voice.closing.get(f"{row}.notice", "")) for row in "abc")
    return tuple(Goal(words, notice) for words, notice in said if words)
