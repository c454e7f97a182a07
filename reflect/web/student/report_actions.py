"""What a student does with a report besides writing: begin, hand in, take back, reopen."""

from flask import Blueprint, g, render_template

from reflect.access import audience, permissions, report_loading
from reflect.access.access_log import access_entries
from reflect.access.view_models import MediaKind, ReportView, SectionView
from reflect.errors import (
    CaptionMissing,
    InvalidTransition,
    NotFound,
    ReasonMissing,
    StudentHasLeft,
)
from reflect.i18n import N_
from reflect.reports import revisions
from reflect.reports.report import Report, Voice, has_role, start_report
from reflect.reports.workflow import Action, Role
from reflect.web.forms import EmptyForm, ReopenForm
from reflect.web.request_context import app_settings, current_actor, form_number
from reflect.web.responses import ViewResponse, flash_message, form_status, see_other
from reflect.web.translations import translate_error

report_actions = Blueprint("report_actions", __name__)


def own_report_or_404(report_id: int) -> Report:
    """Return my own report. Raises NotFound, also for one that I may only read."""
    report = permissions.get_or_404(report_id, by=current_actor(), at=g.now)
    if report.student_id != current_actor().id:
        raise NotFound
    return report


@report_actions.route("/verslagen/begin", methods=["POST"])
def begin() -> ViewResponse:
    report = start_report(
        form_number("round"), course_id=form_number("course"), by=current_actor(), at=g.now
    )
    return see_other("writing.edit", report_id=report.id)


@report_actions.route("/verslagen/<int:report_id>/inleveren", methods=["GET"])
def confirm_hand_in(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    # A page that was left open, or gone back to, may lead here after the report was handed in.
    if not report.can(Action.HAND_IN, by=current_actor()):
        return see_other("reports.show", report_id=report_id)
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    return _render_hand_in(report, report_view)


_HANDED_IN = N_(
    "Handed in. Your teacher can read it now. "
    "As long as they have not opened it, you can take it back."
)
_UNREAD = N_("Handed in. Nobody teaches this course now, so no teacher reads it yet.")


@report_actions.route("/verslagen/<int:report_id>/inleveren", methods=["POST"])
def hand_in(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    # `Report.hand_in` does not know about captions: this view is the only way to hand in.
    # In another state `hand_in` refuses it, with an error that says more.
    if _keys_without_caption(report_view) and report.can(Action.HAND_IN, by=current_actor()):
        error_texts = translate_error(CaptionMissing())
        return _render_hand_in(report, report_view, error_texts=error_texts), 422
    report.hand_in(by=current_actor(), at=g.now)
    readers = audience.readers_of(report, by=current_actor(), at=g.now)
    flash_message(_HANDED_IN if any(reader.is_teacher for reader in readers) else _UNREAD)
    return see_other("reports.show", report_id=report_id)


def _render_hand_in(
    report: Report, report_view: ReportView, *, error_texts: tuple[str, ...] = ()
) -> str:
    by = current_actor()
    audiences = audience.section_audiences(report, list(report_view.form.sections), by=by, at=g.now)
    return render_template(
        "student/hand_in.html",
        report_view=report_view,
        form=EmptyForm(),
        sections_for_teacher=[
            view for view in report_view.sections if audience.teacher_reads(view.section, audiences)
        ],
        section_audiences=audiences,
        # Who reads it once it is handed in, and is not there for the answer.
        readers=audience.readers_once_handed_in(report, by=by, at=g.now),
        without_caption=_keys_without_caption(report_view),
        conflicts=revisions.conflicts_of(report, voice=Voice.STUDENT),
        error_texts=error_texts,
    )


def _keys_without_caption(report_view: ReportView) -> list[str]:
    return [
        section_view.section.key
        for section_view in report_view.sections
        if _lacks_caption(section_view, report_view)
    ]


def _lacks_caption(section_view: SectionView, report_view: ReportView) -> bool:
    """Return whether there is a picture without a caption here."""
    return any(
        item.kind is MediaKind.PICTURE and not caption
        for item, caption in report_view.evidence_of(section_view.student_content)
    )


@report_actions.route("/verslagen/<int:report_id>/terugnemen", methods=["POST"])
def take_back(report_id: int) -> ViewResponse:
    own_report_or_404(report_id).take_back(by=current_actor(), at=g.now)
    flash_message(N_("You have it back. Your teacher did not read it."))
    return see_other("writing.edit", report_id=report_id)


@report_actions.route("/verslagen/<int:report_id>/heropenen", methods=["GET", "POST"])
def reopen(report_id: int) -> ViewResponse:
    """Open a closed report again, as its student or as its teacher."""
    report = permissions.get_or_404(report_id, by=current_actor(), at=g.now)
    # Mentor and guardians may read it, but this page is not for them: 404 and not 409.
    if not has_role(Role.EITHER, report, current_actor()):
        raise NotFound
    if not report.can(Action.REOPEN, by=current_actor()):
        raise InvalidTransition
    form = ReopenForm()
    if form.validate_on_submit():
        try:
            report.reopen(by=current_actor(), at=g.now, reason=form.reason.data or "")
        except (ReasonMissing, StudentHasLeft) as error:
            form.reason.errors = translate_error(error)
        else:
            flash_message(N_("Open again. Every earlier version is kept."))
            return see_other("reports.show", report_id=report_id)
    html = render_template(
        "shared/reopen.html",
        report_view=report_loading.load_without_texts(report_id, by=current_actor(), at=g.now),
        form=form,
        is_own=report.student_id == current_actor().id,
    )
    return html, form_status(form)


@report_actions.route("/verslagen/<int:report_id>/gelezen")
def access_log(report_id: int) -> str:
    report = own_report_or_404(report_id)
    zone = app_settings().timezone
    return render_template(
        "student/access_log.html",
        report_view=report_loading.load_without_texts(report_id, by=current_actor(), at=g.now),
        access_log=access_entries(report.id, by=current_actor(), at=g.now, zone=zone),
    )
