"""Highlight passages in the HTML of a text, each with a reference behind it.

A passage is given by the offsets of its characters in the visible text, as static/js/highlights.js
counts them too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import pairwise

from markupsafe import Markup, escape

from reflect.bounds.byte_cache import byte_cached
from reflect.text import markdown
from reflect.text.inline_patterns import PLACEHOLDER_END, PLACEHOLDER_START
from reflect.text.markdown import Rendered, render

MAX_QUOTE_LENGTH = 500  # characters of a passage
CONTEXT_LENGTH = 32  # characters kept on each side of it, by which it is found again

_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<tag>\w+)[^>]*>"
    rf"|{PLACEHOLDER_START}(?P<formula>\d+){PLACEHOLDER_END}"
    rf"|&#?\w+;|[^<&{PLACEHOLDER_START}]+|."
)
_TAG = re.compile(r"<[^>]*>")
_HIDDEN_SOURCE = re.compile(r"<annotation\b.*?</annotation>|<small\b.*?</small>", re.DOTALL)
_BLOCK_GAP = re.compile(r"\s*\n\s*")
_VOID_TAGS = {"br"}
_ADJACENT_MARKS = "</mark><mark>"


@dataclass(frozen=True)
class Highlight:
    """The characters from `start` up to `end` of the visible text.

    `key` identifies it in the page's links, `number` is what its reference shows.
    """

    start: int
    end: int
    key: str
    number: int


@dataclass(frozen=True)
class HighlightedHtml:
    """Some blocks of a text, and the keys of the highlights that begin in the first of them."""

    html: Markup
    highlight_keys: tuple[str, ...]


@dataclass(frozen=True)
class _Token:
    """A piece of HTML and its visible text: none for a tag, the source for a formula."""

    html: str
    text: str
    depth_change: int  # +1 for a tag that opens, -1 for one that closes
    is_atomic: bool


@byte_cached(max_bytes=4_000_000)
def _tokenize(text: str) -> tuple[_Token, ...]:
    rendered = render(text)
    return tuple(_to_token(match, rendered) for match in _TOKEN.finditer(rendered.html))


def _to_token(match: re.Match[str], rendered: Rendered) -> _Token:
    html = match[0]
    if match["tag"]:
        depth_change = -1 if match["close"] else 1
        if match["tag"] in _VOID_TAGS:
            depth_change = 0
        return _Token(html, "", depth_change, is_atomic=True)
    if match["formula"]:
        formula = rendered.formulas[int(match["formula"])]
        return _Token(html, formula.source, 0, is_atomic=True)
    return _Token(html, unescape(html), 0, is_atomic=html[0] in "&<")


@byte_cached(max_bytes=1_000_000)
def visible_text(text: str) -> str:
    """Return what a person typed as it is read on the page: without markup, formulas as typed."""
    return "".join(token.text for token in _tokenize(text))


def visible_offsets(text: str, *, language: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text as it looks, and for each of its characters the span in `visible_text`.

    Somebody who copies a formula from a page gets what it looks like and not what was typed; each
    character of it has the span of the whole formula.
    """
    shown_text = ""
    offsets = list[tuple[int, int]]()
    offset = 0
    for token in _tokenize(text):
        end = offset + len(token.text)
        shown = _rendered_text(token, render(text), language=language)
        shown_text += shown
        if token.is_atomic:
            offsets += [(offset, end)] * len(shown)
        else:
            offsets += [(index, index + 1) for index in range(offset, end)]
        offset = end
    return shown_text, offsets


def _rendered_text(token: _Token, rendered: Rendered, *, language: str) -> str:
    if PLACEHOLDER_START not in token.html:
        return token.text
    html = replace(rendered, html=token.html).to_html(language)
    return unescape(_TAG.sub("", _HIDDEN_SOURCE.sub("", html)))


def to_html(
    text: str, highlights: Sequence[Highlight], *, language: str, label_for: Callable[[int], str]
) -> list[HighlightedHtml]:
    """Return the text as HTML with these highlights, cut before each block in which one begins.

    `label_for` returns the accessible name of the reference with this number.
    """
    if not highlights:
        return [HighlightedHtml(markdown.to_html(text, language=language), ())]
    return [
        HighlightedHtml(rendered.to_html(language), keys)
        for rendered, keys in _split_at_highlights(text, highlights, label_for=label_for)
    ]


def to_print_html(
    text: str, highlights: Sequence[Highlight], *, language: str, label_for: Callable[[int], str]
) -> Markup:
    """Return the text as HTML for the PDF with these highlights, the formulas still to be drawn."""
    parts = _split_at_highlights(text, highlights, label_for=label_for)
    return Markup("").join(rendered.to_print_html(language) for rendered, _ in parts)


def _split_at_highlights(
    text: str, highlights: Sequence[Highlight], *, label_for: Callable[[int], str]
) -> Iterator[tuple[Rendered, tuple[str, ...]]]:
    """Yield the text in parts, cut before each block in which a highlight begins."""
    rendered = render(text)
    writer = _HighlightWriter(_trim(text, highlights), label_for=label_for)
    html = ""
    keys = tuple[str, ...]()
    for block, new_keys in writer.blocks(_tokenize(text)):
        # CSS alone places a remark next to its words, and needs a cut before that block (decision
        # 13).
        if new_keys and html.strip():
            yield replace(rendered, html=html), keys
            html = ""
        keys = new_keys if new_keys or not html else keys
        html += block
    if html:
        yield replace(rendered, html=html), keys


def _trim(text: str, highlights: Iterable[Highlight]) -> list[Highlight]:
    """Return the highlights by number, without white space at their ends.

    The reference then follows a character that can be seen.
    """
    full_text = visible_text(text)
    trimmed = []
    for highlight in highlights:
        selection = full_text[highlight.start : highlight.end]
        start = highlight.start + len(selection) - len(selection.lstrip())
        if selection.strip():
            trimmed.append(replace(highlight, start=start, end=start + len(selection.strip())))
    return sorted(trimmed, key=lambda highlight: highlight.number)


def _merge_adjacent(html: str) -> str:
    """Join the marks of one highlight that were only split between two tokens."""
    while _ADJACENT_MARKS in html:
        html = html.replace(_ADJACENT_MARKS, "")
    return html


class _HighlightWriter:
    """Writes the tokens of one text as HTML, with a <mark> around what is highlighted."""

    def __init__(self, highlights: list[Highlight], *, label_for: Callable[[int], str]) -> None:
        self.highlights = highlights
        self.label_for = label_for
        self.started_keys: set[str] = set()

    def blocks(self, tokens: Iterable[_Token]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each top-level block, with the keys of the highlights that begin in it."""
        html = ""
        depth = 0
        offset = 0
        keys_before = set(self.started_keys)
        for token in tokens:
            html += self._highlight(token, offset)
            depth += token.depth_change
            offset += len(token.text)
            if token.depth_change < 0 and depth == 0:
                new_keys = self.started_keys - keys_before
                keys = [highlight.key for highlight in self.highlights]
                yield _merge_adjacent(html), tuple(key for key in keys if key in new_keys)
                html = ""
                keys_before = set(self.started_keys)
        yield html, ()

    def _highlight(self, token: _Token, offset: int) -> str:
        end = offset + len(token.text)
        overlapping = self._overlapping(offset, end)
        # Between two blocks, such as two items of a list, HTML allows no <mark>.
        if not overlapping or not token.text or _BLOCK_GAP.fullmatch(token.text):
            return token.html
        # A formula or an entity is never cut: it is highlighted as a whole.
        if token.is_atomic:
            return self._wrap(token.html, overlapping, end=end)
        bounds = {highlight.start for highlight in overlapping}
        bounds |= {highlight.end for highlight in overlapping}
        cuts = sorted({offset, end, *(bound for bound in bounds if offset < bound < end)})
        html = ""
        for piece_start, piece_end in pairwise(cuts):
            # This token has no entities, so its HTML has the characters of its text.
            piece = token.html[piece_start - offset : piece_end - offset]
            html += self._wrap(piece, self._overlapping(piece_start, piece_end), end=piece_end)
        return html

    def _overlapping(self, start: int, end: int) -> list[Highlight]:
        return [
            highlight
            for highlight in self.highlights
            if highlight.start < end and highlight.end > start
        ]

    def _wrap(self, html: str, overlapping: list[Highlight], *, end: int) -> str:
        for highlight in reversed(overlapping):
            # A passage may be in several pieces, and an id must be unique: only the first has it.
            is_started = highlight.key in self.started_keys
            id_attribute = "" if is_started else f' id="passage-{escape(highlight.key)}"'
            html = f"<mark{id_attribute}>{html}</mark>"
        self.started_keys |= {highlight.key for highlight in overlapping}
        ending = [highlight for highlight in overlapping if highlight.end <= end]
        return html + "".join(map(self._reference, ending))

    def _reference(self, highlight: Highlight) -> str:
        href = f"#remark.{escape(highlight.key)}"
        label = escape(self.label_for(highlight.number))
        link = f'<a href="{href}" aria-label="{label}">{highlight.number}</a>'
        return f'<sup class="remark-ref">{link}</sup>'
