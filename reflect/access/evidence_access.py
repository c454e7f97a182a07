"""Loading a piece of evidence of a report: whoever may read the text may see its files."""

from datetime import datetime

from reflect.access import access_log
from reflect.access.permissions import Viewer
from reflect.access.readings import is_viewer, readings_in
from reflect.access.report_loading import load, load_unlogged
from reflect.access.view_models import ReportView
from reflect.db.session import short_write
from reflect.errors import NotFound
from reflect.reports import evidence
from reflect.reports.evidence import Evidence
from reflect.school.people import Actor


def find_evidence(report_id: int, key: str, *, by: Viewer, at: datetime) -> Evidence:
    """Return a piece of evidence of a text that the viewer may read, or of their own report.

    Nobody has its file yet: whoever hands it over calls `record_file` before. Raises NotFound.
    """
    # Loading the report checks the right: files have no rule of their own.
    report_view = _load_unlogged(report_id, by=by, at=at)
    evidence_row = evidence.evidence_of([report_id]).get(key)
    if evidence_row is None:
        raise NotFound
    # One's own evidence also when no text names it yet: it is shown as soon as it is uploaded.
    if key not in report_view.evidence_by_key and not is_viewer(report_view.student.id, by=by):
        raise NotFound
    return evidence_row


def record_file(report_id: int, *, by: Viewer, at: datetime) -> None:
    """Log that the viewer gets a file of this report. Raises NotFound."""
    if isinstance(by, Actor):
        load(report_id, by=by, at=at)
        return
    # It belongs to the opening of the link, which nearly always is in the log: nobody waits then.
    report_view = _load_unlogged(report_id, by=by, at=at)
    if readings_in([report_view], by=by) and not access_log.is_file_of_opening(
        report_id, share_id=by.share_id, at=at
    ):
        with short_write():
            access_log.record_link_file(
                report_id, person_id=by.person_id, share_id=by.share_id, at=at
            )


def _load_unlogged(report_id: int, *, by: Viewer, at: datetime) -> ReportView:
    report_views = load_unlogged([report_id], by=by, at=at)
    if not report_views:
        raise NotFound
    return report_views[0]
