"""Let the gradients of a logo be seen in every viewer.

WeasyPrint draws a gradient as a pattern of tiles that touch each other, of which one alone is
seen. Poppler's own rasterizer draws such a tile as a picture of its own, of one by one unit where
the gradient goes by the shape's box, and nearly nothing is left; PDFium shows the edge of the next
tile. Tiles that lie apart are drawn as what they are. And of a gradient that is turned, WeasyPrint
turns two corners of the tile and not four, and then the tile can have no height at all.
"""

from typing import Any

from weasyprint import svg
from weasyprint.pdf.stream import Stream
from weasyprint.svg.bounding_box import is_valid_bounding_box
from weasyprint.svg.utils import transform

_original_draw_gradient = svg.draw_gradient
_original_add_pattern = Stream.add_pattern
_original_add_group = Stream.add_group
_DISTANCE = 3  # from one tile to the next, in tiles
Box = tuple[float, float, float, float]  # x, y, width and height
# The tile of the gradient that is being drawn; None where WeasyPrint's own is right.
_tiles = list[Box | None]()


def apply_svg_gradient_patches() -> None:
    """Draw gradients in this process as whole tiles that lie apart."""
    svg.draw_gradient = _draw_gradient
    Stream.add_pattern = _add_pattern
    Stream.add_group = _add_group


def _draw_gradient(
    image: Any, node: Any, gradient: Any, font_size: float, opacity: float, *, stroke: bool
) -> Any:
    _tiles.append(_tile(image, node, gradient, font_size, stroke=stroke))
    try:
        return _original_draw_gradient(image, node, gradient, font_size, opacity, stroke)
    finally:
        _tiles.pop()


def _tile(image: Any, node: Any, gradient: Any, font_size: float, *, stroke: bool) -> Box | None:
    """Return the box of a shape as a gradient that is turned or skewed sees it."""
    box = image.calculate_bounding_box(node, font_size, stroke)
    if "gradientTransform" not in gradient.attrib or not is_valid_bounding_box(box):
        return None
    x, y, width, height = box
    if gradient.get("gradientUnits") != "userSpaceOnUse":
        x, y, width, height = 0, 0, 1, 1
    matrix = transform(
        gradient.get("gradientTransform"), "0 0", font_size, image.normalized_diagonal
    )
    if not matrix.determinant:
        return None
    corners = [
        matrix.invert.transform_point(x + right * width, y + down * height)
        for right in (0, 1)
        for down in (0, 1)
    ]
    left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
    right_end, bottom = (max(corner[axis] for corner in corners) for axis in (0, 1))
    return left, top, right_end - left, bottom - top


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
    if _tiles:
        x, y, width, height = _tiles[-1] or (x, y, width, height)
        repeat_width, repeat_height = width * _DISTANCE, height * _DISTANCE
    return _original_add_pattern(stream, x, y, width, height, repeat_width, repeat_height, matrix)


def _add_group(stream: Any, x: float, y: float, width: float, height: float) -> Any:
    if _tiles:
        x, y, width, height = _tiles[-1] or (x, y, width, height)
    return _original_add_group(stream, x, y, width, height)
