"""A remark: the teacher's words on a passage, and how its passage is found again after the text has changed.

It is kept as a text of the teacher under a section name of its own. The passage is told as the W3C's annotation
selectors do: the words, what stood around them, and where. Nothing here draws or stores.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from reflect.report.grammar import FormText, Shape, is_empty

MAX_QUOTE = 500
CONTEXT = 32  # letters kept on each side
ENOUGH = 24  # letters in common, of words and surroundings together, that tell a passage from a chance likeness
LIKE, LIKE_WHEN_SHORT, LIKE_WITHOUT_NEIGHBOURS = 0.5, 0.6, 0.8  # how much of a changed passage must be as it was
SHORT = 16  # letters
MOST_PLACES = 40  # that one quote is compared in
_NEAR = 8  # letters next to a place, at which it is chosen for comparing

_NAME = re.compile(r"remark\.([A-Za-z0-9_-]{22})")
_WORD = re.compile(r"\w+|[^\w\s]")
_SHORTEST = 3  # letters in a row that count as likeness

Span = tuple[int, int]


@dataclass(frozen=True)
class Selector:
    """Where a remark belongs: words in a field, with what stood before and after and the place where they began."""

    quote: str
    before: str = ""
    after: str = ""
    start: int = 0


def section_of(key: str) -> str:
    """Give the name that the remark with this key is kept under."""
    return f"remark.{key}"


def key_of(section: str) -> str | None:
    """Give the key of the remark that is kept under this name; None when it holds something else."""
    found = _NAME.fullmatch(section)
    return found[1] if found else None


def says(section: str, content: Mapping[str, str]) -> bool:
    """Say whether a text of the teacher that is kept under this name says anything to the student."""
    return bool(content.get("text", "").strip()) if key_of(section) else not is_empty(content)


def fields(form: FormText) -> dict[str, list[str]]:
    """Give, per section of this form, the fields of running text: those that a remark can be about."""
    return {
        section.key: [field.name for row in section.rows for field in row if field.shape in (Shape.LINE, Shape.TEXT)]
        for section in form.sections
    }


def selector(content: Mapping[str, str]) -> Selector:
    """Read what was kept, or sent, within its bounds."""
    digits = content.get("start", "")[:9]
    return Selector(
        quote=content.get("quote", "")[:MAX_QUOTE],
        before=content.get("before", "")[-CONTEXT:],
        after=content.get("after", "")[:CONTEXT],
        start=int(digits) if digits.isascii() and digits.isdecimal() else 0,
    )


def select(text: str, span: Span) -> Selector:
    """Tell where this span of a text is."""
    start, end = span[0], min(span[1], span[0] + MAX_QUOTE)
    return Selector(text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT], start)


@lru_cache(maxsize=2048)
def anchor(text: str, at: Selector) -> Span | None:
    """Find the passage in a text as it is read (`passage.read`): there, elsewhere, or changed; None when it is gone."""
    if not at.quote.strip():
        return None
    places = [(_support(text, place, at), place) for place in _worth_a_look(text, at)]
    if places:
        support, place = max(places, key=lambda one: (one[0], -abs(one[1][0] - at.start)))
        everything = len(at.quote.strip()) + len(at.before.strip()) + len(at.after.strip())
        if support >= min(ENOUGH, everything):
            return place
    return _changed(text, at)


def find(text: str, typed: str) -> Span | None:
    """Find words that a person copied out of a text: exactly, whatever the white between them, the first of them."""
    words = typed.strip().strip("“”\"'‘’")
    return next(_exact(text, words[:MAX_QUOTE]), None) if words.strip() else None


def _exact(text: str, quote: str) -> Iterator[Span]:
    pattern = r"\s*".join(map(re.escape, quote.split()))
    return (found.span() for found in re.finditer(pattern, text))


def _worth_a_look(text: str, at: Selector) -> list[Span]:
    """Give where the words stand: first the places with a neighbour of before, then those near where it was."""

    def strange(place: Span) -> tuple[bool, int]:
        before, after = text[max(0, place[0] - _NEAR) : place[0]], text[place[1] : place[1] + _NEAR]
        return before != at.before[-_NEAR:] and after != at.after[:_NEAR], abs(place[0] - at.start)

    return sorted(_exact(text, at.quote), key=strange)[:MOST_PLACES]


def _support(text: str, place: Span, at: Selector) -> int:
    """Count the letters that speak for this place: its own, and those around it."""
    before = text[max(0, place[0] - CONTEXT) : place[0]]
    after = text[place[1] : place[1] + CONTEXT]
    return place[1] - place[0] + _alike(before, at.before) + _alike(after, at.after)


def _alike(one: str, other: str) -> int:
    """Count the letters that two texts have in common, in rows of some length; the very same text is one better."""
    if one == other:
        return len(one.strip()) + bool(one.strip())
    return sum(size for _, _, size in _common(one, other))


def _common(one: str, other: str) -> list[tuple[int, int, int]]:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size >= _SHORTEST]


def _changed(text: str, at: Selector) -> Span | None:
    """Find a passage in which something was changed: the place that is most like it, if any is like enough."""
    best, found = 0.0, None
    for window in _windows(text, at):
        place = _within(text, window, at.quote)
        likeness = _likeness(text[place[0] : place[1]], at.quote) if place else 0.0
        if place and likeness > best and _is_sure(text, place, at, likeness):
            best, found = likeness, place
    return found


def _is_sure(text: str, place: Span, at: Selector, likeness: float) -> bool:
    """Say whether this is the passage, and not one that happens to look like it: then it has its neighbours too."""
    around = _support(text, place, at) - (place[1] - place[0])
    there_were = len(at.before.strip()) + len(at.after.strip())
    is_like = likeness > (LIKE if len(at.quote) >= SHORT else LIKE_WHEN_SHORT)
    at_home = around >= min(ENOUGH // 2, there_were) or likeness > LIKE_WITHOUT_NEIGHBOURS
    return is_like and at_home and likeness * len(at.quote) + around >= min(ENOUGH, len(at.quote) + there_were)


def _likeness(one: str, other: str) -> float:
    return 2 * _alike(one, other) / (len(one) + len(other))


def _windows(text: str, at: Selector) -> list[Span]:
    """Give where to look: between its neighbours where both still stand, else next to one, or where its words are."""
    begins = [end for _, end in _exact(text, at.before)] if at.before.strip() else [0]
    ends = [start for start, _ in _exact(text, at.after)] if at.after.strip() else [len(text)]
    begins = sorted(begins, key=lambda begin: abs(begin - at.start))[:3]
    ends = sorted(ends, key=lambda end: abs(end - at.start - len(at.quote)))[:3]
    room = 2 * len(at.quote) + CONTEXT
    between = [(begin, end) for begin in begins for end in ends if begin <= end <= begin + room]
    if between:
        return between
    beside = [(begin, begin + room) for begin in begins] + [(end - room, end) for end in ends]
    return [(max(0, begin), min(len(text), end)) for begin, end in [*beside, *_crowded(text, at.quote)]]


def _crowded(text: str, quote: str) -> Iterator[Span]:
    """Give the stretch, as long as the quote, with most of its words in it, the long words counting for more."""
    tokens, wanted = list(_WORD.finditer(text)), set(_WORD.findall(quote.casefold()))
    count = len(_WORD.findall(quote))
    weights = [len(one[0]) if one[0].casefold() in wanted else 0 for one in tokens]
    if not tokens or not any(weights):
        return
    total = best = sum(weights[:count])
    first = 0
    for place in range(count, len(tokens)):
        total += weights[place] - weights[place - count]
        if total > best:
            best, first = total, place - count + 1
    last = min(len(tokens), first + count) - 1
    room = len(quote) // 4 + 8
    yield tokens[first].start() - room, tokens[last].end() + room


def _within(text: str, window: Span, quote: str) -> Span | None:
    """Give the part of this window that is the quote, from its first to its last letter in common, in whole words."""
    common = _common(text[window[0] : window[1]], quote)
    if not common:
        return None
    start, end = window[0] + common[0][0], window[0] + common[-1][0] + common[-1][2]
    # What comes before the first and after the last common letters was part of the quote too, if it was changed.
    start, end = max(window[0], start - common[0][1]), min(window[1], end + len(quote) - common[-1][1] - common[-1][2])
    while start > window[0] and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < window[1] and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return (start, end) if text[start:end].strip() else None
