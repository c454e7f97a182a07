"""The checks of a teacher's answer: grading language, other students' names, gaps, and balance.

They are for teachers' texts alone: students never get hints about what they may write. A hint
never keeps an answer from being saved or sent.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from reflect import paths
from reflect.bounds.byte_cache import byte_cached
from reflect.hints import grading_language, patterns
from reflect.hints.hint import Hint, HintKind
from reflect.i18n import HINT_LANGUAGES

FieldKey = tuple[str, str]

# What holds no placeholder: formulas, code, and what follows a LaTeX command.
# The repetitions are bounded: after a lone $ or ` the search would else run to the end of the
# text, again and again.
_FORMULA_OR_CODE = re.compile(
    r"\$\$?[^$]{1,500}\$\$?|`[^`\n]{1,500}`|\\[a-zA-Z]+(?:\{[^{}\n]{0,200}\})+"
)
# In this order: {name}, [...], [name], <name>, XXX, ___. The lookarounds leave out what looks
# like one in LaTeX, in a Markdown link, in a sum, and in bold or italic type.
_PLACEHOLDER = re.compile(
    r"(?<![\w\\^_}])\{(?P<braces>[^\W\d_][\w ./-]{1,30})\}"
    r"|\[(?:\.{3}|…)\](?!\()"
    r"|\[(?P<brackets>[^\W\d_][\w ./-]{1,40})\](?!\()"
    r"|<(?P<angles>[^\W\d_][\w ./-]{1,40})>"
    r"|(?<![\w])X{3,}(?![\w])"
    r"|(?<=[^\S\n])(?<![=+×·:<>/*-][^\S\n])_{3,}(?![\w*_]|[^\S\n]?[=+×·<>/*-])"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MIN_WORD_LENGTH = 3
_MIN_STEM_LENGTH = 4
# From this many words of praise, or of correction, an answer may be one-sided.
_PRAISE_THRESHOLD = 2
_CORRECTION_THRESHOLD = 3


@dataclass(frozen=True)
class CheckResult:
    """The hints of each field that has some, and those about the answer as a whole."""

    by_field: Mapping[FieldKey, list[Hint]]
    general: list[Hint]

    def __bool__(self) -> bool:
        return bool(self.by_field or self.general)


def check_answer(
    answer: Mapping[FieldKey, str],
    *,
    language: str,
    other_names: Iterable[str],
    own_names: Iterable[str],
    student_texts: Iterable[str],
) -> CheckResult:
    """Return the hints for one teacher's answer to one student; `answer` is by (section, field).

    `other_names` are the first names and full names of the other students of the course,
    `own_names` those of this student and of the teachers; `student_texts` are the student's
    goals, questions and letter.
    """
    # A language may have screens and forms, and no word lists yet (reflect.i18n).
    if language not in HINT_LANGUAGES:
        return CheckResult({}, [])
    other_names = tuple(other_names)
    own_names = tuple(own_names)
    by_field = {}
    for field, text in answer.items():
        hints = [
            *grading_language.grading_hints(text, language=language),
            *other_student_hints(
                text, other_names=other_names, own_names=own_names, language=language
            ),
            *placeholder_hints(text),
        ]
        if hints:
            by_field[field] = sorted(hints)
    full_text = "\n".join(text for text in answer.values() if text.strip())
    general = [
        *unanswered_goal_hints(full_text, student_texts=student_texts, language=language),
        *one_sided_hints(full_text, language=language),
    ]
    return CheckResult(by_field, general)


def other_student_hints(
    text: str, *, other_names: Iterable[str], own_names: Iterable[str], language: str
) -> list[Hint]:
    """Return a hint for each place that names another student.

    A first name that this student or a teacher has too gives none.
    """
    # Two people of one name in a course: nobody can say which of them is meant.
    own_words = set(" ".join(own_names).split())
    names = {name for name in other_names if name.strip()} - set(own_names)
    pattern = _compile_names(
        frozenset(name for name in names if " " in name or name not in own_words)
    )
    if pattern is None:
        return []
    matches = pattern.finditer(text, 0, patterns.MAX_CHECKED_LENGTH)
    return [
        Hint(match.start(), match.end(), HintKind.OTHER_STUDENT)
        for match in matches
        if " " in match["name"] or _is_person_name(text, match, language)
    ]


@byte_cached(max_bytes=1_000_000)
def _compile_names(names: frozenset[str]) -> re.Pattern[str] | None:
    if not names:
        return None
    # Of "Sam" and "Sam Jansen" the longer must be tried first, or it would never match.
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    alternatives = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<![\w-])(?P<name>{alternatives})(?P<of>['’]s|s(?=\s)|['’])?(?![\w-])")


def _is_person_name(text: str, match: re.Match[str], language: str) -> bool:
    """Return whether a first name is meant, and not the same word or somebody else.

    None is meant in Dutch "Wil je", English "Mark the point" and "in May", or "Anne Frank".
    """
    # Then it is the first half of another full name, such as that of a writer.
    is_followed_by_name = re.match(r"\s+[A-ZÀ-Þ]\w", text[match.end() : match.end() + 4])
    if is_followed_by_name or not match["name"][0].isupper():
        return False
    lists = _load_word_lists(language)["names"]
    if match["name"].lower() not in lists["also_words"]:
        return True
    before = text[: match.start()][-40:].rstrip(" ,")
    # A word before it decides: "May" after "in" is a month.
    previous_word = re.search(r"\w+$", before)
    return (
        previous_word is not None
        and not previous_word[0].isdigit()
        and previous_word[0].lower() not in lists["before_things"]
    )


def placeholder_hints(text: str) -> list[Hint]:
    """Return a hint for each placeholder that is still to be filled in.

    Markdown, formulas and intervals such as [1, 5] are none.
    """
    # Blanks of the same length keep the positions of what follows.
    prose = _FORMULA_OR_CODE.sub(
        lambda match: " " * len(match[0]), text[: patterns.MAX_CHECKED_LENGTH]
    )
    return [
        Hint(match.start(), match.end(), HintKind.PLACEHOLDER)
        for match in _PLACEHOLDER.finditer(prose)
        if _is_unfilled(match)
    ]


def _is_unfilled(match: re.Match[str]) -> bool:
    inside = match["brackets"] or match["angles"]
    if inside is None:
        return True
    placeholder_words = set(patterns.load_toml(paths.HINT_DATA / "placeholders.toml")["words"])
    return not placeholder_words.isdisjoint(re.split(r"[\s.]+", inside.lower()))


def unanswered_goal_hints(
    feedback: str, *, student_texts: Iterable[str], language: str
) -> list[Hint]:
    """Return a hint when feedback of some length shares no word stem with any student text."""
    goal_lists = _load_word_lists(language)["goal"]
    feedback_words = _lower_words(feedback)
    wanted_stems = set().union(*(_stem_text(text, language) for text in student_texts))
    # In a short answer nothing can be called missing.
    if len(feedback_words) < goal_lists["at_least"] or not wanted_stems:
        return []
    if not set(goal_lists["said"]).isdisjoint(feedback_words):
        return []
    feedback_stems = _stem_text(feedback, language)
    stem_pairs = product(wanted_stems, feedback_stems)
    if any(_is_same_stem(wanted, present) for wanted, present in stem_pairs):
        return []
    return [Hint(0, 0, HintKind.GOAL_UNANSWERED)]


def _lower_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text[: patterns.MAX_CHECKED_LENGTH])]


def _stem_text(text: str, language: str) -> set[str]:
    goal_lists = _load_word_lists(language)["goal"]
    words = set(_lower_words(text)).difference(goal_lists["stop_words"])
    long_words = [word for word in words if len(word) >= _MIN_WORD_LENGTH]
    return {_stem_word(word, goal_lists["endings"]) for word in long_words}


def _stem_word(word: str, endings: list[str]) -> str:
    """Return the word without the first ending that leaves enough, and with single letters.

    "breuken" gives "breuk", "rotten" gives "rot".
    """
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM_LENGTH:
            word = word.removesuffix(ending)
            break
    return re.sub(r"(.)\1", r"\1", word)


def _is_same_stem(stem: str, other_stem: str) -> bool:
    short, long = sorted((stem, other_stem), key=len)
    return short == long or (len(short) >= _MIN_STEM_LENGTH and long.startswith(short))


def one_sided_hints(feedback: str, *, language: str) -> list[Hint]:
    """Return a hint when feedback of some length only praises, or only corrects.

    Praise with a next step or a question is not one-sided.
    """
    if len(_lower_words(feedback)) < _load_word_lists(language)["sides"]["at_least"]:
        return []
    counts = Counter(_feedback_kinds(feedback, language))
    is_praised = counts["praise"] >= _PRAISE_THRESHOLD
    has_next_step = counts["step"] or "?" in feedback
    if is_praised and not counts["correction"] and not has_next_step:
        return [Hint(0, 0, HintKind.ONLY_PRAISE)]
    if counts["correction"] >= _CORRECTION_THRESHOLD and not counts["praise"]:
        return [Hint(0, 0, HintKind.ONLY_CORRECTION)]
    return []


def _feedback_kinds(feedback: str, language: str) -> Iterator[str]:
    pattern_set = patterns.load_patterns(paths.HINT_DATA / f"checks.{language}.toml")
    return (match.kind for match in pattern_set.find(feedback))


def _load_word_lists(language: str) -> dict[str, Any]:
    return patterns.load_toml(paths.HINT_DATA / f"checks.{language}.toml")
