"""What changed between two texts: the words that were added and taken away, in reading order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

MAX_TOKENS = 12_000  # beyond this two texts stand after each other as a whole
LITTLE = 0.6  # two texts with less in common are told as two texts: a weave of both reads like neither
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    TAKEN = "taken"


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, came or went; all pieces but the taken ones make the new text, letter for letter."""

    change: Change
    text: str


@lru_cache(maxsize=512)
def difference(old: str, new: str) -> tuple[Piece, ...]:
    """Tell how `old` became `new`, word by word."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) > 400)
    if len(before) + len(after) > MAX_TOKENS or matcher.ratio() < LITTLE:
        whole = ((Change.TAKEN, old), (Change.ADDED, new)) if old != new else ((Change.SAME, new),)
        return tuple(Piece(change, text) for change, text in whole if text)
    return tuple(_pieces(matcher, before, after))


def _pieces(matcher: SequenceMatcher[str], before: list[str], after: list[str]) -> Iterator[Piece]:
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            yield Piece(Change.SAME, "".join(after[c:d]))
            continue
        if a < b:
            yield Piece(Change.TAKEN, "".join(before[a:b]))
        if c < d:
            yield Piece(Change.ADDED, "".join(after[c:d]))
