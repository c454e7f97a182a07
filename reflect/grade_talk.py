"""Where a teacher's text talks in grades, averages, ranking, percentages, points or passing of the person.

For teachers' texts alone: students never get hints about what they may write. A hint is never a lock.
"""

from functools import lru_cache

from reflect import likeness, places, wording
from reflect.hint import Hint, Kind


def hints(text: str, *, language: str) -> list[Hint]:
    """Give the hints in the order of the text; `language` is a code of `tongue.LANGUAGES`."""
    return list(_hints(text, language))


@lru_cache(maxsize=512)  # at each save the desk looks at all of an answer, of which one field is new
def _hints(text: str, language: str) -> tuple[Hint, ...]:
    known = wording.read(places.HINTS / f"grade_talk.{language}.toml")
    found = [Hint(one.start, one.end, Kind(one.kind)) for one in known.find(text)]
    learned = likeness.read(places.HINTS / f"likeness.{language}.tsv")
    alike = (
        Hint(start, end, Kind.VERDICT)
        for start, end, words in likeness.sentences(text, phrases=known)
        if not any(hint.start < end and start < hint.end for hint in found) and learned.of_sentence(words) > 0
    )
    return tuple(sorted([*found, *alike]))
