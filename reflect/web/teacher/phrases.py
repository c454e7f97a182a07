"""A teacher's phrases: the page to write, share and remove them, and the list at the answer desk.

A phrase is a snippet of the snippet bank, `reflect.reports.snippets`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, g, jsonify, render_template
from wtforms.fields.choices import SelectChoice

from reflect.access import own_answers
from reflect.access.view_models import PersonRef, ReportView
from reflect.errors import NotFound, SnippetEmpty, SnippetTooLong, TooManySnippets
from reflect.i18n import N_
from reflect.reports import snippets
from reflect.reports.report import Report
from reflect.reports.snippets import AvailableSnippet
from reflect.web.forms import EmptyForm, PhraseForm
from reflect.web.request_context import current_actor
from reflect.web.responses import ViewResponse, flash_message, see_other, wants_json
from reflect.web.teacher.answer_texts import answer_texts
from reflect.web.translations import gettext, translate_error

phrases = Blueprint("phrases", __name__)

_PhraseError = SnippetEmpty | SnippetTooLong | TooManySnippets
_PHRASE_ERRORS = (SnippetEmpty, SnippetTooLong, TooManySnippets)


@phrases.route("/zinnen", methods=["GET"])
def index() -> ViewResponse:
    return _render_index(_phrase_form())


@phrases.route("/zinnen", methods=["POST"])
def add() -> ViewResponse | Response:
    """Add a phrase, from its page or from the answer desk (as JSON)."""
    form = _phrase_form()
    if not form.is_submitted():
        return _render_index(form)
    subject_id = _chosen_subject_id(form)
    try:
        snippet = snippets.add_snippet(
            form.text.data or "", subject_id=subject_id, by=current_actor(), at=g.now
        )
    except _PHRASE_ERRORS as error:
        if wants_json():
            raise  # the script shows the message of the error itself
        return _render_index(_with_error(form, error)), 422
    if wants_json():
        return jsonify(
            id=snippet.id, text=snippet.text, sentence=gettext("Kept with your phrases.")
        )
    flash_message(N_("Kept with your phrases."))
    return see_other("phrases.index")


@phrases.route("/zinnen/<int:phrase_id>", methods=["GET"])
def edit(phrase_id: int) -> ViewResponse:
    snippet = snippets.get_own_snippet(phrase_id, by=current_actor())
    form = _phrase_form(data={"text": snippet.text, "subject": str(snippet.subject_id or "")})
    return _render_edit(phrase_id, form)


@phrases.route("/zinnen/<int:phrase_id>", methods=["POST"])
def update(phrase_id: int) -> ViewResponse:
    snippet = snippets.get_own_snippet(phrase_id, by=current_actor())
    form = _phrase_form()
    if not form.is_submitted():
        return _render_edit(phrase_id, form)
    subject_id = _chosen_subject_id(form)
    try:
        snippet.rewrite(form.text.data or "", subject_id=subject_id, by=current_actor(), at=g.now)
    except _PHRASE_ERRORS as error:
        return _render_edit(phrase_id, _with_error(form, error)), 422
    flash_message(N_("Kept with your phrases."))
    return see_other("phrases.index")


@phrases.route("/zinnen/<int:phrase_id>/weghalen", methods=["POST"])
def remove(phrase_id: int) -> ViewResponse:
    # Archived and not deleted: the page can put it back.
    snippets.get_own_snippet(phrase_id, by=current_actor()).archive(by=current_actor(), at=g.now)
    flash_message(N_("Taken away. Below you can put it back."))
    return see_other("phrases.index")


def _phrase_form(data: dict[str, str] | None = None) -> PhraseForm:
    """Return the form with the subjects that I teach. Raises NotFound when I teach none."""
    taught_subjects = snippets.taught_subjects(by=current_actor())
    # Phrases are for answers, so only teachers have this page.
    if not taught_subjects:
        raise NotFound
    form = PhraseForm(data=data)
    shared_choices = [
        SelectChoice(str(subject_id), gettext("Shared with who teaches %(subject)s", subject=name))
        for subject_id, name in taught_subjects
    ]
    form.subject.choices = [SelectChoice("", gettext("Only for me")), *shared_choices]
    return form


def _chosen_subject_id(form: PhraseForm) -> int | None:
    """Return the chosen subject, None for "only for me". Raises NotFound when it is not mine."""
    chosen = form.subject.data or ""
    if chosen not in {choice.value for choice in form.subject.choices}:
        raise NotFound
    return int(chosen) if chosen else None


def _with_error(form: PhraseForm, error: _PhraseError) -> PhraseForm:
    form.text.errors = translate_error(error)
    return form


def _render_index(form: PhraseForm) -> str:
    available = snippets.available_snippets(by=current_actor())
    return render_template(
        "teacher/my_phrases.html",
        form=form,
        empty_form=EmptyForm(),
        own_snippets=[snippet for snippet in available if snippet.owner is None],
        shared_snippets=[snippet for snippet in available if snippet.owner],
        removed_texts=snippets.archived_texts(by=current_actor()),
        newest_own_id=_newest_own_id(available),
    )


def _render_edit(phrase_id: int, form: PhraseForm) -> str:
    return render_template(
        "teacher/edit_phrase.html",
        form=form,
        phrase_id=phrase_id,
        newest_own_id=_newest_own_id(snippets.available_snippets(by=current_actor())),
    )


def _newest_own_id(available: Sequence[AvailableSnippet]) -> int:
    """Return the id of my newest phrase.

    When it is another one than before, what was typed has arrived, and the page can drop the
    copy of it that waits on the device.
    """
    return max((snippet.id for snippet in available if snippet.owner is None), default=0)


@dataclass(frozen=True)
class FilledSnippet:
    """A phrase for one answer, with its placeholders filled in.

    `used_for`: the other students to whom it went, where they are many.
    """

    snippet: AvailableSnippet
    filled_text: str
    used_for: tuple[PersonRef, ...]


@dataclass(frozen=True)
class SnippetList:
    """The phrases at the answer desk; `repeated` are in this answer and in those of many others."""

    snippets: Sequence[FilledSnippet]
    repeated: Sequence[FilledSnippet]


def snippets_for_answer(
    report: Report, report_view: ReportView, earlier_view: ReportView | None
) -> SnippetList:
    """Return the phrases for this answer.

    `earlier_view`: the student's report of the round before, for a goal to fill in.
    """
    available = snippets.available_snippets(by=current_actor(), course_id=report.course_id)
    used_for = _used_for(report, available)
    goal = _first_goal(report_view, earlier_view)
    filled_snippets = [
        FilledSnippet(
            snippet,
            snippets.fill_placeholders(
                snippet.text,
                name=report_view.student.given_name,
                goal=goal,
                language=report_view.language,
            ),
            used_for.get(snippet.id, ()),
        )
        for snippet in available
    ]
    # Only a phrase that is in this answer too is worth a warning.
    texts = list(answer_texts(report_view).values())
    repeated = [
        filled
        for filled in filled_snippets
        if filled.used_for and snippets.occurs_in(filled.snippet.text, texts)
    ]
    return SnippetList(filled_snippets, repeated)


def _used_for(
    report: Report, available: Sequence[AvailableSnippet]
) -> dict[int, tuple[PersonRef, ...]]:
    if not available:
        return {}
    own_texts = own_answers.own_texts_by_student(report.id, by=current_actor(), at=g.now)
    return snippets.used_for_many(available, own_texts)


def _first_goal(report_view: ReportView, earlier_view: ReportView | None) -> str:
    """Return a goal of this report, else one of the round before, "" if there is none."""
    goals = [*report_view.goals, *(earlier_view.goals if earlier_view else ())]
    return goals[0].description if goals else ""
