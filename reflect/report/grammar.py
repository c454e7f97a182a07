"""Stand-in until the real one comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    WORDS = "words"
    CHECKLIST = "checklist"
    PLAN = "plan"
    ERROR_MAP = "error_map"
    WORKED_EXAMPLE = "worked_example"
    LETTER = "letter"


class Shape(StrEnum):
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
    name: str
    label: str
    shape: Shape
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Section:
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
        return ()


@dataclass(frozen=True)
class FormText:
    name: str
    subject: str
    language: str
    intro: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class FormError:
    source: str
    line: int


class FormErrors(Exception):
    errors: tuple[FormError, ...]


def parse(text: str, *, source: str) -> FormText:
    raise NotImplementedError


def clean(section: Section, raw: Mapping[str, str]) -> dict[str, str]:
    return dict(raw)


def is_empty(content: Mapping[str, str]) -> bool:
    return not any(text.strip() for text in content.values())
