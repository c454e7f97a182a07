"""What changed between two texts: the words that were added and removed, in reading order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reflect.bounds.bounded_matcher import BoundedMatcher, WorkBudget, WorkExceeded
from reflect.i18n import N_

# Comparisons for one pair of texts, and for all that a page shows together. Where they do not
# suffice, whole paragraphs are shown (docs/decisions/0034).
MAX_WORK = 400_000
MAX_PAGE_WORK = 3_000_000
# Two texts with less in common are shown after each other: a mixture of them cannot be read.
MIN_RATIO = 0.6
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
    """Some text that stayed, was added or was removed."""

    change: ChangeType
    text: str


@dataclass(frozen=True)
class TextDiff:
    """How one text became another; `is_coarse`: by whole paragraphs, not word by word.

    The segments without the removed ones make the new text, those without the added ones the old.
    """

    segments: tuple[DiffSegment, ...]
    is_coarse: bool = False


def diff_words(old: str, new: str, *, budget: WorkBudget) -> TextDiff:
    """Return how `old` became `new`: word by word as far as `budget` and MAX_WORK go."""
    before = _TOKEN.findall(old)
    after = _TOKEN.findall(new)
    start, end = _common_ends(before, after)
    same_count = start + end
    removed = before[start : len(before) - end]
    added = after[start : len(after) - end]
    try:
        changes = _match(removed, added, same_count=same_count, budget=budget)
    except WorkExceeded:
        return TextDiff(tuple(_paragraph_changes(old, new)), is_coarse=True)
    if changes is None:
        return TextDiff(tuple(_replacement(old, new)))
    first = DiffSegment(ChangeType.SAME, "".join(after[:start]))
    last = DiffSegment(ChangeType.SAME, "".join(after[len(after) - end :]))
    return TextDiff(tuple(_joined([first, *changes, last])))


def _common_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Return how many elements are the same at the start of both, and how many of the rest at the
    end."""
    shortest = min(len(before), len(after))
    start = 0
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start, end


def _match(
    removed: list[str], added: list[str], *, same_count: int, budget: WorkBudget
) -> list[DiffSegment] | None:
    """Return the changes between two lists of tokens; None when they have too little in common.

    `same_count` tokens next to them are known to be the same. Raises WorkExceeded.
    """
    try:
        matcher = _run_matcher(removed, added, budget=budget, autojunk=False)
    except WorkExceeded:
        # The library then passes over very common tokens, such as the space between two words: a
        # long text is compared fast, and not as well.
        matcher = _run_matcher(removed, added, budget=budget, autojunk=True)
    matching = same_count + sum(block.size for block in matcher.get_matching_blocks())
    total = 2 * same_count + len(removed) + len(added)
    return None if 2 * matching < MIN_RATIO * total else list(_segments(matcher, removed, added))


def _run_matcher(
    removed: list[str], added: list[str], *, budget: WorkBudget, autojunk: bool
) -> BoundedMatcher[str]:
    """Return a matcher that has done its work. Raises WorkExceeded."""
    own_budget = WorkBudget(min(MAX_WORK, budget.left))
    available = own_budget.left
    matcher = BoundedMatcher(removed, added, budget=own_budget, autojunk=autojunk)
    try:
        matcher.get_matching_blocks()
    finally:
        budget.take(available - own_budget.left)
    return matcher


def _segments(
    matcher: BoundedMatcher[str], before: list[str], after: list[str]
) -> Iterator[DiffSegment]:
    for opcode, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if opcode == "equal":
            yield DiffSegment(ChangeType.SAME, "".join(after[new_start:new_end]))
        else:
            yield from _replacement(
                "".join(before[old_start:old_end]), "".join(after[new_start:new_end])
            )


def _replacement(old: str, new: str) -> list[DiffSegment]:
    segments = [DiffSegment(ChangeType.REMOVED, old), DiffSegment(ChangeType.ADDED, new)]
    return [segment for segment in segments if segment.text]


def _paragraph_changes(old: str, new: str) -> list[DiffSegment]:
    """Return the lines from the first that changed to the last, and what stands around them.

    It reads each text once, however much they repeat themselves.
    """
    before = old.splitlines(keepends=True)
    after = new.splitlines(keepends=True)
    start, end = _common_ends(before, after)
    return _joined(
        [
            DiffSegment(ChangeType.SAME, "".join(after[:start])),
            DiffSegment(ChangeType.REMOVED, "".join(before[start : len(before) - end])),
            DiffSegment(ChangeType.ADDED, "".join(after[start : len(after) - end])),
            DiffSegment(ChangeType.SAME, "".join(after[len(after) - end :])),
        ]
    )


def _joined(segments: Sequence[DiffSegment]) -> list[DiffSegment]:
    """Return the segments without empty ones, and with neighbours of one kind made one."""
    joined: list[DiffSegment] = []
    for segment in segments:
        if not segment.text:
            continue
        if joined and joined[-1].change is segment.change:
            segment = DiffSegment(segment.change, joined.pop().text + segment.text)
        joined.append(segment)
    return joined
