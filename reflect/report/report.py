"""A report: one student, one course, one round; its two voices as append-only revisions, its steps as history."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import AlreadyOpened, AnswerMissing, NotFound, NotNow, QuestionMissing, ReasonMissing, RoundNotOpen
from reflect.report import remark
from reflect.report.grammar import CLOSING, OVERALL
from reflect.report.life import DRAFT, STEPS, Actor, State, Verb
from reflect.report.round import Round, RoundCourse
from reflect.school import ties
from reflect.school.people import Me
from reflect.store import Base, ask, session

__all__ = ["CLOSING", "OVERALL", "Report", "Revision", "StepTaken", "Voice", "acts_as", "begin"]


class Voice(StrEnum):
    """Who speaks. What is said between teachers (a note to a colleague, before it is sent) is in no report."""

    STUDENT = "student"
    TEACHER = "teacher"
    BETWEEN = "between"


class Revision(Base):
    """What one voice wrote in one section at one moment; never changed, never removed by a user's act.

    `kept_aside`: it arrived when another text already stood there (a second tab, a report handed in meanwhile).
    `settles`: the text put aside about which the writer chose with this one. `save_key`: "page.number".
    """

    __tablename__ = "revision"
    __table_args__ = (
        sa.Index("ix_revision_latest", "report_id", "voice", "section", "id"),
        sa.UniqueConstraint("report_id", "voice", "section", "save_key"),
        {"sqlite_autoincrement": True},  # a mark names a revision: its number must never come back
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    voice: Mapped[Voice]
    section: Mapped[str]
    content: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    written_at: Mapped[datetime]
    save_key: Mapped[str | None]
    kept_aside: Mapped[bool] = mapped_column(default=False)
    settles: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))


class StepTaken(Base):
    """One step in the life of a report; `upto` is the hand-in mark it left, `upto_before` the one it found."""

    __tablename__ = "step_taken"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    verb: Mapped[Verb]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    from_state: Mapped[State]
    to_state: Mapped[State]
    reason: Mapped[str] = mapped_column(default="")
    upto_before: Mapped[int | None]
    upto: Mapped[int | None]


class Report(Base):
    """`handed_in_upto`, `given_upto`, `answered_upto`: the last revision that, in turn, the teacher may read of the
    student, the student of the teacher, and mentor and home of both. The voices take turns, so a mark is one number.
    """

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("student_id", "course_id", "round_id"),
        sa.Index("ix_report_course_round", "course_id", "round_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), index=True)
    form_id: Mapped[int] = mapped_column(sa.ForeignKey("form.id"))
    state: Mapped[State] = mapped_column(default=DRAFT)
    state_since: Mapped[datetime]
    handed_in_upto: Mapped[int | None]
    given_upto: Mapped[int | None]
    answered_upto: Mapped[int | None]
    handed_in_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    def may(self, verb: Verb, *, by: Me) -> bool:
        """Say whether this person could take this step now, as far as the table goes."""
        return self.is_time_to(verb) and acts_as(STEPS[verb].actor, self, by)

    def is_time_to(self, verb: Verb) -> bool:
        """Say whether this step can be taken now, by whoever has the tie that it asks for."""
        return self.state in STEPS[verb].states

    def check(self, verb: Verb, *, by: Me) -> None:
        """Raise what stands in the way of this step now: NotFound, NotNow, QuestionMissing, AnswerMissing."""
        self._allowed(verb, by=by)
        if verb is Verb.ASK_ON and not self._standing().get(OVERALL, {}).get("question", "").strip():
            raise QuestionMissing
        if verb is Verb.ANSWER and not self._is_answered():
            raise AnswerMissing

    def hand_in(self, *, by: Me, at: datetime) -> None:
        self._step(Verb.HAND_IN, by=by, at=at, upto=self._newest())
        self.handed_in_at, self.opened_at = at, None

    def take_back(self, *, by: Me, at: datetime) -> None:
        """Raises AlreadyOpened once a teacher has read it."""
        if self.opened_at and self.state is State.HANDED_IN and acts_as(Actor.STUDENT, self, by):
            raise AlreadyOpened
        last = session().scalars(
            sa.select(StepTaken)
            .where(StepTaken.report_id == self.id, StepTaken.verb == Verb.HAND_IN)
            .order_by(StepTaken.id.desc())
        ).first()  # fmt: skip
        self._allowed(Verb.TAKE_BACK, by=by)
        self._step(Verb.TAKE_BACK, by=by, at=at, to=last.from_state if last else DRAFT)
        self.handed_in_upto = last.upto_before if last else None

    def ask_on(self, *, by: Me, at: datetime) -> None:
        """Return the report with a question. Raises QuestionMissing."""
        self.check(Verb.ASK_ON, by=by)
        self._step(Verb.ASK_ON, by=by, at=at)
        self.given_upto = self._newest()

    def answer(self, *, by: Me, at: datetime) -> None:
        """Give the answer. Raises AnswerMissing when the teacher wrote nothing since the hand-in."""
        self.check(Verb.ANSWER, by=by)
        self._step(Verb.ANSWER, by=by, at=at)
        self.given_upto = self.answered_upto = self._newest()
        self.answered_at = at

    def close(self, *, by: Me, at: datetime) -> None:
        self._step(Verb.CLOSE, by=by, at=at, upto=self._newest())
        self.answered_upto = self.handed_in_upto

    def reopen(self, *, by: Me, at: datetime, reason: str) -> None:
        """Raises ReasonMissing."""
        if self._allowed(Verb.REOPEN, by=by) and not reason.strip():
            raise ReasonMissing
        self._step(Verb.REOPEN, by=by, at=at, reason=reason.strip())

    def _allowed(self, verb: Verb, *, by: Me) -> bool:
        if not acts_as(STEPS[verb].actor, self, by):
            raise NotFound
        if self.state not in STEPS[verb].states:
            raise NotNow
        return True

    def _step(
        self, verb: Verb, *, by: Me, at: datetime, to: State | None = None, reason: str = "", upto: int | None = None
    ) -> None:
        self._allowed(verb, by=by)
        before, after = self.state, to or STEPS[verb].to or self.state
        mark = self.handed_in_upto if upto is None else upto
        session().add(
            StepTaken(report_id=self.id, verb=verb, by_id=by.id, at=at, from_state=before, to_state=after,
                      reason=reason, upto_before=self.handed_in_upto, upto=mark)
        )  # fmt: skip
        self.state, self.state_since, self.handed_in_upto = after, at, mark

    def _newest(self) -> int:
        return ask(_NEWEST, {"report": self.id}).scalar() or 0

    def _is_answered(self) -> bool:
        """Say whether the teacher wrote, since the hand-in, anything that still stands."""
        return any(remark.says(section, content) for section, content in self._standing().items())

    def _standing(self) -> dict[str, dict[str, str]]:
        """Give what the teacher wrote since the hand-in, as it stands now, by section."""
        rows = ask(_SINCE, {"report": self.id, "upto": self.handed_in_upto or 0})
        return dict(rows.all())  # the last of each section is what stands


_REPORT = sa.bindparam("report", type_=sa.Integer)
_NEWEST = sa.select(sa.func.max(Revision.id)).where(
    Revision.report_id == _REPORT, ~Revision.kept_aside, Revision.voice != Voice.BETWEEN
)
_SINCE = (
    sa.select(Revision.section, Revision.content)
    .where(Revision.report_id == _REPORT, Revision.voice == Voice.TEACHER, ~Revision.kept_aside)
    .where(Revision.id > sa.bindparam("upto", type_=sa.Integer))
    .order_by(Revision.id)
)
_TEACHES = sa.select(ties.teaches(ties.ME, sa.bindparam("course", type_=sa.Integer), on=ties.ON))


def acts_as(actor: Actor, report: Report, by: Me) -> bool:
    """Say whether this person has the tie to the report that such a step asks for."""
    if actor is not Actor.TEACHER and report.student_id == by.id:
        return True
    if actor is Actor.STUDENT:
        return False
    return bool(ask(_TEACHES, {"me": by.id, "on": by.on, "course": report.course_id}).scalar())


def answered_or_closed(*, since: datetime) -> list[int]:
    """Give the reports that were answered or closed since then: what paper shows of them is new."""
    steps = sa.select(StepTaken.report_id).where(StepTaken.verb.in_((Verb.ANSWER, Verb.CLOSE)), StepTaken.at >= since)
    return list(session().scalars(steps.distinct()))


def begin(round_id: int, *, course_id: int, by: Me, at: datetime) -> Report:
    """Begin a report, or give the one already begun. Raises NotFound (not my course or round) and RoundNotOpen."""
    known = session().scalar(
        sa.select(Report).where(
            Report.student_id == by.id, Report.course_id == course_id, Report.round_id == round_id
        )
    )  # fmt: skip
    if known:
        return known
    enrolled = sa.select(ties.Enrolment.id).where(
        ties.Enrolment.person_id == by.id, ties.Enrolment.course_id == course_id, ties.holds(ties.Enrolment, on=by.on)
    )
    row = session().get(RoundCourse, (round_id, course_id))
    round = session().get(Round, round_id)
    if row is None or round is None or session().scalar(enrolled) is None:
        raise NotFound
    if round.opens_on > by.on:
        raise RoundNotOpen
    report = Report(student_id=by.id, course_id=course_id, round_id=round_id, form_id=row.form_id, state_since=at)
    session().add(report)
    session().flush()
    return report
