"""The answer desk: a teacher answers one report, section by section, and may go on to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, g, jsonify, render_template, request

from reflect.access import goals, history, inbox, permissions, report_loading
from reflect.access.inbox import InboxItem
from reflect.access.view_models import ReportPart, ReportView
from reflect.errors import AnswerMissing, NotFound, QuestionMissing, StudentHasLeft
from reflect.i18n import N_
from reflect.peer_review.reviews import MAX_NOTE_LENGTH
from reflect.reports import annotations, release, revisions
from reflect.reports.forms import forms_by_id
from reflect.reports.report import OVERALL, Report, Revision, Voice
from reflect.reports.workflow import Action, State
from reflect.school import calendar, queries
from reflect.text.numbers import parse_id
from reflect.web.formatting import format_moment
from reflect.web.report_forms import (
    ReportForm,
    Submission,
    answering_form_class,
    field_name,
    initial_values,
    known_fields_only,
    parse_submission,
)
from reflect.web.request_context import app_settings, current_actor
from reflect.web.responses import ViewResponse, flash_message, see_other, wants_json
from reflect.web.shared.editor_api import (
    NOT_SAVED_MESSAGE,
    new_save_key,
    save_response,
    save_submission,
)
from reflect.web.teacher import answer_hints, peer_review, phrases, remarks
from reflect.web.teacher.answer_texts import answer_texts, contents_by_section
from reflect.web.teacher.bulk_release import planned_text
from reflect.web.translations import translate_error

answering = Blueprint("answering", __name__)

# At the end of a button's value: the teacher has seen the hints, and releases the answer anyway.
CONFIRMED_SUFFIX = "_anyway"


@dataclass(frozen=True)
class _Button:
    """What a button that releases the answer does, and the action that must be allowed for it."""

    needed_action: Action
    perform: Callable[[Report], None]


@answering.route("/verslagen/<int:report_id>/beantwoorden", methods=["GET"])
def edit(report_id: int) -> ViewResponse:
    report, report_view, earlier_view = _load_for_answering(report_id)
    # A link or the back button may lead here after the answer was given.
    if not report.state_allows(Action.WRITE_ANSWER):
        return see_other("reports.show", report_id=report_id)
    return _render_page(report, report_view, earlier_view)


def _load_for_answering(report_id: int) -> tuple[Report, ReportView, ReportView | None]:
    """Return a report of a course that I teach, and the student's report of the round before.

    Raises NotFound.
    """
    report, report_view, earlier_view = _load_with_previous(report_id)
    if ReportPart.FEEDBACK_DRAFT not in report_view.visible_parts:
        raise NotFound
    return report, report_view, earlier_view


def _load_with_previous(report_id: int) -> tuple[Report, ReportView, ReportView | None]:
    return goals.load_with_previous(report_id, by=current_actor(), at=g.now)


@answering.route("/verslagen/<int:report_id>/beantwoorden", methods=["POST"])
def save(report_id: int) -> ViewResponse:
    """Save what was typed, and then do what the pressed button asks for."""
    report = permissions.get_or_404(report_id, by=current_actor(), at=g.now)
    submission = parse_submission(request.form)
    form_class = answering_form_class(forms_by_id({report.form_id})[report.form_id])
    remark_contents = _remarks_to_save(report, submission)
    # Saved before anything is checked: an error on the page must not cost anybody a text.
    contents = known_fields_only(submission.contents, form_class) | remark_contents
    not_saved = remarks.unsaved_names(submission.contents, saved=contents)
    result = save_submission(report, contents, submission, action=Action.WRITE_ANSWER)
    # The note is in the same form, in a voice of its own that no report reads.
    result = peer_review.save_request_note(report, submission, result)
    if wants_json():
        return save_response(result, not_saved=not_saved)
    if not_saved:
        flash_message(NOT_SAVED_MESSAGE)
    # An error raised here would roll back what was saved just now.
    if not report.can(Action.WRITE_ANSWER, by=current_actor()):
        flash_message(
            N_("This report has moved on meanwhile. What you typed last is kept, and stands here.")
        )
        return see_other("reports.show", report_id=report_id)
    form = form_class()
    if not form.validate() or remarks.need_attention(remark_contents, submission.contents):
        return _reload_and_render(report, form), 422
    return _perform_action(report, form)


def _remarks_to_save(report: Report, submission: Submission) -> dict[str, dict[str, str]]:
    """Return what is to be saved of the remarks, by section name."""
    # The student's text is loaded only where a remark has to be anchored in it: most saves have
    # none, and they come every few seconds.
    if not any(annotations.annotation_key(name) for name in submission.contents):
        return {}
    report_view = report_loading.load(report.id, by=current_actor(), at=g.now)
    if ReportPart.FEEDBACK_DRAFT not in report_view.visible_parts:
        raise NotFound
    return remarks.remark_contents(report, report_view, submission.contents)


@answering.route("/verslagen/<int:report_id>/let-op")
def live_hints(report_id: int) -> Response:
    """Return the hints on the answer as it is saved now, for a page that has just saved it."""
    _report, report_view, earlier_view = _load_for_answering(report_id)
    hints = answer_hints.collect_hints(report_view, earlier_view=earlier_view)
    return jsonify(answer_hints.hints_as_html(hints))


@answering.route("/toetsen")
def shortcuts() -> str:
    return render_template("teacher/shortcuts.html")


def _render_page(
    report: Report,
    report_view: ReportView,
    earlier_view: ReportView | None,
    *,
    form: ReportForm | None = None,
    confirm_action: str = "",
) -> str:
    """Return the page with what was sent in `form`, or else with what is saved.

    `confirm_action`: the value of the pressed button, if the hints are to be confirmed first.
    """
    version, conflicts = revisions.version_and_conflicts(report, voice=Voice.TEACHER)
    form = form or _initial_form(report_view)
    # Also on a page that is shown again: what was sent has an older number, and is saved by now.
    form.version.data = str(version)
    colleagues, students = queries.people_of_course(report.course_id, by=current_actor())
    due_at = release.planned_for(report.id)
    waiting_reports = _waiting_reports(report)
    return render_template(
        "teacher/answer.html",
        report_view=report_view,
        form=form,
        earlier_view=earlier_view,
        confirm_action=confirm_action,
        **_remarks_and_conflicts(report_view, conflicts),
        review_panel=peer_review.review_panel(report, report_view, colleagues),
        max_note_length=MAX_NOTE_LENGTH,
        snippet_list=phrases.snippets_for_answer(report, report_view, earlier_view),
        hints=answer_hints.collect_hints(report_view, earlier_view=earlier_view, students=students),
        course_id=report.course_id,
        round_id=report.round_id,
        planned_text=planned_text(due_at) if due_at else "",
        previous_waiting=_neighbour(report, waiting_reports, step=-1),
        next_waiting=_neighbour(report, waiting_reports, step=1),
    )


def _remarks_and_conflicts(
    report_view: ReportView, conflicts: Mapping[str, list[Revision]]
) -> dict[str, object]:
    columns = remarks.margin_columns(report_view, parse_submission(request.form).contents)
    conflicts_by_section = {
        section: [(revision.id, revision.content) for revision in section_conflicts]
        for section, section_conflicts in conflicts.items()
    }
    return {
        "conflicts": conflicts_by_section,
        "margin_columns": columns,
        "remark_errors": remarks.error_links(columns),
        "removed_remarks": remarks.removed_remarks(columns, conflicts_by_section),
    }


def _initial_form(report_view: ReportView) -> ReportForm:
    form_class = answering_form_class(report_view.form)
    contents = contents_by_section(answer_texts(report_view))
    # Here the page needs the chosen keys too, and not only the texts.
    for section, content in report_view.teacher_sections:
        contents[section.key] = dict(content)
    return form_class(data={**initial_values(contents, form_class), "save_key": new_save_key()})


def _reload_and_render(report: Report, form: ReportForm, *, confirm_action: str = "") -> str:
    """Return the page with what was sent, after it was saved."""
    _report, report_view, earlier_view = _load_with_previous(report.id)
    return _render_page(report, report_view, earlier_view, form=form, confirm_action=confirm_action)


def _waiting_reports(report: Report) -> list[InboxItem]:
    """Return what waits for an answer in the course and round of this report."""
    return inbox.unanswered_reports(
        report.course_id, round_id=report.round_id, by=current_actor(), at=g.now
    )


def _neighbour(report: Report, waiting_reports: list[InboxItem], *, step: int) -> InboxItem | None:
    """Return the one that waits just before this report (-1) or just after it (1), if any."""
    report_ids = [waiting.report_id for waiting in waiting_reports]
    if report.id not in report_ids:
        return None
    position = report_ids.index(report.id) + step
    return waiting_reports[position] if 0 <= position < len(waiting_reports) else None


def _perform_action(report: Report, form: ReportForm) -> ViewResponse:
    """Do what the pressed button asks for; what was typed is saved already."""
    pressed = request.form.get("do", "keep")
    review_response = peer_review.perform_action(report, pressed)
    if review_response is not None:
        return review_response
    # The student would get one of the two texts, and perhaps not the one that was meant.
    if revisions.conflicts_of(report, voice=Voice.TEACHER):
        flash_message(
            N_("Two texts stand side by side here. Both are kept: look below and choose.")
        )
        return see_other("answering.edit", report_id=report.id)
    button = _BUTTONS.get(pressed.removesuffix(CONFIRMED_SUFFIX))
    if button is None:
        flash_message(
            N_("Kept. The student sees nothing yet: that comes when you give your answer.")
        )
        return see_other("answering.edit", report_id=report.id)
    if not pressed.endswith(CONFIRMED_SUFFIX) and _asks_to_confirm(report):
        return _reload_and_render(report, form, confirm_action=pressed), 422
    return _release_and_go_on(report, form, button)


def _asks_to_confirm(report: Report) -> bool:
    """Return whether there are hints, at a school that wants them confirmed."""
    # By default they are only shown; a hint never keeps an answer from being released.
    if app_settings().hints != "ask":
        return False
    _report, report_view, earlier_view = _load_with_previous(report.id)
    return bool(answer_hints.collect_hints(report_view, earlier_view=earlier_view))


def _release_and_go_on(report: Report, form: ReportForm, button: _Button) -> ViewResponse:
    # Loaded now, since afterwards this report does not wait any more and has no place among them.
    waiting_reports = _waiting_reports(report)
    try:
        report.ensure_can(button.needed_action, by=current_actor())
        # Saving has locked the report: first the report, then its release, as in the worker.
        release.revoke_for_report(report.id, by=current_actor(), at=g.now)
        button.perform(report)
    except (QuestionMissing, AnswerMissing, StudentHasLeft) as error:
        field = "seen" if isinstance(error, AnswerMissing) else "question"
        form[field_name(OVERALL, field)].errors = translate_error(error)
        return _reload_and_render(report, form), 422
    others = (waiting for waiting in waiting_reports if waiting.report_id != report.id)
    next_report = _neighbour(report, waiting_reports, step=1) or next(others, None)
    if next_report is None:
        return see_other("courses.show", course_id=report.course_id)
    # Not that report itself: its student would be told of a reading that nobody asked for.
    return see_other("answering.given", report_id=report.id, volgende=next_report.report_id)


@answering.route("/verslagen/<int:report_id>/gegeven")
def given(report_id: int) -> ViewResponse:
    """Offer the next report that waits, after the answer to this one was given or planned."""
    report = permissions.get_or_404(report_id, by=current_actor(), at=g.now)
    report_view = report_loading.load_without_texts(report_id, by=current_actor(), at=g.now)
    if ReportPart.FEEDBACK_DRAFT not in report_view.visible_parts:
        raise NotFound
    due_at = release.planned_for(report.id)
    waiting = [item for item in _waiting_reports(report) if item.report_id != report.id]
    is_given = report.state in (State.RETURNED, State.ANSWERED, State.CLOSED)
    if not waiting or not (is_given or due_at):
        return see_other("courses.show", course_id=report.course_id)
    asked_id = parse_id(request.args.get("volgende", ""))
    # Another teacher may have answered that one meanwhile.
    chosen = (item for item in waiting if item.report_id == asked_id)
    return render_template(
        "teacher/answer_given.html",
        report_view=report_view,
        planned_text=planned_text(due_at) if due_at else "",
        next_waiting=next(chosen, waiting[0]),
    )


def _return_with_question(report: Report) -> None:
    report.return_with_question(by=current_actor(), at=g.now)
    flash_message(N_("Returned with your question. The student can go on writing."))


def _give_answer(report: Report) -> None:
    report.answer(by=current_actor(), at=g.now)
    flash_message(N_("Your answer is given."))


def _plan_for_morning(report: Report) -> None:
    """Plan the answer for the next school morning; the page offers this in quiet hours."""
    morning = calendar.next_school_morning(g.now, zone=app_settings().timezone)
    # By the worker, even for one report: until then it can really be taken back (decision 18).
    release.plan([report.id], action=Action.ANSWER, due_at=morning, by=current_actor(), at=g.now)
    flash_message(
        N_("It goes %(moment)s. Until then you can take it back."),
        moment=format_moment(morning),
    )


# By the value of the button; any other, such as "keep", only saves.
_BUTTONS = {
    "ask_on":  _Button(Action.RETURN_WITH_QUESTION, _return_with_question),
    "answer":  _Button(Action.ANSWER,               _give_answer),
    "morning": _Button(Action.ANSWER,               _plan_for_morning),
}  # fmt: skip


@answering.route("/verslagen/<int:report_id>/ingeleverd")
def hand_ins(report_id: int) -> str:
    """Show what was handed in before."""
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    return render_template(
        "teacher/hand_ins.html",
        report_view=report_view,
        hand_ins=history.hand_ins(report_id, by=current_actor(), at=g.now),
    )
