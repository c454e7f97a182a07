"""Measure boxes whose lengths do not depend on the page once for each style."""

from typing import Any

from weasyprint.formatting_structure.boxes import Box
from weasyprint.layout import absolute, block, column, grid, inline, page, percent, table
from weasyprint.layout import float as floats

_original_percentages = percent.resolve_percentages
_original_in_flow = Box.is_in_normal_flow
# All modules that imported the function by its name.
_MODULES = (absolute, block, column, floats, grid, inline, page, percent, table)
_SIDES = ("left", "right", "top", "bottom")
_LENGTH_PROPERTIES = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    "width",
    "min_width",
    "max_width",
    "height",
    "min_height",
    "max_height",
)
_BOX_PROPERTIES = (*_LENGTH_PROPERTIES, *(f"border_{side}_width" for side in _SIDES))


def apply_layout_patches() -> None:
    """Take measures in this process from the style where they cannot differ."""
    for module in _MODULES:
        module.resolve_percentages = _resolve_percentages
    Box.is_in_normal_flow = _is_in_normal_flow


def _resolve_percentages(box: Any, containing_block: Any) -> None:
    """Measure a box. Without percentages, all boxes of its style measure the same."""
    style = box.style
    # Kept in the style itself, so that it is freed together with it.
    sizes = style.__dict__.get("_measures")
    if sizes is None:
        _original_percentages(box, containing_block)
        fixed = _has_fixed_lengths(style)
        style._measures = {name: getattr(box, name) for name in _BOX_PROPERTIES} if fixed else {}
    elif sizes:
        box.__dict__.update(sizes)
    else:
        _original_percentages(box, containing_block)


def _has_fixed_lengths(style: Any) -> bool:
    lengths = [style[name] for name in _LENGTH_PROPERTIES]
    # Cells with collapsed borders share them, so these depend on the neighbours.
    return style["border_collapse"] != "collapse" and all(map(_is_absolute_length, lengths))


def _is_absolute_length(length: Any) -> bool:
    return length == "auto" or getattr(length, "unit", None) == "px"


def _is_in_normal_flow(box: Any) -> bool:
    """Return whether a box follows the one before it, from its style alone for nearly all boxes."""
    style = box.style
    if style["float"] == "none" and style["position"] in ("static", "relative"):
        return True
    return bool(_original_in_flow(box))
