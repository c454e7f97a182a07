"""The texts of a teacher's answer, by the section and the field of each."""

from collections.abc import Mapping

from reflect.access.view_models import ReportView
from reflect.peer_review.review_loading import FieldRef
from reflect.reports.report import OVERALL


def answer_texts(report_view: ReportView) -> dict[FieldRef, str]:
    """Return the text of each field in which a teacher answers in running text, or "".

    The fields in which the teacher chooses words for a level are in `teacher_sections`.
    """
    texts = {
        (section_view.section.key, "text"): section_view.teacher_text
        for section_view in report_view.sections
    }
    return texts | {(OVERALL, name): text for name, text in report_view.overall.items()}


def contents_by_section(texts: Mapping[FieldRef, str]) -> dict[str, dict[str, str]]:
    """Return texts as the contents of their sections, as they are saved."""
    contents: dict[str, dict[str, str]] = {}
    for (section, field), text in texts.items():
        contents.setdefault(section, {})[field] = text
    return contents
