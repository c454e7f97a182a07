"""Turn a text without marks into paragraphs: most of what is typed is sentences and formulas.

The parsers would make exactly the same of it, and take their time (decision 61).
"""

import re
from html import escape

from reflect.math.mathml import Formula
from reflect.text.characters import BLANKS
from reflect.text.inline_patterns import PLACEHOLDER_END
from reflect.text.inline_processors import FormulaPattern

_OTHER_BLANKS = BLANKS.replace(" ", "")
_UNSEEN_LETTERS = "\u115f\u1160\u3164\uffa0"
# No block begins with a letter that can be seen, a number that is not one of a list, a bracket, a
# quotation mark or a formula. A tab may make a table or a list, a pipe a table, a backtick code.
_LINE = (
    rf" *+(?:[\"'“‘„(«¿¡$]|(?![{_UNSEEN_LETTERS}])[^\W\d_]|\d++(?![.)]))[^\n`|{_OTHER_BLANKS}]*+"
)
_LINES = re.compile(rf"(?: *+\n)*+(?:{_LINE}(?:\n(?: *+(?:\n|\Z))*+|\Z))++")
# What is left of these signs outside of the formulas may mean something; and where a dollar sign
# follows on a formula, the parser looks once more.
_POSSIBLE_MARK = re.compile(rf"[`\\*_]|{PLACEHOLDER_END}\$")
_BETWEEN_PARAGRAPHS = re.compile(r"\n(?: *\n)+")
_LINE_END = re.compile(r" *\n *")


def convert_text(text: str) -> tuple[str, tuple[Formula, ...]] | None:
    """Return the HTML of a text, still to be cleaned, and its formulas; None where marks may be."""
    if not _LINES.fullmatch(text):
        return None
    return _convert(_paragraphs(text))


def convert_line(text: str) -> tuple[str, tuple[Formula, ...]] | None:
    """Return what `convert_text` does, for a text of one line, in which no block begins."""
    return _convert([text]) if text.strip() and "\n" not in text else None


def _paragraphs(text: str) -> list[str]:
    return [
        _LINE_END.sub("\n", block).strip(" \n")
        for block in _BETWEEN_PARAGRAPHS.split(text.strip(" \n"))
    ]


def _convert(paragraphs: list[str]) -> tuple[str, tuple[Formula, ...]] | None:
    formulas: list[Formula] = []
    pattern = FormulaPattern(formulas)
    blocks = [pattern.replace_in(block) for block in paragraphs]
    if any(map(_POSSIBLE_MARK.search, blocks)):
        return None
    lines = [escape(block, quote=False).replace("\n", "<br>\n") for block in blocks]
    return "\n".join(f"<p>{line}</p>" for line in lines), tuple(formulas)
