"""Writing a report: all of it on one page, or a section at a time."""

from collections.abc import Mapping

from flask import Blueprint, flash, g, render_template, request

from reflect.access import audience, goals, report_loading
from reflect.access.unsaved_texts import with_own_texts
from reflect.access.view_models import Goal, ReportView
from reflect.i18n import N_
from reflect.reports import evidence, revisions
from reflect.reports.form_schema import EARLIER_GOALS, FormSchema, Section, clean_content, is_empty
from reflect.reports.forms import forms_by_id
from reflect.reports.report import Report, Revision, Voice
from reflect.reports.revisions import SaveResult
from reflect.reports.workflow import Action
from reflect.web.report_forms import (
    ReportForm,
    Submission,
    initial_values,
    parse_submission,
    writing_form_class,
)
from reflect.web.request_context import current_actor, current_user
from reflect.web.responses import ViewResponse, flash_message, see_other, wants_json
from reflect.web.shared import evidence_files
from reflect.web.shared.editor_api import (
    choose_editor_mode,
    new_save_key,
    save_response,
    save_submission,
)
from reflect.web.student.report_actions import own_report_or_404

writing = Blueprint("writing", __name__)

# What a page sent, by section.
Contents = Mapping[str, Mapping[str, str]]
ConflictsBySection = Mapping[str, list[Revision]]


@writing.route("/verslagen/<int:report_id>/schrijven", methods=["GET"])
def edit(report_id: int) -> ViewResponse:
    report, report_view = report_loading.load_own(report_id, by=current_actor(), at=g.now)
    if not report.can(Action.WRITE, by=current_actor()):
        return see_other("reports.show", report_id=report_id)
    version, conflicts = revisions.version_and_conflicts(report, voice=Voice.STUDENT)
    form = _initial_form(report_view, version)
    section_key = request.args.get("deel", "")
    return _render_page(report, report_view, form, conflicts, section_key=section_key)


def _initial_form(report_view: ReportView, version: int) -> ReportForm:
    form_class = writing_form_class(report_view.form)
    values = initial_values(_contents_by_section(report_view), form_class)
    return form_class(data={**values, "version": str(version), "save_key": new_save_key()})


def _contents_by_section(report_view: ReportView) -> dict[str, Mapping[str, str]]:
    return {
        section_view.section.key: section_view.student_content
        for section_view in report_view.sections
    }


def _render_page(
    report: Report,
    report_view: ReportView,
    form: ReportForm,
    conflicts: ConflictsBySection,
    *,
    section_key: str,
) -> str:
    """Return the page; where it has one section: `section_key`, or for "" the first empty one."""
    contents = _contents_by_section(report_view)
    earlier_goals = _earlier_goals(report_view)
    # A first report has no goals to look back at.
    sections = [
        section
        for section in report_view.form.sections
        if section.key != EARLIER_GOALS or earlier_goals or contents.get(EARLIER_GOALS)
    ]
    user = current_user()  # always somebody: the report is theirs
    section_by_section = user is not None and user.editor_mode == "one"
    first, end = 0, len(sections)
    if section_by_section:
        first = _section_index(sections, contents, section_key)
        end = first + 1
    return render_template(
        "student/write.html",
        report_view=report_view,
        form=form,
        conflicts=_conflict_texts(conflicts, report_view),
        earlier_goals=earlier_goals,
        section_audiences=audience.section_audiences(
            report, sections, by=current_actor(), at=g.now
        ),
        contents=contents,
        sections=sections,
        section_by_section=section_by_section,
        shown_sections=sections[first:end],
        previous_section=sections[first - 1] if first else None,
        next_section=sections[end] if end < len(sections) else None,
    )


def _earlier_goals(report_view: ReportView) -> tuple[Goal, ...]:
    if all(section.key != EARLIER_GOALS for section in report_view.form.sections):
        return ()
    return goals.previous_goals(report_view.id, by=current_actor(), at=g.now)


def _section_index(
    sections: list[Section], contents: Mapping[str, Mapping[str, str]], section_key: str
) -> int:
    """Return which section to show: the one that was asked for, else the first empty one."""
    keys = [section.key for section in sections]
    if section_key in keys:
        return keys.index(section_key)
    empty_ones = (index for index, key in enumerate(keys) if is_empty(contents.get(key, {})))
    return next(empty_ones, 0)


def _conflict_texts(
    conflicts: ConflictsBySection, report_view: ReportView
) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """Return by section the texts that wait for a choice, each with the id of its revision."""
    section_keys = {section_view.section.key for section_view in report_view.sections}
    return {
        key: [(revision.id, revision.content) for revision in conflicting]
        for key, conflicting in conflicts.items()
        if key in section_keys
    }


@writing.route("/verslagen/<int:report_id>/schrijven", methods=["POST"])
def save(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    choose_editor_mode()
    submission = parse_submission(request.form)
    form = forms_by_id({report.form_id})[report.form_id]
    # Without scripts a file comes with the form; with scripts there is none here.
    contents, refused_files = evidence_files.add_uploaded_files(
        report, _clean_contents(form, submission)
    )
    # Saved before anything is checked: an error on the page must not cost anybody a text.
    result = save_submission(report, contents, submission, action=Action.WRITE)
    if wants_json():  # the page stays open and says itself what happened
        return save_response(result)
    if refused_files:
        return _response_after_refusal(report, result, refused_files, contents)
    is_saved = not result.too_long and not result.conflicts
    may_write = report.can(Action.WRITE, by=current_actor())
    long_caption = evidence.first_long_caption(contents)
    if is_saved and may_write and long_caption:
        # It is kept whole; its field says to make it shorter.
        section, key = long_caption
        return _see_section(report.id, section, anchor=f"caption-{key}")
    return _response_after_save(report, result, contents)


def _clean_contents(form: FormSchema, submission: Submission) -> dict[str, dict[str, str]]:
    sections = {section.key: section for section in form.sections}
    return {
        key: clean_content(sections[key], content)
        for key, content in submission.contents.items()
        if key in sections
    }


def _response_after_refusal(
    report: Report, result: SaveResult, refused_files: Mapping[str, str], contents: Contents
) -> ViewResponse:
    """Show at the field of each file why it was refused, and go to the first one.

    When a text needs attention too, that comes first, and the reasons are shown on top.
    """
    if result.too_long or result.conflicts:
        for reason in refused_files.values():
            flash(reason, "notice")
        return _response_after_save(report, result, contents)
    for section, reason in refused_files.items():
        flash(reason, evidence_files.file_input_id(section))
    section = next(iter(refused_files))
    return _see_section(report.id, section, anchor=evidence_files.file_input_id(section))


def _response_after_save(report: Report, result: SaveResult, contents: Contents) -> ViewResponse:
    if result.too_long:
        # 422: the text that is not kept is still on the page, where it can be made shorter.
        return _too_long_page(report, result, contents), 422
    # Handed in from another window or device, while this page was still open.
    if not report.can(Action.WRITE, by=current_actor()):
        flash_message(
            N_(
                "This report is no longer yours to change. "
                "What you just typed is kept with your earlier versions."
            )
        )
        return see_other("reports.show", report_id=report.id)
    if result.conflicts:
        flash_message(
            N_(
                "Meanwhile you wrote something else in another window. "
                "Both texts are kept: look below and choose."
            )
        )
        return _see_section(report.id, result.conflicts[0], anchor=result.conflicts[0])
    return _next_page(report)


def _too_long_page(report: Report, result: SaveResult, contents: Contents) -> str:
    """Return the page as it was sent, with an error at each text that is too long."""
    report_view = report_loading.load(report.id, by=current_actor(), at=g.now)
    # Of a section that is not kept the captions stand nowhere else, and perhaps the pieces too.
    not_kept = {section: contents[section] for section in result.too_long}
    report_view = with_own_texts(report_view, not_kept, by=current_actor())
    form = writing_form_class(report_view.form)(data={"version": str(result.version)})
    form.validate()
    # What was sent goes before `data`, and it is older: the other texts have been saved by now.
    form.version.data = str(result.version)
    # Shown one at a time, another section would leave out the text that is nowhere else.
    conflicts = revisions.conflicts_of(report, voice=Voice.STUDENT)
    return _render_page(report, report_view, form, conflicts, section_key=result.too_long[0])


def _next_page(report: Report) -> ViewResponse:
    """Return a redirect to where the pressed button leads: "keep", "hand_in", "go:<section>".

    "keep:<section>" stays at a section of a page that shows one at a time.
    """
    # Without a button, such as after another language was chosen, the same section is shown.
    default = f"keep:{request.args.get('deel', '')}"
    action, _, section = request.form.get("do", default).partition(":")
    if action == "hand_in":
        return see_other("report_actions.confirm_hand_in", report_id=report.id)
    if action == "go":
        return _see_section(report.id, section or None, anchor=section)
    flash_message(N_("Kept. You can go on, or come back later."))
    return _see_section(report.id, section or None, anchor=None)


def _see_section(report_id: int, section: str | None, *, anchor: str | None) -> ViewResponse:
    return see_other("writing.edit", report_id=report_id, deel=section, anchor=anchor)
