"""The student's last word and goals, with which a report is closed."""

from collections.abc import Mapping

from flask import Blueprint, g, render_template, request

from reflect.access import report_loading
from reflect.access.view_models import ReportView, parse_goals
from reflect.i18n import N_
from reflect.reports import revisions
from reflect.reports.form_schema import CLOSING, GOAL_ROWS
from reflect.reports.report import Report, Voice
from reflect.reports.workflow import Action
from reflect.text.characters import is_blank
from reflect.web.report_forms import (
    ReportForm,
    closing_form_class,
    initial_values,
    known_fields_only,
    parse_submission,
)
from reflect.web.request_context import current_actor
from reflect.web.responses import ViewResponse, flash_message, see_other, wants_json
from reflect.web.shared.editor_api import new_save_key, save_response, save_submission
from reflect.web.student.report_actions import own_report_or_404

closing = Blueprint("closing", __name__)


@closing.route("/verslagen/<int:report_id>/afronden", methods=["GET"])
def edit(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    if not report.can(Action.WRITE_CLOSING, by=current_actor()):
        return see_other("reports.show", report_id=report_id)
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    return _render_page(report, report_view, _initial_form(report, report_view))


@closing.route("/verslagen/<int:report_id>/afronden", methods=["POST"])
def save(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    submission = parse_submission(request.form)
    # Saved before the form is checked: an error on the page must not cost anybody a text.
    contents = known_fields_only(submission.contents, closing_form_class())
    result = save_submission(report, contents, submission, action=Action.WRITE_CLOSING)
    if wants_json():
        return save_response(result)
    form = _initial_form(report, report_view)
    if not form.validate():
        return _render_page(report, report_view, form), 422
    if result.conflicts:
        flash_message(
            N_("Something else stood here already. Both texts are kept: look below and choose.")
        )
        return see_other("closing.edit", report_id=report_id)
    action = request.form.get("do")
    if action not in ("close", "close_anyway"):
        flash_message(N_("Kept. You can go on, or come back later."))
        return see_other("closing.edit", report_id=report_id)
    # Asked before the question below: a report that cannot be closed needs no confirmation.
    report.ensure_can(Action.CLOSE, by=current_actor())
    content = submission.contents.get(CLOSING, {})
    # Asked once, and no error: a student may close a report without words.
    if action == "close" and not _says_something(content):
        return _render_page(report, report_view, form, confirm_action=action)
    return _close_report(report, content)


def _says_something(content: Mapping[str, str]) -> bool:
    return not is_blank(content.get("word", "")) or bool(parse_goals(content))


def _close_report(report: Report, content: Mapping[str, str]) -> ViewResponse:
    report.close(by=current_actor(), at=g.now)
    if parse_goals(content):
        flash_message(N_("Rounded off. Your goals come back in the next round."))
    else:
        flash_message(N_("Rounded off."))
    return see_other("reports.show", report_id=report.id)


def _render_page(
    report: Report, report_view: ReportView, form: ReportForm, *, confirm_action: str = ""
) -> str:
    """Return the page; `confirm_action`: closing without a word, to be confirmed."""
    conflicting_revisions = revisions.conflicts_of(report, voice=Voice.STUDENT).get(CLOSING, [])
    conflicts = [
        (revision.id, revision.content.get("word", ""), parse_goals(revision.content))
        for revision in conflicting_revisions
    ]
    return render_template(
        "student/close.html",
        report_view=report_view,
        form=form,
        conflicts=conflicts,
        confirm_action=confirm_action,
    )


def _initial_form(report: Report, report_view: ReportView) -> ReportForm:
    """Return the form with what was saved; in a POST, what was sent replaces it."""
    content = {"word": report_view.closing_word, **_goal_fields(report_view)}
    version = revisions.newest_revision_id(report, voice=Voice.STUDENT)
    values = initial_values({CLOSING: content}, closing_form_class())
    return closing_form_class()(
        data={**values, "version": str(version), "save_key": new_save_key()}
    )


def _goal_fields(report_view: ReportView) -> dict[str, str]:
    fields = {}
    # There may be fewer goals than rows.
    for row, goal in zip(GOAL_ROWS, report_view.goals, strict=False):
        fields[f"{row}.goal"] = goal.description
        fields[f"{row}.notice"] = goal.success_criterion
    return fields
