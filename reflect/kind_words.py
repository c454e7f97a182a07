"""Kind hints for a teacher who answers: what an answer leaves open, names by mistake, or says too one-sidedly.

For teachers' texts alone: students never get hints about what they may write. A hint is never a lock.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reflect import grade_talk, places, wording
from reflect.hint import Hint, Kind

Field = tuple[str, str]

# What no placeholder stands in: formulas, code, and what follows a LaTeX command.
_NOT_PROSE = re.compile(r"\$\$?[^$]{1,500}\$\$?|`[^`\n]{1,500}`|\\[a-zA-Z]+(?:\{[^{}\n]{0,200}\})+")
_OPEN = re.compile(
    r"(?<![\w\\^_}])\{(?P<braces>[^\W\d_][\w ./-]{1,30})\}"
    r"|\[(?:\.{3}|…)\](?!\()"
    r"|\[(?P<brackets>[^\W\d_][\w ./-]{1,40})\](?!\()"
    r"|<(?P<angles>[^\W\d_][\w ./-]{1,40})>"
    r"|(?<![\w])X{3,}(?![\w])"
    r"|(?<=[^\S\n])(?<![=+×·:<>/*-][^\S\n])_{3,}(?![\w*_]|[^\S\n]?[=+×·<>/*-])"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MIN_LETTERS, _MIN_STEM = 3, 4
_MUCH_PRAISE, _MUCH_CORRECTION = 2, 3


@dataclass(frozen=True)
class Looked:
    """The hints of each field that has some, and those about the answer as a whole."""

    fields: Mapping[Field, list[Hint]]
    whole: list[Hint]

    def __bool__(self) -> bool:
        return bool(self.fields or self.whole)


def look(
    answer: Mapping[Field, str], *, language: str, others: Iterable[str], own: Iterable[str], asked: Iterable[str]
) -> Looked:
    """Give all hints for one teacher's answer to one student, by (section, field).

    `others` are the first names and full names of the other students of the course, `own` those of this student and
    of the teachers; `asked` are the student's goals, questions and letter.
    """
    others, own = tuple(others), tuple(own)
    found = {field: _of_field(text, language=language, others=others, own=own) for field, text in answer.items()}
    whole = "\n".join(text for text in answer.values() if text.strip())
    about = [*goal_unanswered(whole, asked=asked, language=language), *one_sided(whole, language=language)]
    return Looked({field: hints for field, hints in found.items() if hints}, about)


def _of_field(text: str, *, language: str, others: tuple[str, ...], own: tuple[str, ...]) -> list[Hint]:
    named = other_students(text, others=others, own=own, language=language)
    return sorted([*grade_talk.hints(text, language=language), *named, *placeholders(text)])


def other_students(text: str, *, others: Iterable[str], own: Iterable[str], language: str) -> list[Hint]:
    """Give where another student is named; a first name that this student or a teacher has too is not."""
    mine = {word for name in own for word in name.split()}
    wanted = frozenset(name for name in others if name.strip()) - set(own)
    pattern = _named(frozenset(name for name in wanted if " " in name or name not in mine))
    seen = pattern.finditer(text, 0, wording.MAX_LENGTH) if pattern else ()
    return [
        Hint(found.start(), found.end(), Kind.OTHER_STUDENT)
        for found in seen
        if " " in found["name"] or _is_person(text, found, language)
    ]


@lru_cache(maxsize=256)
def _named(names: frozenset[str]) -> re.Pattern[str] | None:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    one_of = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<![\w-])(?P<name>{one_of})(?P<of>['’]s|s(?=\s)|['’])?(?![\w-])") if names else None


def _is_person(text: str, found: re.Match[str], language: str) -> bool:
    """Tell a first name from the same word: in Dutch "Wil je", in English "Mark the point", "in May", "Anne Frank"."""
    if not found["name"][0].isupper() or re.match(r"\s+[A-ZÀ-Þ]\w", text[found.end() : found.end() + 4]):
        return False
    known = _words(language)["names"]
    if found["name"].lower() not in known["also_words"]:
        return True
    before = text[: found.start()][-40:].rstrip(" ,")
    last = re.search(r"\w+$", before)
    return last is not None and not last[0].isdigit() and last[0].lower() not in known["before_things"]


def placeholders(text: str) -> list[Hint]:
    """Give where a place still waits for words; Markdown, formulas and intervals are none."""
    prose = _NOT_PROSE.sub(lambda found: " " * len(found[0]), text[: wording.MAX_LENGTH])
    return [Hint(one.start(), one.end(), Kind.PLACEHOLDER) for one in _OPEN.finditer(prose) if _waits(one)]


def _waits(found: re.Match[str]) -> bool:
    inside = found["brackets"] or found["angles"]
    words = set(wording.told(places.HINTS / "placeholders.toml")["words"])
    return inside is None or not words.isdisjoint(re.split(r"[\s.]+", inside.lower()))


def goal_unanswered(feedback: str, *, asked: Iterable[str], language: str) -> list[Hint]:
    """Hint when a feedback of some length shares no word of meaning with any goal or question of the student."""
    known = _words(language)["goal"]
    said = [word.lower() for word in _WORD.findall(feedback[: wording.MAX_LENGTH])]
    wanted = set().union(*(_stems(text, language) for text in asked))
    if len(said) < known["at_least"] or not wanted or not set(known["said"]).isdisjoint(said):
        return []
    heard = _stems(feedback, language)
    touched = any(_same(one, other) for one in wanted for other in heard)
    return [] if touched else [Hint(0, 0, Kind.GOAL_UNANSWERED)]


def _stems(text: str, language: str) -> set[str]:
    known = _words(language)["goal"]
    words = {word.lower() for word in _WORD.findall(text[: wording.MAX_LENGTH])} - set(known["stop_words"])
    return {_stem(word, known["endings"]) for word in words if len(word) >= _MIN_LETTERS}


def _stem(word: str, endings: list[str]) -> str:
    """Take the first ending off that leaves enough, and write double letters as one: breuken, breuk; rotten, rot."""
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            word = word.removesuffix(ending)
            break
    return re.sub(r"(.)\1", r"\1", word)


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _MIN_STEM and long.startswith(short))


def one_sided(feedback: str, *, language: str) -> list[Hint]:
    """Hint when a feedback of some length only praises, without a step or a question, or only corrects."""
    kinds = list(_sides(feedback, language))
    if len(_WORD.findall(feedback[: wording.MAX_LENGTH])) < _words(language)["sides"]["at_least"]:
        return []
    praise, correction = kinds.count("praise"), kinds.count("correction")
    if praise >= _MUCH_PRAISE and not correction and "step" not in kinds and "?" not in feedback:
        return [Hint(0, 0, Kind.ONLY_PRAISE)]
    return [Hint(0, 0, Kind.ONLY_CORRECTION)] if correction >= _MUCH_CORRECTION and not praise else []


def _sides(feedback: str, language: str) -> Iterator[str]:
    known = wording.read(places.HINTS / f"kind_words.{language}.toml")
    return (found.kind for found in known.find(feedback))


def _words(language: str) -> dict[str, Any]:
    return wording.told(places.HINTS / f"kind_words.{language}.toml")
