"""Put the text of a formula, which is a picture, behind it: to copy, to search, and to extract.

The text is written in a mode in which no ink appears, in a font of empty glyphs. Programs that
know PDF's ActualText take it from there, the others from the letters of that font.
"""

from typing import Any

import pydyf
from weasyprint import draw

_TEXT_ATTRIBUTE = "data-text"
_INVISIBLE = 3  # text rendering mode: neither fill nor stroke (PDF 32000-1, table 106)
_SYMBOLIC = 4  # flag of a font whose letters are no standard ones (table 123)
_GLYPH_WIDTH = 500  # thousandths of the font size
_BLOCK_SIZE = 256  # of a font without composite codes
_original_draw_replaced = draw.draw_replacedbox


def apply_formula_text_patches() -> None:
    """Write the text of formulas in this process; `add_formula_fonts` then gives it its fonts."""
    draw.draw_replacedbox = _draw_replacedbox


def formula_text(box: Any) -> str:
    """Return the text of a formula on one line; "" for any other box."""
    element = getattr(box, "element", None)
    return "" if element is None else str(element.attrib.get(_TEXT_ATTRIBUTE, ""))


def _draw_replacedbox(stream: Any, box: Any) -> None:
    _original_draw_replaced(stream, box)
    text = formula_text(box)
    if text and box.width and stream._tags is not None:
        # Kept with the resources of the pages, so that the fonts hold what this file needs.
        resources = stream._resources
        resources.formula_characters = getattr(resources, "formula_characters", set()) | set(text)
        stream.stream.append(_hidden_text(text, box))


def _hidden_text(text: str, box: Any) -> str:
    size = box.style["font_size"]
    # On the line's baseline, from which the picture hangs, and as wide as the picture.
    align = box.style["vertical_align"]
    baseline = box.content_box_y() + box.height + (align if isinstance(align, int | float) else 0)
    stretch = box.width * 100 * 1000 / (len(text) * _GLYPH_WIDTH * size)
    runs = list[tuple[int, str]]()
    for character in text:
        block, code = divmod(ord(character), _BLOCK_SIZE)
        if runs and runs[-1][0] == block:
            runs[-1] = block, f"{runs[-1][1]}{code:02x}"
        else:
            runs.append((block, f"{code:02x}"))
    shown = "\n".join(f"/{_font_name(block)} 1 Tf\n<{codes}> Tj" for block, codes in runs)
    matrix = f"{size:.3f} 0 0 {-size:.3f} {box.content_box_x():.3f} {baseline:.3f}"
    actual_text = pydyf.String(text).data.decode("latin-1")
    return (
        f"/Span <</ActualText {actual_text}>> BDC\nq\nBT\n{_INVISIBLE} Tr\n{stretch:.3f} Tz\n"
        f"{matrix} Tm\n{shown}\nET\nQ\nEMC"
    )


def _font_name(block: int) -> str:
    return f"hidden{block}"


def add_formula_fonts(pdf: Any) -> None:
    """Add the fonts of the hidden texts to a PDF that is drawn but not yet written."""
    for resources in [item for item in pdf.objects if hasattr(item, "formula_characters")]:
        fonts = pdf.objects[int(resources["Font"].split()[0])]
        by_block: dict[int, list[str]] = {}
        for character in sorted(resources.formula_characters):
            by_block.setdefault(ord(character) // _BLOCK_SIZE, []).append(character)
        for block, characters in by_block.items():
            fonts[_font_name(block)] = _add_empty_font(pdf, characters).reference


def _add_empty_font(pdf: Any, characters: list[str]) -> Any:
    """Return a font in which these characters, all of one block, are empty glyphs."""
    glyph = pydyf.Stream([f"{_GLYPH_WIDTH} 0 d0"])
    pdf.add_object(glyph)
    codes = [ord(character) % _BLOCK_SIZE for character in characters]
    names = [f"/g{code}" for code in codes]
    differences = [part for pair in zip(codes, names, strict=True) for part in pair]
    widths = [_GLYPH_WIDTH if code in codes else 0 for code in range(codes[0], codes[-1] + 1)]
    to_unicode = pydyf.Stream([_unicode_map(codes, characters)])
    pdf.add_object(to_unicode)
    descriptor = pydyf.Dictionary(
        {
            "Type": "/FontDescriptor",
            "FontName": "/HiddenText",
            "Flags": _SYMBOLIC,
            "ItalicAngle": 0,
        }
    )
    pdf.add_object(descriptor)
    font = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type3",
            "FontDescriptor": descriptor.reference,
            "FontBBox": pydyf.Array([0, 0, _GLYPH_WIDTH, 1000]),
            "FontMatrix": pydyf.Array([0.001, 0, 0, 0.001, 0, 0]),
            "CharProcs": pydyf.Dictionary({name[1:]: glyph.reference for name in names}),
            "Encoding": pydyf.Dictionary(
                {"Type": "/Encoding", "Differences": pydyf.Array(differences)}
            ),
            "FirstChar": codes[0],
            "LastChar": codes[-1],
            "Widths": pydyf.Array(widths),
            "Resources": pydyf.Dictionary({}),
            "ToUnicode": to_unicode.reference,
        }
    )
    pdf.add_object(font)
    return font


def _unicode_map(codes: list[int], characters: list[str]) -> str:
    # No more than a hundred to a block (Adobe technical note 5411).
    pairs = [
        f"<{code:02x}> <{character.encode('utf-16-be').hex()}>"
        for code, character in zip(codes, characters, strict=True)
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap",
            "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def",
            "1 begincodespacerange\n<00> <ff>\nendcodespacerange",
            *("\n".join((f"{len(block)} beginbfchar", *block, "endbfchar")) for block in blocks),
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend",
        )
    )
