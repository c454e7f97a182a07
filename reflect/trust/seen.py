"""What trust hands out: a report as one person may see it, in plain values that cannot reach the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reflect.media.kinds import Kind
from reflect.report.grammar import FormText, Section
from reflect.report.life import State
from reflect.school.people import Who

__all__ = ["Goal", "Kind", "Part", "Piece", "Remark", "Said", "Seen", "Who"]


class Part(StrEnum):
    """The parts of a report that have their own row in the table of who sees what."""

    STATE = "state"
    DRAFT = "draft"
    TEXT = "text"
    ANSWERED_TEXT = "answered_text"
    FEEDBACK = "feedback"
    FEEDBACK_DRAFT = "feedback_draft"
    PRIVATE = "private"
    LETTER = "letter"
    OPENED = "opened"
    GOALS = "goals"
    VERSIONS = "versions"
    HANDED_IN_VERSIONS = "handed_in_versions"
    READINGS = "readings"


@dataclass(frozen=True)
class Said:
    """One section in both voices; `student` is empty when there is nothing that this reader may see."""

    section: Section
    student: Mapping[str, str]
    teacher: str
    only_me: bool


@dataclass(frozen=True)
class Piece:
    """A piece of evidence that stands with a text; measures in px, 0 for what is not a picture."""

    key: str
    kind: Kind
    mime: str
    width: int
    height: int

    @property
    def is_wide(self) -> bool:
        """Say whether this is a panorama, which no other picture can stand beside."""
        return self.width > 2 * self.height


@dataclass(frozen=True)
class Goal:
    """What the student takes on, and how they will notice that it works."""

    words: str
    notice: str


@dataclass(frozen=True)
class Remark:
    """The teacher's words on a passage; `number` is its place in the report, `quote` the passage as it reads now.

    `span`: where the passage is in the field, as it is read (`reflect.passage`). It is None when those words are gone;
    then `quote` is what stood there. `field` is empty when the teacher's words about where it belongs fit nowhere yet.
    `was`: what stood there when those words have only changed, empty for who sees no earlier versions; else None.
    """

    key: str
    section: str
    field: str
    quote: str
    span: tuple[int, int] | None
    text: str
    number: int
    was: str | None = None


@dataclass(frozen=True)
class Seen:
    """A report with only the parts that one reader may see; `state` and `since` are None when not for them.

    `teachers`: who wrote the answer, and as long as there is none, who teaches the course. `pieces`: the evidence that
    the texts in `said` name, by key. `in_words`: where the teacher says that goals stand.
    """

    id: int
    student: Who
    teachers: tuple[Who, ...]
    course: str
    course_id: int
    subject: str
    group: str
    round: str
    language: str
    form: FormText
    state: State | None
    since: datetime | None
    said: tuple[Said, ...]
    remarks: tuple[Remark, ...]
    overall: Mapping[str, str]
    in_words: tuple[tuple[Section, Mapping[str, str]], ...]
    closing_word: str
    goals: tuple[Goal, ...]
    pieces: Mapping[str, Piece]
    handed_in_at: datetime | None
    answered_at: datetime | None
    parts: frozenset[Part]

    def remarks_on(self, section: str, field: str | None = None) -> list[Remark]:
        """Give the remarks on this section, or on this field of it, in reading order."""
        return [one for one in self.remarks if one.section == section and field in (None, one.field)]
