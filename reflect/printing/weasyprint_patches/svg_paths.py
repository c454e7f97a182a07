"""Draw the paths of formulas from a cache instead of parsing them again for every formula."""

import re
from typing import Any

from weasyprint import svg
from weasyprint.svg.path import path as _original_draw_path

from reflect.bounds.byte_cache import byte_cached

# All that is in the paths of a formula: absolute moves, lines, curves, and the end of a shape.
_SIMPLE_PATH = re.compile(r"(?:[MLQCZ]|-?\d+(?:\.\d+)?|[ ,])*")
_PATH_COMMAND = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_NUMBERS_PER_COMMAND = {"M": 2, "L": 2, "Q": 4, "C": 6}
_PDF_OPERATORS = {"M": "m", "L": "l", "Q": "c", "C": "c"}

Point = tuple[float, float]


def apply_svg_patches() -> None:
    """Draw simple paths in this process without WeasyPrint's parser."""
    svg.TAGS["path"] = _draw_path


def _draw_path(image: Any, node: Any, font_size: float) -> None:
    operators = path_operators(node.get("d", ""))
    if operators:
        image.stream.stream.append(operators)
    else:
        _original_draw_path(image, node, font_size)


@byte_cached(max_bytes=4_000_000)
def path_operators(path: str) -> bytes:
    """Return a path as PDF operators; empty when there is more in it than formulas have."""
    if not _SIMPLE_PATH.fullmatch(path):
        return b""
    operators = list[str]()
    current_point = (0.0, 0.0)
    for command, numbers in _PATH_COMMAND.findall(path):
        values = [float(number) for number in numbers.replace(",", " ").split()]
        if command == "Z":
            operators.append("h")
            continue
        step = _NUMBERS_PER_COMMAND[command]
        if not values or len(values) % step:
            return b""
        for start in range(0, len(values), step):
            points = values[start : start + step]
            # More points after a move are lines (SVG 1.1, 8.3.2).
            repeated_command = "L" if command == "M" and start else command
            operators.append(_path_operator(repeated_command, points, current_point))
            current_point = (points[-2], points[-1])
    return "\n".join(operators).encode()


def _path_operator(command: str, points: list[float], current_point: Point) -> str:
    if command == "Q":
        points = _cubic_points(current_point, points)
    operands = " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in points)
    return f"{operands} {_PDF_OPERATORS[command]}"


def _cubic_points(start: Point, quadratic: list[float]) -> list[float]:
    """Return a curve with one control point as one with two, the only kind that PDF has."""
    control_x, control_y, end_x, end_y = quadratic
    start_x, start_y = start
    return [
        (2 * control_x + start_x) / 3,
        (2 * control_y + start_y) / 3,
        (2 * control_x + end_x) / 3,
        (2 * control_y + end_y) / 3,
        end_x,
        end_y,
    ]
