"""Render the Markdown that people type as safe HTML, as HTML for the PDF, or as plain text.

What the marks are is in docs/writing.md.
"""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as tree

import nh3
from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor as InlineMarks
from markdown.util import Registry
from markupsafe import Markup, escape

from reflect.bounds.byte_cache import byte_cached
from reflect.math.mathml import Formula, source_html, to_mathml, to_svg_placeholder
from reflect.math.speech import to_speech
from reflect.text import inline_patterns, inline_processors, unmarked
from reflect.text.bidi import add_dir
from reflect.text.blocks import BlockGrammar, LineGrammar
from reflect.text.characters import normalize
from reflect.text.inline_patterns import PLACEHOLDER

_PARAGRAPH = re.compile(r"</?p\b[^>]*>")

log = logging.getLogger(__name__)

# Characters. No longer text is saved (`reflect.reports.conflicts`). One that is older than this
# limit is still shown, but as plain paragraphs: parsing it could take too long.
MAX_TEXT_LENGTH = 20_000
MAX_FORMULAS = 100

_TABLE_TAGS = {"div", "table", "thead", "tbody", "tr", "th", "td"}
_WORD_TAGS = {"strong", "em", "code", "br"}
ALLOWED_TAGS = {"p", "ul", "ol", "li", "span", "blockquote", "pre"} | _WORD_TAGS | _TABLE_TAGS
_ALLOWED_ATTRIBUTES = {"div": {"tabindex"}, "th": {"scope"}}
_ALLOWED_CLASSES = {
    "div": {"table-box"},
    "ol": {"typed-list"},
    "span": {"list-mark"},
    "ul": {"typed-list"},
}


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


@byte_cached(max_bytes=2_000_000)
def to_inline_html(text: str, *, language: str) -> Markup:
    """Return a line that a person typed, such as a goal or a caption, as HTML without blocks."""
    return _render_inline(text).to_html(language)


def to_print_inline_html(text: str, *, language: str) -> Markup:
    """Return what `to_inline_html` does, for the PDF: see `to_print_html`."""
    return _render_inline(text).to_print_html(language)


@byte_cached(max_bytes=1_000_000)
def to_spoken(text: str, *, language: str) -> str:
    """Return a line that a person typed without its marks, the formulas in words.

    For what takes text alone, such as the alternative text of a picture.
    """
    rendered = _render_inline(text)
    return rendered.fill_formulas(
        lambda formula: str(escape(to_speech(formula.latex, language=language)))
    ).striptags()


@byte_cached(max_bytes=4_000_000)
def render(text: str) -> Rendered:
    """Return what a person typed as safe HTML, with the formulas apart."""
    return _render(text)


def _render(text: str) -> Rendered:
    text = normalize(text)
    if len(text) > MAX_TEXT_LENGTH:
        return Rendered(_paragraphs(text), ())
    return _convert(text, unmarked.convert_text, _text_parser)


@byte_cached(max_bytes=2_000_000)
def _render_inline(text: str) -> Rendered:
    text = normalize(text)
    if len(text) > MAX_TEXT_LENGTH:
        rendered = Rendered(_paragraphs(text), ())
    else:
        rendered = _convert(text, unmarked.convert_line, _line_parser)
    return Rendered(_PARAGRAPH.sub("", rendered.html), rendered.formulas)


def _convert(
    text: str,
    convert_unmarked: Callable[[str], tuple[str, tuple[Formula, ...]] | None],
    parser: "_ParserOfThread",
) -> Rendered:
    try:
        unsafe_html, formulas = convert_unmarked(text) or parser.convert(text)
    except Exception as error:  # a text that the library chokes on must still be readable
        log.warning("A text was shown without its marks: %s", type(error).__name__)
        return Rendered(_paragraphs(text), ())
    # The parser makes no HTML that is not ours. nh3 is the second lock, should it ever do so.
    safe_html = nh3.clean(
        unsafe_html,
        tags=ALLOWED_TAGS,
        attributes=_ALLOWED_ATTRIBUTES,
        allowed_classes=_ALLOWED_CLASSES,
        link_rel=None,
        url_schemes=set(),
    )
    return Rendered(add_dir(safe_html), formulas)


def _paragraphs(text: str) -> Markup:
    blocks = [block.strip("\n") for block in text.split("\n\n")]
    lines = [Markup("<br>\n").join(block.split("\n")) for block in blocks if block.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in lines)


class _ParserOfThread(threading.local):
    """One parser for all texts of a thread: making it takes as long as parsing a short text."""

    def __init__(self, grammar: type[BlockParser]) -> None:
        self._grammar = grammar
        self._formulas: list[Formula] = []
        self._parser = _build_parser(grammar, self._formulas)

    def convert(self, text: str) -> tuple[str, tuple[Formula, ...]]:
        """Return HTML that is still to be cleaned, and the formulas in it."""
        try:
            self._formulas.clear()
            html = self._parser.reset().convert(text)
            return html, tuple(self._formulas)
        except BaseException:
            # It is somewhere in the middle of that text.
            self.__init__(self._grammar)  # type: ignore[misc]  # of this thread alone
            raise
        finally:
            # Nothing that a person wrote stays behind.
            self._formulas.clear()


def _build_parser(grammar: type[BlockParser], formulas: list[Formula]) -> Markdown:
    """Return a Markdown parser that knows no HTML, links or images, and no blocks but these.

    It puts the formulas that it finds into `formulas`.
    """
    parser = Markdown()
    parser.parser = grammar(parser)
    # Nothing of the library's own may touch a text but how it joins words and marks.
    parser.preprocessors = Registry()
    parser.postprocessors = Registry()
    parser.inlinePatterns = _inline_patterns(formulas)
    parser.treeprocessors.register(InlineMarks(parser), "inline", 20)
    parser.treeprocessors.deregister("unescape")
    # The library's own serializer lets a typed &lt; through as an entity; it must read as typed.
    parser.serializer = lambda root: tree.tostring(root, encoding="unicode", method="html")
    return parser


def _inline_patterns(formulas: list[Formula]) -> "Registry[Pattern]":
    """Return the marks within a line, the first one first.

    No formula is searched in code, and no emphasis in either of them.
    """
    patterns = (
        inline_processors.CodeSpan(inline_patterns.CODE),
        inline_processors.FormulaPattern(formulas),
        inline_processors.Character(inline_patterns.ESCAPED_DOLLAR, shown="$"),
        inline_processors.Character(inline_patterns.APOSTROPHE, shown="’"),
        inline_processors.Emphasis(inline_patterns.STRONG, tag="strong"),
        inline_processors.Emphasis(inline_patterns.EMPHASIS, tag="em"),
        inline_processors.LineBreak(inline_patterns.LINE_BREAK),
    )
    registry: Registry[Pattern] = Registry()
    for priority, pattern in enumerate(reversed(patterns)):
        registry.register(pattern, type(pattern).__name__ + str(priority), priority)
    return registry


# Last in the module: the first ones are made here, and they need all of the functions above.
_text_parser = _ParserOfThread(BlockGrammar)
_line_parser = _ParserOfThread(LineGrammar)
