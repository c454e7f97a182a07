"""Peer review: a colleague's page to suggest other texts, and what the teacher does with them."""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, g, render_template, request

from reflect.access.view_models import ReportView
from reflect.errors import InvalidReviewer, InvalidTransition, NoteTooLong, NotFound
from reflect.i18n import N_
from reflect.peer_review import request_note, review_loading, reviews
from reflect.peer_review.request_note import NOTE_SECTION
from reflect.peer_review.review_loading import OwnSuggestions, PeerReviewPanel, ReviewRequestView
from reflect.reports.report import Report
from reflect.reports.revisions import SaveResult
from reflect.reports.workflow import Action
from reflect.school.people import PersonRef
from reflect.text.numbers import parse_id
from reflect.web.report_forms import (
    ReportForm,
    Submission,
    field_name,
    initial_values,
    known_fields_only,
    parse_submission,
    suggestion_form_class,
)
from reflect.web.request_context import current_actor, form_number
from reflect.web.responses import ViewResponse, flash_message, see_other, wants_json
from reflect.web.shared.editor_api import new_save_key, save_response
from reflect.web.teacher.answer_texts import answer_texts, contents_by_section

peer_review = Blueprint("peer_review", __name__)


@peer_review.route("/meelezen/<int:review_id>", methods=["GET"])
def show(review_id: int) -> ViewResponse:
    review = review_loading.load_request_to_me(review_id, by=current_actor(), at=g.now)
    report_view = _load_draft(review)
    own_suggestions = review_loading.own_suggestions(_get_request_or_404(review_id))
    if review.is_open:
        form = _initial_form(report_view, own_suggestions)
        return _render_page(review, report_view, own_suggestions, form)
    # What arrived after the end is in no suggestion: its writer alone can still read it here.
    if own_suggestions.conflicts:
        return render_template(
            "teacher/review_ended.html",
            review=review,
            report_view=report_view,
            unused_texts=_unused_texts(report_view, own_suggestions),
        )
    return see_other("reports.show", report_id=review.report_id)


def _load_draft(review: ReviewRequestView) -> ReportView:
    return review_loading.load_draft(review, by=current_actor(), at=g.now)


def _get_request_or_404(review_id: int) -> reviews.ReviewRequest:
    return review_loading.get_request_or_404(review_id, by=current_actor(), at=g.now)


@peer_review.route("/meelezen/<int:review_id>", methods=["POST"])
def save(review_id: int) -> ViewResponse:
    """Save what the colleague would write instead."""
    review = review_loading.load_request_to_me(review_id, by=current_actor(), at=g.now)
    report_view = _load_draft(review)
    review_request = _get_request_or_404(review_id)
    submission = parse_submission(request.form)
    form_class = suggestion_form_class(report_view.form)
    # Saved before the form is checked: an error on the page must not cost anybody a text.
    result = reviews.save_suggestions(
        review_request,
        known_fields_only(submission.contents, form_class),
        base_version=submission.version,
        save_key=submission.save_key,
        by=current_actor(),
        at=g.now,
    )
    if wants_json():
        return save_response(result)
    form = form_class()
    if not form.validate():
        form.version.data = str(result.version)
        own_suggestions = review_loading.own_suggestions(review_request)
        return _render_page(review, report_view, own_suggestions, form), 422
    # A conflicting text is in no suggestion: the reviewer must see it before the end.
    if request.form.get("do") == "done" and not result.conflicts:
        review_request.end(by=current_actor(), at=g.now)
        flash_message(
            N_("Thank you for reading along. Your colleague finds your suggestions at the answer.")
        )
        return see_other("reports.home")
    flash_message(_saved_message(review, result))
    return see_other("peer_review.show", review_id=review_id)


def _saved_message(review: ReviewRequestView, result: SaveResult) -> str:
    if not result.conflicts:
        return N_("Kept. Your colleague finds it at the answer.")
    if not review.is_open:
        return N_("Reading along had ended already. What you wrote is kept, and stands below.")
    return N_("Something else of yours stood here already. Both texts are kept, and stand below.")


def _unused_texts(
    report_view: ReportView, own_suggestions: OwnSuggestions
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the conflicting texts by field, each with two headings of which one is empty.

    The first is the section's prompt, in the report's language; the second the field's label.
    """
    prompts = {
        section.key: section.prompt
        for section in (*report_view.form.sections, *report_view.form.teacher_sections)
    }
    form = suggestion_form_class(report_view.form)()
    unused_texts = []
    for (section, field), texts in own_suggestions.conflicts.items():
        prompt = prompts.get(section, "")
        label = "" if section in prompts else form[field_name(section, field)].label.text
        unused_texts.append((prompt, label, texts))
    return unused_texts


def _initial_form(report_view: ReportView, own_suggestions: OwnSuggestions) -> ReportForm:
    """Return the form with what the colleague suggested so far, else with the draft itself."""
    # The draft itself to begin with: a colleague changes a sentence, and writes no answer of
    # their own.
    contents = contents_by_section({**answer_texts(report_view), **own_suggestions.current})
    for section, revision_id in own_suggestions.base_revision_ids.items():
        contents.setdefault(section, {})[reviews.BASED_ON_FIELD] = str(revision_id)
    form_class = suggestion_form_class(report_view.form)
    return form_class(
        data={
            **initial_values(contents, form_class),
            "version": str(own_suggestions.version),
            "save_key": new_save_key(),
        }
    )


def _render_page(
    review: ReviewRequestView,
    report_view: ReportView,
    own_suggestions: OwnSuggestions,
    form: ReportForm,
) -> str:
    return render_template(
        "teacher/peer_review.html",
        review=review,
        report_view=report_view,
        own_suggestions=own_suggestions,
        form=form,
    )


def review_panel(
    report: Report, report_view: ReportView, colleagues: list[PersonRef]
) -> PeerReviewPanel:
    """Return the peer review as the answer desk shows it; `colleagues` can be asked."""
    return review_loading.panel_for_report(
        report, answer_texts(report_view), colleagues, by=current_actor(), at=g.now
    )


def save_request_note(report: Report, submission: Submission, result: SaveResult) -> SaveResult:
    """Save the note to a colleague that the answer desk sent, and add its outcome to `result`."""
    note_content = submission.contents.get(NOTE_SECTION, {})
    if request_note.TEXT_FIELD not in note_content:
        return result
    outcome = request_note.save_note(
        report, note_content, save_key=submission.save_key, by=current_actor(), at=g.now
    )
    return replace(result, outcomes={**result.outcomes, NOTE_SECTION: outcome})


def perform_action(report: Report, pressed: str) -> ViewResponse | None:
    """Do what a button of the peer review asks for; return None for any other button.

    The buttons are in the answer's own form, so that what was typed is saved first.
    """
    name, _, number = pressed.partition(":")
    perform = _BUTTONS.get(name)
    if perform is None:
        return None
    # An error raised here would roll back what was saved just now.
    if not report.can(Action.WRITE_ANSWER, by=current_actor()):
        flash_message(InvalidTransition.message)
        return see_other("reports.show", report_id=report.id)
    anchor = perform(report, parse_id(number))
    return see_other("answering.edit", report_id=report.id, anchor=anchor)


def _request_review(report: Report, _number: int) -> str:
    saved_note = request_note.load_note(report, by=current_actor()).text
    submitted = parse_submission(request.form).contents.get(NOTE_SECTION, {})
    note = submitted.get(request_note.TEXT_FIELD, saved_note)
    # A note that is too long was not saved either: that is an error of its own.
    if note != saved_note and len(note) <= reviews.MAX_NOTE_LENGTH:
        flash_message(
            N_("Something else of yours stood here already. Both texts are kept, and stand below."),
            category=NOTE_SECTION,
        )
        return NOTE_SECTION
    try:
        reviews.request_review(
            report, form_number("colleague"), note=note, by=current_actor(), at=g.now
        )
        flash_message(
            N_("Asked. Your colleague finds it on the page they begin with."),
            category=NOTE_SECTION,
        )
    except (InvalidReviewer, NoteTooLong) as error:
        flash_message(error.message, category=NOTE_SECTION)
        flash_message(error.hint, category=NOTE_SECTION)
    return NOTE_SECTION


def _end_review(_report: Report, review_id: int) -> str:
    _get_request_or_404(review_id).end(by=current_actor(), at=g.now)
    flash_message(N_("Ended. What your colleague suggested stays here."), category=NOTE_SECTION)
    return NOTE_SECTION


def _accept(report: Report, suggestion_id: int) -> str:
    suggestion = _get_suggestion_or_404(report, suggestion_id)
    anchor = field_name(suggestion.section, suggestion.field)
    if suggestion.accept(by=current_actor(), at=g.now).conflicts:
        flash_message(
            N_("You changed this text meanwhile. Both are kept: choose between them here."),
            category=anchor,
        )
    else:
        flash_message(
            N_("Taken over: it is your text now, and you can go on with it."), category=anchor
        )
    return anchor


def _decline(report: Report, suggestion_id: int) -> str:
    suggestion = _get_suggestion_or_404(report, suggestion_id)
    anchor = field_name(suggestion.section, suggestion.field)
    suggestion.decline(by=current_actor(), at=g.now)
    flash_message(N_("Not taken over. You can still find it under the field."), category=anchor)
    return anchor


def _get_suggestion_or_404(report: Report, suggestion_id: int) -> reviews.Suggestion:
    """Return a suggestion for this report. Raises NotFound."""
    suggestion = review_loading.get_suggestion_or_404(suggestion_id, by=current_actor(), at=g.now)
    review_request = _get_request_or_404(suggestion.review_request_id)
    # The number comes from the page: it must not reach a suggestion for another report.
    if review_request.report_id != report.id:
        raise NotFound
    return suggestion


# By the part of the button's value before the colon; after it is the id that the function takes,
# of a request or a suggestion. Each returns where on the page its message is shown.
_BUTTONS: dict[str, Callable[[Report, int], str]] = {
    "ask_along": _request_review,
    "end_along": _end_review,
    "accept":    _accept,
    "decline":   _decline,
}  # fmt: skip
