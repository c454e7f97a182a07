"""The grammar of a form: what a section can ask. A kind for numbers does not exist."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from reflect.tongue import N_

EARLIER = "earlier"  # how the goals of the last round went
CLOSING = "closing"  # the student's last word and goals
OVERALL = "overall"  # the teacher's words about the whole
ALONG = "along"  # a teacher's note to a colleague who is asked to read along
RESERVED = frozenset({CLOSING, OVERALL, EARLIER, ALONG})


class Kind(StrEnum):
    """What a section asks for."""

    TEXT = "text"
    WORDS = "words"
    CHECKLIST = "checklist"
    PLAN = "plan"
    ERROR_MAP = "error_map"
    WORKED_EXAMPLE = "worked_example"
    LETTER = "letter"
    TEACHER_WORDS = "teacher_words"
    LOOK_BACK = "look_back"
    LAST_WORD = "last_word"


class Shape(StrEnum):
    """How one field is filled in."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    TICKS = "ticks"


@dataclass(frozen=True)
class Option:
    key: str
    words: str


@dataclass(frozen=True)
class Field:
    """`label` is an English sentence for the catalogue; empty where the section's prompt is label enough."""

    name: str
    label: str
    shape: Shape
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Section:
    """One question of a form; its key stays the same in every language and version."""

    key: str
    prompt: str
    help: str
    guide: str
    starters: tuple[str, ...]
    kind: Kind
    options: tuple[Option, ...]
    goals: tuple[str, ...]
    private: bool
    optional: bool

    @cached_property
    def rows(self) -> tuple[tuple[Field, ...], ...]:
        """The fields, row by row; a row of a repeated kind begins its names with its letter."""
        letters = _REPEATED.get(self.kind)
        if letters is None:
            return (_fields(self.kind, self.options, before=""),)
        return tuple(_fields(self.kind, self.options, before=f"{letter}.") for letter in letters)


@dataclass(frozen=True)
class FormText:
    """A form as its text says it; `name` is the title that people read.

    `sections` are the student's; `in_words` are those in which the teacher says in words where a goal stands.
    """

    name: str
    subject: str
    language: str
    intro: str
    sections: tuple[Section, ...]
    in_words: tuple[Section, ...] = ()


_REPEATED = {Kind.WORDS: "abc", Kind.TEACHER_WORDS: "abc", Kind.ERROR_MAP: "abcdef", Kind.LOOK_BACK: "abc"}
_TEMPLATES: dict[Kind, tuple[tuple[str, str, Shape], ...]] = {
    Kind.TEXT:           (("text", "", Shape.TEXT),),
    Kind.LETTER:         (("text", "", Shape.TEXT),),
    Kind.WORDS:          (("goal", N_("My learning goal"), Shape.LINE),
                          ("word", N_("Where am I now?"), Shape.CHOICE),
                          ("evidence", N_("Where can you see that?"), Shape.TEXT)),
    Kind.CHECKLIST:      (("ticked", N_("Tick what fits"), Shape.TICKS),
                          ("text", N_("Tell more about it"), Shape.TEXT)),
    Kind.PLAN:           (("step", N_("My step"), Shape.TEXT),
                          ("moment", N_("When"), Shape.LINE),
                          ("help", N_("Who can help"), Shape.LINE),
                          ("notice", N_("I notice that it works when"), Shape.LINE)),
    Kind.ERROR_MAP:      (("problem", N_("Which problem"), Shape.LINE),
                          ("wrote", N_("What I wrote"), Shape.TEXT),
                          ("kind", N_("What kind of mistake"), Shape.CHOICE),
                          ("cause", N_("How that came about"), Shape.TEXT),
                          ("remember", N_("What I want to remember"), Shape.LINE)),
    Kind.WORKED_EXAMPLE: (("problem", N_("The problem"), Shape.TEXT),
                          ("work", N_("My steps"), Shape.TEXT),
                          ("reason", N_("Why these steps are right"), Shape.TEXT)),
    Kind.TEACHER_WORDS:  (("goal", N_("Learning goal"), Shape.LINE),
                          ("word", N_("Where this stands now"), Shape.CHOICE),
                          ("evidence", N_("Where I see that"), Shape.TEXT)),
    Kind.LOOK_BACK:      (("goal", N_("I took on"), Shape.LINE),
                          ("how", N_("How did that go?"), Shape.TEXT)),
    Kind.LAST_WORD:      (("word", N_("What will I do with this answer?"), Shape.TEXT),
                          *((f"{row}.{name}", label, Shape.LINE) for row in "abc" for name, label in (
                              ("goal", N_("I take on")), ("notice", N_("I will notice that it works when"))))),
}  # fmt: skip


def _fields(kind: Kind, options: tuple[Option, ...], *, before: str) -> tuple[Field, ...]:
    chosen = {Shape.CHOICE: options, Shape.TICKS: options}
    return tuple(Field(before + name, label, shape, chosen.get(shape, ())) for name, label, shape in _TEMPLATES[kind])


_LOOK_BACK = {
    "nl": ("Wat ik me de vorige keer voornam", "Schrijf hoe het ging. Het mag ook anders gelopen zijn dan je dacht."),
    "en": ("What I took on last time", "Write how it went. It may have gone differently from what you thought."),
}
_LAST_WORD = {"nl": "Mijn slotwoord", "en": "My last word"}


def look_back(language: str) -> Section:
    """Give the section with which a report opens when there are earlier goals; no form text has to ask for it."""
    prompt, help = _LOOK_BACK[language]
    return _own_section(EARLIER, prompt, help=help, kind=Kind.LOOK_BACK)


def last_word(language: str) -> Section:
    """Give the section that the student's last word and goals are kept under."""
    return _own_section(CLOSING, _LAST_WORD[language], help="", kind=Kind.LAST_WORD)


def _own_section(key: str, prompt: str, *, help: str, kind: Kind) -> Section:
    return Section(
        key=key, prompt=prompt, help=help, guide="", starters=(), kind=kind, options=(), goals=(), private=False,
        optional=True,
    )  # fmt: skip


def clean(section: Section, raw: Mapping[str, str]) -> dict[str, str]:
    """Keep what this section asks for: known fields, known options, one kind of line end. Every typed letter stays."""
    kept = {}
    for field in (field for row in section.rows for field in row):
        text = raw.get(field.name, "").replace("\r\n", "\n").replace("\r", "\n")
        known = {option.key for option in field.options}
        if field.shape is Shape.CHOICE:
            text = text if text in known else ""
        elif field.shape is Shape.TICKS:
            text = " ".join(key for key in text.split() if key in known)
        kept[field.name] = text
    if section.kind is Kind.LOOK_BACK:  # an earlier goal is only repeated where something is said about it
        kept = {name: text if kept[f"{name[0]}.how"].strip() else "" for name, text in kept.items()}
    return kept | _evidence(raw)


_PIECE = re.compile(r"[A-Za-z0-9_-]{22}")


def pieces(content: Mapping[str, str]) -> list[str]:
    """Give the keys of the evidence that stands with a text, in its order."""
    return list(dict.fromkeys(key for key in content.get("evidence", "").split() if _PIECE.fullmatch(key)))


def caption(key: str) -> str:
    """Give the name of the field that holds the caption of this piece of evidence."""
    return f"caption.{key}"


def _evidence(raw: Mapping[str, str]) -> dict[str, str]:
    keys = pieces(raw)
    captions = {caption(key): " ".join(raw.get(caption(key), "").split()) for key in keys}
    return {"evidence": " ".join(keys), **captions} if keys else {}


def in_words(field: Field, content: Mapping[str, str]) -> str:
    """Give what was filled in here as a reader sees it: the words of an option, not its key."""
    text = content.get(field.name, "")
    if field.shape not in (Shape.CHOICE, Shape.TICKS):
        return text
    return "\n".join(option.words for option in field.options if option.key in text.split())


def is_empty(content: Mapping[str, str]) -> bool:
    """Say whether nobody wrote or chose anything here."""
    return not any(text.strip() for text in content.values())
