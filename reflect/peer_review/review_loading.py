"""What the two teachers of a peer review see of it: the requests and the suggestions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from reflect.access import report_loading
from reflect.access.access_log import Purpose
from reflect.access.permissions import can_see, viewer_params
from reflect.access.view_models import ReportPart, ReportView
from reflect.bounds.bounded_matcher import WorkBudget
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.peer_review import request_note, reviews
from reflect.peer_review.request_note import RequestNote
from reflect.peer_review.reviews import (
    REVIEWER_COMMENT,
    ReviewRequest,
    Suggestion,
    SuggestionDecision,
)
from reflect.reports.diff import MAX_PAGE_WORK, TextDiff, diff_words
from reflect.reports.report import Report, Revision, Voice
from reflect.school.people import Actor, Course, Person, PersonRef, person_refs
from reflect.school.ties import ACTOR_ID

FieldRef = tuple[str, str]  # the key of a section, and the name of a field in it


@dataclass(frozen=True)
class ReviewRequestView:
    """A request for a review, with `student` and `course_name` of the report.

    `note`: what the teacher asks. `is_open`: the reviewer can still suggest something.
    `comment`: what the reviewer says to the teacher.
    """

    id: int
    report_id: int
    student: PersonRef
    course_name: str
    teacher: PersonRef
    reviewer: PersonRef
    note: str
    requested_at: datetime
    is_open: bool
    comment: str = ""


@dataclass(frozen=True)
class SuggestionView:
    """Another text for one field, and how it differs from the current one."""

    id: int
    reviewer: PersonRef
    text: str
    suggested_at: datetime
    decision: SuggestionDecision | None
    diff: TextDiff


@dataclass(frozen=True)
class PeerReviewPanel:
    """The peer review beside an answer: my requests, whom I can ask, suggestions, and my note."""

    requests: tuple[ReviewRequestView, ...]
    available_reviewers: tuple[PersonRef, ...]
    suggestions_by_field: Mapping[FieldRef, tuple[SuggestionView, ...]]
    request_note: RequestNote


@dataclass(frozen=True)
class OwnSuggestions:
    """What I suggested in a review: the current texts, and those that arrived in conflict.

    `base_revision_ids`: the newest revision of each section of the answer.
    """

    current: Mapping[FieldRef, str]
    conflicts: Mapping[FieldRef, tuple[str, ...]]
    base_revision_ids: Mapping[str, int]
    version: int


# Made once, since the cache of _requests_sql recognises these very objects.
_ID_PARAM = sa.bindparam("id", type_=sa.Integer)
_REQUESTED_BY_ME = ReviewRequest.requested_by_id == ACTOR_ID
_REQUESTED_OF_ME = ReviewRequest.reviewer_id == ACTOR_ID
_HAS_ID = ReviewRequest.id == _ID_PARAM
_HAS_REPORT_ID = ReviewRequest.report_id == _ID_PARAM
_IS_OPEN = reviews.request_is_open()


@lru_cache(maxsize=8)
def _requests_sql(
    *conditions: sa.ColumnElement[bool],
) -> sa.Select[ReviewRequest, Person, str, bool]:
    # Besides this the query asks for the right of today: whoever stops teaching the course loses
    # their requests too.
    is_mine = sa.or_(_REQUESTED_BY_ME, _REQUESTED_OF_ME)
    return (
        sa.select(ReviewRequest, Person, Course.name, _IS_OPEN)
        .join(Report, Report.id == ReviewRequest.report_id)
        .join(Person, Person.id == Report.student_id)
        .join(Course, Course.id == Report.course_id)
        .where(is_mine, can_see(ReportPart.FEEDBACK_DRAFT), *conditions)
        .order_by(ReviewRequest.id)
    )


def _load_request_rows(
    *conditions: sa.ColumnElement[bool], by: Actor, at: datetime, bound_id: int = 0
) -> list[tuple[ReviewRequest, Person, str, bool]]:
    """Return requests by me or to me, as long as I see draft answers of the course.

    `bound_id` is what _HAS_ID or _HAS_REPORT_ID compare with.
    """
    params = {**viewer_params(by, at=at), "id": bound_id}
    rows = session().execute(_requests_sql(*conditions), params)
    return [(row, student, course_name, is_open) for row, student, course_name, is_open in rows]


def _load_requests(
    *conditions: sa.ColumnElement[bool], by: Actor, at: datetime, bound_id: int = 0
) -> list[ReviewRequestView]:
    rows = _load_request_rows(*conditions, by=by, at=at, bound_id=bound_id)
    teacher_ids = {row.requested_by_id for row, *_ in rows}
    reviewer_ids = {row.reviewer_id for row, *_ in rows}
    people_by_id = person_refs(teacher_ids | reviewer_ids)
    return [
        ReviewRequestView(
            id=row.id,
            report_id=row.report_id,
            student=student.ref,
            course_name=course_name,
            teacher=people_by_id[row.requested_by_id],
            reviewer=people_by_id[row.reviewer_id],
            note=row.note,
            requested_at=row.requested_at,
            is_open=bool(is_open),
        )
        for row, student, course_name, is_open in rows
    ]


def open_requests_to_me(*, by: Actor, at: datetime) -> list[ReviewRequestView]:
    """Return what colleagues ask me to review now, the oldest request first."""
    return _load_requests(_REQUESTED_OF_ME, _IS_OPEN, by=by, at=at)


def load_request_to_me(request_id: int, *, by: Actor, at: datetime) -> ReviewRequestView:
    """Return one request to me. Raises NotFound."""
    requests = _load_requests(_HAS_ID, _REQUESTED_OF_ME, by=by, at=at, bound_id=request_id)
    if not requests:
        raise NotFound
    return requests[0]


def load_draft(review_request: ReviewRequestView, *, by: Actor, at: datetime) -> ReportView:
    """Return the report of a request, without the sections that no colleague reviews."""
    return report_loading.load(
        review_request.report_id,
        by=by,
        at=at,
        purpose=Purpose.READING_ALONG,
        narrow=_reviewable_only,
    )


def _reviewable_only(report_view: ReportView) -> ReportView:
    # Private sections and the letter are between the student and the teacher.
    keys = {section.key for section in reviews.reviewable_sections(report_view.form)}
    return replace(
        report_view,
        sections=tuple(view for view in report_view.sections if view.section.key in keys),
        remarks=tuple(remark for remark in report_view.remarks if remark.section in keys),
    )


def get_request_or_404(request_id: int, *, by: Actor, at: datetime) -> ReviewRequest:
    """Return a request by me or to me, to call an action on. Raises NotFound."""
    rows = _load_request_rows(_HAS_ID, by=by, at=at, bound_id=request_id)
    if not rows:
        raise NotFound
    return rows[0][0]


def get_suggestion_or_404(suggestion_id: int, *, by: Actor, at: datetime) -> Suggestion:
    """Return a suggestion to me, to decide on. Raises NotFound."""
    suggestion = session().get(Suggestion, suggestion_id)
    if suggestion is None:
        raise NotFound
    review_request = get_request_or_404(suggestion.review_request_id, by=by, at=at)
    # The reviewer sees the request as well, but only the teacher who asked may decide.
    if review_request.requested_by_id != by.id:
        raise NotFound
    return suggestion


def panel_for_report(
    report: Report,
    current_answer: Mapping[FieldRef, str],
    colleagues: Iterable[PersonRef],
    *,
    by: Actor,
    at: datetime,
) -> PeerReviewPanel:
    """Return the peer review of my answer to this report.

    `current_answer`: the text of every field of it; `colleagues`: who teaches the course with me.
    """
    requests = _load_requests(_HAS_REPORT_ID, _REQUESTED_BY_ME, by=by, at=at, bound_id=report.id)
    rows = reviews.suggestions_of(request.id for request in requests)
    reviewers_by_request = {request.id: request.reviewer for request in requests}
    # Asking one of these again would only return the request that is open.
    busy_reviewers = {request.reviewer for request in requests if request.is_open}
    comments = _comments_by_request(rows)
    return PeerReviewPanel(
        requests=tuple(
            replace(request, comment=comments.get(request.id, "")) for request in requests
        ),
        available_reviewers=tuple(
            colleague for colleague in colleagues if colleague not in busy_reviewers
        ),
        suggestions_by_field=_group_by_field(rows, reviewers_by_request, current_answer),
        request_note=request_note.load_note(report, by=by),
    )


def _comments_by_request(rows: Iterable[Suggestion]) -> dict[int, str]:
    """Return the last comment of each reviewer, by the id of the request."""
    # The oldest rows come first, so the last comment stays.
    return {
        row.review_request_id: row.text
        for row in rows
        if _field_of(row) == REVIEWER_COMMENT and not row.is_conflict
    }


def _field_of(row: Suggestion) -> FieldRef:
    return row.section, row.field


def _group_by_field(
    rows: Iterable[Suggestion],
    reviewers_by_request: Mapping[int, PersonRef],
    current_answer: Mapping[FieldRef, str],
) -> dict[FieldRef, tuple[SuggestionView, ...]]:
    """Return the suggestions for each field that wait for the teacher, then the declined ones.

    One that says what the answer says already does not wait any more.
    """
    views_by_field: dict[FieldRef, list[SuggestionView]] = {}
    budget = WorkBudget(MAX_PAGE_WORK)
    for row in _without_superseded(rows):
        current_text = current_answer.get(_field_of(row), "")
        if row.decision is SuggestionDecision.DECLINED or row.text.strip() != current_text.strip():
            suggestion_view = SuggestionView(
                id=row.id,
                reviewer=reviewers_by_request[row.review_request_id],
                text=row.text,
                suggested_at=row.written_at,
                decision=row.decision,
                diff=diff_words(current_text, row.text, budget=budget),
            )
            views_by_field.setdefault(_field_of(row), []).append(suggestion_view)
    return {
        field: tuple(sorted(suggestions, key=lambda suggestion: suggestion.decision is not None))
        for field, suggestions in views_by_field.items()
    }


def _without_superseded(rows: Iterable[Suggestion]) -> list[Suggestion]:
    """Return the last suggestion of each reviewer for a field, if undecided, and all declined."""
    newest: dict[tuple[int, FieldRef], Suggestion] = {}
    declined: list[Suggestion] = []
    for row in rows:
        if row.is_conflict or _field_of(row) == REVIEWER_COMMENT:
            continue
        # The oldest rows come first, so the newest one stays.
        newest[row.review_request_id, _field_of(row)] = row
        if row.decision is SuggestionDecision.DECLINED:
            declined.append(row)
    return [*(row for row in newest.values() if row.decision is None), *declined]


def own_suggestions(review_request: ReviewRequest) -> OwnSuggestions:
    """Return what was suggested so far in a review that I was asked for."""
    rows = reviews.suggestions_of([review_request.id])
    current: dict[FieldRef, str] = {}
    conflicts: dict[FieldRef, list[str]] = {}
    for row in rows:
        if row.is_conflict:
            conflicts.setdefault(_field_of(row), []).append(row.text)
        elif row.decision is None:
            current[_field_of(row)] = row.text
        else:
            current.pop(_field_of(row), None)
    distinct_conflicts = {
        field: _distinct_texts(texts, besides=current.get(field))
        for field, texts in conflicts.items()
    }
    return OwnSuggestions(
        current=current,
        conflicts={field: texts for field, texts in distinct_conflicts.items() if texts},
        base_revision_ids=_base_revision_ids(review_request),
        version=rows[-1].id if rows else 0,
    )


def _distinct_texts(texts: Iterable[str], *, besides: str | None) -> tuple[str, ...]:
    """Return these texts, each once, without empty ones and without one that is there already."""
    return tuple(text for text in dict.fromkeys(texts) if text.strip() and text != besides)


def _base_revision_ids(review_request: ReviewRequest) -> dict[str, int]:
    newest_sql = (
        sa.select(Revision.section, sa.func.max(Revision.id))
        .where(Revision.report_id == review_request.report_id)
        .where(Revision.voice == Voice.TEACHER, ~Revision.is_conflict)
        .group_by(Revision.section)
    )
    return {section: int(newest_id) for section, newest_id in session().execute(newest_sql)}
