"""Peer review: a colleague, when asked, suggests other texts for a draft answer, never in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import InvalidReviewer, InvalidTransition, NoteTooLong, NotFound
from reflect.peer_review import request_note
from reflect.reports import conflicts, revisions
from reflect.reports.conflicts import Content, Outcome, PageSave, RevisionLike, SaveDecision
from reflect.reports.form_schema import FormSchema, Section
from reflect.reports.report import OVERALL, Report, Revision, Voice, has_role, lock
from reflect.reports.revisions import SaveResult
from reflect.reports.workflow import Action, Role, State
from reflect.school import queries
from reflect.school.people import Actor
from reflect.text.numbers import parse_id

MAX_NOTE_LENGTH = 1_000  # characters
# What the reviewer says to the teacher is kept as a suggestion for this field of no answer.
REVIEWER_COMMENT = (OVERALL, "note")
# "on" is the name in the HTML form: which revision of a section the page shows.
BASED_ON_FIELD = "on"


def reviewable_sections(schema: FormSchema) -> list[Section]:
    """Return the sections that a colleague reads."""
    return [section for section in schema.sections if not section.is_confidential]


class SuggestionDecision(StrEnum):
    """What the teacher did with a suggestion."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class ReviewRequest(Base):
    """A request to one colleague; open until one of the two ends it or the report moves on."""

    __tablename__ = "review_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    requested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reviewer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    note: Mapped[str]
    requested_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def end(self, *, by: Actor, at: datetime) -> None:
        """End the review. Raises NotFound for anybody but the two teachers."""
        if by.id not in (self.requested_by_id, self.reviewer_id):
            raise NotFound
        # Either of the two may end it. The moment of the first one stays.
        self.ended_at = self.ended_at or at


class Suggestion(Base):
    """Another text for one field of the answer; replaced by a newer one, never changed itself.

    `based_on_id`: the teacher's revision that the colleague had before them. `is_conflict`: it
    arrived when another text was already there, or when the review had ended.
    """

    __tablename__ = "suggestion"
    # The same save is stored once, also when two requests bring it at the same moment.
    __table_args__ = (sa.UniqueConstraint("review_request_id", "section", "field", "save_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    review_request_id: Mapped[int] = mapped_column(sa.ForeignKey("review_request.id"))
    section: Mapped[str]
    field: Mapped[str]
    text: Mapped[str]
    based_on_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    written_at: Mapped[datetime]
    save_key: Mapped[str | None]
    is_conflict: Mapped[bool]
    decision: Mapped[SuggestionDecision | None]
    decided_at: Mapped[datetime | None]

    @property
    def content(self) -> dict[str, str]:
        return {self.field: self.text}

    def accept(self, *, by: Actor, at: datetime) -> SaveResult:
        """Save it as the teacher's own text; a conflict if the field was changed meanwhile.

        Raises NotFound, InvalidTransition.
        """
        report = self._writable_report(by=by)
        newest_id = revisions.newest_revision_id(report, voice=Voice.TEACHER)
        # A second click, or another tab: the decision stays.
        if self.decision is not None:
            return SaveResult(outcomes={}, version=newest_id)
        answer = revisions.latest_revisions([report.id], voice=Voice.TEACHER)[report.id]
        current = dict(answer[self.section].content) if self.section in answer else {}
        base_revision = _get_revision(self.based_on_id)
        base = base_revision.content if base_revision else {}
        # What the teacher did to the other fields of the section meanwhile is no conflict.
        is_unchanged = current.get(self.field, "") == base.get(self.field, "")
        self.decision = SuggestionDecision.ACCEPTED
        self.decided_at = at
        return revisions.save(
            report,
            {self.section: {**current, self.field: self.text}},
            action=Action.WRITE_ANSWER,
            # With an older base version `save` keeps it as a conflict, and the teacher chooses.
            base_version=newest_id if is_unchanged else self.based_on_id or 0,
            save_key=None,
            by=by,
            at=at,
        )

    def decline(self, *, by: Actor, at: datetime) -> None:
        """Decline it, unless it was decided on. Raises NotFound, InvalidTransition."""
        self._writable_report(by=by)
        if self.decision is None:
            self.decision = SuggestionDecision.DECLINED
            self.decided_at = at

    def _writable_report(self, *, by: Actor) -> Report:
        """Return the report of which this teacher may write the answer now."""
        review_request = session().get_one(ReviewRequest, self.review_request_id)
        # The comment is no text for the answer, so it cannot be accepted into it.
        is_comment = (self.section, self.field) == REVIEWER_COMMENT
        if review_request.requested_by_id != by.id or is_comment:
            raise NotFound
        report = session().get_one(Report, review_request.report_id)
        lock(report)
        session().refresh(self)  # the other tab, which held the lock, may have decided on it
        if not report.can(Action.WRITE_ANSWER, by=by):
            raise InvalidTransition
        return report


def request_review(
    report: Report, reviewer_id: int, *, note: str, by: Actor, at: datetime
) -> ReviewRequest:
    """Ask a colleague for a review, or return the request of mine to them that is open.

    Raises NotFound, InvalidTransition, InvalidReviewer, NoteTooLong.
    """
    if not has_role(Role.TEACHER, report, by):
        raise NotFound
    lock(report)
    if not report.can(Action.WRITE_ANSWER, by=by):
        raise InvalidTransition
    # Nobody but a teacher of the course may see a draft answer.
    colleagues = queries.colleagues_of_course(report.course_id, by=by)
    if reviewer_id not in {colleague.id for colleague in colleagues}:
        raise InvalidReviewer
    note = note.strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise NoteTooLong
    # Asked twice, for example from two tabs: this stays one request.
    if open_request := _open_request(report, reviewer_id, by=by):
        return open_request
    review_request = ReviewRequest(
        report_id=report.id,
        requested_by_id=by.id,
        reviewer_id=reviewer_id,
        note=note,
        requested_at=at,
    )
    session().add(review_request)
    session().flush()
    # In the same transaction, so that the note is never in both places and never in neither.
    request_note.clear_note(report, by=by, at=at)
    return review_request


def _open_request(report: Report, reviewer_id: int, *, by: Actor) -> ReviewRequest | None:
    open_request_sql = (
        sa.select(ReviewRequest)
        .join(Report, Report.id == ReviewRequest.report_id)
        .where(Report.id == report.id, ReviewRequest.reviewer_id == reviewer_id)
        .where(ReviewRequest.requested_by_id == by.id, request_is_open())
    )
    return session().scalars(open_request_sql).first()


def request_is_open() -> sa.ColumnElement[bool]:
    """Return the condition that a request, joined to its report, is about what is handed in now."""
    # A report that was handed in again has other texts, and an older request is not about these.
    same_hand_in = sa.and_(
        Report.state == State.HANDED_IN, Report.handed_in_at <= ReviewRequest.requested_at
    )
    return sa.and_(ReviewRequest.ended_at.is_(None), same_hand_in)


def suggestions_of(request_ids: Iterable[int]) -> list[Suggestion]:
    """Return all that was suggested in these reviews, the oldest first."""
    ids = list(request_ids)
    if not ids:
        return []
    suggestions_sql = sa.select(Suggestion).where(Suggestion.review_request_id.in_(ids))
    return list(session().scalars(suggestions_sql.order_by(Suggestion.id)))


def newest_suggestion_id(review_request: ReviewRequest) -> int:
    """Return the newest suggestion of a review (0: none), which a page loaded now knows."""
    newest_sql = sa.select(sa.func.max(Suggestion.id)).where(
        Suggestion.review_request_id == review_request.id
    )
    return session().scalar(newest_sql) or 0


def save_suggestions(
    review_request: ReviewRequest,
    submitted: Mapping[str, Content],
    *,
    base_version: int,
    save_key: str | None,
    by: Actor,
    at: datetime,
) -> SaveResult:
    """Save what the colleague would write, by section, as `revisions.save` does.

    Where the review has ended, a new text is kept as a conflict. Raises NotFound.
    """
    if review_request.reviewer_id != by.id:
        raise NotFound
    lock(session().get_one(Report, review_request.report_id))
    may_write = _accepts_suggestions(review_request, by=by)
    writer = _SuggestionWriter(
        review_request,
        suggestions_of([review_request.id]),
        PageSave(base_version, save_key, may_write),
        at=at,
    )
    outcomes = {
        section: writer.save_section(section, content) for section, content in submitted.items()
    }
    session().flush()
    return SaveResult(outcomes=outcomes, version=newest_suggestion_id(review_request))


def _accepts_suggestions(review_request: ReviewRequest, *, by: Actor) -> bool:
    open_report_sql = (
        sa.select(Report)
        .join(ReviewRequest, ReviewRequest.report_id == Report.id)
        .where(ReviewRequest.id == review_request.id, request_is_open())
    )
    report = session().scalar(open_report_sql)
    return report is not None and report.can(Action.WRITE_ANSWER, by=by)


# A page shows one outcome for a section: the first of these that one of its fields had.
_OUTCOMES_BY_SEVERITY = (
    Outcome.TOO_LONG,
    Outcome.CONFLICT,
    Outcome.STALE,
    Outcome.WRITTEN,
    Outcome.SAME,
)


@dataclass(frozen=True)
class _BaseVersion:
    """The version of a field before its first suggestion: the teacher's own text."""

    content: Content
    id: int = 0
    save_key: str | None = None
    is_conflict: bool = False


@dataclass(frozen=True)
class _SuggestionWriter:
    """One save of the colleague's page."""

    review_request: ReviewRequest
    suggestions: Sequence[Suggestion]
    page_save: PageSave
    at: datetime

    def save_section(self, section: str, content: Content) -> Outcome:
        """Save each field of a section, and return the most severe outcome."""
        base_revision = self._base_revision(section, content.get(BASED_ON_FIELD, ""))
        fields = {field: text for field, text in content.items() if field != BASED_ON_FIELD}
        outcomes = {
            self._save_field(section, field, text, base_revision=base_revision)
            for field, text in fields.items()
        }
        severe_first = (outcome for outcome in _OUTCOMES_BY_SEVERITY if outcome in outcomes)
        return next(severe_first, Outcome.SAME)

    def _base_revision(self, section: str, id_digits: str) -> Revision | None:
        """Return the revision that the page shows, if it is one of this section of the answer."""
        revision = _get_revision(parse_id(id_digits))
        if revision is None:
            return None
        # A page may send any id. Only a revision of this very section can be its base.
        is_of_answer = (
            revision.report_id == self.review_request.report_id
            and revision.voice is Voice.TEACHER
            and revision.section == section
        )
        return revision if is_of_answer else None

    def _save_field(
        self, section: str, field: str, text: str, *, base_revision: Revision | None
    ) -> Outcome:
        base_text = base_revision.content.get(field, "") if base_revision else ""
        decision = self._decide(
            [row for row in self.suggestions if (row.section, row.field) == (section, field)],
            base=_BaseVersion({field: base_text}),
            content={field: text},
        )
        if decision.is_stored:
            suggestion = Suggestion(
                review_request_id=self.review_request.id,
                section=section,
                field=field,
                text=text,
                based_on_id=base_revision.id if base_revision else None,
                written_at=self.at,
                save_key=decision.save_key,
                is_conflict=decision.is_conflict,
            )
            session().add(suggestion)
        return decision.outcome

    def _decide(
        self, suggestions: Sequence[Suggestion], *, base: _BaseVersion, content: Content
    ) -> SaveDecision:
        current = [row for row in suggestions if not row.is_conflict]
        if current and current[-1].content == content:
            # Also when it was decided on: the colleague's page still shows it.
            return SaveDecision(Outcome.SAME, is_stored=False, save_key=None)
        # A suggestion that was decided on is no version that a new one could be in conflict with.
        undecided = (row for row in suggestions if row.decision is None)
        versions: list[RevisionLike] = [base, *undecided]
        # The keys of decided ones stay taken, since a key is stored once.
        used_keys = [row.save_key for row in suggestions]
        return conflicts.decide(versions, content, self.page_save, used_keys=used_keys)


def _get_revision(revision_id: int | None) -> Revision | None:
    return session().get(Revision, revision_id) if revision_id else None
