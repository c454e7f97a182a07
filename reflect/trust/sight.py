"""Who sees what: one table; a column is a tie, a cell is a condition, both are SQL."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from reflect.refusal import NotFound
from reflect.report.report import Report
from reflect.report.round import Round
from reflect.school import ties
from reflect.school.people import Me
from reflect.school.ties import ME, ON
from reflect.store import Instant, session
from reflect.trust import policy
from reflect.trust.seen import Part
from reflect.trust.share import Audience, Opening, Share, in_force

# More places in a prepared statement; whoever executes it fills them all (`here`).
SHARE = sa.bindparam("share", type_=sa.Integer)
AT = sa.bindparam("at", type_=Instant)

Condition = Callable[[], ColumnElement[bool]]


@dataclass(frozen=True)
class Link:
    """Whoever opened the share link with this id, on a day of the school; a link has no person."""

    share: int
    on: date


Viewer = Me | Link


def always() -> ColumnElement[bool]:
    return sa.true()


def never() -> ColumnElement[bool]:
    return sa.false()


def handed_in() -> ColumnElement[bool]:
    return Report.handed_in_upto.is_not(None)


def answered() -> ColumnElement[bool]:
    return Report.answered_upto.is_not(None)


def _given() -> ColumnElement[bool]:
    to_me = sa.or_(Share.person_id == ME, Share.id == SHARE)
    return Report.id.in_(sa.select(Share.report_id).where(to_me, in_force(AT)))


def shared() -> ColumnElement[bool]:
    return sa.and_(handed_in(), _given(), ~policy.closes_online(Report.student_id, on=ON))


def shared_or_released() -> ColumnElement[bool]:
    day_has_come = Report.round_id.in_(sa.select(Round.id).where(Round.conversation_on <= ON))
    released = sa.and_(policy.releases(Report.student_id, on=ON), day_has_come)
    return sa.and_(answered(), sa.or_(shared(), released))


def involved() -> ColumnElement[bool]:
    return sa.and_(handed_in(), _given())


def answered_involved() -> ColumnElement[bool]:
    return sa.and_(answered(), _given())


def _opened(to: Audience, condition: Condition) -> Condition:
    def opened() -> ColumnElement[bool]:
        return sa.and_(Opening.audience == to, condition())

    opened.__name__ = f"if_opened_and_{condition.__name__}"
    return opened


op_teacher = _opened(Audience.TEACHER, handed_in)
op_mentor = _opened(Audience.MENTOR, answered)
op_home = _opened(Audience.HOME, shared_or_released)
op_counsel = _opened(Audience.COUNSELLOR, involved)

COLUMNS: dict[str, Condition] = {
    "student": lambda: Report.student_id == ME,
    "teacher": lambda: ties.teaches(ME, Report.course_id, on=ON),
    "mentor": lambda: ties.mentors(ME, Report.student_id, on=ON),
    "guardian": lambda: sa.or_(
        ties.guards(ME, Report.student_id, on=ON), Report.id.in_(sa.select(Share.report_id).where(Share.id == SHARE))
    ),
    "counsellor": lambda: ties.has_duty(ME, ties.DutyKind.COUNSELLOR, on=ON),
    "coordinator": lambda: ties.has_duty(ME, ties.DutyKind.COORDINATOR, on=ON),
}

WHO_SEES: dict[Part, tuple[Condition, ...]] = {
    #                         student  teacher     mentor     guardian            counsellor         coordinator
    Part.STATE:              (always,  always,     always,    never,              never,             always),
    Part.DRAFT:              (always,  never,      never,     never,              never,             never),
    Part.TEXT:               (always,  handed_in,  never,     shared,             involved,          never),
    Part.ANSWERED_TEXT:      (always,  handed_in,  answered,  shared_or_released, answered_involved, never),
    Part.FEEDBACK:           (always,  always,     answered,  shared_or_released, answered_involved, never),
    Part.FEEDBACK_DRAFT:     (never,   always,     never,     never,              never,             never),
    Part.PRIVATE:            (always,  never,      never,     never,              never,             never),
    Part.LETTER:             (always,  handed_in,  never,     never,              never,             never),
    Part.OPENED:             (always,  op_teacher, op_mentor, op_home,            op_counsel,        never),
    Part.GOALS:              (always,  answered,   answered,  shared_or_released, answered_involved, never),
    Part.VERSIONS:           (always,  never,      never,     never,              never,             never),
    Part.HANDED_IN_VERSIONS: (always,  handed_in,  never,     never,              never,             never),
    Part.READINGS:           (always,  never,      never,     never,              never,             never),
}  # fmt: skip


def _rows() -> dict[Part, tuple[Condition, ...]]:
    """Give the rows about a whole report: what was opened is about one section, and asked apart."""
    return {part: cells for part, cells in WHO_SEES.items() if part is not Part.OPENED}


def _conditions() -> list[Condition]:
    return list(dict.fromkeys(cell for cells in _rows().values() for cell in cells if cell is not never))


def facts() -> list[ColumnElement[bool]]:
    """Give what the table asks about a report, each once: the viewer's ties, then the conditions; `parts` reads it."""
    return [*(tie() for tie in COLUMNS.values()), *(condition() for condition in _conditions())]


def parts(told: Sequence[bool]) -> frozenset[Part]:
    """Read off the table what the viewer sees, but for what was opened to them; `told`: the answers to `facts`."""
    ties, holds = told[: len(COLUMNS)], told[len(COLUMNS) :]
    holding = {condition for condition, so in zip(_conditions(), holds, strict=True) if so}
    return frozenset(
        part for part, cells in _rows().items()
        if any(tied and cell in holding for tied, cell in zip(ties, cells, strict=True))
    )  # fmt: skip


def sees(part: Part) -> ColumnElement[bool]:
    """The OR over the columns of (tie AND condition), with places for the viewer, the day and the instant."""
    cells = zip(COLUMNS.values(), WHO_SEES[part], strict=True)
    return sa.or_(sa.false(), *(sa.and_(tie(), condition()) for tie, condition in cells if condition is not never))


def here(by: Viewer, *, at: datetime) -> dict[str, object]:
    """Fill the places of a prepared statement with this viewer, their day and this instant."""
    person, share = (by.id, 0) if isinstance(by, Me) else (0, by.share)
    return {"me": person, "share": share, "on": by.on, "at": at}


@lru_cache(maxsize=1)
def _visible() -> sa.Select[Report]:
    return sa.select(Report).where(Report.id == sa.bindparam("id", type_=sa.Integer), anything())


def anything() -> ColumnElement[bool]:
    """The viewer sees any part at all: by column, since most ties that see something always do."""
    columns = zip(COLUMNS.values(), zip(*_rows().values(), strict=True), strict=True)
    return sa.or_(*(sa.and_(tie(), _one_of(cells)) for tie, cells in columns))


def _one_of(cells: Iterable[Condition]) -> ColumnElement[bool]:
    asked = dict.fromkeys(cell for cell in cells if cell is not never)
    return sa.true() if always in asked else sa.or_(sa.false(), *(cell() for cell in asked))


def find(report_id: int, *, by: Viewer, at: datetime) -> Report:
    """Give the report, to call a verb on. Raises NotFound: not there and not yours look the same."""
    found = session().scalar(_visible(), {**here(by, at=at), "id": report_id})
    if found is None:
        raise NotFound
    return found


_IN_WORDS = {
    "always": "yes", "never": "no", "handed_in": "once handed in", "answered": "once answered", "shared": "if shared",
    "shared_or_released": "once answered, if shared or released", "involved": "if involved",
    "answered_involved": "once answered, if involved",
}  # fmt: skip


def _in_words(condition: Condition) -> str:
    name = condition.__name__
    opened = name.removeprefix("if_opened_and_")
    return _IN_WORDS[name] if name == opened else f"if opened to them, {_IN_WORDS[opened]}"


def as_markdown() -> str:
    """Print the table, as README shows it."""
    head = f"| | {' | '.join(COLUMNS)} | administrator |\n|---|{'---|' * (len(COLUMNS) + 1)}"
    rows = (
        f"| {part.replace('_', ' ')} | {' | '.join(map(_in_words, cells))} | no |" for part, cells in WHO_SEES.items()
    )
    return "\n".join([head, *rows])
