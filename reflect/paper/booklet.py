"""A booklet: what trust handed out of one student for a talk, the shape it gets on paper, and the school's design."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from reflect.paper.design import HOUSE, Design
from reflect.trust.seen import Seen, Who


class Shape(StrEnum):
    """Everything, or one sheet of two sides with a choice from it."""

    BOOKLET = "booklet"
    SHEET = "sheet"


@dataclass(frozen=True)
class Booklet:
    """One student's pages for the talk: `reports` may be printed, `waiting` names the subjects still to come.

    `taken_at`: when the student took them along; then they are no preparation for a talk.
    """

    student: Who
    group: str
    round: str
    school: str
    talk_on: date | None
    at_table: tuple[str, ...]
    language: str
    reports: tuple[Seen, ...]
    waiting: tuple[str, ...] = ()
    design: Design = HOUSE
    shape: Shape = Shape.BOOKLET
    taken_at: datetime | None = None
