"""A roster: what a school system says about people, groups, courses and ties, as plain values."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Finding:
    """Something about a roster file; `line` counts the header as the first, None when it is about the whole file."""

    file: str
    line: int | None
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file} line {self.line}" if self.line else self.file
        return f"{place}: {self.sentence}"


class RosterErrors(Exception):
    """A roster that cannot be used; `errors` holds all that is wrong."""

    def __init__(self, errors: list[Finding]) -> None:
        self.errors = errors
        super().__init__("\n".join(map(str, errors)))


@dataclass(frozen=True)
class RosterPerson:
    external_id: str
    given_name: str
    infix: str
    family_name: str
    email: str
    sign_in_name: str


@dataclass(frozen=True)
class RosterYear:
    """`ends_on` is the first day that no longer belongs to it."""

    external_id: str
    name: str
    begins_on: date
    ends_on: date


@dataclass(frozen=True)
class RosterGroup:
    external_id: str
    code: str
    name: str
    year: str


@dataclass(frozen=True)
class RosterCourse:
    """`subject` is a subject's name, `year` and `group` are external ids; `group` is empty when it has none."""

    external_id: str
    code: str
    name: str
    subject: str
    year: str
    group: str


@dataclass(frozen=True)
class RosterTie:
    """`kind` is the name of a table of ties; both ends are external ids; `ends_on` is exclusive."""

    kind: str
    person: str
    to: str
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Roster:
    people: tuple[RosterPerson, ...]
    years: tuple[RosterYear, ...]
    groups: tuple[RosterGroup, ...]
    courses: tuple[RosterCourse, ...]
    ties: tuple[RosterTie, ...]
    warnings: tuple[Finding, ...] = field(default=())
