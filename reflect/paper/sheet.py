"""The one-sheet: what of a booklet comes on a single sheet, in ever fewer words until it fits; the rest is read there.

What is chosen is a rule and not a taste: of each subject the beginning of what the student wrote, in the form's order,
what they take on, and the teacher's next step. Whatever does not come along in full says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from flask_babel import gettext

from reflect.paper.booklet import Booklet
from reflect.paper.excerpt import Excerpt, beginning
from reflect.report.grammar import Kind, in_words, is_empty, pieces
from reflect.tongue import N_
from reflect.trust.seen import Said, Seen

PAGES = 2
_MOST_SUBJECTS = 1_500  # letters of their names, where only these fit
_FRONT = 228  # mm for the subjects on the front
_NEARLY = 1.18  # what is this much too long by reckoning is laid out still: it may well fit


@dataclass(frozen=True)
class Measure:
    """How subjects are set: in mm the head of one, a line, a gap and at least; letters in a line of both voices.

    `name` is what the style calls it, `most` for how many subjects it is.
    """

    name: str
    most: int
    head: float
    line: float
    gap: float
    least: float
    student: int
    teacher: int


#              name     most head line gap  least student teacher
MEASURES = (
    Measure("roomy", 1,   14,  5.8, 1.8, 20,   54,    32),
    Measure("",      7,   12,  4.7, 0.8, 15,   62,    36),
    Measure("tight", 999, 3.2, 4.3, 0.2, 15,   50,    29),
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    """How much of each subject comes along: student's texts, parts of the answer, goals, signs to notice them by,
    and letters of each of these."""

    texts: int
    answers: int
    goals: int
    notices: int
    letters: int


#          texts answers goals notices letters
_STEPS = (
    (Room(8,   5,      3,    3,      0), (900, 700, 560)),
    (Room(6,   3,      3,    3,      0), (560, 480, 400, 340)),
    (Room(4,   2,      3,    3,      0), (400, 340, 290, 250)),
    (Room(3,   1,      3,    2,      0), (290, 250, 220, 190, 165)),
    (Room(3,   1,      3,    1,      0), (165, 145, 125)),
    (Room(3,   1,      2,    0,      0), (140, 125, 110, 95)),
    (Room(2,   1,      2,    0,      0), (125, 110, 95, 80)),
    (Room(2,   1,      1,    0,      0), (125, 110, 95, 80, 65)),
    (Room(1,   1,      1,    0,      0), (180, 150, 125, 105, 85, 70, 55)),
    (Room(1,   1,      0,    0,      0), (110, 80, 55, 40)),
    (Room(1,   0,      0,    0,      0), (60, 40, 25)),
)  # fmt: skip
ROOMS = [replace(room, letters=letters) for room, steps in _STEPS for letters in steps]
# What the student wrote freely comes first; ticks and ladders say less without the talk.
_FIRST = (Kind.TEXT, Kind.LOOK_BACK, Kind.WORDS, Kind.ERROR_MAP, Kind.WORKED_EXAMPLE, Kind.CHECKLIST, Kind.PLAN)
_NOTICE = N_("I will notice that it works when")
_ANSWER = {
    "next": N_("Your next step"), "question": N_("My question to you"), "seen": N_("What I see"),
    "appreciate": N_("What I appreciate"), "aim": N_("What it is about"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """The beginning of one text under what it answers; `language` is that of the words above it."""

    about: str
    language: str
    text: Excerpt


@dataclass(frozen=True)
class Part:
    """One subject on the sheet. `whole`: nothing of the report is left for the booklet."""

    subject: str
    language: str
    teachers: str
    told: tuple[Line, ...]
    takes_on: tuple[Line, ...]
    answer: tuple[Line, ...]
    whole: bool


def measure(booklet: Booklet) -> Measure:
    """Give how the subjects of this booklet are set: one has room, many stand close."""
    return next(one for one in MEASURES if len(booklet.reports) <= one.most)


def choices(booklet: Booklet) -> list[list[Part]]:
    """Give what could come on the sheet, from what nearly fits to hardly a word, and to nothing at all.

    To be called in the booklet's language.
    """
    own, made = measure(booklet), dict[float, list[Part]]()
    for room in ROOMS:
        parts = [_part(seen, room, booklet.language) for seen in booklet.reports]
        made.setdefault(_height(parts, own), parts)
    return [*(made[height] for height in sorted(made, reverse=True) if height <= _FRONT * _NEARLY), []]


def subjects(booklet: Booklet) -> str:
    """Name the subjects, for a sheet on which nothing else fits."""
    names = ", ".join(seen.subject for seen in booklet.reports)
    return names if len(names) <= _MOST_SUBJECTS else f"{names[:_MOST_SUBJECTS]} …"


def _height(parts: list[Part], own: Measure) -> float:
    """Reckon how much of the page the subjects take, in mm."""
    return sum(
        max(
            own.least,
            own.head + _column((*part.told, *part.takes_on), own.student, own),
            own.head + _column(part.answer, own.teacher, own),
        )
        for part in parts
    )


def _column(lines: Sequence[Line], letters: int, own: Measure) -> float:
    return sum(own.gap + own.line * ceil((len(line.about) + line.text.letters) / letters) for line in lines)


def _part(seen: Seen, room: Room, language: str) -> Part:
    texts, goals, answers = _texts(seen, language), _goals(seen, language), _answers(seen, language)
    told = _lines(_chosen(texts, room.texts), room, seen)
    takes_on = _lines(_taken_along(goals, room), room, seen)
    answer = _lines(answers[: room.answers], room, seen)
    shown = len(told) + len(takes_on) + len(answer)
    all_here = shown == len(texts) + len(goals) + len(answers) and not _only_in_the_booklet(seen)
    return Part(
        subject=seen.subject, language=seen.language, teachers=", ".join(who.name for who in seen.teachers),
        told=told, takes_on=takes_on, answer=answer,
        whole=all_here and all(line.text.whole for line in (*told, *takes_on, *answer)),
    )  # fmt: skip


_Asked = tuple[int, str, str, str]  # rank, what is asked, its language, the text


def _texts(seen: Seen, language: str) -> list[_Asked]:
    """Give what the student wrote, in the form's order, and at last the closing word."""
    found = [
        (_FIRST.index(said.section.kind) * 10, said.section.prompt, seen.language, text)
        for said in seen.said
        if said.section.kind in _FIRST and not _is_plan(said, seen) and (text := _written(said))
    ]
    if seen.closing_word.strip():
        about = gettext("The last word of %(name)s", name=seen.student.first)
        found.append((5, about, language, seen.closing_word))
    return found


def _is_plan(said: Said, seen: Seen) -> bool:
    """Say whether this is the plan that stands for what a student takes on, as long as there are no goals."""
    return said.section.kind is Kind.PLAN and not seen.goals


def _written(said: Said) -> str:
    fields = (field for row in said.section.rows for field in row)
    return "\n\n".join(text for field in fields if (text := in_words(field, said.student).strip()))


def _goals(seen: Seen, language: str) -> list[_Asked]:
    """Give the goals, each with how it will be noticed (rank 1); as long as there are none, the plan."""
    asked = [
        (rank, about, language, text)
        for goal in seen.goals
        for rank, about, text in ((0, gettext("I take on"), goal.words), (1, gettext(_NOTICE), goal.notice))
        if text.strip()
    ]
    return asked or [
        (0, said.section.prompt, seen.language, text)
        for said in seen.said
        if _is_plan(said, seen) and (text := _written(said))
    ]


def _taken_along(goals: list[_Asked], room: Room) -> list[_Asked]:
    most = {0: room.goals, 1: room.notices}
    ranks = [rank for rank, *_ in goals]
    return [one for place, one in enumerate(goals) if ranks[: place + 1].count(one[0]) <= most[one[0]]]


def _answers(seen: Seen, language: str) -> list[_Asked]:
    said = ((about, seen.overall.get(key, "")) for key, about in _ANSWER.items())
    return [(0, gettext(about), language, text) for about, text in said if text.strip()]


def _chosen(texts: list[_Asked], most: int) -> list[_Asked]:
    """Give those that come first by their kind, in the order in which they stand in the report."""
    ranked = sorted(range(len(texts)), key=lambda place: (texts[place][0], place))
    return [texts[place] for place in sorted(ranked[:most])]


def _lines(found: list[_Asked], room: Room, seen: Seen) -> tuple[Line, ...]:
    return tuple(
        Line(about, language, beginning(text, letters=room.letters, language=seen.language))
        for _, about, language, text in found
    )


def _only_in_the_booklet(seen: Seen) -> bool:
    """Say whether there is something that never comes on a sheet: answers to a section, remarks, photos, words."""
    said = any(one.teacher or pieces(one.student) for one in seen.said)
    return said or bool(seen.remarks) or any(not is_empty(content) for _, content in seen.in_words)
