"""What a roster changed, in words and numbers, and the refusal of one that would end too much."""

from dataclasses import dataclass, field


@dataclass
class EndCount:
    """How many people, or ties, a roster ends, of those that were running."""

    ended: int = 0
    running: int = 0

    @property
    def is_too_many(self) -> bool:
        """Whether more than a tenth ends, as a file does that was cut off."""
        return self.ended * 10 > self.running


@dataclass
class SyncResult:
    """The changes that a roster made, in words by category; false when there are none."""

    lines: dict[str, list[str]] = field(
        default_factory=lambda: {"new": [], "changed": [], "gone": []}
    )
    people: EndCount = field(default_factory=EndCount)
    ties: EndCount = field(default_factory=EndCount)
    # The ids of those who could sign in until now: their sessions are to end.
    locked_out: list[int] = field(default_factory=list)

    def add(self, category: str, line: str) -> None:
        self.lines[category].append(line)

    def __bool__(self) -> bool:
        return any(self.lines.values())

    @property
    def ends_too_many(self) -> bool:
        return self.people.is_too_many or self.ties.is_too_many

    @property
    def number_to_confirm(self) -> int:
        """The number by which somebody says that so many are meant to end.

        Of people, or of ties where it is only these that are too many.
        """
        only_ties = self.ties.is_too_many and not self.people.is_too_many
        return self.ties.ended if only_ties else self.people.ended

    def counts_in_words(self) -> str:
        return (
            f"{self.people.ended} of {self.people.running} people and "
            f"{self.ties.ended} of {self.ties.running} ties"
        )


class TooManyEnd(Exception):
    """A roster that ends more than a tenth, without the number that says that it is meant."""

    def __init__(self, result: SyncResult) -> None:
        self.result = result
        super().__init__(
            f"it would end {result.counts_in_words()}. Was the file cut off? If it is complete, "
            f"ask for it by its number: --ends {result.number_to_confirm}"
        )


class WrongNumber(Exception):
    """The number that was given is not the one of this file."""

    def __init__(self, result: SyncResult, *, number: int) -> None:
        self.result = result
        super().__init__(
            f"it would end {result.counts_in_words()}, which is --ends "
            f"{result.number_to_confirm} and not --ends {number}. Look at the file once more"
        )


def ensure_meant(result: SyncResult, *, number: int | None) -> None:
    """Raise TooManyEnd for a roster that ends too many without a number, and WrongNumber.

    For every caller of `sync_roster` to call before it commits.
    """
    if number is not None and number != result.number_to_confirm:
        raise WrongNumber(result, number=number)
    if number is None and result.ends_too_many:
        raise TooManyEnd(result)
