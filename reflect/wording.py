"""Phrases that a school can read and extend: how a file of them is written, and where they stand in a text.

A phrase is a row of words with spaces between. In a phrase
    {name}  is any word of the list with that name; a list's `*end` and `begin*` are any word with that end or begin
    a|b     is one of these
    (a)     may be there or not
    ..      is up to three words, ... up to seven, or none; a phrase never leaves its sentence
    !a      says that no `a` comes next
    & a     behind a phrase says that `a` stands somewhere in the sentence
    ^  $    are the beginning and the end of a clause, ^^ and $$ those of a sentence
Some lists are the house's own: see `SHAPES`.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Self

# A longer text is looked at up to here, and a sentence without an end is cut into pieces of this many words.
MAX_LENGTH = 20_000
MAX_WORDS = 60
MAX_WORD = 40

#: What a word can look like, whatever the language; a word belongs to every shape that fits.
SHAPES = {
    "number": re.compile(r"\d+(?:[.,]\d+)?"),
    "whole": re.compile(r"\d+"),
    "two_digits": re.compile(r"[3-9]\d"),
    "mark": re.compile(r"(?:10|[1-9])(?:[.,]\d{1,2})?[+½¼¾-]?"),
    "signed_mark": re.compile(r"(?:10|[1-9])[+½-]"),
    "decimal_mark": re.compile(r"(?:10|[1-9])[.,]\d"),
    "percent": re.compile(r"\d{1,3}(?:[.,]\d+)?[ ]?%"),
    "tally": re.compile(r"\d{1,3}(?:[.,]5)?/(?:[1-9]\d|[1-9]\d0)"),
    "letter": re.compile(r"[A-Z]"),
    "gvom_letter": re.compile(r"[GVOM]|ZG|RV"),
    "a_to_f": re.compile(r"[A-F]"),
    "signed_letter": re.compile(r"[A-G][+*-]"),
    "name": re.compile(r"[A-ZÀ-Þ][^\W\d_A-Z]+"),
    "sign": re.compile(r"[=<>·×/^+−-]"),
}

_WORD = re.compile(
    r"\d+(?:[.,]\d+)?(?:[ ]?%|/\d+(?:[.,]\d+)?|[½¼¾]|[+-](?![\w(]))?"
    r"|[A-G](?:[+-](?![\w(])|\*(?![\w(*]))|½|(?<![\w)])[+−-](?=\d)"
    r"|[^\W\d_]+(?:['’-][^\W\d_]+)*\d*"
    r"|[.!?;:,=()\n–—&<>·×/^]"
)
ENDS = frozenset(".!?;\n")
_PARTS = frozenset(".!?;:,\n()–—")
_LIST = re.compile(r"\{\w+\}")
_ELEMENT = re.compile(r"!?(\()?(?:\{\w+\}|[^(){}|]+)(?:\|(?:\{\w+\}|[^(){}|]+))*(?(1)\))|[()]")
_GAPS = {"..": 3, "...": 7}
_EDGES = {"^", "^^", "$", "$$"}


#: A word or a sign, by itself in small letters and the lists and shapes it belongs to.
Names = frozenset[str]
Sentence = tuple[Names, ...]


@dataclass(frozen=True)
class Step:
    """One element of a phrase: some names, a gap of up to `gap` words, or an edge of a clause."""

    names: Names = frozenset()
    gap: int = 0
    edge: str = ""
    optional: bool = False
    forbidden: bool = False

    @classmethod
    def read(cls, element: str) -> Self:
        if element in _GAPS:
            return cls(gap=_GAPS[element])
        bare = element.removeprefix("!")
        inside = bare[1:-1] if bare[0] == "(" and len(bare) > 2 else bare
        names = frozenset(inside.split("|"))
        edge = next(iter(names & _EDGES), "")
        return cls(names=names - _EDGES, edge=edge, optional=inside != bare, forbidden=element != bare)

    @property
    def needed(self) -> bool:
        return not (self.gap or self.edge or self.optional or self.forbidden)


@dataclass(frozen=True)
class Phrase:
    """`first` is the place of the step that a text is searched for."""

    number: int
    kind: str
    steps: tuple[Step, ...]
    also: tuple[Names, ...]
    first: int = field(init=False)
    needed: tuple[Names, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", next(place for place, step in enumerate(self.steps) if step.needed))
        object.__setattr__(self, "needed", (*(step.names for step in self.steps if step.needed), *self.also))

    def end(self, words: Sentence, at: int) -> int | None:
        """Say before which word the phrase ends whose first step is this word, if it stands there at all."""
        if self.first and not _opens(words, at, edge=self.steps[0].edge):
            return None
        return _end(self.steps, self.first, words, at)


def _end(steps: tuple[Step, ...], place: int, words: Sentence, at: int) -> int | None:
    for number in range(place, len(steps)):
        step = steps[number]
        if step.gap or step.optional:
            return _end_beyond(steps, number, words, at)
        if step.edge and not step.forbidden and _closes(words, at, edge=step.edge):
            continue
        there = at < len(words) and not step.names.isdisjoint(words[at])
        if there is step.forbidden:
            return None
        at += not step.forbidden
    return at


def _end_beyond(steps: tuple[Step, ...], number: int, words: Sentence, at: int) -> int | None:
    """Try with no word in this gap first, then with one, and so on; an optional step is a gap that takes its own."""
    step = steps[number]
    for taken in range((step.gap or 1) + 1):
        if at + taken > len(words):
            return None
        if taken and step.optional and step.names.isdisjoint(words[at]):
            return None
        end = _end(steps, number + 1, words, at + taken)
        if end is not None:
            return end
    return None


def _opens(words: Sentence, at: int, *, edge: str) -> bool:
    return _only_signs(words[:at]) if edge == "^^" else at == 0 or _parts(words[at - 1])


def _closes(words: Sentence, at: int, *, edge: str) -> bool:
    return _only_signs(words[at:]) if edge == "$$" else at == len(words) or _parts(words[at])


def _parts(word: Names) -> bool:
    return not word.isdisjoint(_PARTS)


def _only_signs(words: Sentence) -> bool:
    return len(words) < 4 and all(map(_parts, words))


#: The first word, the one after the last, and the kind.
Span = tuple[int, int, str]


@dataclass(frozen=True)
class Found:
    start: int
    end: int
    kind: str


class Phrases:
    """The phrases of one file: `[lists]` of words, `[phrases]` by kind, and `innocent` ones that rule those out."""

    INNOCENT = "innocent"

    def __init__(self, told: Mapping[str, Mapping[str, list[str]]]) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)
        self._ends: list[tuple[str, str]] = []
        self._begins: list[tuple[str, str]] = []
        self._all: list[Phrase] = []
        self._names_of = lru_cache(maxsize=4096)(self._look_up)
        self._in = lru_cache(maxsize=512)(self._look_through)
        self._known = {"{" + name + "}" for name in (*SHAPES, *told["lists"])}
        for name, entries in told["lists"].items():
            for entry in entries:
                self._list(entry, "{" + name + "}")
        for kind, rows in told["phrases"].items():
            for row in rows:
                self._add(kind, row)
        self._by_rarest = _by_rarest(self._all)

    def _list(self, entry: str, name: str) -> None:
        if entry.startswith("*"):
            self._ends.append((entry[1:], name))
        elif entry.endswith("*"):
            self._begins.append((entry[:-1], name))
        else:
            self._names[entry].add(name)

    def _add(self, kind: str, row: str) -> None:
        said, *also = row.split(" & ")
        for element in (*said.split(), *also):
            if not _ELEMENT.fullmatch(element) or not self._known.issuperset(_LIST.findall(element)):
                raise ValueError(f"{element!r} in the phrase {row!r} is none")
        for elements in _beginnings(said.split()):
            steps = tuple(map(Step.read, elements))
            self._all.append(Phrase(len(self._all), kind, steps, tuple(frozenset(one.split("|")) for one in also)))

    def _look_up(self, written: str) -> frozenset[str]:
        if len(written) > MAX_WORD:
            return frozenset()
        plain = written.lower().replace("’", "'")
        shapes = {"{" + name + "}" for name, shape in SHAPES.items() if shape.fullmatch(written)}
        ends = {name for end, name in self._ends if plain.endswith(end)}
        begins = {name for begin, name in self._begins if plain.startswith(begin)}
        names, fresh = set[str](), shapes | ends | begins | {plain}
        while fresh:
            names |= fresh
            fresh = set(chain.from_iterable(self._names.get(name, ()) for name in fresh)) - names
        return frozenset(names)

    def find(self, text: str) -> list[Found]:
        """Give where phrases stand that no innocent phrase explains, in order; those that touch become the longest."""
        return [
            Found(places[start][0], places[end - 1][1], kind)
            for places, words in self.sentences(text)
            for start, end, kind in self._in(words)
        ]

    def sentences(self, text: str) -> Iterator[tuple[list[tuple[int, int]], Sentence]]:
        """Give each sentence: where its words stand, and their names; the sign that ends one comes with the next."""
        places: list[tuple[int, int]] = []
        words: list[Names] = []
        for found in _WORD.finditer(text, 0, MAX_LENGTH):
            if found[0] in ENDS or len(words) == MAX_WORDS:
                yield places, tuple(words)
                places, words = [], []
            places.append(found.span())
            words.append(self._names_of(found[0]))
        yield places, tuple(words)

    def _look_through(self, words: Sentence) -> list[Span]:
        spans = list(self._spans(words))
        innocent = [(start, end) for start, end, kind in spans if kind == self.INNOCENT]
        kept: list[Span] = []
        for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
            after = not kept or start >= kept[-1][1]
            if kind != self.INNOCENT and after and not any(_explains(one, (start, end)) for one in innocent):
                kept.append((start, end, kind))
        return kept

    def _spans(self, words: Sentence) -> Iterator[Span]:
        possible = self._possible(frozenset().union(*words))
        for at, names in enumerate(words):
            for phrase in possible:
                if not names.isdisjoint(phrase.steps[phrase.first].names):
                    end = phrase.end(words, at)
                    if end is not None:
                        yield at, end, phrase.kind

    def _possible(self, present: Names) -> list[Phrase]:
        """Give the phrases of which every needed word is in a sentence of these names."""
        near = {phrase.number: phrase for name in present for phrase in self._by_rarest.get(name, ())}
        return [near[number] for number in sorted(near) if not any(map(present.isdisjoint, near[number].needed))]


def _by_rarest(phrases: list[Phrase]) -> dict[str, list[Phrase]]:
    """Give the phrases by the words of the step that fewest phrases need, so that few are looked at in vain."""
    needs = Counter(chain.from_iterable(chain.from_iterable(phrase.needed for phrase in phrases)))
    rarest: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        for name in min(phrase.needed, key=lambda names: max(map(needs.__getitem__, names))):
            rarest[name].append(phrase)
    return rarest


def _explains(innocent: tuple[int, int], hint: tuple[int, int]) -> bool:
    """Say whether an innocent phrase rules a hint out: they share words, and the hint does not hold it and more."""
    (start, end), (begin, close) = innocent, hint
    return start < close and begin < end and not (begin <= start and end <= close and innocent != hint)


def _beginnings(elements: list[str]) -> Iterator[list[str]]:
    """Give the phrase with and without the optional steps that it begins with, so that a search has a first word."""
    edge = elements[:1] if elements[0] in _EDGES else []
    rest = elements[len(edge) :]
    if rest[0].startswith("(") and len(rest[0]) > 2:
        yield from ([*edge, *more] for more in _beginnings(rest[1:]))
        rest = [rest[0][1:-1], *rest[1:]]
    yield edge + rest


@lru_cache(maxsize=16)
def told(path: Path) -> dict[str, Any]:
    """Give what a file of words tells; it is read once."""
    return tomllib.loads(path.read_text("utf-8"))


@lru_cache(maxsize=16)
def read(path: Path) -> Phrases:
    """Give the phrases of a file; it is read once."""
    return Phrases(told(path))
