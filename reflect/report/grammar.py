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
        L, T, C, K = Shape.LINE, Shape.TEXT, Shape.CHOICE, Shape.TICKS
        k = self.kind
        if k in (Kind.TEXT, Kind.LETTER):
            return ((Field("text", "", T),),)
        if k is Kind.CHECKLIST:
            return ((Field("ticked", "Tick what fits", K, self.options), Field("text", "Tell more", T)),)
        if k is Kind.PLAN:
            return (
                (
                    Field("step", "My step", L),
                    Field("moment", "When", L),
                    Field("help", "Who", L),
                    Field("notice", "Notice", L),
                ),
            )
        if k is Kind.WORDS:
            return tuple(
                (
                    Field(r + ".goal", "Goal", L),
                    Field(r + ".word", "Word", C, self.options),
                    Field(r + ".evidence", "Evidence", T),
                )
                for r in "abc"
            )
        if k is Kind.ERROR_MAP:
            return tuple(
                (
                    Field(r + ".problem", "P", L),
                    Field(r + ".wrote", "W", T),
                    Field(r + ".kind", "K", C, self.options),
                    Field(r + ".cause", "C", T),
                    Field(r + ".remember", "R", L),
                )
                for r in "abcdef"
            )
        return ((Field("problem", "P", L), Field("work", "W", T), Field("reason", "R", T)),)


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
    import tomllib

    _, head, body = text.split("+++", 2)
    meta = tomllib.loads(head)
    kinds = {"woorden": Kind.WORDS, "vinklijst": Kind.CHECKLIST, "plan": Kind.PLAN, "brief aan docent": Kind.LETTER}
    intro, *parts = body.split("\n## ")
    sections = []
    for part in parts:
        title, *rest = part.splitlines()
        prompt, key = title.rstrip("}").split(" {#")
        kind, options, help, starters, private, optional = Kind.TEXT, [], [], [], False, False
        for line in rest:
            if line.startswith("["):
                tag, _, value = line.partition("]")
                tag = tag[1:]
                value = value.lstrip(": ")
                if tag in kinds:
                    kind = kinds[tag]
                    options = [Option(*map(str.strip, o.split("="))) for o in value.split("|") if "=" in o]
                private |= tag == "alleen van mij"
                optional |= tag == "mag leeg"
            elif line.startswith("- "):
                starters.append(line[2:])
            elif line.strip():
                help.append(line)
        sections.append(
            Section(key, prompt, " ".join(help), "", tuple(starters), kind, tuple(options), (), private, optional)
        )
    return FormText(meta["name"], meta["subject"], meta["language"], intro.strip(), tuple(sections))


def clean(section: Section, raw: Mapping[str, str]) -> dict[str, str]:
    names = {f.name for row in section.rows for f in row}
    return {k: v for k, v in raw.items() if k in names}


def is_empty(content: Mapping[str, str]) -> bool:
    return not any(text.strip() for text in content.values())
