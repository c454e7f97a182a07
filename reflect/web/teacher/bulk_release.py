"""Release the answers to several students at one moment, which can be revoked until then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from reflect.access import inbox, report_lists, report_loading
from reflect.access.access_log import Channel
from reflect.access.report_lists import ReportRow
from reflect.access.view_models import ReportView
from reflect.errors import (
    NoStudentSelected,
    ReleaseTimeMissing,
    ReleaseTimePast,
    UserError,
)
from reflect.i18n import N_
from reflect.reports import release, revisions
from reflect.reports.release import (
    MIN_RELEASE_DELAY,
    REASON_MESSAGES,
    RELEASE_LABELS,
    PlannedRelease,
    ReleaseRefusal,
)
from reflect.reports.report import Voice
from reflect.reports.workflow import Action, State
from reflect.school import calendar, queries
from reflect.school.queries import NamedRef
from reflect.web.formatting import format_moment
from reflect.web.forms import BulkReleaseForm, EmptyForm
from reflect.web.request_context import current_actor, school_zone, sent_numbers
from reflect.web.responses import ViewResponse, flash_message, see_other
from reflect.web.teacher import answer_hints, remarks
from reflect.web.translations import gettext

bulk_release = Blueprint("bulk_release", __name__)

# The proposed moment: on the next school day, when the lessons are over.
DEFAULT_RELEASE_TIME = time(16, 30)


@dataclass(frozen=True)
class _Selection:
    """What a teacher wants to release: these reports of a round, by this action.

    `blocked_reasons`: by report, why it cannot be released now.
    """

    course: NamedRef
    round_id: int
    reports: list[ReportView]
    action: Action
    blocked_reasons: dict[int, str]

    @property
    def releasable(self) -> list[ReportView]:
        return [view for view in self.reports if view.id not in self.blocked_reasons]

    @property
    def blocked(self) -> list[tuple[ReportView, str]]:
        reasons = self.blocked_reasons
        return [(view, reasons[view.id]) for view in self.reports if view.id in reasons]


def taught_course_or_404(course_id: int) -> NamedRef:
    """Return a course that I teach. Raises NotFound."""
    return queries.get_taught_course(course_id, by=current_actor())


@bulk_release.route("/lesgroepen/<int:course_id>/ronde/<int:round_id>/geven", methods=["GET"])
def choose(course_id: int, round_id: int) -> str:
    course = taught_course_or_404(course_id)
    ready_reports, _texts_to_answer = _load_ready_reports(course_id, round_id)
    requested_ids = sent_numbers(request.args, "reports")
    form = BulkReleaseForm(
        # The confirmation links back to here, with everything that was chosen.
        request.args if "when" in request.args else None,
        data={
            "action": Action.ANSWER,
            # A link with a report is from the page of its answer, which has a button for "now".
            "when": "moment" if requested_ids else "now",
            **_proposed_moment(),
        },
    )
    return _render_choose(
        course,
        round_id,
        ready_reports=ready_reports,
        chosen_ids=set(requested_ids) or {view.id for view in ready_reports},
        form=form,
    )


def _load_ready_reports(
    course_id: int, round_id: int
) -> tuple[list[ReportView], dict[int, list[str]]]:
    """Return the reports to which an answer has been begun, and by report what wants an answer.

    The pages show the answer, and of the student's words only what a remark quotes: so without
    remarks nothing here is a reading. The hints say whether a goal is answered, and not which.
    """
    started_ids = inbox.with_draft_answer(course_id, by=current_actor(), at=g.now)
    rows = report_lists.for_course(course_id, by=current_actor(), at=g.now)
    texts_to_answer = dict[int, list[str]]()

    def narrow(view: ReportView) -> ReportView:
        texts_to_answer[view.id] = answer_hints.find_texts_to_answer(view)
        return view.with_answer_only()

    report_views = report_loading.load_many(
        [report_id for report_id in _handed_in_ids(rows, round_id) if report_id in started_ids],
        by=current_actor(),
        at=g.now,
        channel=Channel.SCREEN,
        narrow=narrow,
    )
    return report_views, texts_to_answer


def _handed_in_ids(rows: Iterable[ReportRow], round_id: int) -> list[int]:
    handed_in = (row for row in rows if row.state is State.HANDED_IN and row.round_id == round_id)
    # A student who has left is answered one by one, from their own fold on the page.
    return [row.report_id for row in handed_in if row.report_id and not row.has_left]


def _proposed_moment() -> dict[str, object]:
    """Return the day and the time that the form begins with."""
    local_now = g.now.astimezone(school_zone())
    day = local_now.date()
    if local_now.time() >= DEFAULT_RELEASE_TIME:
        day += timedelta(days=1)
    while not calendar.is_school_day(day):
        day += timedelta(days=1)
    return {"day": day, "time": DEFAULT_RELEASE_TIME}


def _render_choose(
    course: NamedRef,
    round_id: int,
    *,
    ready_reports: list[ReportView],
    chosen_ids: set[int],
    form: BulkReleaseForm,
    error: UserError | None = None,
    blocked: Sequence[tuple[ReportView, str]] = (),
) -> str:
    return render_template(
        "teacher/bulk_release_choose.html",
        course=course,
        round_id=round_id,
        ready_reports=ready_reports,
        chosen_ids=chosen_ids,
        form=form,
        planned_text_by_report=_planned_text_by_report(
            release.planned(course.id, by=current_actor())
        ),
        error=error,
        blocked=blocked,
    )


@bulk_release.route("/lesgroepen/<int:course_id>/ronde/<int:round_id>/geven", methods=["POST"])
def submit(course_id: int, round_id: int) -> ViewResponse:
    """Show what each gets and when; only `do=give`, pressed on that page, plans it."""
    course = taught_course_or_404(course_id)
    form = BulkReleaseForm()
    form.validate()  # for the messages at its fields; _chosen_moment raises what is wrong
    ready_reports, texts_to_answer = _load_ready_reports(course_id, round_id)
    requested_ids = set(sent_numbers(request.form, "reports"))
    selection = _selection(
        course, round_id, [view for view in ready_reports if view.id in requested_ids], form
    )
    try:
        if not selection.releasable:
            raise NoStudentSelected
        due_at = _chosen_moment(form)
    except (NoStudentSelected, ReleaseTimeMissing, ReleaseTimePast) as error:
        page = _render_choose(
            course,
            round_id,
            ready_reports=ready_reports,
            chosen_ids=requested_ids,
            form=form,
            error=error,
            blocked=selection.blocked,
        )
        return page, 422
    if request.form.get("do") != "give":
        return _render_confirm(selection, form=form, due_at=due_at, texts_to_answer=texts_to_answer)
    # "Now" too waits for ten minutes: what a child may have read cannot be undone (decision 18).
    return _plan(selection, due_at=due_at or g.now + MIN_RELEASE_DELAY)


def _selection(
    course: NamedRef, round_id: int, chosen_reports: list[ReportView], form: BulkReleaseForm
) -> _Selection:
    is_question = form.action.data == Action.RETURN_WITH_QUESTION
    action = Action.RETURN_WITH_QUESTION if is_question else Action.ANSWER
    return _Selection(
        course=course,
        round_id=round_id,
        reports=chosen_reports,
        action=action,
        blocked_reasons=_blocked_reasons(chosen_reports, action),
    )


def _blocked_reasons(chosen_reports: Sequence[ReportView], action: Action) -> dict[int, str]:
    """Return why some of these cannot be released now, by report.

    Only what a teacher can do something about on this page: `release.plan` checks everything.
    """
    report_ids = [view.id for view in chosen_reports]
    in_conflict = revisions.with_conflicts(report_ids, voice=Voice.TEACHER)
    reasons = {}
    # The last reason that applies is the one that is shown.
    for view in chosen_reports:
        if remarks.unplaced_remarks(view):
            reasons[view.id] = N_("A remark there has no place in the text yet.")
        if action is Action.RETURN_WITH_QUESTION and not view.overall.get("question", "").strip():
            reasons[view.id] = REASON_MESSAGES[ReleaseRefusal.NO_QUESTION]
        if view.id in in_conflict:
            reasons[view.id] = REASON_MESSAGES[ReleaseRefusal.OPEN_CONFLICT]
    return {report_id: gettext(message) for report_id, message in reasons.items()}


def _render_confirm(
    selection: _Selection,
    *,
    form: BulkReleaseForm,
    due_at: datetime | None,
    texts_to_answer: Mapping[int, list[str]],
) -> str:
    # Loaded once for all the answers on this page.
    students = queries.students_of_course(selection.course.id, by=current_actor())
    return render_template(
        "teacher/bulk_release_confirm.html",
        course=selection.course,
        round_id=selection.round_id,
        chosen_reports=selection.releasable,
        form=form,
        due_at=due_at,
        action=selection.action,
        labels=RELEASE_LABELS[selection.action],
        blocked=selection.blocked,
        hints_by_report={
            view.id: answer_hints.collect_hints(
                view,
                earlier_view=None,
                students=students,
                texts_to_answer=texts_to_answer[view.id],
            )
            for view in selection.releasable
        },
    )


def _chosen_moment(form: BulkReleaseForm) -> datetime | None:
    """Return the moment in the form, None for now. Raises ReleaseTimeMissing, ReleaseTimePast."""
    if form.when.data != "moment":
        return None
    if form.day.data is None or form.time.data is None:
        raise ReleaseTimeMissing
    local = datetime.combine(form.day.data, form.time.data, tzinfo=school_zone())
    moment = local.astimezone(UTC)
    if moment <= g.now:
        raise ReleaseTimePast
    # Also a moment that is near can be revoked for as long as "now" can.
    soonest: datetime = g.now + MIN_RELEASE_DELAY
    return max(moment, soonest)


def _plan(selection: _Selection, *, due_at: datetime) -> BaseResponse:
    names = {view.id: view.student.name for view in selection.releasable}
    plan = release.plan(names, action=selection.action, due_at=due_at, by=current_actor(), at=g.now)
    if plan.batch:
        flash_message(N_("Planned. Until that moment you can take it back here."))
    # It may have changed since the page was shown, so the plan checks everything once more.
    for report_id, reason in plan.refusals.items():
        flash_message(f"{names[report_id]}: {gettext(REASON_MESSAGES[reason])}")
    return see_other("courses.show", course_id=selection.course.id)


@bulk_release.route("/lesgroepen/<int:course_id>/gepland/<batch>/terug", methods=["POST"])
def revoke_batch(course_id: int, batch: str) -> BaseResponse:
    taught_course_or_404(course_id)
    return _cancelled_response(course_id, release.revoke_batch(batch, by=current_actor(), at=g.now))


@bulk_release.route("/lesgroepen/<int:course_id>/gepland/<int:release_id>/terug", methods=["POST"])
def revoke_one(course_id: int, release_id: int) -> BaseResponse:
    taught_course_or_404(course_id)
    revoked_ids = release.revoke_release(release_id, by=current_actor(), at=g.now)
    return _cancelled_response(course_id, revoked_ids)


def _cancelled_response(course_id: int, report_ids: list[int]) -> BaseResponse:
    if report_ids:
        flash_message(N_("Taken back. Nothing was given, and your words are still there."))
    else:
        flash_message(N_("It was given already, so it cannot be taken back any more."))
    return see_other("courses.show", course_id=course_id)


def planned_context(course_id: int) -> dict[str, object]:
    """Return what the page of a course needs to show what is planned, and what has failed."""
    planned_releases = release.planned(course_id, by=current_actor())
    batches: dict[str, list[PlannedRelease]] = {}
    for planned in planned_releases:
        batches.setdefault(planned.batch, []).append(planned)
    return {
        "planned_batches": list(batches.values()),
        "planned_text_by_report": _planned_text_by_report(planned_releases),
        "failed_releases": [
            (failed, gettext(REASON_MESSAGES[failed.reason]))
            for failed in release.failed(course_id, by=current_actor(), at=g.now)
            if failed.reason
        ],
        "empty_form": EmptyForm(),
    }


def _planned_text_by_report(planned_releases: Iterable[PlannedRelease]) -> dict[int, str]:
    return {planned.report_id: planned_text(planned.due_at) for planned in planned_releases}


def planned_text(due_at: datetime) -> str:
    """Return when a planned answer is going to be released, as a note next to a student's name."""
    return gettext("goes %(moment)s", moment=format_moment(due_at))
