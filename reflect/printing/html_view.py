"""Show a booklet, or a text of it, as HTML on a screen, in the order and words of the PDF."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask_babel import gettext
from markupsafe import Markup

from reflect.access.view_models import RemarkView
from reflect.math.mathml import without_hints
from reflect.printing import page_templates
from reflect.printing.booklet import Booklet
from reflect.text import highlights, markdown

HEADING_TAGS = ("h2", "h3", "h4")  # the page has its h1 on the cover


def render_booklet(booklet: Booklet, *, evidence_url: Callable[[int, str], str]) -> Markup:
    """Return a booklet as HTML. `evidence_url` is called with the ids of report and evidence."""
    # The logo's size is in mm, which makes sense on paper only.
    booklet = replace(booklet, branding=replace(booklet.branding, logo=None))
    report_of = {key: report.id for report in booklet.reports for key in report.evidence_by_key}
    html = page_templates.render(
        "printing/html_view.html",
        language=booklet.language,
        booklet=booklet,
        headings=HEADING_TAGS,
        to_print_html=markdown.to_html,
        to_print_line=markdown.to_inline_html,
        annotate=highlight_remarks,
        evidence_url=lambda key, _kind: evidence_url(report_of[key], key),
    )
    return Markup(without_hints(html))  # noqa: S704 - our own template escaped it


def highlight_remarks(text: str, language: str, remarks: Sequence[RemarkView]) -> Markup:
    """Return a text as HTML for a screen, with the passages of these remarks highlighted."""
    marks = [remark.highlight for remark in remarks if remark.highlight]
    parts = highlights.to_html(text, marks, language=language, label_for=remark_label)
    return Markup("").join(part.html for part in parts)


def remark_label(number: int) -> str:
    """Return what the reference to a remark is called, in the language of the page."""
    return gettext("remark %(number)d", number=number)
