"""Check whether the private parts of WeasyPrint, pydyf and Pango that our patches use are there.

Each module of this package is one patch, except `patches`, which loads those that
`unavailable_patches` does not name, and `text_library_versions`, which only tells which Pango and
HarfBuzz are installed but is checked in the same way. Without a patch every page still prints,
more slowly or with plainer tags.
"""

import importlib
from functools import reduce

# The version whose pages tests/printing/test_weasyprint_patches.py compares pixel by pixel. Change
# it only after that test passes with the newer version.
SUPPORTED_VERSION = "70.0"
# As Pango counts: 1.48.2, the first with which the glyphs of a line can be read as `text` does.
MIN_PANGO_VERSION = 14802

# By patch: what it takes from the libraries, as "module:attribute". A test compares this list with
# what the modules import.
PRIVATE_NAMES: dict[str, tuple[str, ...]] = {
    "accessibility": (
        "pydyf:PDF.page_references",
        "pydyf:String",
        "weasyprint.draw:draw_inline_level",
        "weasyprint.draw:draw_stacking_context",
        "weasyprint.formatting_structure.boxes:MarginBox",
        "weasyprint.pdf.stream:Stream.artifact",
        "weasyprint.pdf.tags:_build_box_tree",
        "weasyprint.pdf.tags:_get_pdf_tag",
    ),
    "block_ends": (
        "weasyprint.formatting_structure.boxes:LineBox",
        "weasyprint.layout.block:block_container_layout",
    ),
    "cascade": (
        "weasyprint:HTML._ua_stylesheets",
        "weasyprint.css:StyleFor",
        "weasyprint.css:StyleFor.set_computed_styles",
        "weasyprint.css:declaration_precedence",
        "weasyprint.css:find_style_attributes",
        "weasyprint.css:preprocess_declarations",
    ),
    "formula_text": (
        "pydyf:Array",
        "pydyf:Dictionary",
        "pydyf:PDF.add_object",
        "pydyf:Stream",
        "pydyf:String",
        "weasyprint.draw:draw_replacedbox",
    ),
    "pdf_structure": (
        "pydyf:Array",
        "pydyf:Dictionary",
        "pydyf:PDF.add_object",
        "pydyf:Stream",
        "pydyf:String",
    ),
    "html_parser": (
        "cssselect2:ElementWrapper.from_html_root",
        "weasyprint:HTML",
    ),
    "layout": (
        "weasyprint.formatting_structure.boxes:Box.is_in_normal_flow",
        "weasyprint.layout.absolute:resolve_percentages",
        "weasyprint.layout.block:resolve_percentages",
        "weasyprint.layout.column:resolve_percentages",
        "weasyprint.layout.float:resolve_percentages",
        "weasyprint.layout.grid:resolve_percentages",
        "weasyprint.layout.inline:resolve_percentages",
        "weasyprint.layout.page:resolve_percentages",
        "weasyprint.layout.percent:resolve_percentages",
        "weasyprint.layout.table:resolve_percentages",
    ),
    "line_breaks": ("weasyprint.layout.inline:split_first_line",),
    "svg_gradients": (
        "weasyprint.pdf.stream:Stream",
        "weasyprint.pdf.stream:Stream.add_group",
        "weasyprint.pdf.stream:Stream.add_pattern",
        "weasyprint.svg.bounding_box:is_valid_bounding_box",
        "weasyprint.svg.utils:transform",
        "weasyprint.svg:draw_gradient",
    ),
    "svg_paths": (
        "weasyprint.svg:TAGS",
        "weasyprint.svg.path:path",
    ),
    "text": (
        "weasyprint.css.computed_values:strut",
        "weasyprint.css.units:strut",
        "weasyprint.draw.text:draw_first_line",
        "weasyprint.draw.text:pango",
        "weasyprint.layout.inline:strut",
        "weasyprint.pdf.fonts:ffi",
        "weasyprint.pdf.stream:Stream.add_font",
        "weasyprint.text.ffi:FROM_UNITS",
        "weasyprint.text.ffi:pango.pango_version",
        "weasyprint.text.line_break:Layout.deactivate",
        "weasyprint.text.line_break:Layout.reactivate",
        "weasyprint.text.line_break:Layout.setup",
        "weasyprint.text.line_break:PANGO_DIRECTION",
        "weasyprint.text.line_break:ffi.NULL",
        "weasyprint.text.line_break:ffi.buffer",
        "weasyprint.text.line_break:ffi.gc",
        "weasyprint.text.line_break:ffi.new",
        "weasyprint.text.line_break:ffi.sizeof",
        "weasyprint.text.line_break:font_features",
        "weasyprint.text.line_break:get_font_description",
        "weasyprint.text.line_break:gobject.g_object_unref",
        "weasyprint.text.line_break:pango.pango_context_set_base_dir",
        "weasyprint.text.line_break:pango.pango_context_set_language",
        "weasyprint.text.line_break:pango.pango_context_set_round_glyph_positions",
        "weasyprint.text.line_break:pango.pango_font_get_glyph_extents",
        "weasyprint.text.line_break:pango.pango_font_map_create_context",
        "weasyprint.text.line_break:pango.pango_language_from_string",
        "weasyprint.text.line_break:pango.pango_language_get_default",
        "weasyprint.text.line_break:pango.pango_layout_new",
        "weasyprint.text.line_break:pango.pango_layout_set_auto_dir",
        "weasyprint.text.line_break:pango.pango_layout_set_font_description",
        "weasyprint.text.line_break:pango.pango_layout_set_single_paragraph_mode",
        "weasyprint.text.line_break:pango.pango_layout_set_width",
        "weasyprint.text.line_break:strut",
        "weasyprint.text.line_break:unicode_to_char_p",
    ),
    "text_library_versions": (
        "weasyprint.text.ffi:harfbuzz.hb_version_atleast",
        "weasyprint.text.ffi:pango.pango_version",
    ),
}


def unavailable_patches() -> dict[str, str]:
    """Return the patches that must stay off with the installed libraries, each with the reason."""
    version = _lookup("weasyprint:__version__")
    if version != SUPPORTED_VERSION:
        reason = f"made for WeasyPrint {SUPPORTED_VERSION}, this is {version}"
        return dict.fromkeys(PRIVATE_NAMES, reason)
    reasons = {}
    for patch, patch_names in PRIVATE_NAMES.items():
        missing = [name for name in patch_names if _lookup(name) is None]
        if missing:
            reasons[patch] = f"without {', '.join(missing)}"
    pango_version = _lookup("weasyprint.text.ffi:pango.pango_version")
    if callable(pango_version) and pango_version() < MIN_PANGO_VERSION:
        reasons["text"] = f"Pango {pango_version()} is older than {MIN_PANGO_VERSION}"
    return reasons


def _lookup(name: str) -> object | None:
    """Return what a name such as "module:Class.method" refers to; None when it is not there."""
    module_name, _, path = name.partition(":")
    try:
        module: object = importlib.import_module(module_name)
        return reduce(getattr, path.split("."), module)
    except (ImportError, AttributeError):
        return None
