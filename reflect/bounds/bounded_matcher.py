"""Compare two sequences with a bound on the work, since people choose what is compared."""

from collections.abc import Hashable, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import TypeVar

_T = TypeVar("_T", bound=Hashable)


class WorkExceeded(Exception):
    """What is compared repeats itself so much that comparing it would take too long."""


class WorkBudget:
    """How many comparisons may still be made, by one matcher or by several that share it.

    The work is counted and no clock is read: the same texts give the same result on any machine.
    A million takes some 0.1 s.
    """

    def __init__(self, comparisons: int) -> None:
        self.left = comparisons

    def take(self, comparisons: int) -> None:
        """Take these off what is left. Raises WorkExceeded, and takes nothing, where it is more."""
        if comparisons > self.left:
            raise WorkExceeded
        self.left -= comparisons


class BoundedMatcher(SequenceMatcher[_T]):
    """A SequenceMatcher that raises WorkExceeded when the budget does not suffice.

    The library's own compares each element with every equal one, and does so again for each run
    that it finds: for a text of few words the time grows faster than the square of its length.
    """

    def __init__(
        self, a: Sequence[_T], b: Sequence[_T], *, budget: WorkBudget, autojunk: bool = False
    ) -> None:
        super().__init__(None, a, b, autojunk)
        self._budget = budget
        positions: dict[_T, list[int]] = self.b2j  # type: ignore[attr-defined]  # no stub has it
        costs = (1 + len(positions.get(element, ())) for element in a)
        # What the elements before each index cost, so that a stretch is a difference of two.
        self._cost_before = [0, *accumulate(costs)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest run of `a[alo:ahi]` in `b[blo:bhi]`. Raises WorkExceeded."""
        end = len(self._cost_before) - 1 if ahi is None else ahi
        self._budget.take(self._cost_before[end] - self._cost_before[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)
