"""Tags: what WeasyPrint leaves to do before a reader who listens can follow the pages, done while it draws them."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pydyf
import weasyprint.draw as drawing
from weasyprint.formatting_structure.boxes import MarginBox
from weasyprint.pdf import tags as tree

_PRINTED_WITH_THE_PAGE = 4  # PDF 32000-1, table 165
_PAGE = ("html", "body")  # these give their children to the page as they are
_plain_tree, _plain_tag = tree._build_box_tree, tree._get_pdf_tag
_plain_inline, _plain_context = drawing.draw_inline_level, drawing.draw_stacking_context


def mend() -> None:
    """Let running heads and dots be decoration, links be one link each, and every text say its language."""
    tree._build_box_tree, tree._get_pdf_tag = _box_tree, _tag
    drawing.draw_inline_level, drawing.draw_stacking_context = _inline, _context
    pydyf.PDF.page_references = property(_page_references)


def one_link_each(pages: Sequence[Any]) -> None:
    """Take away the second link that lies over what CSS puts behind a link, such as its page number."""
    for page in pages:
        page.links = [link for link in page.links if "::" not in link[3].element_tag]


def _tag(element: str | None) -> str:
    """What CSS puts behind a link is in that link already."""
    return "Span" if element and element.startswith("a::") else str(_plain_tag(element))


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    """Name the pages; every tag asks, so they are named anew only when there are more."""
    kids = pdf.pages["Kids"]
    if getattr(pdf, "_named_pages", (0, ()))[0] != len(kids):
        pdf._named_pages = len(kids), tuple(f"{number} 0 R".encode() for number in kids[::3])
    named: tuple[bytes, ...] = pdf._named_pages[1]
    return named


def _is_decoration(box: Any) -> bool:
    return isinstance(box, MarginBox) or getattr(box, "is_leader", False)


def _inline(stream: Any, page: Any, box: Any, *more: Any, **named: Any) -> None:
    if _is_decoration(box):
        with _decoration(stream):
            _plain_inline(stream, page, box, *more, **named)
    else:
        _plain_inline(stream, page, box, *more, **named)


def _context(stream: Any, context: Any) -> None:
    if _is_decoration(context.box):
        with _decoration(stream):
            _plain_context(stream, context)
    else:
        _plain_context(stream, context)


@contextmanager
def _decoration(stream: Any) -> Iterator[None]:
    with stream.artifact():
        kept, stream._tags = stream._tags, None
        yield
        stream._tags = kept


def _box_tree(box: Any, *more: Any) -> Iterator[Any]:
    if _is_decoration(box):
        return
    own = getattr(box, "element", None)
    language = None if own is None or box.element_tag in _PAGE else own.get("lang")
    if own is not None and box.link_annotation:
        box.link_annotation["Contents"] = pydyf.String(" ".join("".join(own.itertext()).split()))
    for element in _plain_tree(box, *more):
        if language:
            element["Lang"] = pydyf.String(language)
        if own is not None and element["S"] == "/Figure" and "formula" in own.get("class", "").split():
            element["S"] = "/Formula"
        yield element


def finish(pdf: Any, *, of: str) -> None:
    """Print links with the page and let each say where it leads by itself; find table heads by their names."""
    places = _named_places(pdf)
    named = list[Any]()
    for thing in (thing for thing in pdf.objects if isinstance(thing, pydyf.Dictionary)):
        if thing.get("Subtype") == "/Link":
            thing["F"] = _PRINTED_WITH_THE_PAGE
            if isinstance(target := thing.get("Dest"), pydyf.String):
                thing["Dest"] = places[target.string]
        if thing.get("S") == "/TH":
            thing["A"].setdefault("Scope", "/Column")
        if isinstance(thing.get("ID"), pydyf.String):
            named.append(thing)
    if named:
        _find_by_name(pdf, named, before=hashlib.sha256(of.encode()).hexdigest()[:12])


def _named_places(pdf: Any) -> dict[str, Any]:
    """Take the names of places out: two students' pages have the same names, and are bound into one file."""
    names = pdf.catalog.pop("Names", {}).get("Dests", {}).get("Names", [])
    return {name.string: place for name, place in zip(names[::2], names[1::2], strict=True)}


def _find_by_name(pdf: Any, named: list[Any], *, before: str) -> None:
    for element in named:  # the same string stands in the cells that this head is over, so they follow
        element["ID"].string = f"{before}-{element['ID'].string}"
    named.sort(key=lambda element: str(element["ID"].string))
    pairs = pydyf.Array([part for element in named for part in (element["ID"], element.reference)])
    found = pydyf.Dictionary({"Names": pairs})
    pdf.add_object(found)
    pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]["IDTree"] = found.reference
