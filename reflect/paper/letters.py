"""Letters: lines of text laid out and drawn with what Pango knows already; called by `quick`, for the same version."""

import re
from struct import Struct
from typing import Any

from weasyprint.css import computed_values, units
from weasyprint.draw import text as drawing
from weasyprint.layout import inline
from weasyprint.pdf import fonts
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS
from weasyprint.text.line_break import Layout, ffi, gobject, pango

_plain_setup, _plain_reactivate, _plain_strut = Layout.setup, Layout.reactivate, line_break.strut
_plain_line = drawing.draw_first_line


def quicken() -> None:
    """Take the shortcuts."""
    Layout.setup, Layout.deactivate, Layout.reactivate = _setup, lambda _layout: None, _reactivate
    drawing.pango = _Calm()
    drawing.draw_first_line = _line
    fonts.ffi = _Arrays()
    line_break.strut = inline.strut = computed_values.strut = units.strut = _strut


class _Ground:
    """What Pango must know of a style before it can lay out a line."""

    def __init__(self, style: Any) -> None:
        self.context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
        pango.pango_context_set_round_glyph_positions(self.context, False)
        pango.pango_context_set_base_dir(self.context, line_break.PANGO_DIRECTION[style["direction"]])
        self.language = pango.pango_language_get_default()
        if style["lang"]:
            letters, _ = line_break.unicode_to_char_p(style["lang"])
            self.language = pango.pango_language_from_string(letters)
            pango.pango_context_set_language(self.context, self.language)
        self.font = line_break.get_font_description(style)


_FEATURES = ("font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps",
             "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian",
             "font_feature_settings")  # fmt: skip


def _setup(layout: Any, style: Any) -> None:
    """Begin a line of this style; a style with lines of its own or rare letter forms begins as it always did."""
    ground = style.__dict__.get("_ground")
    if ground is None:
        rare = style["text_decoration_line"] != "none" or style["font_language_override"] != "normal"
        rare = rare or bool(line_break.font_features(*(style[name] for name in _FEATURES)))
        ground = style._ground = "rare" if rare else _Ground(style)
    if ground == "rare":
        _plain_setup(layout, style)
        return
    layout.style, layout.language, layout.first_line_direction = style, ground.language, 0
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    layout.layout = ffi.gc(pango.pango_layout_new(ground.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, ground.font)


_PARAGRAPHS = re.compile("[\n\r\x85\u2029]")


def _reactivate(layout: Any, style: Any) -> None:
    """Draw the line that was laid out, without laying it out again."""
    if layout.justification_spacing or layout.style is not style or _PARAGRAPHS.search(layout.text):
        _plain_reactivate(layout, style)
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    else:
        pango.pango_layout_set_width(layout.layout, -1)


class _Calm:
    """Pango for drawing, where the wish for a single paragraph (for which it lays out anew) is heard above."""

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = getattr(pango, name)
        return found

    def pango_layout_set_single_paragraph_mode(self, *_: Any) -> None:
        """Do nothing: a line without a paragraph's end is one already, and any other was told."""


def _strut(style: Any) -> Any:
    """Give the height of a line of this style and where its letters stand."""
    found = style.__dict__.get("_strut")
    if found is None:
        found = style._strut = _plain_strut(style)
    return found


class _Arrays:
    """Arrays for the subsetting of letters: one type for every length, since each type is a text in C to be read."""

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = getattr(ffi, name)
        return found

    def new(self, type_: str, content: Any = None) -> Any:
        """Make an array as long as what comes in it."""
        return ffi.new(_LENGTH.sub("[]", type_) if isinstance(content, list | tuple) else type_, content)


_LENGTH = re.compile(r"\[\d+\]")


_GLYPH = Struct("=IiiiI")  # number, width, offsets to the right and up, and what else Pango notes of it
_ODD = 0x0FFFFFFF  # from here on a number stands for no glyph, or for one that no font has
_OLD = pango.pango_version() < 14802 or ffi.sizeof("PangoGlyphInfo") != _GLYPH.size


def _line(stream: Any, box: Any, overflow: str, ellipsis: str, matrix: Any) -> Any:
    """Draw a line of plain letters; one with anything else in it is left to the engine."""
    if _OLD or overflow == "ellipsis" or ellipsis != "none" or not box.text.strip() or box.style["font_size"] < 1e-6:
        return _plain_line(stream, box, overflow, ellipsis, matrix)
    parts = list[tuple[Any, float, list[str]]]()
    first, _ = box.pango_layout.get_first_line()
    run = first.runs[0]
    while run != ffi.NULL:
        item, run = run.data, run.next
        font, size = stream.add_font(item.item.analysis.font)
        said = None if font.svg or font.png or font.colr or font.bitmap else _run(stream, box, item, font, size)
        if said is None:
            return _plain_line(stream, box, overflow, ellipsis, matrix)
        parts.append((font, size, said))
    stream.set_text_matrix(*matrix.values)
    for font, size, said in parts:
        stream.set_font_size(font.hash, size)
        stream.show_text(f"<{''.join(said)}>".replace("<>", ""))
    return []


def _run(stream: Any, box: Any, item: Any, font: Any, size: float) -> list[str] | None:
    """Give the letters of one font as a PDF shows them; None when one of them is lifted, moved or missing."""
    glyphs, count, said = item.glyphs, item.glyphs.num_glyphs, list[str]()
    for place, (glyph, width, right, up, _) in enumerate(
        _GLYPH.iter_unpack(ffi.buffer(glyphs.glyphs, count * _GLYPH.size))
    ):
        if glyph >= _ODD or right or up:
            return None
        if glyph not in font.to_unicode:
            font.to_unicode[glyph] = _letters(box, item, place, count)
        if (own := font.widths.get(glyph)) is None:
            pango.pango_font_get_glyph_extents(item.item.analysis.font, glyph, stream.ink_rect, stream.logical_rect)
            own = font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / size)
        said.append(f"{glyph:04x}")
        if closer := int(own - width * 1000 * FROM_UNITS / size):
            said.append(f">{closer}<")
    return said


def _letters(box: Any, item: Any, place: int, count: int) -> str:
    """Give the letters that a glyph stands for."""
    begins, clusters, own = item.item.offset, item.glyphs.log_clusters, item.item
    if own.analysis.level % 2:  # from right to left
        ends = own.length if place == 0 else clusters[place - 1]
    else:
        ends = own.length if place == count - 1 else clusters[place + 1]
    letters: str = box.pango_layout.text.encode()[begins + clusters[place] : begins + ends].decode()
    return letters
