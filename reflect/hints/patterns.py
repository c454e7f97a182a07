"""Patterns of words that a school can read and extend: how files of them are written, a matcher.

A pattern (a line under `[phrases]` in reflect/hints/data/*.toml) is a row of words with spaces
between.
    {name}  is any word of the list with that name; in a list, `*end` and `begin*` stand for any
            word with that end or begin
    a|b     is one of these
    (a)     may be there or not
    ..      is up to three words, ... up to seven, or none; a pattern never leaves its sentence
    !a      says that no `a` comes next
    & a     after a pattern says that `a` must be somewhere in the sentence
    ^  $    are the beginning and the end of a clause, ^^ and $$ those of a sentence
Some lists are not in the files but built in: see `SHAPES`.
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

from reflect.bounds.byte_cache import byte_cached

# Bounds on the time that a hostile text can take. The rest of a longer text is not searched.
MAX_CHECKED_LENGTH = 20_000
MAX_SENTENCE_WORDS = 60  # a sentence without an end is cut into pieces of this many
MAX_WORD_LENGTH = 40

# What a word can look like, whatever the language; a word belongs to every shape that fits.
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

# Numbers with what belongs to them (7,5 and 80% and 3/10 and 7+); letters that can be a grade,
# with their sign; the signs of sums; words; punctuation. The look-aheads keep a sum such as
# 7-(2+1) from being read as grades.
_WORD = re.compile(
    r"\d+(?:[.,]\d+)?(?:[ ]?%|/\d+(?:[.,]\d+)?|[½¼¾]|[+-](?![\w(]))?"
    r"|[A-G](?:[+-](?![\w(])|\*(?![\w(*]))|½|(?<![\w)])[+−-](?=\d)"
    r"|[^\W\d_]+(?:['’-][^\W\d_]+)*\d*"
    r"|[.!?;:,=()\n–—&<>·×/^]"
)
SENTENCE_ENDS = frozenset(".!?;\n")
_CLAUSE_SIGNS = frozenset(".!?;:,\n()–—")
_LIST_REFERENCE = re.compile(r"\{\w+\}")
_ELEMENT_SYNTAX = re.compile(
    r"!?(\()?(?:\{\w+\}|[^(){}|]+)(?:\|(?:\{\w+\}|[^(){}|]+))*(?(1)\))|[()]"
)
_GAP_SIZES = {"..": 3, "...": 7}
_EDGE_SIGNS = {"^", "^^", "$", "$$"}

# What a word or a sign matches: itself in lowercase, and as "{name}" its lists and shapes.
WordTags = frozenset[str]
TaggedSentence = tuple[WordTags, ...]


@dataclass(frozen=True)
class Token:
    """One element of a pattern: some tags, a gap of up to `gap` words, or an edge of a clause."""

    tags: WordTags = frozenset()
    gap: int = 0
    edge: str = ""
    optional: bool = False
    forbidden: bool = False

    @classmethod
    def parse(cls, source: str) -> Self:
        if source in _GAP_SIZES:
            return cls(gap=_GAP_SIZES[source])
        without_negation = source.removeprefix("!")
        # "(" and ")" alone are signs in a text, not an optional element.
        is_optional = without_negation[0] == "(" and len(without_negation) > 2
        alternatives = without_negation[1:-1] if is_optional else without_negation
        tags = frozenset(alternatives.split("|"))
        return cls(
            tags=tags - _EDGE_SIGNS,
            edge=next(iter(tags & _EDGE_SIGNS), ""),
            optional=is_optional,
            forbidden=source != without_negation,
        )

    @property
    def is_required(self) -> bool:
        return not (self.gap or self.edge or self.optional or self.forbidden)


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern; `tokens[anchor_index]` is the token that a text is searched for."""

    number: int
    kind: str
    tokens: tuple[Token, ...]
    required_anywhere: tuple[WordTags, ...]
    anchor_index: int = field(init=False)
    required: tuple[WordTags, ...] = field(init=False)

    def __post_init__(self) -> None:
        is_required = [token.is_required for token in self.tokens]
        required = [token.tags for token in self.tokens if token.is_required]
        # The class is frozen, so its own derived fields can only be set this way.
        object.__setattr__(self, "anchor_index", is_required.index(True))
        object.__setattr__(self, "required", (*required, *self.required_anywhere))

    def match_end(self, words: TaggedSentence, position: int) -> int | None:
        """Return the index after the last word of a match anchored at `position`, or None."""
        if self.anchor_index and not _is_clause_start(words, position, edge=self.tokens[0].edge):
            return None
        return _match_from(self.tokens, self.anchor_index, words, position)


def _match_from(
    tokens: tuple[Token, ...], token_index: int, words: TaggedSentence, position: int
) -> int | None:
    for index in range(token_index, len(tokens)):
        token = tokens[index]
        if token.gap or token.optional:
            return _match_past_gap(tokens, index, words, position)
        if token.edge and not token.forbidden and _is_clause_end(words, position, edge=token.edge):
            continue
        is_present = position < len(words) and not token.tags.isdisjoint(words[position])
        if is_present is token.forbidden:
            return None
        position += not token.forbidden
    return position


def _match_past_gap(
    tokens: tuple[Token, ...], token_index: int, words: TaggedSentence, position: int
) -> int | None:
    """Try with no word in this gap first, then with one, and so on.

    An optional token is a gap of at most one word, and that word must be its own.
    """
    token = tokens[token_index]
    max_skipped = token.gap or 1
    # The bounds on gaps and on the words of a sentence keep this recursion short.
    for skipped in range(max_skipped + 1):
        if position + skipped > len(words):
            return None
        if skipped and token.optional and token.tags.isdisjoint(words[position]):
            return None
        end = _match_from(tokens, token_index + 1, words, position + skipped)
        if end is not None:
            return end
    return None


def _is_clause_start(words: TaggedSentence, position: int, *, edge: str) -> bool:
    if edge == "^^":
        return _only_signs(words[:position])
    return position == 0 or _is_clause_sign(words[position - 1])


def _is_clause_end(words: TaggedSentence, position: int, *, edge: str) -> bool:
    if edge == "$$":
        return _only_signs(words[position:])
    return position == len(words) or _is_clause_sign(words[position])


def _is_clause_sign(tags: WordTags) -> bool:
    return not tags.isdisjoint(_CLAUSE_SIGNS)


def _only_signs(words: TaggedSentence) -> bool:
    return len(words) < 4 and all(map(_is_clause_sign, words))


# The index of the first word, the one after the last, and the kind of a match in a sentence.
MatchSpan = tuple[int, int, str]


@dataclass(frozen=True)
class Match:
    """The characters from `start` up to `end` of a text, and the kind of pattern found there."""

    start: int
    end: int
    kind: str


class PatternSet:
    """The patterns of one file: `[lists]` of words and `[phrases]` by kind.

    A pattern of the kind `innocent` is no hint; it rules out the matches that it overlaps.
    """

    INNOCENT = "innocent"

    def __init__(self, data: Mapping[str, Mapping[str, list[str]]]) -> None:
        self._tags_by_word: dict[str, set[str]] = defaultdict(set)
        self._suffixes: list[tuple[str, str]] = []
        self._prefixes: list[tuple[str, str]] = []
        self._patterns: list[Pattern] = []
        # Caches of this object, not of the class: a school's own patterns must not get the
        # answers of another file, and an object that is dropped takes its cache with it.
        self._tags_of = byte_cached(max_bytes=1_000_000)(self._compute_tags)
        self._match_sentence = byte_cached(max_bytes=1_000_000)(self._compute_matches)
        self._known_lists = {"{" + name + "}" for name in (*SHAPES, *data["lists"])}
        for name, entries in data["lists"].items():
            for entry in entries:
                self._add_word(entry, "{" + name + "}")
        for kind, rows in data["phrases"].items():
            for row in rows:
                self._add_pattern(kind, row)
        # Last: it counts the tags of all patterns.
        self._patterns_by_tag = _index_by_rarest_tag(self._patterns)

    def _add_word(self, entry: str, tag: str) -> None:
        if entry.startswith("*"):
            self._suffixes.append((entry[1:], tag))
        elif entry.endswith("*"):
            self._prefixes.append((entry[:-1], tag))
        else:
            self._tags_by_word[entry].add(tag)

    def _add_pattern(self, kind: str, source: str) -> None:
        elements_text, *required_anywhere = source.split(" & ")
        for element in (*elements_text.split(), *required_anywhere):
            has_known_lists = self._known_lists.issuperset(_LIST_REFERENCE.findall(element))
            if not has_known_lists or not _ELEMENT_SYNTAX.fullmatch(element):
                raise ValueError(f"{element!r} in the phrase {source!r} is none")
        required_tags = tuple(frozenset(element.split("|")) for element in required_anywhere)
        for elements in _expand_optional_start(elements_text.split()):
            tokens = tuple(map(Token.parse, elements))
            self._patterns.append(Pattern(len(self._patterns), kind, tokens, required_tags))

    def _compute_tags(self, word: str) -> frozenset[str]:
        if len(word) > MAX_WORD_LENGTH:
            return frozenset()
        # Phones type a curly apostrophe; the lists have a straight one.
        normalized = word.lower().replace("’", "'")
        shape_tags = {"{" + name + "}" for name, shape in SHAPES.items() if shape.fullmatch(word)}
        suffix_tags = {tag for suffix, tag in self._suffixes if normalized.endswith(suffix)}
        prefix_tags = {tag for prefix, tag in self._prefixes if normalized.startswith(prefix)}
        tags = set[str]()
        new_tags = shape_tags | suffix_tags | prefix_tags | {normalized}
        while new_tags:  # a list may name other lists
            tags |= new_tags
            parents = (self._tags_by_word.get(tag, ()) for tag in new_tags)
            new_tags = set(chain.from_iterable(parents)) - tags
        return frozenset(tags)

    def find(self, text: str) -> list[Match]:
        """Return the matches in the order of the text, without what an innocent one rules out.

        Of matches that overlap, the one that begins first is kept, and of those the longest.
        """
        return [
            Match(word_spans[start][0], word_spans[end - 1][1], kind)
            for word_spans, words in self.tag_sentences(text)
            for start, end, kind in self._match_sentence(words)
        ]

    def tag_sentences(self, text: str) -> Iterator[tuple[list[tuple[int, int]], TaggedSentence]]:
        """Yield of each sentence the (start, end) of its words and their tags.

        The sign that ends a sentence is the first word of the next one.
        """
        word_spans: list[tuple[int, int]] = []
        words: list[WordTags] = []
        for match in _WORD.finditer(text, 0, MAX_CHECKED_LENGTH):
            if match[0] in SENTENCE_ENDS or len(words) == MAX_SENTENCE_WORDS:
                yield word_spans, tuple(words)
                word_spans, words = [], []
            word_spans.append(match.span())
            words.append(self._tags_of(match[0]))
        yield word_spans, tuple(words)

    def _compute_matches(self, words: TaggedSentence) -> list[MatchSpan]:
        spans = list(self._candidate_spans(words))
        innocent = [(start, end) for start, end, kind in spans if kind == self.INNOCENT]
        accepted: list[MatchSpan] = []
        # By their start, the longest first: of those that overlap, the loop keeps the one it
        # meets first.
        for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
            if kind == self.INNOCENT or (accepted and start < accepted[-1][1]):
                continue
            if not any(_rules_out(innocent_span, (start, end)) for innocent_span in innocent):
                accepted.append((start, end, kind))
        return accepted

    def _candidate_spans(self, words: TaggedSentence) -> Iterator[MatchSpan]:
        candidates = self._possible_patterns(frozenset().union(*words))
        for position, tags in enumerate(words):
            for pattern in candidates:
                if not tags.isdisjoint(pattern.tokens[pattern.anchor_index].tags):
                    end = pattern.match_end(words, position)
                    if end is not None:
                        yield position, end, pattern.kind

    def _possible_patterns(self, present_tags: WordTags) -> list[Pattern]:
        """Return the patterns of which a sentence with these tags has every required word."""
        candidates = {
            pattern.number: pattern
            for tag in present_tags
            for pattern in self._patterns_by_tag.get(tag, ())
        }
        return [
            candidates[number]
            # In the order of the file: a set would give another order in each process.
            for number in sorted(candidates)
            if not any(map(present_tags.isdisjoint, candidates[number].required))
        ]


def _index_by_rarest_tag(patterns: list[Pattern]) -> dict[str, list[Pattern]]:
    """Return the patterns by the tags of that required word which fewest patterns require.

    A sentence is then compared with few patterns that it cannot match.
    """
    required_tags = chain.from_iterable(pattern.required for pattern in patterns)
    pattern_counts = Counter(chain.from_iterable(required_tags))

    def commonest_count(tags: WordTags) -> int:
        return max(pattern_counts[tag] for tag in tags)

    by_tag: dict[str, list[Pattern]] = defaultdict(list)
    for pattern in patterns:
        for tag in min(pattern.required, key=commonest_count):
            by_tag[tag].append(pattern)
    return by_tag


def _rules_out(innocent: tuple[int, int], hint: tuple[int, int]) -> bool:
    """Return whether they share words and the hint does not hold all of the innocent, and more."""
    start, end = innocent
    hint_start, hint_end = hint
    overlaps = start < hint_end and hint_start < end
    hint_holds_more = hint_start <= start and end <= hint_end and innocent != hint
    return overlaps and not hint_holds_more


def _expand_optional_start(elements: list[str]) -> Iterator[list[str]]:
    """Yield the elements with and without each optional one at their start.

    A pattern must begin with a word, since a text is searched for that.
    """
    edge_elements = elements[:1] if elements[0] in _EDGE_SIGNS else []
    remaining = elements[len(edge_elements) :]
    if remaining[0].startswith("(") and len(remaining[0]) > 2:
        for expansion in _expand_optional_start(remaining[1:]):
            yield [*edge_elements, *expansion]
        remaining = [remaining[0][1:-1], *remaining[1:]]
    yield edge_elements + remaining


@lru_cache(maxsize=16)
def load_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file; a file is read once."""
    return tomllib.loads(path.read_text("utf-8"))


@lru_cache(maxsize=16)
def load_patterns(path: Path) -> PatternSet:
    """Return the patterns of a file; a file is read once."""
    return PatternSet(load_toml(path))
