"""The marks within a line: code, formulas, strong and emphasised words."""

import re
from xml.etree import ElementTree as tree

from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, STX, AtomicString

from reflect.math.mathml import DisplayMode, Formula, Notation, is_prose

# While the HTML is made safe, a formula is its number between these two. Nobody can type them:
# control characters are removed before.
PLACEHOLDER_START = "\x0e"
PLACEHOLDER_END = "\x0f"
PLACEHOLDER = re.compile(rf"{PLACEHOLDER_START}(\d+){PLACEHOLDER_END}")

# The library parses the inside of a match once more. What it has replaced by then is a placeholder
# (the library's own begin with STX), which must not be taken for code or a formula.
_STASHED = STX + PLACEHOLDER_START
# Who types an apostrophe as ` has a space before it or a letter behind it, and so no code.
CODE = (
    rf"(?<![\\`\w])(?P<ticks>`+)(?![`\s]|$)(?P<code>(?:(?!(?P=ticks))[^\n{_STASHED}]){{1,500}}?)"
    r"(?<![`\s])(?P=ticks)(?![`\w])"
)
# A formula is between $ $, or as LaTeX has it between \( \); one with lines of its own between
# $$ $$ or \[ \].
FORMULA = (
    rf"(?<!\\)\$\$(?P<block>(?:\\.|[^$\\{_STASHED}])++)\$\$"
    r"|(?<![\\\w$])\$(?![\s$])"
    rf"(?P<inline>(?:\\[^\n]|[^$\\\n{_STASHED}])++)"
    r"(?<!\s)\$(?![\d$])"
    rf"|(?<!\\)\\\((?P<round>(?:\\[^()\n]|[^\\\n{_STASHED}])++)\\\)"
    rf"|(?<!\\)\\\[(?P<square>(?:\\[^\[\]]|[^\\{_STASHED}])++)\\\]"
)
# The same rules for the formula button of the editor, as the source of a JavaScript expression
# (with the flags g and u). It runs over a whole text, so it also matches what it must pass over:
# what is escaped, code, and amounts such as US$.
BROWSER_FORMULA = (
    r"\\\((?<round>(?:\\[^()\n]|[^\\\n])+)\\\)"
    r"|\\\[(?<square>(?:\\[^\[\]]|\n(?!\s*\n)|[^\\\n])+)\\\]"
    r"|\\+[^]"
    r"|(?<![\p{L}\p{N}_])(?<!`)(`{1,9})(?![`\s])(?:(?!\3)[^\n]){1,500}?(?<![`\s])\3"
    r"(?![\p{L}\p{N}_])(?!`)"
    r"|[\p{L}\p{N}_]\$(?!\$)"
    r"|\$\$(?<block>(?:\\[^]|\n(?!\s*\n)|[^$\\\n])+)\$\$"
    r"|\$\$+"
    r"|\$(?![\s$])(?<inline>(?:\\[^\n]|[^$\\\n])*(?:\\\S|[^$\\\s]))\$(?![\d$])"
)
ESCAPED_DOLLAR = r"\\\$"
APOSTROPHE = r"(?<!`)`(?=[^\W\d_])"
LINE_BREAK = r"\n"

# A mark opens before a letter or a digit and closes behind one, with at most quotation marks or the
# end of a sentence between: -_- and ^_^ have none. A star between two factors is a times sign, so
# 2*3*4 and (a)*(b)*(c) keep theirs; what is behind a backslash, or in an
# address, is no mark either.
_OPEN = rf"(?<![\w)\]}}*_\\/=@{ETX}])"
_CLOSE = rf"(?![\w(\[{{*_{STX}])"
_AHEAD = rf"[\"'“‘„«¿¡]*(?:[^\W_]|[{_STASHED}])"
_BEHIND = rf".,:;!?…\"'”’»%{ETX}{PLACEHOLDER_END}"
STRONG = (
    rf"{_OPEN}(?P<mark>\*\*|__)(?=[*_]?[-−+±€$(]?{_AHEAD})(?P<words>.{{1,500}}?)"
    rf"(?:(?<=[^\W_])|(?<=[{_BEHIND})\]*_]))(?P=mark){_CLOSE}"
)
EMPHASIS = (
    rf"{_OPEN}(?P<mark>[*_])(?={_AHEAD})(?P<words>.{{1,500}}?)"
    rf"(?:(?<=[^\W_])|(?<=[{_BEHIND}]))(?P=mark){_CLOSE}"
)


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
