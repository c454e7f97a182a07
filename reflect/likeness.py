"""How much a sentence is like those in which teachers talked in grades: learned from labelled sentences.

The phrases of a school say why a hint comes; this catches ways of saying that nobody wrote a phrase for.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

from reflect.wording import ENDS, Names, Phrases

#: A word in small letters, and the lists and shapes of the phrases that it belongs to.
Listed = tuple[str, tuple[str, ...]]

_AFFIX, _LONG = 5, 7  # letters of a word's begin and end that count, in words of so many letters
_NUMBERS = frozenset(
    ("{percent}", "{tally}", "{decimal_mark}", "{signed_mark}", "{mark}", "{two_digits}", "{signed_letter}", "{a_to_f}")
)
_BEGIN, _END = ("^", ()), ("$", ())


def sentences(text: str, *, phrases: Phrases) -> Iterator[tuple[int, int, tuple[Listed, ...]]]:
    """Give where each sentence begins and ends, and its words."""
    for places, words in phrases.sentences(text):
        first = next((place for place, names in enumerate(words) if names.isdisjoint(ENDS)), len(words))
        if first < len(words):  # the sign that ends a sentence comes with the next
            yield places[first][0], places[-1][1], tuple(map(_listed, words[first:]))


@lru_cache(maxsize=4096)
def _listed(names: Names) -> Listed:
    lists = tuple(sorted(name for name in names if name[0] == "{"))
    return next(iter(names.difference(lists)), ""), lists


def features(sentence: Sequence[Listed]) -> set[str]:
    """Give what is looked at: words and the lists they belong to, each two neighbours, and numbers beside each word."""
    words = {word for word, _ in sentence}
    lists = set(chain.from_iterable(lists for _, lists in sentence))
    return {
        *words, *lists,
        *chain.from_iterable(_of_neighbours(*pair) for pair in pairwise([_BEGIN, *sentence, _END])),
        *(f"{number} & {word}" for number in lists & _NUMBERS for word in words),
        *chain.from_iterable((f"{word[:_AFFIX]}*", f"*{word[-_AFFIX:]}") for word in words if len(word) >= _LONG),
    }  # fmt: skip


@lru_cache(maxsize=16_384)  # the same neighbours come back in every text
def _of_neighbours(one: Listed, next: Listed) -> frozenset[str]:
    (word, here), (following, there) = one, next
    left, right = (word, *here), (following, *there)
    return frozenset(f"{first} {second}" for first in left for second in right)


def fingerprint(phrases: Path) -> str:
    """Say from which lists something was learned."""
    return hashlib.sha256(phrases.read_bytes()).hexdigest()


class Weights:
    """What was learned: how much each feature speaks for talk in grades (above 0) or against it."""

    def __init__(self, path: Path) -> None:
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        self.of = {feature: float(weight) for weight, feature in rows}
        self.bias = self.of.pop("")
        self.of_sentence = lru_cache(maxsize=1024)(self._of_sentence)  # of a text that grows, one sentence is new

    def _of_sentence(self, sentence: tuple[Listed, ...]) -> float:
        """Say how far a sentence is from the line: of those above 0, nearly all talk in grades."""
        weight = self.of.get
        return self.bias + sum(weight(feature, 0.0) for feature in features(sentence))


@lru_cache(maxsize=4)
def read(path: Path) -> Weights:
    return Weights(path)
