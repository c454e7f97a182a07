"""Render the Markdown that people type as safe HTML, as HTML for the PDF, or as plain text."""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from html import escape as escape_html
from html import unescape
from typing import ClassVar
from xml.etree import ElementTree as tree

import nh3
from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor, BlockQuoteProcessor, OListProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString
from markupsafe import Markup, escape

from reflect.bounds.byte_cache import byte_cached
from reflect.math.mathml import (
    DisplayMode,
    Formula,
    is_prose,
    source_html,
    to_mathml,
    to_svg_placeholder,
)
from reflect.text.bidi import add_dir

log = logging.getLogger(__name__)

# Characters. No longer text is saved (`reflect.reports.conflicts`). One that is older than this
# limit is still shown, but as plain paragraphs: parsing it could take too long.
MAX_TEXT_LENGTH = 20_000
MAX_FORMULAS = 100
MAX_NESTING = 8

ALLOWED_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "blockquote", "code", "pre"}
ALLOWED_ATTRIBUTES = {"li": {"value"}}

# While the HTML is made safe, a formula is its number between these two. Nobody can type them:
# control characters are removed before.
PLACEHOLDER_START = "\x0e"
PLACEHOLDER_END = "\x0f"
PLACEHOLDER = re.compile(rf"{PLACEHOLDER_START}(\d+){PLACEHOLDER_END}")
_CONTROL_CHAR = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")

_LIST_AFTER_COLON = re.compile(r"(:[ ]*\n)(?=[ ]{0,3}(?:[*-]|\d{1,9}\.)[ ]+\S)")
_NESTING_PREFIX = re.compile(r"[ ]{0,3}(?:>|[*-](?=[ ])|\d{1,9}\.(?=[ ]))[ ]?|[ ]{4}")
_NESTING_MARKER = re.compile(r"^(\d*)([>*.-])")

# Each line begins with what begins no list, heading or quote, and none has code in it.
_LINE_OF_WORDS = r"(?![#>*-]|\d{1,9}\.)[^\s`][^\n\t`]*+"
_LINES_OF_WORDS = re.compile(rf"\n*+(?:{_LINE_OF_WORDS}(?:\n++|\Z))++")
# What is left of these signs outside of the formulas may mean something; and where a dollar sign
# follows on a formula, the parser looks once more.
_POSSIBLE_MARK = re.compile(rf"[\\*_]|{PLACEHOLDER_END}\$")
_HEADING = re.compile(r"(?:^|\n)#{1,6}[ ]+(?P<words>[^\n]*\S)[ ]*(?:\n|$)")
_QUOTE = re.compile(r"(^|\n)[ ]{0,3}>(?:[ ]|(?=>|\n|$))(.*)")
_ORDERED_ITEM = re.compile(r"^[ ]{0,3}((\d{1,9})\.)[ ]+(.*)")
_BULLET_ITEM = re.compile(r"^[ ]{0,3}([*-]())[ ]+(.*)")
_NESTED_ITEM = re.compile(r"^[ ]{4,7}(\d{1,9}\.|[*-])[ ]+.*")

# The library parses the inside of a match once more. What it has replaced by then is a placeholder
# (the library's own begin with STX), which must not be taken for code or a formula.
_STASHED = STX + PLACEHOLDER_START
_CODE = rf"(?<![\\`])(`+)(?!`)([^\n{_STASHED}]{{1,500}}?)(?<!`)\1(?!`)"
_FORMULA = (
    rf"(?<!\\)\$\$(?P<block>(?:\\.|[^$\\{_STASHED}])++)\$\$"
    r"|(?<![\\\w$])\$(?![\s$])"
    rf"(?P<inline>(?:\\[^\n]|[^$\\\n{_STASHED}])++)"
    r"(?<!\s)\$(?![\d$])"
)
# The same rule for the formula button of the editor, as the source of a JavaScript expression (with
# the flags g and u). It runs over a whole text, so it also matches what it must pass over: what is
# escaped, code, and amounts such as US$.
BROWSER_FORMULA = (
    r"\\+[^]"
    r"|(`{1,9})(?!`)[^\n]{1,500}?\1"
    r"|[\p{L}\p{N}_]\$(?!\$)"
    r"|\$\$(?<block>(?:\\[^]|\n(?!\s*\n)|[^$\\\n])+)\$\$"
    r"|\$\$+"
    r"|\$(?![\s$])(?<inline>(?:\\[^\n]|[^$\\\n])*(?:\\\S|[^$\\\s]))\$(?![\d$])"
)
# A star between two factors is a times sign, so 2*3*4 and (a)*(b)*(c) keep theirs; underscores in
# a line to fill in (____) stay too.
_STRONG = rf"(?<![\w)\]}}*_{ETX}])(\*\*|__)(?=\*?[^\s*_])(.{{1,500}}?)(?<!\s)\1(?![\w(\[{{*_{STX}])"
_EM = rf"(?<![\w)\]}}*_{ETX}])([*_])(?![\s*_])(.{{1,500}}?)(?<![\s*_])\1(?![\w(\[{{*_{STX}])"


@dataclass(frozen=True)
class Rendered:
    """Safe HTML in which each formula is a placeholder with its index in `formulas`."""

    html: str
    formulas: tuple[Formula, ...]

    def to_html(self, language: str) -> Markup:
        return self.fill_formulas(lambda formula: to_mathml(formula, language=language))

    def to_print_html(self, language: str) -> Markup:
        return self.fill_formulas(lambda formula: to_svg_placeholder(formula, language=language))

    def fill_formulas(self, draw_formula: Callable[[Formula], str]) -> Markup:
        """Return the HTML with each formula drawn; those after MAX_FORMULAS as they were typed."""

        def fill(match: re.Match[str]) -> str:
            index = int(match[1])
            draw = draw_formula if index < MAX_FORMULAS else source_html
            return draw(self.formulas[index])

        filled = PLACEHOLDER.sub(fill, self.html)
        return Markup(filled)  # noqa: S704 - nh3 and mathml made it safe


@byte_cached(max_bytes=4_000_000)
def to_html(text: str, *, language: str) -> Markup:
    """Return what a person typed as HTML without style attributes.

    Formulas are MathML with a spoken name in `language`.
    """
    return render(text).to_html(language)


def preview_html(text: str, *, language: str) -> Markup:
    """Return what `to_html` does, and remember nothing: this text changes at each letter."""
    return _render(text).to_html(language)


def to_print_html(text: str, *, language: str) -> Markup:
    """Return what a person typed as HTML for the PDF, with formulas still to be drawn.

    See reflect.math.svg.draw_formulas.
    """
    return render(text).to_print_html(language)


@byte_cached(max_bytes=1_000_000)
def to_plain(text: str) -> str:
    """Return what a person typed on one line, without markup; formulas are their LaTeX."""
    return render(text).fill_formulas(lambda formula: str(escape(formula.latex))).striptags()


@byte_cached(max_bytes=4_000_000)
def render(text: str) -> Rendered:
    """Return what a person typed as safe HTML, with the formulas apart."""
    return _render(text)


def _render(text: str) -> Rendered:
    text = _normalize(text)
    if len(text) > MAX_TEXT_LENGTH:
        return Rendered(_paragraphs(text), ())
    try:
        plain = _convert_plain(text)
        unsafe_html, formulas = plain or _parser_of_thread.convert(_limit_nesting(text))
    except Exception as error:  # a text that the library chokes on must still be readable
        log.warning("A text was shown without its marks: %s", type(error).__name__)
        return Rendered(_paragraphs(text), ())
    # The parser makes no HTML that is not ours. nh3 is the second lock, should it ever do so.
    safe_html = nh3.clean(
        unsafe_html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        link_rel=None,
        url_schemes=set(),
    )
    return Rendered(add_dir(safe_html), formulas)


def _convert_plain(text: str) -> tuple[str, tuple[Formula, ...]] | None:
    """Return what the parser makes of a text without marks, or None where there may be some.

    Most of what is typed is sentences and formulas, over which the parser takes its time.
    """
    if not _LINES_OF_WORDS.fullmatch(text):
        return None
    formulas: list[Formula] = []
    pattern = _FormulaPattern(formulas)
    blocks = re.split("\n\n+", text.strip("\n"))
    words = "\n\n".join(pattern.replace_in(block) for block in blocks)
    if _POSSIBLE_MARK.search(words):
        return None
    html = escape_html(words, quote=False).replace("\n\n", "</p>\r<p>").replace("\n", "<br>\n")
    return f"<p>{html}</p>".replace("\r", "\n"), tuple(formulas)


def _normalize(text: str) -> str:
    """Return the text without the characters that no page or database can carry."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _LONE_SURROGATE.sub("\ufffd", _CONTROL_CHAR.sub("", text))


def _paragraphs(text: str) -> Markup:
    blocks = [block.strip("\n") for block in text.split("\n\n")]
    lines = [Markup("<br>\n").join(block.split("\n")) for block in blocks if block.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in lines)


def _limit_nesting(text: str) -> str:
    """Return the text with bounded nesting, since the library recurses.

    A list may also begin right below a line that ends with a colon.
    """
    shallow = "\n".join(_limit_line_nesting(line) for line in text.expandtabs(4).split("\n"))
    return _LIST_AFTER_COLON.sub(r"\1\n", shallow)


def _limit_line_nesting(line: str) -> str:
    end = 0
    for _ in range(MAX_NESTING):
        prefix = _NESTING_PREFIX.match(line, end)
        if prefix is None:
            return line
        end = prefix.end()
    # What is nested deeper is escaped, so that it reads as it was typed.
    return line[:end] + _NESTING_MARKER.sub(r"\1\\\2", line[end:].lstrip(" "))


# All that could make a link, a picture, a reference or raw HTML (decision 9).
_UNUSED_INLINE_PATTERNS = (
    "reference",
    "link",
    "image_link",
    "image_reference",
    "short_reference",
    "short_image_ref",
    "autolink",
    "automail",
    "html",
    "entity",
    "linebreak",
    "em_strong",
)


class _ParserOfThread(threading.local):
    """One parser for all texts of a thread: making it takes as long as parsing a short text."""

    def __init__(self) -> None:
        self._formulas: list[Formula] = []
        self._parser = _build_parser(self._formulas)

    def convert(self, text: str) -> tuple[str, tuple[Formula, ...]]:
        """Return HTML that is still to be cleaned, and the formulas in it."""
        try:
            self._formulas.clear()
            html = self._parser.reset().convert(text)
            return html, tuple(self._formulas)
        except BaseException:
            # It is somewhere in the middle of that text.
            self.__init__()  # type: ignore[misc]  # of this thread alone
            raise
        finally:
            # Nothing that a person wrote stays behind.
            self._formulas.clear()


def _build_parser(formulas: list[Formula]) -> Markdown:
    """Return a Markdown parser that knows no HTML, links or images.

    It puts the formulas that it finds into `formulas`.
    """
    parser = Markdown(tab_length=4)
    blocks = parser.parser.blockprocessors
    inline_patterns = parser.inlinePatterns
    parser.preprocessors.deregister("html_block")
    # Lines of === and --- are as often a sum or a rule as a heading, so they stay what they are.
    for name in ("reference", "setextheader", "hr"):
        blocks.deregister(name)
    for name in _UNUSED_INLINE_PATTERNS:
        inline_patterns.deregister(name)
    for name in ("raw_html", "amp_substitute"):
        parser.postprocessors.deregister(name)
    blocks.register(_Heading(parser.parser), "hashheader", 70)
    blocks.register(_OrderedList(parser.parser), "olist", 40)
    blocks.register(_BulletList(parser.parser), "ulist", 30)
    blocks.register(_Quote(parser.parser), "quote", 20)
    # The highest number first: no formula is searched in code, and no emphasis in either of them.
    inline_patterns.register(_CodeSpan(_CODE), "backtick", 190)
    inline_patterns.register(_FormulaPattern(formulas), "formula", 185)
    inline_patterns.register(_Emphasis(_STRONG, tag="strong"), "strong", 60)
    inline_patterns.register(_Emphasis(_EM, tag="em"), "em", 50)
    inline_patterns.register(_LineBreak(r"\n"), "newline", 40)
    parser.treeprocessors.register(_CodeUnescaper(parser), "code_once", 5)
    # So that a backslash before a dollar sign works as before other signs.
    parser.ESCAPED_CHARS = [*parser.ESCAPED_CHARS, "$"]
    # The library's own serializer lets a typed &lt; through as an entity; it must read as typed.
    parser.serializer = lambda root: tree.tostring(root, encoding="unicode", method="html")
    return parser


class _Heading(BlockProcessor):
    """A line `# like this` is a strong paragraph: the page has its own headings. `#5` is text."""

    def test(self, parent: tree.Element, block: str) -> bool:
        return _HEADING.search(block) is not None

    def run(self, parent: tree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        match = _HEADING.search(block)
        if match is None:
            return
        before = block[: match.start()]
        after = block[match.end() :]
        if before:
            self.parser.parseBlocks(parent, [before])
        tree.SubElement(tree.SubElement(parent, "p"), "strong").text = match["words"]
        if after:
            blocks.insert(0, after)


class _Quote(BlockQuoteProcessor):
    """A quote needs a space behind its sign: `>5` is a comparison."""

    RE = _QUOTE


class _OrderedList(OListProcessor):
    """A list that keeps its numbers as typed: "3." and "7." are often numbers of exercises."""

    SIBLING_TAGS: ClassVar = ["ol"]

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.RE = self.CHILD_RE = _ORDERED_ITEM
        self.INDENT_RE = _NESTED_ITEM

    def run(self, parent: tree.Element, blocks: list[str]) -> None:
        matches = filter(None, map(_ORDERED_ITEM.match, blocks[0].split("\n")))
        numbers = [int(match[2]) for match in matches]
        if parent.tag in ("ol", "ul") and parent.tag != self.TAG:
            # A list cannot hold one of the other kind; its last item can.
            parent = parent[-1]
        last = parent if parent.tag == self.TAG else self.lastChild(parent)
        continues = last is not None and (last is parent or last.tag in self.SIBLING_TAGS)
        item_count_before = len(last) if last is not None and continues else 0
        super().run(parent, blocks)
        items = (parent if parent.tag == self.TAG else parent[-1])[item_count_before:]
        numbered_items = zip(items, numbers, strict=False)
        for position, (item, number) in enumerate(numbered_items, item_count_before + 1):
            # Only where it differs: otherwise the browser counts by itself.
            if number != position:
                item.set("value", str(number))


class _BulletList(_OrderedList):
    """A list with `-` or `*`; a line with `+` is as often a sum."""

    TAG = "ul"
    SIBLING_TAGS: ClassVar = ["ul"]

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.RE = self.CHILD_RE = _BULLET_ITEM


class _InlinePattern(InlineProcessor):
    """A pattern within a line; `build` returns its replacement, or None to leave it as text."""

    def handleMatch(  # type: ignore[override]  # the library's two styles of marks differ here
        self, m: re.Match[str], data: str
    ) -> tuple[tree.Element | str | None, int | None, int | None]:
        replacement = self.build(m)
        return (None, None, None) if replacement is None else (replacement, m.start(), m.end())

    def build(self, match: re.Match[str]) -> tree.Element | str | None:
        raise NotImplementedError


class _CodeSpan(_InlinePattern):
    """Code between backticks on one line: a search for a missing end would take long."""

    def build(self, match: re.Match[str]) -> tree.Element:
        code = tree.Element("code")
        code.text = AtomicString(match[2].strip() or match[2])
        return code


class _FormulaPattern(_InlinePattern):
    """Takes formulas out of the text before `*`, `_` and `\\` in them get another meaning."""

    def __init__(self, formulas: list[Formula]) -> None:
        super().__init__(_FORMULA)
        self.formulas = formulas

    def replace_in(self, text: str) -> str:
        """Return the text with a placeholder for each formula."""
        return self.compiled_re.sub(lambda match: self.build(match) or match[0], text)

    def build(self, match: re.Match[str]) -> str | None:
        display = DisplayMode.BLOCK if match["inline"] is None else DisplayMode.INLINE
        latex = match[display]
        if not latex.strip() or is_prose(latex):
            return None
        self.formulas.append(Formula(latex, display))
        return f"{PLACEHOLDER_START}{len(self.formulas) - 1}{PLACEHOLDER_END}"


class _Emphasis(_InlinePattern):
    """Strong or emphasised words.

    The library's own pattern loses characters when markup overlaps.
    """

    def __init__(self, pattern: str, *, tag: str) -> None:
        super().__init__(pattern)
        self.tag = tag

    def build(self, match: re.Match[str]) -> tree.Element:
        element = tree.Element(self.tag)
        element.text = match[2]
        return element


class _LineBreak(_InlinePattern):
    """A new line is a new line: students expect that."""

    def build(self, match: re.Match[str]) -> tree.Element:
        return tree.Element("br")


class _CodeUnescaper(Treeprocessor):
    """Undoes the library's escaping of indented code, since our serializer escapes too."""

    def run(self, root: tree.Element) -> None:
        for code in root.iterfind(".//pre/code"):
            code.text = AtomicString(unescape(code.text or ""))


# Last in the module: the first one is made here, and it needs all of the classes above.
_parser_of_thread = _ParserOfThread()
