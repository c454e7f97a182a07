"""Lay out and draw lines of text from what Pango has worked out already."""

import re
from struct import Struct
from typing import Any

from weasyprint.css import computed_values, units
from weasyprint.draw import text as draw_text
from weasyprint.layout import inline
from weasyprint.pdf import fonts
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS
from weasyprint.text.line_break import Layout, ffi, gobject, pango

_original_setup = Layout.setup
_original_reactivate = Layout.reactivate
_original_strut = line_break.strut
_original_first_line = draw_text.draw_first_line

# Those of a style that make Pango choose other glyphs.
_FONT_FEATURES = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
_PARAGRAPH_SEPARATOR = re.compile("[\n\r\x85\u2029]")
_ARRAY_LENGTH = re.compile(r"\[\d+\]")
# PangoGlyphInfo: glyph number, width, offsets to the right and up, and flags.
_GLYPH_STRUCT = Struct("=IiiiI")
# Another Pango may order these fields otherwise, and then glyphs are not read this way.
_CAN_READ_GLYPHS = ffi.sizeof("PangoGlyphInfo") == _GLYPH_STRUCT.size
# From here on a number is an empty glyph, or one that no font has (PANGO_GLYPH_EMPTY).
_FIRST_SPECIAL_GLYPH = 0x0FFFFFFF
_RARE_STYLE = "rare"  # marks a style whose lines WeasyPrint itself must set up


def apply_text_patches() -> None:
    """Reuse Pango's contexts, lines and measures in this process."""
    Layout.setup = _setup_layout
    Layout.deactivate = _keep_layout
    Layout.reactivate = _reactivate_layout
    draw_text.pango = _DrawingPango()
    draw_text.draw_first_line = _draw_first_line
    fonts.ffi = _ArrayFfi()
    for module in (line_break, inline, computed_values, units):
        module.strut = _cached_strut


class _PangoContext:
    """What Pango must know of a style before it can lay out a line."""

    def __init__(self, style: Any) -> None:
        font_map = style.font_config.font_map
        context = pango.pango_font_map_create_context(font_map)
        self.context = ffi.gc(context, gobject.g_object_unref)
        direction = line_break.PANGO_DIRECTION[style["direction"]]
        pango.pango_context_set_round_glyph_positions(self.context, False)
        pango.pango_context_set_base_dir(self.context, direction)
        self.language = pango.pango_language_get_default()
        if style["lang"]:
            # The second value owns the memory that the first points to, so it must live on.
            language_code, _buffer = line_break.unicode_to_char_p(style["lang"])
            self.language = pango.pango_language_from_string(language_code)
            pango.pango_context_set_language(self.context, self.language)
        self.font = line_break.get_font_description(style)


def _setup_layout(layout: Any, style: Any) -> None:
    """Begin a line in this style with the style's Pango context."""
    pango_context = style.__dict__.get("_ground")
    if pango_context is None:
        pango_context = _RARE_STYLE if _is_rare(style) else _PangoContext(style)
        style._ground = pango_context
    if pango_context == _RARE_STYLE:
        _original_setup(layout, style)
        return
    layout.style = style
    layout.language = pango_context.language
    layout.first_line_direction = 0
    layout.ascent = None
    layout.underline_position = None
    layout.strikethrough_position = None
    layout.layout = ffi.gc(pango.pango_layout_new(pango_context.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, pango_context.font)


def _is_rare(style: Any) -> bool:
    """Return whether a style underlines or asks for other glyphs."""
    if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal":
        return True
    return bool(line_break.font_features(*(style[name] for name in _FONT_FEATURES)))


def _keep_layout(_layout: Any) -> None:
    """Do nothing where WeasyPrint frees a line that it will lay out again to draw it."""


def _reactivate_layout(layout: Any, style: Any) -> None:
    """Draw the line as it was laid out, where nothing has changed since."""
    has_changed = layout.justification_spacing or layout.style is not style
    if has_changed or _PARAGRAPH_SEPARATOR.search(layout.text):
        _original_reactivate(layout, style)
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    else:
        pango.pango_layout_set_width(layout.layout, -1)


class _DrawingPango:
    """Pango for drawing. It ignores single paragraph mode, for which Pango lays out a line again.

    `_reactivate_layout` sets that mode for the only lines that need it.
    """

    def __getattr__(self, name: str) -> Any:
        function = self.__dict__[name] = getattr(pango, name)
        return function

    def pango_layout_set_single_paragraph_mode(self, *_: Any) -> None:
        """Do nothing."""


def _cached_strut(style: Any) -> Any:
    """Return the height and baseline of an empty line in this style."""
    strut = style.__dict__.get("_strut")
    if strut is None:
        strut = style._strut = _original_strut(style)
    return strut


class _ArrayFfi:
    """Make arrays of a type without a length, since cffi parses every new type that it meets."""

    def __getattr__(self, name: str) -> Any:
        function = self.__dict__[name] = getattr(ffi, name)
        return function

    def new(self, type_: str, content: Any = None) -> Any:
        """Return an array as long as its content."""
        if isinstance(content, list | tuple):
            type_ = _ARRAY_LENGTH.sub("[]", type_)
        return ffi.new(type_, content)


def _draw_first_line(stream: Any, box: Any, overflow: str, ellipsis: str, matrix: Any) -> Any:
    """Draw a line of plain text; leave one with anything else in it to WeasyPrint."""
    is_cut_off = overflow == "ellipsis" or ellipsis != "none"
    is_empty = not box.text.strip() or box.style["font_size"] < 1e-6
    segments = None
    if _CAN_READ_GLYPHS and not is_cut_off and not is_empty:
        segments = _line_segments(stream, box)
    if segments is None:
        return _original_first_line(stream, box, overflow, ellipsis, matrix)
    stream.set_text_matrix(*matrix.values)
    for font, size, operands in segments:
        stream.set_font_size(font.hash, size)
        # Kerning next to the first or last glyph leaves an empty string there.
        stream.show_text(f"<{''.join(operands)}>".replace("<>", ""))
    return []


def _line_segments(stream: Any, box: Any) -> list[tuple[Any, float, list[str]]] | None:
    """Return the runs of a line, each with font, size and glyphs; None when one is not plain."""
    segments = list[tuple[Any, float, list[str]]]()
    first_line, _ = box.pango_layout.get_first_line()
    run = first_line.runs[0]
    while run != ffi.NULL:
        item = run.data
        font, size = stream.add_font(item.item.analysis.font)
        if font.svg or font.png or font.colr or font.bitmap:
            return None
        operands = _show_text_operands(stream, box, item, font, size)
        if operands is None:
            return None
        segments.append((font, size, operands))
        run = run.next
    return segments


def _show_text_operands(
    stream: Any, box: Any, item: Any, font: Any, size: float
) -> list[str] | None:
    """Return the glyphs of one font as a PDF shows them; None when one is moved or missing."""
    glyphs = item.glyphs
    count = glyphs.num_glyphs
    operands = list[str]()
    memory = ffi.buffer(glyphs.glyphs, count * _GLYPH_STRUCT.size)
    for index, (glyph, width, right, up, _) in enumerate(_GLYPH_STRUCT.iter_unpack(memory)):
        if glyph >= _FIRST_SPECIAL_GLYPH or right or up:
            return None
        if glyph not in font.to_unicode:
            font.to_unicode[glyph] = _glyph_text(box, item, index, count)
        glyph_width = font.widths.get(glyph)
        if glyph_width is None:
            glyph_width = font.widths[glyph] = _glyph_width(stream, item, glyph, size)
        operands.append(f"{glyph:04x}")
        # Kerning is the difference with the width that the font declares.
        if kerning := int(glyph_width - width * 1000 * FROM_UNITS / size):
            operands.append(f">{kerning}<")
    return operands


def _glyph_width(stream: Any, item: Any, glyph: int, size: float) -> int:
    """Return the width of a glyph, in thousandths of the font size."""
    font = item.item.analysis.font
    pango.pango_font_get_glyph_extents(font, glyph, stream.ink_rect, stream.logical_rect)
    width: int = round(stream.logical_rect.width * 1000 * FROM_UNITS / size)
    return width


def _glyph_text(box: Any, item: Any, index: int, count: int) -> str:
    """Return the characters that a glyph shows, for copying and searching."""
    pango_item = item.item
    clusters = item.glyphs.log_clusters
    is_right_to_left = pango_item.analysis.level % 2
    if is_right_to_left:
        end = pango_item.length if index == 0 else clusters[index - 1]
    else:
        end = pango_item.length if index == count - 1 else clusters[index + 1]
    start = pango_item.offset + clusters[index]
    characters: str = box.pango_layout.text.encode()[start : pango_item.offset + end].decode()
    return characters
