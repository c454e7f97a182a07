"""Loading a piece of evidence of a report: whoever may read the text may see its files."""

from datetime import datetime

from reflect.access import access_log
from reflect.access.permissions import ShareLinkViewer, Viewer
from reflect.access.readings import is_viewer, readings_in
from reflect.access.report_loading import load, load_unlogged
from reflect.access.view_models import ReportView
from reflect.db.session import short_write
from reflect.errors import NotFound
from reflect.reports import evidence
from reflect.reports.evidence import Evidence
from reflect.school.people import Actor


def load_evidence(report_id: int, key: str, *, by: Viewer, at: datetime) -> Evidence:
    """Return a piece of evidence of a text that the viewer may read, or of their own report.

    Raises NotFound.
    """
    # Loading the report checks the right: files have no rule of their own.
    if isinstance(by, Actor):
        report_view = load(report_id, by=by, at=at)
    else:
        report_view = _load_by_link(report_id, by=by, at=at)
    evidence_row = evidence.evidence_of([report_id]).get(key)
    if evidence_row is None:
        raise NotFound
    # One's own evidence also when no text names it yet: it is shown as soon as it is uploaded.
    if key not in report_view.evidence_by_key and not is_viewer(report_view.student.id, by=by):
        raise NotFound
    if not isinstance(by, Actor) and readings_in([report_view], by=by):
        # Only now is it sure that somebody gets a file. Nobody waits until it is sent.
        with short_write():
            access_log.record_link_file(
                report_id, person_id=by.person_id, share_id=by.share_id, at=at
            )
    return evidence_row


def _load_by_link(report_id: int, *, by: ShareLinkViewer, at: datetime) -> ReportView:
    """Return a report whose link was opened before: its files belong to that opening."""
    report_views = load_unlogged([report_id], by=by, at=at)
    if not report_views:
        raise NotFound
    return report_views[0]
