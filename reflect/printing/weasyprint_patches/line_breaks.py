"""Keep words on a line where only the space behind them is too wide for it.

WeasyPrint counts the space at the end of a text, in front of a formula or of slanted words, as if
it had to fit. Where it does not, the line ends after its first word. docs/upstream has the report.
"""

from math import inf
from typing import Any

from weasyprint.layout import inline

_original_split = inline.split_first_line
_COLLAPSING = ("normal", "pre-line")
# A text of more characters than this, in font sizes of the line, cannot be its last line.
_MAX_CHARACTERS_PER_EM = 4


def apply_line_break_patches() -> None:
    """Break lines in this process where a space that is not printed does not fit."""
    inline.split_first_line = _split_first_line


def _split_first_line(
    text: str, style: Any, context: Any, max_width: float | None, *more: Any, **named: Any
) -> Any:
    result = _original_split(text, style, context, max_width, *more, **named)
    resume_index = result[2]
    if resume_index is None or max_width is None or not _ends_with_loose_space(text, style):
        return result
    if max_width == inf or len(text) * style["font_size"] > max_width * _MAX_CHARACTERS_PER_EM:
        return result
    without_space = _original_split(text.rstrip(" "), style, context, max_width, *more, **named)
    if without_space[2] is None and without_space[3] <= max_width:
        return _original_split(text, style, context, None, *more, **named)
    return result


def _ends_with_loose_space(text: str, style: Any) -> bool:
    return text.endswith(" ") and text.strip(" ") != "" and style["white_space"] in _COLLAPSING
