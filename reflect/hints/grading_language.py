"""Detect grading language: grades, averages, ranking, percentages, points, passing or failing.

It is for teachers' texts alone: students never get hints about what they may write.
"""

import re
from functools import lru_cache
from pathlib import Path

from reflect import paths
from reflect.bounds.byte_cache import byte_cached
from reflect.hints import classifier, patterns
from reflect.hints.hint import Hint, HintKind


def grading_hints(text: str, *, language: str, folder: Path = paths.HINT_DATA) -> list[Hint]:
    """Return the hints in the order of the text; `language` is one of HINT_LANGUAGES.

    `folder` has the patterns and the weights of the classifier.
    """
    return list(_cached_hints(text, *_data_paths(language, folder)))


def load_data(language: str, *, folder: Path = paths.HINT_DATA) -> None:
    """Read the patterns and the weights of a language, so that processes forked later share them.

    Without it, the first text that is checked does so.
    """
    patterns_path, weights_path = _data_paths(language, folder)
    patterns.load_patterns(patterns_path)
    _load_innocent_patterns(patterns_path)
    classifier.load_classifier(weights_path)


def _data_paths(language: str, folder: Path) -> tuple[Path, Path]:
    patterns_path = folder / f"grading_language.{language}.toml"
    return patterns_path, folder / f"classifier.{language}.tsv"


# Each save checks every field of an answer, of which only one is new.
@byte_cached(max_bytes=1_000_000)
def _cached_hints(text: str, patterns_path: Path, weights_path: Path) -> tuple[Hint, ...]:
    pattern_set = patterns.load_patterns(patterns_path)
    model = classifier.load_classifier(weights_path)
    matched = [
        Hint(match.start, match.end, HintKind(match.kind)) for match in pattern_set.find(text)
    ]
    hints = set(matched)
    for start, end, words in classifier.classifiable_sentences(text, pattern_set=pattern_set):
        score = model.score(words)
        in_sentence = {hint for hint in matched if hint.start < end and start < hint.end}
        # A pattern can say what it found, so its hint goes before the classifier's.
        if in_sentence:
            if score < classifier.INNOCENT_SCORE:
                hints -= in_sentence
        elif score > 0 and not _is_innocent(text[start:end], patterns_path):
            hints.add(Hint(start, end, HintKind.VERDICT))
    return tuple(sorted(hints))


def _is_innocent(sentence: str, patterns_path: Path) -> bool:
    """Return whether innocent patterns cover every word.

    A school can so silence a hint of the classifier, by writing the sentence as a pattern.
    """
    matches = _load_innocent_patterns(patterns_path).find(sentence)
    words = (word.span() for word in re.finditer(r"\w+", sentence))
    return all(
        any(match.start <= start and end <= match.end for match in matches) for start, end in words
    )


@lru_cache(maxsize=4)
def _load_innocent_patterns(patterns_path: Path) -> patterns.PatternSet:
    data = patterns.load_toml(patterns_path)
    innocent = data["phrases"][patterns.PatternSet.INNOCENT]
    return patterns.PatternSet({"lists": data["lists"], "phrases": {"explained": innocent}})
