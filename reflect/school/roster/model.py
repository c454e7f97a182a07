"""A roster as plain values: the people, groups, courses and ties of another school system."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from reflect.school.ties import DutyKind

MAX_SHOWN_ISSUES = 200


@dataclass(frozen=True)
class Issue:
    """A problem in a roster file; the header is line 1, and None means the whole file."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        location = f"{self.file} line {self.line}" if self.line else self.file
        return f"{location}: {self.message}"


@dataclass(frozen=True)
class Origin:
    """The line of a file that says something, for an issue about it.

    Values that differ in nothing else are equal.
    """

    file: str
    line: int | None

    def issue(self, message: str) -> Issue:
        return Issue(self.file, self.line, message)


class RosterErrors(Exception):
    """A roster that cannot be used; `issues` holds the first that is wrong, and how much more."""

    def __init__(self, issues: list[Issue]) -> None:
        self.issues = issues[:MAX_SHOWN_ISSUES]
        hidden_count = len(issues) - len(self.issues)
        if hidden_count:
            self.issues.append(Issue("and", None, f"{hidden_count} more of this kind"))
        super().__init__("\n".join(map(str, self.issues)))


class TieKind(StrEnum):
    """A relation that a roster brings; `sync` has its table."""

    MEMBERSHIP = "membership"
    MENTORING = "mentoring"
    ENROLMENT = "enrolment"
    TEACHING = "teaching"
    GUARDIANSHIP = "guardianship"


@dataclass(frozen=True)
class RosterPerson:
    """A person; an e-mail address or a sign-in name that the roster lacks (None) stays as it is.

    So does `may_sign_in`.
    """

    external_id: str
    given_name: str
    infix: str
    family_name: str
    email: str | None
    sign_in_name: str | None
    may_sign_in: bool | None = None
    origin: Origin | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True)
class RosterYear:
    """A school year; `ends_on` is the first day after it."""

    external_id: str
    name: str
    begins_on: date
    ends_on: date


@dataclass(frozen=True)
class RosterGroup:
    external_id: str
    code: str
    name: str
    year_external_id: str
    origin: Origin | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True)
class RosterCourse:
    """A course; `group_external_id` is empty when its students come from several groups."""

    external_id: str
    code: str
    name: str
    subject_name: str
    year_external_id: str
    group_external_id: str
    origin: Origin | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True)
class RosterTie:
    """A dated relation; `ends_on` is exclusive.

    `begins_on` is None when the roster does not say it: then it begins with the school year, or
    on the day of the import when that is later.
    """

    kind: TieKind
    person_external_id: str
    target_external_id: str
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class RosterDuty:
    """What a person does for the whole school; the days are those of a RosterTie."""

    duty: DutyKind
    person_external_id: str
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class RosterScope:
    """What a roster lists completely. Outside of it, what the roster lacks says nothing.

    The groups and courses are given by external id; a part of a school never tells that somebody
    has left the school, or is a guardian no longer.
    """

    is_whole_school: bool
    groups: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()

    @classmethod
    def part(cls, *, groups: Iterable[str] = (), courses: Iterable[str] = ()) -> "RosterScope":
        return cls(is_whole_school=False, groups=frozenset(groups), courses=frozenset(courses))

    def covers_tie(self, kind: TieKind, target_external_id: str | None) -> bool:
        """Return whether a tie of this kind has ended when the roster lacks it."""
        if self.is_whole_school:
            return True
        listed: dict[TieKind, frozenset[str]] = {
            TieKind.MEMBERSHIP: self.groups,
            TieKind.MENTORING: self.groups,
            TieKind.ENROLMENT: self.courses,
            TieKind.TEACHING: self.courses,
            TieKind.GUARDIANSHIP: frozenset(),
        }
        return target_external_id in listed[kind]


WHOLE_SCHOOL = RosterScope(is_whole_school=True)


@dataclass(frozen=True)
class Roster:
    """The whole of it; `source` is the file with the people, as an Issue about one names it."""

    source: str
    scope: RosterScope
    people: tuple[RosterPerson, ...]
    years: tuple[RosterYear, ...]
    groups: tuple[RosterGroup, ...]
    courses: tuple[RosterCourse, ...]
    ties: tuple[RosterTie, ...]
    warnings: tuple[Issue, ...] = ()
    duties: tuple[RosterDuty, ...] = ()

    def issue(self, origin: Origin | None, message: str) -> Issue:
        """Return an issue about a value of this roster, with its line where that is known."""
        return origin.issue(message) if origin else Issue(self.source, None, message)

    def listed_years(self) -> tuple[RosterYear, ...]:
        """Return the school years that this roster is about, the first one first.

        They are those of its groups and courses: many systems name the year before and the next
        in every export.
        """
        with_classes = {group.year_external_id for group in self.groups}
        with_classes |= {course.year_external_id for course in self.courses}
        listed = [year for year in self.years if year.external_id in with_classes]
        return tuple(sorted(listed or self.years, key=lambda year: year.begins_on))
