"""The demo school: a finished round and a running one, filled through the same verbs that people use."""

import random
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from reflect import places
from reflect.demo import colleagues
from reflect.demo.people import School, settle
from reflect.demo.texts import Voice, voices
from reflect.paper.design import FOLDER
from reflect.report import remark, remarking, writing
from reflect.report import report as reports
from reflect.report.form import Form, forms, keep_library
from reflect.report.life import Verb
from reflect.report.report import CLOSING, Report
from reflect.report.round import Round, RoundCourse
from reflect.school.people import Me, Person
from reflect.store import keep, session
from reflect.trust import policy, read, share
from reflect.trust.reading import Door

FINISHED, RUNNING = "Herfst", "Winter"
_FAR = timedelta(days=110)  # ties hold from so long ago, so that the finished round fits in every month of the year


@dataclass(frozen=True)
class Scene:
    """How far one report has come: how much of it is written, and the steps that were taken."""

    share_of_sections: float
    steps: tuple[str, ...]


SCENES = {
    "not_begun": Scene(0, ()),
    "draft": Scene(0.4, ()),
    "nearly": Scene(0.8, ()),
    "handed_in": Scene(1, ("hand_in",)),
    "opened": Scene(1, ("hand_in", "open")),
    "answering": Scene(1, ("hand_in", "open", "half_answer")),
    "returned": Scene(1, ("hand_in", "open", "ask_on")),
    "answered": Scene(1, ("hand_in", "open", "answer")),
    "closed": Scene(1, ("hand_in", "open", "answer", "close")),
    "reopened": Scene(1, ("hand_in", "open", "answer", "close", "reopen")),
}
_RUNNING = ("not_begun", "draft", "nearly", "handed_in", "opened", "answering", "returned", "answered", "closed",
            "draft", "handed_in", "not_begun")  # fmt: skip
_CAST = {  # what a visitor meets first
    ("Noor", "wiskunde"): "not_begun", ("Noor", "nederlands"): "answered", ("Noor", "engels"): "draft",
    ("Noor", "biologie"): "closed", ("Noor", "geschiedenis"): "returned", ("Noor", "aardrijkskunde"): "handed_in",
    ("Sam", "wiskunde"): "handed_in", ("Sam", "nederlands"): "draft",
}  # fmt: skip


def is_there() -> bool:
    return session().scalar(sa.select(sa.func.min(Person.id))) is not None


def make(*, today: date, at: datetime) -> None:
    """Make the whole school as it would be today, and keep it."""
    year = today.year if today.month >= 8 else today.year - 1
    made = settle(year_begins=date(year, 8, 1), year_ends=date(year + 1, 8, 1), begins_on=today - _FAR)
    forms = keep_library(at - _FAR)
    finished = _round(made, FINISHED, today=today, days=(-75, -40, -18))
    running = _round(made, RUNNING, today=today, days=(-20, 8, 22))
    for subject, group in made.courses:
        _fill(
            made, finished, subject=subject, group=group, form=_form(made, forms, subject, group, finished), today=today
        )
        _fill(
            made, running, subject=subject, group=group, form=_form(made, forms, subject, group, running), today=today
        )
    _tell_at_home(made, at=at)
    _policies(made, today=today, at=at)
    colleagues.work_together(made, running.id, at=at)
    keep()


def dress(data: Path) -> None:
    """Give the school paper of its own, unless somebody did already."""
    folder = data / FOLDER
    if not folder.exists():
        shutil.copytree(places.DEMO_PAPER, folder)


def _round(made: School, name: str, *, today: date, days: tuple[int, int, int]) -> Round:
    opens, hands_in, talks = (_school_day(today + timedelta(days=apart)) for apart in days)
    found = Round(name=name, year_id=made.year.id, opens_on=opens, hand_in_on=hands_in, conversation_on=talks)
    session().add(found)
    session().flush()
    return found


def _school_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _file(made: School, subject: str, group: str, round: Round) -> str:
    language = "en" if made.languages[group] == "en" and subject in made.english else "nl"
    is_test = subject == "wiskunde" and round.name == FINISHED and group != "2b"
    name = ("wiskunde-toets" if is_test else "wiskunde-periode") if subject == "wiskunde" else subject
    return f"{name}.{language}"


def _form(made: School, forms: dict[tuple[str, str], Form], subject: str, group: str, round: Round) -> Form:
    slug, language = _file(made, subject, group, round).split(".")
    form = forms[slug if subject == "wiskunde" else "periode", language]
    session().add(RoundCourse(round_id=round.id, course_id=made.courses[subject, group].id, form_id=form.id))
    session().flush()
    return form


def _fill(made: School, round: Round, *, subject: str, group: str, form: Form, today: date) -> None:
    chance = random.Random(f"{round.name} {subject} {group}")  # noqa: S311 - a demo must come out the same each time
    found = list(voices(_file(made, subject, group, round), year=int(group[0])))
    chance.shuffle(found)
    course = made.courses[subject, group]
    for number, student in enumerate(made.students[group]):
        name = _scene(round, subject, student, number, chance)
        if name == "not_begun":
            continue
        telling = _Telling(made, round, student, made.teacher_of(subject, group), today=today, chance=chance)
        telling.tell(SCENES[name], course_id=course.id, form=form, voice=found[number % len(found)])


def _scene(round: Round, subject: str, student: Person, number: int, chance: random.Random) -> str:
    if round.name == FINISHED:
        return "reopened" if number == 17 and subject == "nederlands" else "answered" if number % 9 == 4 else "closed"
    return _CAST.get((student.given_name, subject)) or chance.choice(_RUNNING)


class _Telling:
    """One report being written, answered and rounded off, step after step, on believable days."""

    def __init__(
        self, made: School, round: Round, student: Person, teacher: Person, *, today: date, chance: random.Random
    ) -> None:
        self.made, self.round, self.chance = made, round, chance
        self.student, self.teacher = student, teacher
        self.last = last = min(today - timedelta(days=1), round.hand_in_on + timedelta(days=12))
        self.day, self.step = round.opens_on + timedelta(days=1), max(1, (last - round.opens_on).days // 8)

    def later(self) -> datetime:
        """Give the next moment: some days on, in the afternoon of a school day."""
        day = self.day + timedelta(days=self.chance.randint(1, self.step))
        monday = day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
        self.day = min(monday, max(self.day, _school_day(self.last)))
        minutes = self.chance.randint(0, 300)
        return datetime.combine(self.day, time(13), tzinfo=UTC) + timedelta(minutes=minutes)

    def me(self, person: Person) -> Me:
        return Me(id=person.id, name=person.name, first=person.given_name, on=self.day)

    def tell(self, scene: Scene, *, course_id: int, form: Form, voice: Voice) -> None:
        at = self.later()
        report = reports.begin(self.round.id, course_id=course_id, by=self.me(self.student), at=at)
        sections = [key for key in writing.sections_of(form.parsed, verb=Verb.WRITE) if key in voice.said]
        begun = sections[: max(1, round(len(sections) * scene.share_of_sections))]
        self._write(report, Verb.WRITE, self.student, {key: voice.said[key] for key in begun}, at)
        for step in scene.steps:
            getattr(self, f"_{step}")(report, voice)

    def _write(self, report: Report, verb: Verb, by: Person, words: dict[str, dict[str, str]], at: datetime) -> None:
        writing.save(report, words, verb=verb, version=2**62, key=None, by=self.me(by), at=at)

    def _hand_in(self, report: Report, _: Voice) -> None:
        at = self.later()
        report.hand_in(by=self.me(self.student), at=at)

    def _open(self, report: Report, _: Voice) -> None:
        at = self.later()
        read.read(report.id, by=self.me(self.teacher), at=at, door=Door.SCREEN)

    def _half_answer(self, report: Report, voice: Voice) -> None:
        words = voice.answer_for(self.student.given_name)
        self._write(
            report, Verb.WRITE_ANSWER, self.teacher, {"overall": {"seen": words["overall"]["seen"]}}, self.later()
        )

    def _ask_on(self, report: Report, voice: Voice) -> None:
        words = voice.answer_for(self.student.given_name)["overall"]
        at = self.later()
        asked = {"overall": {"seen": words["seen"], "question": words["question"]}}
        self._write(report, Verb.WRITE_ANSWER, self.teacher, asked, at)
        self._remark(report, voice, at)
        report.ask_on(by=self.me(self.teacher), at=at)

    def _answer(self, report: Report, voice: Voice) -> None:
        at = self.later()
        self._write(report, Verb.WRITE_ANSWER, self.teacher, voice.answer_for(self.student.given_name), at)
        self._remark(report, voice, at)
        report.answer(by=self.me(self.teacher), at=at)

    def _remark(self, report: Report, voice: Voice, at: datetime) -> None:
        """Write what this teacher says about passages, as by hand: by copying the words."""
        sent = {remark.section_of(f"{report.id:011}{number:011}"): one for number, one in enumerate(voice.remarks)}
        form = forms({report.form_id})[report.form_id]
        kept = remarking.contents(report, sent, form=form, texts=voice.said)
        self._write(report, Verb.WRITE_ANSWER, self.teacher, kept, at)

    def _close(self, report: Report, voice: Voice) -> None:
        at = self.later()
        self._write(report, Verb.WRITE_CLOSING, self.student, {CLOSING: voice.closing}, at)
        report.close(by=self.me(self.student), at=at)

    def _reopen(self, report: Report, _: Voice) -> None:
        at = self.later()
        reason = "Ik heb de opdracht intussen opnieuw gemaakt en wil daar nog iets over schrijven."
        report.reopen(by=self.me(self.student), at=at, reason=reason)


def _tell_at_home(made: School, *, at: datetime) -> None:
    """Some students shared a report of the finished round, and some of their parents have read it."""
    chance = random.Random("at home")  # noqa: S311 - a demo must come out the same each time
    begun = at - timedelta(days=17)
    for number, student in enumerate(one for group in made.students.values() for one in group):
        if number % 4 and student.given_name != "Noor":
            continue
        me = Me(id=student.id, name=student.name, first=student.given_name, on=begun.date())
        own = session().scalars(sa.select(Report).where(Report.student_id == student.id, Report.answered_at < begun))
        for report in list(own)[:2]:
            guardian = made.parents[student.id][0]
            share.share_with(report, person_id=guardian.id, begins_at=begun, ends_at=None, by=me, at=begun)
            if chance.random() < 0.6:
                evening = begun + timedelta(days=chance.randint(1, 9), hours=chance.randint(0, 3))
                reader = Me(id=guardian.id, name=guardian.name, first=guardian.given_name, on=evening.date())
                read.read(report.id, by=reader, at=evening, door=Door.SCREEN)


def _policies(made: School, *, today: date, at: datetime) -> None:
    coordinator = made.staff["coordinator"]
    policy.set_policy(
        policy.Kind.AT_MOMENT, group_id=made.groups["3a"].id, begins_on=today - timedelta(days=60), ends_on=None,
        by_id=coordinator.id, at=at - timedelta(days=61),
    )  # fmt: skip
