"""A passage: words in a text as it is read, by their place, and marked in its HTML with a reference behind them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from itertools import pairwise

from markupsafe import Markup, escape

from reflect import words
from reflect.words import PARK, UNPARK, Laid, laid

_TOKEN = re.compile(rf"<(?P<close>/?)(?P<tag>\w+)[^>]*>|{PARK}(?P<formula>\d+){UNPARK}|&#?\w+;|[^<&{PARK}]+|.")
_TAG = re.compile(r"<[^>]*>")
_SOURCE = re.compile(r"<annotation\b.*?</annotation>|<small\b.*?</small>", re.DOTALL)
_BETWEEN_BLOCKS = re.compile(r"\s*\n\s*")
_ALONE = {"br"}
_ANEW = "</mark><mark>"


@dataclass(frozen=True)
class Mark:
    """The letters from `start` up to `end` of a text as it is read; `key` names them on the page, `number` aloud."""

    start: int
    end: int
    key: str
    number: int


@dataclass(frozen=True)
class Part:
    """Some blocks of a text, and the keys of the marks that begin in the first of them."""

    html: Markup
    begins: tuple[str, ...]


@dataclass(frozen=True)
class _Token:
    """A piece of HTML and what is read there; a tag reads as nothing, a formula as it was typed, as one whole."""

    html: str
    text: str
    depth: int  # +1 for a tag that opens, -1 for one that closes
    whole: bool


@lru_cache(maxsize=1024)
def _tokens(text: str) -> tuple[_Token, ...]:
    found = laid(text)
    return tuple(_token(one, found) for one in _TOKEN.finditer(found.html))


def _token(found: re.Match[str], within: Laid) -> _Token:
    if found["tag"]:
        return _Token(found[0], "", 0 if found["tag"] in _ALONE else -1 if found["close"] else 1, whole=True)
    if found["formula"]:
        return _Token(found[0], within.formulas[int(found["formula"])].source, 0, whole=True)
    return _Token(found[0], unescape(found[0]), 0, whole=found[0][0] in "&<")


@lru_cache(maxsize=1024)
def read(text: str) -> str:
    """Give what a person typed as it is read on the page: without marks, each formula as it was typed.

    A script on the page finds the same letters in the same places (static/js/passage.js).
    """
    return "".join(token.text for token in _tokens(text))


def seen_places(text: str, *, language: str) -> tuple[str, list[tuple[int, int]]]:
    """Give the text as it looks, and of each of its letters where the letter, or its formula, stands in `read`.

    Whoever copies a formula from a page gets what it looks like, not what was typed.
    """
    look, places, place = "", list[tuple[int, int]](), 0
    for token in _tokens(text):
        ends = place + len(token.text)
        shown = _looks(token, laid(text), language=language)
        look += shown
        alone = [(here, here + 1) for here in range(place, ends)]
        places += [(place, ends)] * len(shown) if token.whole else alone
        place = ends
    return look, places


def _looks(token: _Token, within: Laid, *, language: str) -> str:
    if PARK not in token.html:
        return token.text
    drawn = replace(within, html=token.html).on_screen(language)
    return unescape(_TAG.sub("", _SOURCE.sub("", drawn)))


def on_screen(text: str, marks: Sequence[Mark], *, language: str, name: Callable[[int], str]) -> list[Part]:
    """Give the text as HTML with these marks in it; `name` says the name of a mark with this number."""
    if not marks:
        return [Part(words.html(text, language=language), ())]
    return [Part(one.on_screen(language), begins) for one, begins in _parts(text, marks, name=name)]


def for_press(text: str, marks: Sequence[Mark], *, language: str, name: Callable[[int], str]) -> Markup:
    """Give the text as HTML for the PDF with these marks in it, the formulas still to be drawn."""
    return Markup("").join(one.for_press(language) for one, _ in _parts(text, marks, name=name))


def _parts(text: str, marks: Sequence[Mark], *, name: Callable[[int], str]) -> Iterator[tuple[Laid, tuple[str, ...]]]:
    """Cut the text before each block in which a mark begins."""
    within, blocks = laid(text), _Marking(_trimmed(text, marks), name=name).blocks(_tokens(text))
    html, begins = "", tuple[str, ...]()
    for block, first in blocks:
        if first and html.strip():
            yield replace(within, html=html), begins
            html = ""
        begins = first if first or not html else begins
        html += block
    if html:
        yield replace(within, html=html), begins


def _trimmed(text: str, marks: Iterable[Mark]) -> list[Mark]:
    """Take the white from the ends of each mark, so that its last letter is one that can be seen."""
    whole, found = read(text), []
    for mark in marks:
        chosen = whole[mark.start : mark.end]
        start = mark.start + len(chosen) - len(chosen.lstrip())
        if chosen.strip():
            found.append(replace(mark, start=start, end=start + len(chosen.strip())))
    return sorted(found, key=lambda mark: mark.number)


def _joined(html: str) -> str:
    """Let a mark go on where only the next token made it begin anew."""
    while _ANEW in html:
        html = html.replace(_ANEW, "")
    return html


class _Marking:
    """Goes through the tokens of one text and puts the marks in."""

    def __init__(self, marks: list[Mark], *, name: Callable[[int], str]) -> None:
        self.marks, self.name = marks, name
        self.begun: set[str] = set()

    def blocks(self, tokens: Iterable[_Token]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Give each block at the top of the text, with the keys of the marks that begin in it."""
        html, depth, place, before = "", 0, 0, set(self.begun)
        for token in tokens:
            html += self._marked(token, place)
            depth, place = depth + token.depth, place + len(token.text)
            if token.depth < 0 and depth == 0:
                yield _joined(html), tuple(mark.key for mark in self.marks if mark.key in self.begun - before)
                html, before = "", set(self.begun)
        yield html, ()

    def _marked(self, token: _Token, place: int) -> str:
        ends = place + len(token.text)
        over = [mark for mark in self.marks if mark.start < ends and mark.end > place]
        if not over or not token.text or _BETWEEN_BLOCKS.fullmatch(token.text):
            return token.html
        if token.whole:
            return self._wrapped(token.html, over, upto=ends)
        cuts = sorted({place, ends, *(cut for mark in over for cut in (mark.start, mark.end) if place < cut < ends)})
        pieces = [
            self._wrapped(
                token.html[here - place : there - place],  # as it was: it has no signs that stand for others
                [mark for mark in over if mark.start < there and mark.end > here],
                upto=there,
            )
            for here, there in pairwise(cuts)
        ]
        return "".join(pieces)

    def _wrapped(self, html: str, over: list[Mark], *, upto: int) -> str:
        for mark in reversed(over):
            first = "" if mark.key in self.begun else f' id="passage-{escape(mark.key)}"'
            html = f"<mark{first}>{html}</mark>"
        self.begun |= {mark.key for mark in over}
        return html + "".join(self._reference(mark) for mark in over if mark.end <= upto)

    def _reference(self, mark: Mark) -> str:
        key, name = escape(mark.key), escape(self.name(mark.number))
        return f'<sup class="remark-ref"><a href="#remark.{key}" aria-label="{name}">{mark.number}</a></sup>'
