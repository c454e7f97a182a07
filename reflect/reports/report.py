"""A report: one student, one course, one round; its texts as revisions, its steps as history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, aliased, mapped_column

from reflect.db.base import Base
from reflect.db.session import add_or_find, execute, session
from reflect.errors import (
    AlreadyOpened,
    AnswerMissing,
    InvalidTransition,
    NotFound,
    QuestionMissing,
    ReasonMissing,
    RoundNotOpen,
    StudentHasLeft,
)
from reflect.reports.annotations import has_text
from reflect.reports.form_schema import CLOSING, OVERALL
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import DRAFT, TRANSITIONS, Action, Role, State
from reflect.school import ties
from reflect.school.people import Actor, Course, Group, Person, SchoolYear
from reflect.school.ties import ACTOR_ID, TODAY, DateExpr, PersonIdExpr

__all__ = [
    "CLOSING",
    "OVERALL",
    "Report",
    "Revision",
    "StateChange",
    "Voice",
    "group_code",
    "has_role",
    "lock",
    "lock_all",
    "reopened_by",
    "start_report",
    "teaches_report",
]


class Voice(StrEnum):
    """Whose text a revision is.

    REQUEST_NOTE is a teacher's draft of a note to a colleague (`reflect.peer_review`). It is
    saved by the same rules as the other two, and no reader of a report sees it.
    """

    STUDENT = "student"
    TEACHER = "teacher"
    REQUEST_NOTE = "request_note"


class Revision(Base):
    """What one voice wrote in one section at one moment; never changed, never removed by a user.

    `save_key`: "page.number", which names the save that brought it.
    `is_conflict`: it arrived when another text was there already, from another window or after
    the report was handed in. `settled_conflict_id`: the conflict that its writer settled with it.
    """

    __tablename__ = "revision"
    # A report refers to revisions by id ("the teacher sees until 41"), so SQLite must never give
    # an id out twice: AUTOINCREMENT.
    __table_args__ = (
        sa.Index("ix_revision_latest", "report_id", "voice", "section", "id"),
        # The same save is stored once, also when two requests bring it at the same moment.
        sa.UniqueConstraint("report_id", "voice", "section", "save_key"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    voice: Mapped[Voice]
    section: Mapped[str]
    content: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    written_at: Mapped[datetime]
    save_key: Mapped[str | None]
    is_conflict: Mapped[bool] = mapped_column(default=False)
    settled_conflict_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))


class StateChange(Base):
    """One step in the history of a report.

    `visible_revision_id_before` and `_after`: the report's `teacher_sees_until_revision_id`
    around the step.
    """

    __tablename__ = "state_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    action: Mapped[Action]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    from_state: Mapped[State]
    to_state: Mapped[State]
    reason: Mapped[str] = mapped_column(default="")
    visible_revision_id_before: Mapped[int | None]
    visible_revision_id_after: Mapped[int | None]


class Report(Base):
    """A report, and the last revision that each reader may see.

    `teacher_sees_until_revision_id`: of the student's revisions, by the teacher.
    `student_sees_until_revision_id`: of the teacher's revisions, by the student.
    `home_sees_until_revision_id`: of the teacher's revisions, by mentor and home.
    `home_sees_student_until_revision_id`: of the student's, by mentor and home: what the teacher
    had read when the answer was given.
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
    teacher_sees_until_revision_id: Mapped[int | None]
    student_sees_until_revision_id: Mapped[int | None]
    home_sees_until_revision_id: Mapped[int | None]
    home_sees_student_until_revision_id: Mapped[int | None]
    handed_in_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    def can(self, action: Action, *, by: Actor) -> bool:
        """Return whether TRANSITIONS allows this person this action now."""
        return self.state_allows(action) and has_role(TRANSITIONS[action].role, self, by)

    def state_allows(self, action: Action) -> bool:
        """Return whether anybody may take this action now."""
        return self.state in TRANSITIONS[action].from_states

    def ensure_can(self, action: Action, *, by: Actor) -> None:
        """Raise what prevents this action now.

        Raises NotFound, InvalidTransition, StudentHasLeft, QuestionMissing, AnswerMissing.
        """
        self._require_allowed(action, by=by)
        if action is Action.RETURN_WITH_QUESTION and not self._has_question():
            raise QuestionMissing
        if action is Action.ANSWER and not self._has_answer():
            raise AnswerMissing

    def hand_in(self, *, by: Actor, at: datetime) -> None:
        lock(self)
        newest_id = self._newest_revision_id()
        self._change_state(Action.HAND_IN, by=by, at=at, until_revision_id=newest_id)
        self.handed_in_at = at
        # A new hand-in can be taken back until a teacher opens it.
        self.opened_at = None

    def take_back(self, *, by: Actor, at: datetime) -> None:
        """Undo the hand-in. Raises AlreadyOpened once a teacher has read it."""
        lock(self)
        # Only for the student. To anybody else this report does not exist; see _require_allowed.
        if self.opened_at and self.state is State.HANDED_IN and has_role(Role.STUDENT, self, by):
            raise AlreadyOpened
        hand_in = session().scalars(_LAST_HAND_IN_SQL, {"report": self.id}).first()
        # A report that was returned with a question goes back to that state, not to a draft.
        state_before = hand_in.from_state if hand_in else DRAFT
        self._change_state(Action.TAKE_BACK, by=by, at=at, to_state=state_before)
        # The teacher sees again what they saw before this hand-in, and no more.
        self.teacher_sees_until_revision_id = (
            hand_in.visible_revision_id_before if hand_in else None
        )

    def return_with_question(self, *, by: Actor, at: datetime) -> None:
        """Return the report to the student. Raises QuestionMissing, StudentHasLeft."""
        lock(self)
        self.ensure_can(Action.RETURN_WITH_QUESTION, by=by)
        self._change_state(Action.RETURN_WITH_QUESTION, by=by, at=at)
        self.student_sees_until_revision_id = self._newest_revision_id()

    def answer(self, *, by: Actor, at: datetime) -> None:
        """Release the answer. Raises AnswerMissing without a text since the hand-in."""
        lock(self)
        self.ensure_can(Action.ANSWER, by=by)
        self._change_state(Action.ANSWER, by=by, at=at)
        self.student_sees_until_revision_id = self._newest_revision_id()
        # From here on mentor and home may read both voices: of the teacher what was answered, of
        # the student what the teacher had read. One id for both could let them read more.
        self.home_sees_until_revision_id = self.student_sees_until_revision_id
        self.home_sees_student_until_revision_id = self.teacher_sees_until_revision_id
        self.answered_at = at

    def close(self, *, by: Actor, at: datetime) -> None:
        lock(self)
        newest_id = self._newest_revision_id()
        self._change_state(Action.CLOSE, by=by, at=at, until_revision_id=newest_id)
        # The closing word is now part of what mentor and home may read.
        self.home_sees_student_until_revision_id = self.teacher_sees_until_revision_id

    def reopen(self, *, by: Actor, at: datetime, reason: str) -> None:
        """Let the student write again. Raises ReasonMissing, StudentHasLeft."""
        lock(self)
        self._require_allowed(Action.REOPEN, by=by)
        # The history of the report shows the reason.
        if not reason.strip():
            raise ReasonMissing
        self._change_state(Action.REOPEN, by=by, at=at, reason=reason.strip())

    def _require_allowed(self, action: Action, *, by: Actor) -> None:
        # Role before state: somebody without the role must not learn the state of the report.
        if not has_role(TRANSITIONS[action].role, self, by):
            raise NotFound
        if not self.state_allows(action):
            raise InvalidTransition
        # The report would wait for ever.
        if action in _ASKS_STUDENT and by.id != self.student_id and self._student_has_left(by):
            raise StudentHasLeft

    def _student_has_left(self, by: Actor) -> bool:
        return session().get_one(Person, self.student_id).has_left(on=by.today)

    def _change_state(
        self,
        action: Action,
        *,
        by: Actor,
        at: datetime,
        to_state: State | None = None,
        reason: str = "",
        until_revision_id: int | None = None,
    ) -> None:
        """Take an action and write it into the history.

        `to_state`: another one than the table names; `until_revision_id`: what the teacher sees
        from now on, if that changes.
        """
        self._require_allowed(action, by=by)
        change = StateChange(
            report_id=self.id,
            action=action,
            by_id=by.id,
            at=at,
            from_state=self.state,
            to_state=to_state or TRANSITIONS[action].to_state or self.state,
            reason=reason,
            visible_revision_id_before=self.teacher_sees_until_revision_id,
            visible_revision_id_after=self.teacher_sees_until_revision_id,
        )
        if until_revision_id is not None:
            change.visible_revision_id_after = until_revision_id
        session().add(change)
        self.state = change.to_state
        self.state_since = at
        self.teacher_sees_until_revision_id = change.visible_revision_id_after

    def _newest_revision_id(self) -> int:
        return execute(_NEWEST_ID_SQL, {"report": self.id}).scalar() or 0

    def _has_answer(self) -> bool:
        answer = self._answer_since_hand_in()
        return any(has_text(section, content) for section, content in answer.items())

    def _has_question(self) -> bool:
        overall = self._answer_since_hand_in().get(OVERALL, {})
        return bool(overall.get("question", "").strip())

    def _answer_since_hand_in(self) -> dict[str, dict[str, str]]:
        """Return the latest text of the teacher since the hand-in, by section."""
        handed_in_until = self.teacher_sees_until_revision_id or 0
        rows = execute(_ANSWER_SINCE_SQL, {"report": self.id, "upto": handed_in_until})
        # They are in the order of writing, so that the last of a section is the one that counts.
        return dict(rows.all())


# After these it is the student's turn to write.
_ASKS_STUDENT = (Action.RETURN_WITH_QUESTION, Action.REOPEN)
_REPORT_ID = sa.bindparam("report", type_=sa.Integer)
_LAST_HAND_IN_SQL = (
    sa.select(StateChange)
    .where(StateChange.report_id == _REPORT_ID, StateChange.action == Action.HAND_IN)
    .order_by(StateChange.id.desc())
    .limit(1)
)
# A conflict is no part of the report until its writer chose it; a note to a colleague never is.
_NEWEST_ID_SQL = sa.select(sa.func.max(Revision.id)).where(
    Revision.report_id == _REPORT_ID, ~Revision.is_conflict, Revision.voice != Voice.REQUEST_NOTE
)
_ANSWER_SINCE_SQL = (
    sa.select(Revision.section, Revision.content)
    .where(Revision.report_id == _REPORT_ID, Revision.voice == Voice.TEACHER)
    .where(~Revision.is_conflict, Revision.id > sa.bindparam("upto", type_=sa.Integer))
    .order_by(Revision.id)
)


def group_code(*, on: DateExpr) -> sa.ScalarSelect[str]:
    """Return the code of the student's group in the school year of a report and its course.

    What was written in 2b stays of 2b. Of two groups it is the one they came into last.
    """
    return (
        sa.select(Group.code)
        .join(ties.Membership, ties.Membership.group_id == Group.id)
        .where(ties.Membership.person_id == Report.student_id, ties.Membership.begins_on <= on)
        .where(Group.year_id == Course.year_id)
        .order_by(ties.Membership.begins_on.desc(), Group.code)
        .limit(1)
        .correlate(Report, Course)
        .scalar_subquery()
    )


def teaches_report(person_id: PersonIdExpr, *, on: DateExpr) -> ColumnElement[bool]:
    """Return the condition that this person is the teacher of a report.

    They teach its course; or they did until its year ended, of late, and it was still open then.
    """
    finishes = sa.and_(
        ties.may_finish_course(person_id, Report.course_id, on=on), _was_open_at_end_of_year()
    )
    return sa.or_(ties.teaches_course(person_id, Report.course_id, on=on), finishes)


def _was_open_at_end_of_year() -> ColumnElement[bool]:
    course, year, change = aliased(Course), aliased(SchoolYear), aliased(StateChange)
    # From the history, since a report may be opened again when its year is over.
    last_state = (
        sa.select(change.to_state)
        .join(course, course.id == Report.course_id)
        .join(year, year.id == course.year_id)
        .where(change.report_id == Report.id, change.at < year.ends_on)
        .order_by(change.id.desc())
        .limit(1)
        .correlate(Report)
        .scalar_subquery()
    )
    # Without a change it was still the draft that it begins as.
    return sa.func.coalesce(last_state, DRAFT).not_in([State.ANSWERED, State.CLOSED])


_TEACHES_SQL = sa.select(Report.id).where(
    Report.id == _REPORT_ID, teaches_report(ACTOR_ID, on=TODAY)
)


def lock(report: Report) -> None:
    """Hold the row of this report until the commit, and read it as it is now.

    Every verb begins with it, so that two of them never decide by the same state. An SQLite
    transaction that writes is the only one; PostgreSQL has many, which wait here for each other.
    What only refers to the row, such as a reading in the access log, does not wait.
    """
    current = session()
    # A refresh forgets what was changed here and is not written yet.
    current.flush()
    current.refresh(report, with_for_update={"key_share": True})


def lock_all(report_ids: list[int]) -> None:
    """Hold the rows of these reports until the commit, as `lock` does; it reads none of them."""
    if not report_ids:
        return
    rows_sql = sa.select(Report.id).where(Report.id.in_(report_ids)).order_by(Report.id)
    session().execute(rows_sql.with_for_update(key_share=True))


def has_role(role: Role, report: Report, by: Actor) -> bool:
    """Return whether this person has the relation to the report that an action asks for."""
    # Role.EITHER is the student here, or else a teacher of the course below.
    if role is not Role.TEACHER and report.student_id == by.id:
        return True
    if role is Role.STUDENT:
        return False
    params = {"actor_id": by.id, "today": by.today, "report": report.id}
    return execute(_TEACHES_SQL, params).scalar() is not None


# What decides how far others may read a report.
_READABLE_UNTIL = (
    Report.state,
    Report.opened_at,
    Report.teacher_sees_until_revision_id,
    Report.student_sees_until_revision_id,
    Report.home_sees_until_revision_id,
    Report.home_sees_student_until_revision_id,
)
_READABLE_UNTIL_SQL = sa.select(Report.id, *_READABLE_UNTIL).where(
    Report.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer))
)


def have_changed(reports: Iterable[Report]) -> bool:
    """Return whether something of how far others may read these changed since they were loaded."""
    loaded = {
        (report.id, *(getattr(report, column.key) for column in _READABLE_UNTIL))
        for report in reports
    }
    rows = execute(_READABLE_UNTIL_SQL, {"ids": [values[0] for values in loaded]})
    return loaded != set(map(tuple, rows))


def reopened_by() -> sa.ColumnElement[int | None]:
    """Return who opened a report again that goes on since; NULL when its teacher asked on."""
    last_change = (
        sa.select(sa.case((StateChange.action == Action.REOPEN, StateChange.by_id)))
        .where(StateChange.report_id == Report.id)
        .where(StateChange.action.in_((Action.REOPEN, Action.RETURN_WITH_QUESTION)))
        .order_by(StateChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Looked up for no other state.
    return sa.case((Report.state == State.RETURNED, last_change))


def report_ids_answered_since(*, since: datetime) -> list[int]:
    """Return the reports answered or closed since then: what is printed of them has changed."""
    report_ids = sa.select(StateChange.report_id).where(
        StateChange.action.in_((Action.ANSWER, Action.CLOSE)), StateChange.at >= since
    )
    return list(session().scalars(report_ids.distinct()))


def start_report(round_id: int, *, course_id: int, by: Actor, at: datetime) -> Report:
    """Return my report in this round and course, begun now if it was not.

    Raises NotFound (not my course, or no round of it) and RoundNotOpen.
    """
    own_report_sql = sa.select(Report).where(
        Report.student_id == by.id, Report.course_id == course_id, Report.round_id == round_id
    )
    existing = session().scalar(own_report_sql)
    if existing:
        return existing
    enrolment_sql = sa.select(ties.Enrolment.id).where(
        ties.Enrolment.person_id == by.id,
        ties.Enrolment.course_id == course_id,
        ties.is_current(ties.Enrolment, on=by.today),
    )
    round_course = session().get(RoundCourse, (round_id, course_id))
    report_round = session().get(Round, round_id)
    if round_course is None or report_round is None or session().scalar(enrolment_sql) is None:
        raise NotFound
    if report_round.opens_on > by.today:
        raise RoundNotOpen
    report = Report(
        student_id=by.id,
        course_id=course_id,
        round_id=round_id,
        form_id=round_course.form_id,
        state_since=at,
    )
    # Two tabs may begin the report at the same moment: both get the same one.
    return add_or_find(report, own_report_sql)
