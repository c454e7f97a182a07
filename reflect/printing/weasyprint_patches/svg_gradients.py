"""Let the gradients of a logo be seen in every viewer.

WeasyPrint draws a gradient as a pattern of tiles that touch each other, of which one alone is
seen. Poppler's own rasterizer draws such a tile as a picture of its own, of one by one unit where
the gradient goes by the shape's box, and nearly nothing is left; PDFium shows the edge of the next
tile. Tiles that lie apart are drawn as what they are.
"""

from typing import Any

from weasyprint import svg
from weasyprint.pdf.stream import Stream

_original_draw_gradient = svg.draw_gradient
_original_add_pattern = Stream.add_pattern
_DISTANCE = 3  # from one tile to the next, in tiles
_drawing = list[bool]()


def apply_svg_gradient_patches() -> None:
    """Draw gradients in this process as tiles that lie apart."""
    svg.draw_gradient = _draw_gradient
    Stream.add_pattern = _add_pattern


def _draw_gradient(*arguments: Any, **named: Any) -> Any:
    _drawing.append(True)
    try:
        return _original_draw_gradient(*arguments, **named)
    finally:
        _drawing.pop()


def _add_pattern(
    stream: Any,
    x: float,
    y: float,
    width: float,
    height: float,
    repeat_width: float,
    repeat_height: float,
    matrix: Any,
) -> Any:
    if _drawing:
        repeat_width, repeat_height = width * _DISTANCE, height * _DISTANCE
    return _original_add_pattern(stream, x, y, width, height, repeat_width, repeat_height, matrix)
