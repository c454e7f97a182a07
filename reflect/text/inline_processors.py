"""Make elements of the marks within a line; see reflect.text.inline_patterns."""

import re
from xml.etree import ElementTree as tree

from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from reflect.math.mathml import DisplayMode, Formula, Notation, is_prose
from reflect.text.inline_patterns import FORMULA, PLACEHOLDER_END, PLACEHOLDER_START


class _InlinePattern(InlineProcessor):
    """A pattern within a line; `build` returns its replacement, or None to leave it as text."""

    def handleMatch(  # type: ignore[override]  # the library's two styles of marks differ here
        self, m: re.Match[str], data: str
    ) -> tuple[tree.Element | str | None, int | None, int | None]:
        replacement = self.build(m)
        return (None, None, None) if replacement is None else (replacement, m.start(), m.end())

    def build(self, match: re.Match[str]) -> tree.Element | str | None:
        raise NotImplementedError


class CodeSpan(_InlinePattern):
    """Code between backticks on one line: a search for a missing end would take long."""

    def build(self, match: re.Match[str]) -> tree.Element:
        code = tree.Element("code")
        code.text = AtomicString(match["code"])
        return code


class FormulaPattern(_InlinePattern):
    """Takes formulas out of the text before `*` and `_` in them get another meaning."""

    def __init__(self, formulas: list[Formula]) -> None:
        super().__init__(FORMULA)
        self.formulas = formulas

    def replace_in(self, text: str) -> str:
        """Return the text with a placeholder for each formula."""
        return self.compiled_re.sub(lambda match: self.build(match) or match[0], text)

    def build(self, match: re.Match[str]) -> str | None:
        # One of the four groups has matched, and it holds something.
        latex = match["block"] or match["inline"] or match["round"] or match["square"]
        if not latex.strip() or is_prose(latex):
            return None
        display = DisplayMode.BLOCK if match["block"] or match["square"] else DisplayMode.INLINE
        notation = Notation.BRACKETS if match["round"] or match["square"] else Notation.DOLLARS
        self.formulas.append(Formula(latex, display, notation))
        return f"{PLACEHOLDER_START}{len(self.formulas) - 1}{PLACEHOLDER_END}"


class Emphasis(_InlinePattern):
    """Strong or emphasised words.

    The library's own pattern loses characters when markup overlaps.
    """

    def __init__(self, pattern: str, *, tag: str) -> None:
        super().__init__(pattern)
        self.tag = tag

    def build(self, match: re.Match[str]) -> tree.Element:
        element = tree.Element(self.tag)
        element.text = match["words"]
        return element


class Character(_InlinePattern):
    """A sign that stands for another one: `\\$` for a dollar, a single backtick for ’."""

    def __init__(self, pattern: str, *, shown: str) -> None:
        super().__init__(pattern)
        self.shown = shown

    def build(self, match: re.Match[str]) -> str:
        return self.shown


class LineBreak(_InlinePattern):
    """A new line is a new line: students expect that."""

    def build(self, match: re.Match[str]) -> tree.Element:
        return tree.Element("br")
