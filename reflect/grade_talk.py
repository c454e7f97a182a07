"""Where a teacher's text talks in grades, averages, ranking, percentages, points or passing of the person.

For teachers' texts alone: students never get hints about what they may write. A hint is never a lock.
"""

import re
from functools import lru_cache
from pathlib import Path

from reflect import likeness, places, wording
from reflect.hint import Hint, Kind


def hints(text: str, *, language: str) -> list[Hint]:
    """Give the hints in the order of the text; `language` is a code of `tongue.LANGUAGES`."""
    return list(_hints(text, places.HINTS / f"grade_talk.{language}.toml", places.HINTS / f"likeness.{language}.tsv"))


@lru_cache(maxsize=512)  # at each save the desk looks at all of an answer, of which one field is new
def _hints(text: str, lists: Path, weights: Path) -> tuple[Hint, ...]:
    known, learned = wording.read(lists), likeness.read(weights)
    found = [Hint(one.start, one.end, Kind(one.kind)) for one in known.find(text)]
    alike = (
        Hint(start, end, Kind.VERDICT)
        for start, end, words in likeness.sentences(text, phrases=known)
        if not any(hint.start < end and start < hint.end for hint in found)
        and learned.of_sentence(words) > 0
        and not _explained(text[start:end], lists)
    )
    return tuple(sorted([*found, *alike]))


def _explained(sentence: str, lists: Path) -> bool:
    """Say whether innocent phrases cover every word: what a school wrote there is never hinted at."""
    covered = _innocent(lists).find(sentence)
    words = (word.span() for word in re.finditer(r"\w+", sentence))
    return all(any(one.start <= start and end <= one.end for one in covered) for start, end in words)


@lru_cache(maxsize=4)
def _innocent(lists: Path) -> wording.Phrases:
    told = wording.told(lists)
    innocent = told["phrases"][wording.Phrases.INNOCENT]
    return wording.Phrases({"lists": told["lists"], "phrases": {"explained": innocent}})
