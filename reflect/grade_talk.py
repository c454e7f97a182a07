"""Where a teacher's text talks in grades, averages, ranking, percentages, points or passing of the person.

For teachers' texts alone: students never get hints about what they may write. A hint is never a lock.
"""

from reflect import places, wording
from reflect.hint import Hint, Kind


def hints(text: str, *, language: str) -> list[Hint]:
    """Give the hints in the order of the text; `language` is a code of `tongue.LANGUAGES`."""
    known = wording.read(places.HINTS / f"grade_talk.{language}.toml")
    return [Hint(found.start, found.end, Kind(found.kind)) for found in known.find(text)]
