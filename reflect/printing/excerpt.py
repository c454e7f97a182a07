"""Shorten a text to its first sentences, on one line."""

import re
from dataclasses import dataclass, replace
from html import unescape

from markupsafe import Markup, escape

from reflect.bounds.byte_cache import byte_cached
from reflect.math.mathml import DisplayMode, Formula
from reflect.text.inline_patterns import PLACEHOLDER
from reflect.text.markdown import Rendered, render

_TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>\w+)[^>]*>|[^<]+")
_LINE_TAGS = {"p", "br", "li", "ul", "ol", "blockquote", "pre", "tr"}
_CELL_TAGS = {"td", "th"}
# A mark ends a sentence only where no small letter follows: "e.g. this" goes on.
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’)\]]*(?=\s+[^\sa-zà-ÿ]|\s*$)|$)\s*")
_ENDS_WITH_MARK = re.compile(r"[.!?…:;,]$")
_MAX_FORMULA_CHARACTERS = 40  # a formula counts as its source, up to this length


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a text as inline HTML, with formulas still to be drawn.

    It ends with “…” when it is not complete.
    """

    html: Markup
    is_complete: bool
    character_count: int


# The candidates of a one-pager ask for the same beginnings again and again.
@byte_cached(max_bytes=2_000_000)
def beginning(text: str, *, characters: int, language: str) -> Excerpt:
    """Return the sentences that fit in this many characters; of a longer first one, the words."""
    rendered = render(text)
    sentences = [sentence for line in _plain_lines(rendered.html) for sentence in _sentences(line)]
    fitting = list[str]()
    characters_left = characters
    for sentence in sentences:
        characters_left -= _count_characters(sentence, rendered.formulas)
        if characters_left < 0:
            break
        fitting.append(sentence)
    is_complete = len(fitting) == len(sentences)
    if not fitting and sentences:
        fitting = _fitting_words(sentences[0], characters, rendered.formulas)
    joined = _join_sentences(fitting)
    if not is_complete:
        joined += "\u00a0…"  # with a space that cannot break, so never alone on a line
    # All is on one line here, so a formula cannot have a line of its own.
    formulas = tuple(replace(formula, display=DisplayMode.INLINE) for formula in rendered.formulas)
    return Excerpt(
        html=Rendered(str(escape(joined.strip())), formulas).to_print_html(language),
        is_complete=is_complete,
        character_count=_count_characters(joined, rendered.formulas),
    )


def _plain_lines(html: str) -> list[str]:
    """Return the visible text by line, without bullets; of a table a row is a line."""
    lines = [""]
    for token in _TOKEN.finditer(html):
        tag = token["tag"]
        if tag is None:
            # The two dots keep a space at either end from being stripped.
            lines[-1] += " ".join(f".{unescape(token[0])}.".split())[1:-1]
        elif tag in _LINE_TAGS:
            lines.append("")
        elif tag in _CELL_TAGS and lines[-1].strip() and not token["close"]:
            lines[-1] = f"{lines[-1].strip()} · "
    lines = [line.strip().removeprefix("• ") for line in lines]
    return [line for line in lines if line]


def _sentences(line: str) -> list[str]:
    """Return the sentences of a line; the number of an item is not a sentence of its own."""
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(line) if sentence.strip()]
    if len(sentences) > 1 and re.fullmatch(r"\d+\.", sentences[0]):
        return [f"{sentences[0]} {sentences[1]}", *sentences[2:]]
    return sentences


def _count_characters(text: str, formulas: tuple[Formula, ...]) -> int:
    with_sources = PLACEHOLDER.sub(
        lambda match: formulas[int(match[1])].latex[:_MAX_FORMULA_CHARACTERS], text
    )
    return len(with_sources) + 1  # and the space after it


def _fitting_words(sentence: str, characters: int, formulas: tuple[Formula, ...]) -> list[str]:
    """Return the words that fit; when not even the first word fits, its first characters."""
    fitting = list[str]()
    characters_left = characters
    for word in sentence.split(" "):
        characters_left -= _count_characters(word, formulas)
        if characters_left < 0:
            break
        fitting.append(word)
    first_word = sentence.split(" ")[0]
    # A formula cannot be cut.
    if fitting or PLACEHOLDER.search(first_word):
        return [" ".join(fitting)]
    return [first_word[:characters]]


def _join_sentences(sentences: list[str]) -> str:
    """Return the sentences on one line, with " · " after one without a punctuation mark."""
    joined = ""
    for sentence in sentences:
        if joined:
            joined += " " if _ENDS_WITH_MARK.search(joined) else " · "
        joined += sentence
    return joined
