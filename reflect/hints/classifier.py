"""A linear classifier of sentences, trained on labelled ones: does this one talk in grades?

The patterns of grading_language.*.toml give the reason of a hint; the classifier catches wordings
that nobody wrote a pattern for. `make train` computes its weights (tests/train_classifier.py).
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise, product
from pathlib import Path

from reflect.bounds.byte_cache import byte_cached
from reflect.hints.patterns import SENTENCE_ENDS, PatternSet, WordTags

# A word in lowercase, and the lists and shapes of the patterns that it belongs to.
TaggedWord = tuple[str, tuple[str, ...]]

# Pieces of words are features: inflections, compounds and typing errors then count together.
_NGRAM_LENGTHS = range(2, 5)
# Below this score the sentence is so unlike talk in grades that not even a pattern is believed.
INNOCENT_SCORE = -0.8
_NUMERIC_TAGS = frozenset(
    (
        "{percent}",
        "{tally}",
        "{decimal_mark}",
        "{signed_mark}",
        "{mark}",
        "{two_digits}",
        "{signed_letter}",
        "{a_to_f}",
    )
)
_START_MARKER: TaggedWord = ("^", ())
_END_MARKER: TaggedWord = ("$", ())


def classifiable_sentences(
    text: str, *, pattern_set: PatternSet
) -> Iterator[tuple[int, int, tuple[TaggedWord, ...]]]:
    """Yield the start, the end and the words of each sentence that has a word."""
    for word_spans, words in pattern_set.tag_sentences(text):
        # The sign that ends a sentence comes as the first word of the next.
        word_indexes = (index for index, tags in enumerate(words) if tags.isdisjoint(SENTENCE_ENDS))
        first = next(word_indexes, None)
        if first is not None:
            yield word_spans[first][0], word_spans[-1][1], tuple(map(_tag_word, words[first:]))


@byte_cached(max_bytes=1_000_000)
def _tag_word(tags: WordTags) -> TaggedWord:
    list_tags = tuple(sorted(tag for tag in tags if tag[0] == "{"))
    return next(iter(tags.difference(list_tags)), ""), list_tags


def extract_features(sentence: Sequence[TaggedWord]) -> set[str]:
    """Return the features of a sentence; their names are the keys of the weights.

    They are the words, their tags, pairs of neighbours, each number with each word, and pieces
    of a few letters.
    """
    # Training and use call this same function; a change here needs `make train`.
    words = {word for word, _ in sentence}
    list_tags = set(chain.from_iterable(tags for _, tags in sentence))
    features = words | list_tags
    for left, right in pairwise([_START_MARKER, *sentence, _END_MARKER]):
        features |= _bigrams(left, right)
    for number in list_tags & _NUMERIC_TAGS:
        features.update(f"{number} & {word}" for word in words)
    features |= _ngrams(f" {' '.join(word for word, _ in sentence)} ")
    return features


@byte_cached(max_bytes=2_000_000)  # the same neighbours come back in every text
def _bigrams(left_word: TaggedWord, right_word: TaggedWord) -> frozenset[str]:
    left, left_tags = left_word
    right, right_tags = right_word
    pairs = product((left, *left_tags), (right, *right_tags))
    return frozenset(f"{first} {second}" for first, second in pairs)


def _ngrams(text: str) -> set[str]:
    """Return the pieces of a text; the mark in front tells the piece "een" from the word."""
    return {
        f"#{text[start : start + length]}"
        for length in _NGRAM_LENGTHS
        for start in range(len(text) - length + 1)
    }


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, in hex; the weights carry that of the patterns they rest on."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class LinearClassifier:
    """The weights of one language: above 0 a feature speaks for talk in grades, below 0 against."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text("utf-8").splitlines()
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        self.weights = {feature: float(weight) for weight, feature in rows}
        # The bias is in the file as the feature without a name.
        self.bias = self.weights.pop("")
        # While a teacher writes, only one sentence of the text is new at each check.
        self.score = byte_cached(max_bytes=1_000_000)(self._score)

    def _score(self, sentence: tuple[TaggedWord, ...]) -> float:
        """Return the score of a sentence; of those above 0, nearly all talk in grades."""
        weights = [self.weights.get(feature, 0.0) for feature in extract_features(sentence)]
        # A set has no order of its own; fsum gives the same sum in any order.
        return math.fsum([self.bias, *weights])


@lru_cache(maxsize=4)
def load_classifier(path: Path) -> LinearClassifier:
    """Return the classifier of a file of weights; a file is read once."""
    return LinearClassifier(path)
