"""Complete the links, table heads and metadata of a PDF that is drawn but not yet written."""

import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

import pydyf
from weasyprint import Document

from reflect.printing.pdf import metadata
from reflect.printing.render_request import Usage

_WORD_JOINER = b"<2060>"
_PRINT_FLAG = 4  # of an annotation: print it with the page (PDF 32000-1, table 165)


def remove_duplicate_links(pages: Sequence[Any]) -> None:
    """Remove the second link over what CSS puts behind a link, such as its page number."""
    for page in pages:
        page.links = [link for link in page.links if "::" not in link[3].element_tag]


def finish_structure(pdf: Any, *, html: str) -> None:
    """Let links print and hold their own destination, and give table heads a scope and unique ids.

    `html` is the source of the pages: ids are derived from it, so that they differ between PDFs.
    """
    _wrap_item_bodies(pdf)
    _name_empty_glyphs(pdf)
    destinations = _pop_named_destinations(pdf)
    elements_with_id = list[Any]()
    for dictionary in pdf.objects:
        if not isinstance(dictionary, pydyf.Dictionary):
            continue
        if dictionary.get("Subtype") == "/Link":
            dictionary["F"] = _PRINT_FLAG
            destination = dictionary.get("Dest")
            if isinstance(destination, pydyf.String):
                dictionary["Dest"] = destinations[destination.string]
        if dictionary.get("S") == "/TH":
            dictionary["A"].setdefault("Scope", "/Column")
        if isinstance(dictionary.get("ID"), pydyf.String):
            elements_with_id.append(dictionary)
    if elements_with_id:
        prefix = hashlib.sha256(html.encode()).hexdigest()[:12]
        _build_id_tree(pdf, elements_with_id, prefix=prefix)


def _name_empty_glyphs(pdf: Any) -> None:
    """Give each glyph that is a part of a letter only, as in Tamil, a character that is not seen.

    WeasyPrint gives the whole letter to the first of its glyphs and nothing to the others, and
    a map to nothing is malformed.
    """
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and b"begincmap" in stream.stream:
            stream.stream = [
                line.removesuffix(b"<>") + _WORD_JOINER if line.endswith(b"> <>") else line
                for line in map(_as_bytes, stream.stream)
            ]


def _as_bytes(line: str | bytes) -> bytes:
    return line if isinstance(line, bytes) else line.encode()


def _wrap_item_bodies(pdf: Any) -> None:
    """Put what is in a list item into a body, next to its label, as PDF/UA asks.

    WeasyPrint does so for items of one line, and not for those that hold paragraphs.
    """
    items = [
        item
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and item.get("S") == "/LI"
    ]
    for item in items:
        kids = pydyf.Array()
        body = None
        for kid in item["K"]:
            element = _object_of(pdf, kid)
            if element is None or element.get("S") in ("/Lbl", "/LBody"):
                kids.append(kid)
                body = None
                continue
            if body is None:
                body = pydyf.Dictionary(
                    {
                        "Type": "/StructElem",
                        "S": "/LBody",
                        "K": pydyf.Array(),
                        "Pg": item["Pg"],
                        "P": item.reference,
                    }
                )
                pdf.add_object(body)
                kids.append(body.reference)
            body["K"].append(kid)
            element["P"] = body.reference
        item["K"] = kids


def _object_of(pdf: Any, kid: Any) -> Any | None:
    """Return the element that a kid in the tag tree refers to; None for marked content."""
    return pdf.objects[int(kid.split()[0])] if isinstance(kid, bytes) else None


def make_archivable(pdf: Any) -> None:
    """Change what PDF/A forbids in photos, and in the way that streams end."""
    for stream in pdf.objects:
        if not isinstance(stream, pydyf.Stream):
            continue
        if "Interpolate" in stream.extra:
            stream.extra["Interpolate"] = "false"
        if stream.compress:
            _compress(stream)


def _compress(stream: Any) -> None:
    """Compress a stream so that its last byte cannot be taken for a part of the line end after it.

    Checkers count a carriage return there as such, and find the stream too short.
    """
    _, _, content = pydyf.Stream(stream.stream).data.partition(b"stream\n")
    content = content.removesuffix(b"\nendstream")
    compressed = zlib.compress(content, 9)
    if compressed.endswith(b"\r"):
        # White space at the end of operators, a map or a font, which changes their checksum.
        compressed = zlib.compress(content + b"\n", 9)
        if "Length1" in stream.extra:
            stream.extra["Length1"] = len(content) + 1
    stream.stream = [compressed]
    stream.extra["Filter"] = "/FlateDecode"
    stream.compress = False


def _pop_named_destinations(pdf: Any) -> dict[str, Any]:
    """Remove and return the destinations of links, by name.

    Booklets of different students use the same names, which would clash in a merged file.
    """
    names = pdf.catalog.pop("Names", {}).get("Dests", {}).get("Names", [])
    return {
        name.string: destination for name, destination in zip(names[::2], names[1::2], strict=True)
    }


def _build_id_tree(pdf: Any, elements: list[Any], *, prefix: str) -> None:
    # A cell refers to its head by this same string object, so it gets the new id with it.
    for element in elements:
        element["ID"].string = f"{prefix}-{element['ID'].string}"
    elements.sort(key=lambda element: str(element["ID"].string))
    pairs = pydyf.Array(
        [part for element in elements for part in (element["ID"], element.reference)]
    )
    id_tree = pydyf.Dictionary({"Names": pairs})
    pdf.add_object(id_tree)
    _referenced_object(pdf, "StructTreeRoot")["IDTree"] = id_tree.reference


def replace_metadata(document: Document, pdf: Any, *, usage: Usage) -> None:
    """Replace WeasyPrint's XMP metadata by ours, which holds for PDF/UA and PDF/A at once."""
    info = document.metadata
    xmp = metadata.xmp_packet(
        title=info.title or "",
        author=", ".join(info.authors),
        language=info.lang or "",
        producer=pdf.info["Producer"].string,
        usage=usage,
    )
    stream = _referenced_object(pdf, "Metadata")
    stream.stream = [xmp]
    # Uncompressed, so that programs can find it without unpacking the file.
    stream.compress = False


def _referenced_object(pdf: Any, key: str) -> Any:
    """Return the object that the catalog refers to under this key ("12 0 R" is object 12)."""
    return pdf.objects[int(pdf.catalog[key].split()[0])]
