"""My own report with texts in it that are not saved, such as one that is too long."""

from collections.abc import Mapping
from dataclasses import replace

from reflect.access.evidence_views import evidence_views
from reflect.access.view_models import ReportView
from reflect.errors import NotFound
from reflect.reports import evidence
from reflect.school.people import Actor


def with_own_texts(
    report_view: ReportView, contents: Mapping[str, Mapping[str, str]], *, by: Actor
) -> ReportView:
    """Return my own report with these texts of mine, by section, in place of what is saved.

    With the pieces of evidence that they name, which no saved text may name yet. Raises NotFound.
    """
    if report_view.student.id != by.id:
        raise NotFound
    section_views = tuple(
        replace(view, student_content=contents[view.section.key])
        if view.section.key in contents
        else view
        for view in report_view.sections
    )
    rows = evidence.evidence_of([report_view.id])
    own_evidence = evidence_views(report_view.id, section_views, rows)
    return replace(report_view, sections=section_views, evidence_by_key=own_evidence)
