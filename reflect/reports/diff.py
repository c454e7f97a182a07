"""What changed between two texts: the words that were added and removed, in reading order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from reflect.i18n import N_

# A diff of longer texts takes too long: they are shown as one removed and one added.
MAX_TOKENS = 12_000
# So are texts with less in common: a mixture of two different texts cannot be read.
MIN_RATIO = 0.6
# SequenceMatcher's heuristic against very common tokens, such as the space between two words: it
# makes a diff of long texts fast, and one of short texts worse.
_AUTOJUNK_FROM_TOKENS = 400
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


class ChangeType(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "taken"

    @property
    def label(self) -> str:
        """The msgid that a screen reader hears before the text; empty for what stayed."""
        return _CHANGE_LABELS[self]


_CHANGE_LABELS = {
    ChangeType.SAME:    "",
    ChangeType.ADDED:   N_("added:"),
    ChangeType.REMOVED: N_("taken away:"),
}  # fmt: skip


@dataclass(frozen=True)
class DiffSegment:
    """Some text that stayed, was added or was removed.

    The segments without the removed ones make the new text, those without the added ones the old.
    """

    change: ChangeType
    text: str


@lru_cache(maxsize=512)
def diff_words(old: str, new: str) -> tuple[DiffSegment, ...]:
    """Return how `old` became `new`, word by word."""
    if old == new:
        return (DiffSegment(ChangeType.SAME, new),) if new else ()
    before = _TOKEN.findall(old)
    after = _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) > _AUTOJUNK_FROM_TOKENS)
    # The length comes first, since computing the ratio of long texts is what takes long.
    if len(before) + len(after) > MAX_TOKENS or matcher.ratio() < MIN_RATIO:
        removed, added = DiffSegment(ChangeType.REMOVED, old), DiffSegment(ChangeType.ADDED, new)
        return tuple(segment for segment in (removed, added) if segment.text)
    return tuple(_segments(matcher, before, after))


def _segments(
    matcher: SequenceMatcher[str], before: list[str], after: list[str]
) -> Iterator[DiffSegment]:
    for opcode, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if opcode == "equal":
            yield DiffSegment(ChangeType.SAME, "".join(after[new_start:new_end]))
            continue
        if old_start < old_end:
            yield DiffSegment(ChangeType.REMOVED, "".join(before[old_start:old_end]))
        if new_start < new_end:
            yield DiffSegment(ChangeType.ADDED, "".join(after[new_start:new_end]))
