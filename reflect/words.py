"""What people type, as safe HTML for a screen, as HTML for paper, and as plain text."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
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

from reflect.direction import directed
from reflect.formula import Formula, Place, as_typed, is_prose, on_screen, to_be_drawn

log = logging.getLogger(__name__)

# A longer text is shown too, but as plain paragraphs: reading marks in it could take too long.
MAX_LENGTH = 20_000
MAX_FORMULAS = 100
MAX_NESTING = 8

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "blockquote", "code", "pre"}
ATTRIBUTES = {"li": {"value"}}

# A formula waits between these two until all else is safe. Nobody can type them: control signs go first.
PARK, UNPARK = "\x0e", "\x0f"
PARKED = re.compile(rf"{PARK}(\d+){UNPARK}")
_CONTROL_SIGN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_HALF_SIGN = re.compile(r"[\ud800-\udfff]")

_LIST_AFTER_COLON = re.compile(r"(:[ ]*\n)(?=[ ]{0,3}(?:[*-]|\d{1,9}\.)[ ]+\S)")
_LEVEL = re.compile(r"[ ]{0,3}(?:>|[*-](?=[ ])|\d{1,9}\.(?=[ ]))[ ]?|[ ]{4}")
_LEVEL_SIGN = re.compile(r"^(\d*)([>*.-])")

_HEADING = re.compile(r"(?:^|\n)#{1,6}[ ]+(?P<words>[^\n]*\S)[ ]*(?:\n|$)")
_QUOTE = re.compile(r"(^|\n)[ ]{0,3}>(?:[ ]|(?=>|\n|$))(.*)")
_NUMBERED = re.compile(r"^[ ]{0,3}((\d{1,9})\.)[ ]+(.*)")
_BULLETED = re.compile(r"^[ ]{0,3}([*-]())[ ]+(.*)")
_DEEPER_ITEM = re.compile(r"^[ ]{4,7}(\d{1,9}\.|[*-])[ ]+.*")

# The library reads what stands inside marks twice; by then some of it is parked, and that is no code or formula.
_CODE = rf"(?<![\\`])(`+)(?!`)([^\n{STX}{PARK}]{{1,500}}?)(?<!`)\1(?!`)"
_FORMULA = (
    rf"(?<!\\)\$\$(?P<block>(?:\\.|[^$\\{STX}{PARK}])++)\$\$"
    rf"|(?<![\\\w$])\$(?![\s$])(?P<inline>(?:\\[^\n]|[^$\\\n{STX}{PARK}])++)(?<!\s)\$(?![\d$])"
)
# A star between two factors is a times sign, so 2*3*4 and (a)*(b)*(c) keep theirs; so do lines to fill in: ____.
_STRONG = rf"(?<![\w)\]}}*_{ETX}])(\*\*|__)(?=\*?[^\s*_])(.{{1,500}}?)(?<!\s)\1(?![\w(\[{{*_{STX}])"
_EM = rf"(?<![\w)\]}}*_{ETX}])([*_])(?![\s*_])(.{{1,500}}?)(?<![\s*_])\1(?![\w(\[{{*_{STX}])"


@dataclass(frozen=True)
class Laid:
    """A text as safe HTML in which each formula is still a place: PARK, its number, UNPARK."""

    html: str
    formulas: tuple[Formula, ...]

    def on_screen(self, language: str) -> Markup:
        return self.drawn(lambda formula: on_screen(formula, language=language))

    def for_press(self, language: str) -> Markup:
        return self.drawn(lambda formula: to_be_drawn(formula, language=language))

    def drawn(self, draw: Callable[[Formula], str]) -> Markup:
        def put(found: re.Match[str]) -> str:
            number = int(found[1])
            return (draw if number < MAX_FORMULAS else as_typed)(self.formulas[number])

        return Markup(PARKED.sub(put, self.html))  # noqa: S704 - nh3 and formula made it safe


@lru_cache(maxsize=4096)
def html(text: str, *, language: str) -> Markup:
    """Give what a person typed as HTML without any style attribute; formulas are MathML, spoken in `language`."""
    return laid(text).on_screen(language)


def for_press(text: str, *, language: str) -> Markup:
    """Give what a person typed as HTML for the PDF; its formulas are still to be drawn (`formula_picture`)."""
    return laid(text).for_press(language)


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Give what a person typed without marks, on one line; formulas stay the LaTeX that was typed."""
    return laid(text).drawn(lambda formula: str(escape(formula.latex))).striptags()


@lru_cache(maxsize=1024)
def laid(text: str) -> Laid:
    """Lay out what a person typed, with the formulas still to be drawn."""
    text = _typed(text)
    if len(text) > MAX_LENGTH:
        return Laid(_paragraphs(text), ())
    formulas: list[Formula] = []
    try:
        marked = _reader(formulas).convert(_prepared(text))
    except Exception as error:  # a text that the library chokes on must still be readable
        log.warning("A text was shown without its marks: %s", type(error).__name__)
        return Laid(_paragraphs(text), ())
    safe = nh3.clean(marked, tags=TAGS, attributes=ATTRIBUTES, link_rel=None, url_schemes=set())
    return Laid(directed(safe), tuple(formulas))


def _typed(text: str) -> str:
    """Give the text without signs that no page or database can carry."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HALF_SIGN.sub("\ufffd", _CONTROL_SIGN.sub("", text))


def _paragraphs(text: str) -> Markup:
    blocks = [block.strip("\n") for block in text.split("\n\n")]
    lines = [Markup("<br>\n").join(block.split("\n")) for block in blocks if block.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in lines)


def _prepared(text: str) -> str:
    """Bound the nesting (the library recurses), and let a list begin right below a line that ends with a colon."""
    shallow = "\n".join(_shallow(line) for line in text.expandtabs(4).split("\n"))
    return _LIST_AFTER_COLON.sub(r"\1\n", shallow)


def _shallow(line: str) -> str:
    end = 0
    for _ in range(MAX_NESTING):
        level = _LEVEL.match(line, end)
        if level is None:
            return line
        end = level.end()
    return line[:end] + _LEVEL_SIGN.sub(r"\1\\\2", line[end:].lstrip(" "))


def _reader(formulas: list[Formula]) -> Markdown:
    """Make a Markdown reader that knows no HTML, links or pictures, and parks what formulas it finds in `formulas`."""
    reader = Markdown(tab_length=4)
    blocks, marks = reader.parser.blockprocessors, reader.inlinePatterns
    for registry, names in (
        (reader.preprocessors, ("html_block",)),
        # Lines of === and --- are as often a sum or a rule as a heading, so they stay what they are.
        (blocks, ("reference", "setextheader", "hr")),
        (marks, ("reference", "link", "image_link", "image_reference", "short_reference", "short_image_ref")),
        (marks, ("autolink", "automail", "html", "entity", "linebreak", "em_strong")),
        (reader.postprocessors, ("raw_html", "amp_substitute")),
    ):
        for name in names:
            registry.deregister(name)
    blocks.register(_Heading(reader.parser), "hashheader", 70)
    blocks.register(_Numbered(reader.parser), "olist", 40)
    blocks.register(_Bulleted(reader.parser), "ulist", 30)
    blocks.register(_Quote(reader.parser), "quote", 20)
    marks.register(_Code(_CODE), "backtick", 190)
    marks.register(_Formulas(formulas), "formula", 185)
    marks.register(_Emphasis(_STRONG, tag="strong"), "strong", 60)
    marks.register(_Emphasis(_EM, tag="em"), "em", 50)
    marks.register(_NewLine(r"\n"), "newline", 40)
    reader.treeprocessors.register(_CodeOnce(reader), "code_once", 5)
    reader.ESCAPED_CHARS = [*reader.ESCAPED_CHARS, "$"]
    # The library's own serializer lets a typed &lt; through as an entity; here it must read as typed.
    reader.serializer = lambda root: tree.tostring(root, encoding="unicode", method="html")
    return reader


class _Heading(BlockProcessor):
    """A line `# so` becomes a strong paragraph: the page has its own headings. `#5` stays text."""

    def test(self, parent: tree.Element, block: str) -> bool:
        return _HEADING.search(block) is not None

    def run(self, parent: tree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        found = _HEADING.search(block)
        if found is None:
            return
        if before := block[: found.start()]:
            self.parser.parseBlocks(parent, [before])
        tree.SubElement(tree.SubElement(parent, "p"), "strong").text = found["words"]
        if after := block[found.end() :]:
            blocks.insert(0, after)


class _Quote(BlockQuoteProcessor):
    """A quote needs a space behind its sign: `>5` is a comparison."""

    RE = _QUOTE


class _Numbered(OListProcessor):
    """A list that keeps the numbers as typed: "3." and "7." are often numbers of exercises."""

    SIBLING_TAGS: ClassVar = ["ol"]

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.RE = self.CHILD_RE = _NUMBERED
        self.INDENT_RE = _DEEPER_ITEM

    def run(self, parent: tree.Element, blocks: list[str]) -> None:
        numbers = [int(found[2]) for line in blocks[0].split("\n") if (found := _NUMBERED.match(line))]
        if parent.tag in ("ol", "ul") and parent.tag != self.TAG:
            parent = parent[-1]  # an item of one kind of list cannot go on with the other kind
        last = parent if parent.tag == self.TAG else self.lastChild(parent)
        goes_on = last is not None and (last is parent or last.tag in self.SIBLING_TAGS)
        before = len(last) if last is not None and goes_on else 0
        super().run(parent, blocks)
        items = (parent if parent.tag == self.TAG else parent[-1])[before:]
        for place, (item, number) in enumerate(zip(items, numbers, strict=False), before + 1):
            if number != place:
                item.set("value", str(number))


class _Bulleted(_Numbered):
    """A list with `-` or `*`; a line with `+` is as often a sum."""

    TAG = "ul"
    SIBLING_TAGS: ClassVar = ["ul"]

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.RE = self.CHILD_RE = _BULLETED


class _Mark(InlineProcessor):
    """Something within a line; `put` says what comes in its place, or None to leave it as text."""

    def handleMatch(  # type: ignore[override]  # the library's two styles of marks differ here
        self, m: re.Match[str], data: str
    ) -> tuple[tree.Element | str | None, int | None, int | None]:
        placed = self.put(m)
        return (None, None, None) if placed is None else (placed, m.start(), m.end())

    def put(self, found: re.Match[str]) -> tree.Element | str | None:
        raise NotImplementedError


class _Code(_Mark):
    """Code between backticks, on one line: looking further would take long when the end is missing."""

    def put(self, found: re.Match[str]) -> tree.Element:
        code = tree.Element("code")
        code.text = AtomicString(found[2].strip() or found[2])
        return code


class _Formulas(_Mark):
    """Take formulas out of the text before `*`, `_` and `\\` in them can mean anything else."""

    def __init__(self, formulas: list[Formula]) -> None:
        super().__init__(_FORMULA)
        self.formulas = formulas

    def put(self, found: re.Match[str]) -> str | None:
        place = Place.BLOCK if found["inline"] is None else Place.INLINE
        latex = found[place]
        if not latex.strip() or is_prose(latex):
            return None
        self.formulas.append(Formula(latex, place))
        return f"{PARK}{len(self.formulas) - 1}{UNPARK}"


class _Emphasis(_Mark):
    """Strong or emphasised words; the library's own way loses letters when marks overlap."""

    def __init__(self, pattern: str, *, tag: str) -> None:
        super().__init__(pattern)
        self.tag = tag

    def put(self, found: re.Match[str]) -> tree.Element:
        words = tree.Element(self.tag)
        words.text = found[2]
        return words


class _NewLine(_Mark):
    """A new line is a new line: students expect that."""

    def put(self, found: re.Match[str]) -> tree.Element:
        return tree.Element("br")


class _CodeOnce(Treeprocessor):
    """Undo the library's escaping in indented code, since the serializer here escapes too."""

    def run(self, root: tree.Element) -> None:
        for code in root.iterfind(".//pre/code"):
            code.text = AtomicString(unescape(code.text or ""))
