"""End the rule beside a text with its words, where the text goes on at the next page.

WeasyPrint makes a box that is split as high as the page, as CSS asks, and so draws its border
through paper that has no words: the room that a heading or a photo did not fit in.
"""

from typing import Any

from weasyprint.formatting_structure.boxes import LineBox
from weasyprint.layout import block

_original_layout = block.block_container_layout


def apply_block_end_patches() -> None:
    """End the borders of split boxes with their content in this process."""
    block.block_container_layout = _block_container_layout


def _block_container_layout(*arguments: Any, **named: Any) -> Any:
    result = _original_layout(*arguments, **named)
    box, resume_at = result[:2]
    if resume_at is not None and box is not None and _has_rule(box):
        bottom = _content_bottom(box)
        if bottom is not None:
            box.height = min(box.height, max(0, bottom - box.content_box_y()))
    return result


def _has_rule(box: Any) -> bool:
    return bool(box.border_left_width or box.border_right_width)


def _content_bottom(box: Any) -> float | None:
    """Return where the last line or picture in a box ends; None when there is none."""
    if isinstance(box, LineBox):
        return float(box.position_y + box.height)
    children = [child for child in getattr(box, "children", ()) if child.is_in_normal_flow()]
    if not children:
        return float(box.position_y + box.margin_height()) if hasattr(box, "replacement") else None
    bottoms = [bottom for child in children if (bottom := _content_bottom(child)) is not None]
    return max(bottoms, default=None)
