"""Markdown as HTML for the PDF, with its formulas drawn.

A module of its own: only the child processes that render load the library that draws, which
takes much memory.
"""

from markupsafe import Markup

from reflect.math.svg import draw_formulas
from reflect.text import markdown


def text_to_print_html(text: str, *, language: str) -> Markup:
    """Return what a person typed as HTML for the PDF.

    Formulas are pictures (data: addresses) with a spoken `alt`.
    """
    html = draw_formulas(markdown.to_print_html(text, language=language))
    return Markup(html)  # noqa: S704 - markdown sanitised the words, and we drew the pictures


def line_to_print_html(text: str, *, language: str) -> Markup:
    """Return a line that a person typed, such as a caption, as HTML for the PDF."""
    html = draw_formulas(markdown.to_print_inline_html(text, language=language))
    return Markup(html)  # noqa: S704 - as above
