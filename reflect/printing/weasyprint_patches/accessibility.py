"""Complete WeasyPrint's PDF tags while it draws: artifacts, links, languages and formulas."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint import draw
from weasyprint.formatting_structure.boxes import MarginBox
from weasyprint.pdf import tags as pdf_tags

# WeasyPrint passes the children of these to the page, so a language set on them would be lost.
_ROOT_TAGS = ("html", "body")
_original_build_box_tree = pdf_tags._build_box_tree
_original_get_pdf_tag = pdf_tags._get_pdf_tag
_original_draw_inline = draw.draw_inline_level
_original_draw_context = draw.draw_stacking_context


def apply_accessibility_patches() -> None:
    """Write better tags in this process.

    Running heads and leader dots become artifacts (which a screen reader skips), a link is tagged
    once, every text has its language, and a formula is tagged as one.
    """
    pdf_tags._build_box_tree = _build_box_tree
    pdf_tags._get_pdf_tag = _get_pdf_tag
    draw.draw_inline_level = _draw_inline_level
    draw.draw_stacking_context = _draw_stacking_context
    pydyf.PDF.page_references = property(_page_references)


def _get_pdf_tag(element: str | None) -> str:
    # What CSS puts before or after a link is inside that link already.
    if element and element.startswith("a::"):
        return "Span"
    return str(_original_get_pdf_tag(element))


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    """Return the references of all pages. Every tag asks for them, so they are cached."""
    kids = pdf.pages["Kids"]
    if getattr(pdf, "_named_pages", (0, ()))[0] != len(kids):
        # Each page is three items there: its number, its generation and "R".
        pdf._named_pages = len(kids), tuple(f"{number} 0 R".encode() for number in kids[::3])
    references: tuple[bytes, ...] = pdf._named_pages[1]
    return references


def _is_artifact(box: Any) -> bool:
    return isinstance(box, MarginBox) or getattr(box, "is_leader", False)


def _draw_inline_level(stream: Any, page: Any, box: Any, *more: Any, **named: Any) -> None:
    if _is_artifact(box):
        with _artifact(stream):
            _original_draw_inline(stream, page, box, *more, **named)
    else:
        _original_draw_inline(stream, page, box, *more, **named)


def _draw_stacking_context(stream: Any, context: Any) -> None:
    if _is_artifact(context.box):
        with _artifact(stream):
            _original_draw_context(stream, context)
    else:
        _original_draw_context(stream, context)


@contextmanager
def _artifact(stream: Any) -> Iterator[None]:
    with stream.artifact():
        saved_tags = stream._tags
        # Without a list to write tags to, nothing inside the artifact gets a tag.
        stream._tags = None
        yield
        stream._tags = saved_tags


def _build_box_tree(box: Any, *more: Any) -> Iterator[Any]:
    if _is_artifact(box):
        return
    source = getattr(box, "element", None)
    if source is not None and box.link_annotation:
        # PDF/UA asks for a text that describes each link.
        text = " ".join("".join(source.itertext()).split())
        box.link_annotation["Contents"] = pydyf.String(text)
    attributes = {} if source is None else source.attrib
    language = None if box.element_tag in _ROOT_TAGS else attributes.get("lang")
    is_formula = "formula" in attributes.get("class", "").split()
    for element in _original_build_box_tree(box, *more):
        if language:
            element["Lang"] = pydyf.String(language)
        if is_formula and element["S"] == "/Figure":
            element["S"] = "/Formula"
            element["ActualText"] = pydyf.String(attributes.get("data-text", ""))
        yield element
