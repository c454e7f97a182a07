"""The pieces of evidence that the texts of a report refer to, as its reader may see them."""

from collections.abc import Iterable, Mapping

from reflect.access.view_models import EvidenceView, SectionView
from reflect.reports.evidence import Evidence
from reflect.reports.form_schema import evidence_keys


def evidence_views(
    report_id: int, section_views: Iterable[SectionView], evidence_rows: Mapping[str, Evidence]
) -> dict[str, EvidenceView]:
    """Return the evidence that the texts in these sections refer to, by key."""
    keys = [key for view in section_views for key in evidence_keys(view.student_content)]
    rows = [evidence_rows[key] for key in keys if key in evidence_rows]
    return {
        row.key: EvidenceView(row.key, row.kind, row.mime, row.size.width, row.size.height)
        for row in rows
        # A key in a text proves nothing: only this report's own pieces are shown.
        if row.report_id == report_id
    }
