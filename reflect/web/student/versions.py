"""The earlier versions of a student's texts, and taking one back."""

from flask import Blueprint, g, render_template, request

from reflect.access import history, report_loading
from reflect.access.view_models import ReportView
from reflect.i18n import N_
from reflect.reports import conflict_choice
from reflect.reports.report import CLOSING, Report
from reflect.reports.workflow import Action
from reflect.text.numbers import parse_id
from reflect.web.forms import EmptyForm
from reflect.web.request_context import current_actor
from reflect.web.responses import ViewResponse, flash_message
from reflect.web.shared.editor_api import see_section_of_student
from reflect.web.student.report_actions import own_report_or_404

versions = Blueprint("versions", __name__)


@versions.route("/verslagen/<int:report_id>/versies")
def show(report_id: int) -> str:
    report = own_report_or_404(report_id)
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    versions_newest_first = history.version_refs(report.id, by=current_actor(), at=g.now)
    show_all = "alles" in request.args
    if not show_all:
        # A save every few seconds is too many to look through.
        versions_newest_first = history.latest_per_writing_spell(versions_newest_first)
    # No number at all is no page: 0, which does not exist.
    page_number = parse_id(request.args.get("pagina", "1"))
    return render_template(
        "student/versions.html",
        report_view=report_view,
        version_page=history.version_page(versions_newest_first, number=page_number),
        show_all=show_all,
        restorable_sections=_restorable_sections(report, report_view),
        empty_form=EmptyForm(),
    )


def _restorable_sections(report: Report, report_view: ReportView) -> set[str]:
    # By the state of the report: what is handed in can be read here, and not changed.
    restorable = set[str]()
    if report.can(Action.WRITE, by=current_actor()):
        restorable |= {section.key for section in report_view.form.sections}
    if report.can(Action.WRITE_CLOSING, by=current_actor()):
        restorable |= {CLOSING}
    return restorable


@versions.route("/verslagen/<int:report_id>/versies/<int:revision_id>/terug", methods=["POST"])
def restore(report_id: int, revision_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    section = conflict_choice.restore_version(report, revision_id, by=current_actor(), at=g.now)
    flash_message(
        N_("You have this text back. What stood there before is kept as an earlier version.")
    )
    return see_section_of_student(report_id, section, anchor=section)
