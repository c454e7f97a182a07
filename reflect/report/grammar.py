"""The grammar of a form: what a section can ask. A kind for numbers does not exist."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reflect.tongue import N_

RESERVED = frozenset({"closing", "overall"})  # the student's last word and the teacher's words about the whole


class Kind(StrEnum):
    """What a section asks for."""

    TEXT = "text"
    WORDS = "words"
    CHECKLIST = "checklist"
    PLAN = "plan"
    ERROR_MAP = "error_map"
    WORKED_EXAMPLE = "worked_example"
    LETTER = "letter"


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

    @property
    def rows(self) -> tuple[tuple[Field, ...], ...]:
        """The fields, row by row; a row of a repeated kind begins its names with its letter."""
        letters = _REPEATED.get(self.kind)
        if letters is None:
            return (_fields(self.kind, self.options, before=""),)
        return tuple(_fields(self.kind, self.options, before=f"{letter}.") for letter in letters)


@dataclass(frozen=True)
class FormText:
    """A form as its text says it; `name` is the title that people read."""

    name: str
    subject: str
    language: str
    intro: str
    sections: tuple[Section, ...]


_REPEATED = {Kind.WORDS: "abc", Kind.ERROR_MAP: "abcdef"}
_TEMPLATES: dict[Kind, tuple[tuple[str, str, Shape], ...]] = {
    Kind.TEXT:           (("text", "", Shape.TEXT),),
    Kind.LETTER:         (("text", "", Shape.TEXT),),
    Kind.WORDS:          (("goal", N_("My learning goal"), Shape.LINE),
                          ("word", N_("Where am I now?"), Shape.CHOICE),
                          ("evidence", N_("Where can you see that?"), Shape.TEXT)),
    Kind.CHECKLIST:      (("ticked", N_("Tick what fits"), Shape.TICKS),
                          ("text", N_("Tell more"), Shape.TEXT)),
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
}  # fmt: skip


def _fields(kind: Kind, options: tuple[Option, ...], *, before: str) -> tuple[Field, ...]:
    chosen = {Shape.CHOICE: options, Shape.TICKS: options}
    return tuple(Field(before + name, label, shape, chosen.get(shape, ())) for name, label, shape in _TEMPLATES[kind])


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
    return kept


def is_empty(content: Mapping[str, str]) -> bool:
    """Say whether nobody wrote or chose anything here."""
    return not any(text.strip() for text in content.values())
