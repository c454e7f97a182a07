"""Break lines where WeasyPrint does it badly: after one word, and in the last word of a text.

WeasyPrint counts the space at the end of a text, in front of a formula or of slanted words, as if
it had to fit. Where it does not, the line ends after its first word (docs/upstream has the
report). And it knows no `hyphenate-limit-last`: half a word as a last line.
"""

from math import inf
from typing import Any

from weasyprint.layout import inline

_original_split = inline.split_first_line
_COLLAPSING = ("normal", "pre-line")
# A text of more characters than this, in font sizes of the line, cannot be its last line.
_MAX_CHARACTERS_PER_EM = 4


def apply_line_break_patches() -> None:
    """Break lines in this process with these two rules."""
    inline.split_first_line = _split_first_line


def _split_first_line(
    text: str, style: Any, context: Any, max_width: float | None, *more: Any, **named: Any
) -> Any:
    result = _original_split(text, style, context, max_width, *more, **named)
    resume_index = result[2]
    if resume_index is None or max_width is None or max_width == inf:
        return result
    if _ends_with_loose_space(text, style) and _may_be_last_line(text, style, max_width):
        without_space = _original_split(text.rstrip(" "), style, context, max_width, *more, **named)
        if without_space[2] is None and without_space[3] <= max_width:
            return _original_split(text, style, context, None, *more, **named)
    if _divides_last_word(text, style, result):
        unhyphenated = style.copy()
        unhyphenated["hyphens"] = "manual"
        whole_word = _original_split(text, unhyphenated, context, max_width, *more, **named)
        # A word that is longer than a line is divided all the same.
        if whole_word[3] <= max_width:
            return whole_word
    return result


def _ends_with_loose_space(text: str, style: Any) -> bool:
    collapses: bool = style["white_space"] in _COLLAPSING
    return collapses and text.endswith(" ") and text.strip(" ") != ""


def _may_be_last_line(text: str, style: Any, max_width: float) -> bool:
    return bool(len(text) * style["font_size"] <= max_width * _MAX_CHARACTERS_PER_EM)


def _divides_last_word(text: str, style: Any, result: Any) -> bool:
    """Return whether this line ends with a hyphen, and nothing but half a word comes after it."""
    layout, length, resume_index = result[:3]
    hyphen = style["hyphenate_character"]
    is_hyphenated = len(layout.text.encode()) == length + len(hyphen.encode()) and (
        layout.text.endswith(hyphen)
    )
    if style["hyphens"] != "auto" or not is_hyphenated:
        return False
    rest = text.encode()[resume_index:].decode().strip(" ")
    return bool(rest) and " " not in rest
