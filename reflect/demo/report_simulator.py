"""One report of the demo being written, answered and closed, on believable days."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from reflect.access import report_loading
from reflect.access.access_log import Channel
from reflect.demo.sample_texts import Contents, SampleReport
from reflect.reports import annotation_input, annotations, revisions
from reflect.reports.forms import Form, forms_by_id
from reflect.reports.report import CLOSING, Report, start_report
from reflect.reports.rounds import Round
from reflect.reports.workflow import Action
from reflect.school.people import Actor, Person

# Later than any revision: the demo's pages always know the newest text.
_NEWEST_VERSION = 2**62


class ReportSimulator:
    """A student and a teacher at work on one report; each step is some days after the one before.

    `rng` decides on which days. The demo is the same each time when it is seeded.
    """

    def __init__(
        self,
        sample: SampleReport,
        *,
        round_: Round,
        student: Person,
        teacher: Person,
        today: date,
        rng: random.Random,
    ) -> None:
        self.sample = sample
        self.round = round_
        self.student = student
        self.teacher = teacher
        self.answer_texts = sample.answer_for(student.given_name)
        self.rng = rng
        # Never today: whatever a visitor does then comes after all of this.
        self.last_day = min(today - timedelta(days=1), round_.hand_in_on + timedelta(days=12))
        self.max_days_between = max(1, (self.last_day - round_.opens_on).days // 8)
        self.day = round_.opens_on + timedelta(days=1)

    def simulate(self, scenario: "Scenario", *, course_id: int, form: Form) -> None:
        """Write the report as far as the scenario says, and take its steps."""
        at = self._next_moment()
        report = start_report(
            self.round.id, course_id=course_id, by=self._actor(self.student), at=at
        )
        # In the order of the form, so that a draft is written from the top.
        form_keys = [section.key for section in form.schema.sections]
        sections = [key for key in form_keys if key in self.sample.sections]
        written_count = max(1, round(len(sections) * scenario.written_fraction))
        contents = {key: self.sample.sections[key] for key in sections[:written_count]}
        self._write(report, Action.WRITE, contents, by=self.student, at=at)
        for take_step in scenario.steps:
            take_step(self, report)

    def hand_in(self, report: Report) -> None:
        at = self._next_moment()
        report.hand_in(by=self._actor(self.student), at=at)

    def open(self, report: Report) -> None:
        at = self._next_moment()
        # Loaded as on a screen: that logs the reading, which opens the report for the student
        # too.
        report_loading.load(report.id, by=self._actor(self.teacher), at=at, channel=Channel.SCREEN)

    def begin_answer(self, report: Report) -> None:
        at = self._next_moment()
        contents = {"overall": {"seen": self.answer_texts["overall"]["seen"]}}
        self._write(report, Action.WRITE_ANSWER, contents, by=self.teacher, at=at)

    def return_with_question(self, report: Report) -> None:
        at = self._next_moment()
        overall = self.answer_texts["overall"]
        contents = {"overall": {name: overall[name] for name in ("seen", "question")}}
        self._write(report, Action.WRITE_ANSWER, contents, by=self.teacher, at=at)
        self._add_remarks(report, at)
        report.return_with_question(by=self._actor(self.teacher), at=at)

    def answer(self, report: Report) -> None:
        at = self._next_moment()
        self._write(report, Action.WRITE_ANSWER, self.answer_texts, by=self.teacher, at=at)
        self._add_remarks(report, at)
        report.answer(by=self._actor(self.teacher), at=at)

    def close(self, report: Report) -> None:
        at = self._next_moment()
        contents = {CLOSING: self.sample.closing}
        self._write(report, Action.WRITE_CLOSING, contents, by=self.student, at=at)
        report.close(by=self._actor(self.student), at=at)

    def reopen(self, report: Report) -> None:
        at = self._next_moment()
        reason = "Ik heb de opdracht intussen opnieuw gemaakt en wil daar nog iets over schrijven."
        report.reopen(by=self._actor(self.student), at=at, reason=reason)

    def _next_moment(self) -> datetime:
        """Return a moment some days later, in the afternoon of a school day."""
        day = self.day + timedelta(days=self.rng.randint(1, self.max_days_between))
        is_weekend = day.weekday() > 4
        school_day = day + timedelta(days=7 - day.weekday() if is_weekend else 0)
        # Never before the last step, also when the days until `last_day` are used up.
        self.day = min(school_day, max(self.day, last_school_day(self.last_day)))
        minutes = self.rng.randint(0, 300)
        return datetime.combine(self.day, time(13), tzinfo=UTC) + timedelta(minutes=minutes)

    def _actor(self, person: Person) -> Actor:
        return person.as_actor(self.day)

    def _write(
        self, report: Report, action: Action, contents: Contents, *, by: Person, at: datetime
    ) -> None:
        revisions.save(
            report,
            contents,
            action=action,
            base_version=_NEWEST_VERSION,
            save_key=None,
            by=self._actor(by),
            at=at,
        )

    def _add_remarks(self, report: Report, at: datetime) -> None:
        """Write the teacher's remarks as somebody without scripts would: by copying the words."""
        submitted = {
            annotations.section_name(f"{report.id:011}{number:011}"): remark
            for number, remark in enumerate(self.sample.remarks)
        }
        form = forms_by_id({report.form_id})[report.form_id]
        contents = annotation_input.annotation_contents(
            report, submitted, schema=form, texts=self.sample.sections
        )
        self._write(report, Action.WRITE_ANSWER, contents, by=self.teacher, at=at)


@dataclass(frozen=True)
class Scenario:
    """How far a report has come: which part of it is written, and the steps that were taken."""

    written_fraction: float
    steps: tuple[Callable[[ReportSimulator, Report], None], ...] = ()


_HANDED_IN = (ReportSimulator.hand_in,)
_OPENED = (*_HANDED_IN, ReportSimulator.open)
_ANSWERED = (*_OPENED, ReportSimulator.answer)
_CLOSED = (*_ANSWERED, ReportSimulator.close)

SCENARIOS = {
    "not_begun": Scenario(0),
    "draft": Scenario(0.4),
    "nearly": Scenario(0.8),
    "handed_in": Scenario(1, _HANDED_IN),
    "opened": Scenario(1, _OPENED),
    "answering": Scenario(1, (*_OPENED, ReportSimulator.begin_answer)),
    "returned": Scenario(1, (*_OPENED, ReportSimulator.return_with_question)),
    "answered": Scenario(1, _ANSWERED),
    "closed": Scenario(1, _CLOSED),
    "reopened": Scenario(1, (*_CLOSED, ReportSimulator.reopen)),
}


def last_school_day(day: date) -> date:
    """Return this day, or the Friday before it when it is in a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
