"""A note to a colleague before it is sent: its writer's alone, kept by the same rules as every text, in no report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from reflect.report import arrival
from reflect.report.arrival import Outcome
from reflect.report.grammar import ALONG
from reflect.report.life import Verb
from reflect.report.report import Report, Revision, Voice
from reflect.school.people import Me
from reflect.school.ties import ME
from reflect.store import session

SECTION, TEXT, UPON = ALONG, "note", "on"  # `on`: the newest version that a page knows


@dataclass(frozen=True)
class Note:
    """What stands now, what came beside it since the last note was sent, and the newest version."""

    text: str
    aside: tuple[str, ...]
    version: int


def of(report: Report, *, by: Me) -> Note:
    """Give my note about this report; nobody else's."""
    rows = _rows(report, by=by)
    standing = [row.content[TEXT] for row in rows if not row.kept_aside]
    text = standing[-1] if standing else ""
    gone = max((row.settles or 0 for row in rows), default=0)
    last = {_page(row): row for row in sorted(rows, key=_number)}
    beside = [row.content[TEXT] for row in last.values() if row.kept_aside and row.id > gone]
    aside = tuple(one for one in dict.fromkeys(beside) if one.strip() and one != text)
    return Note(text, aside, rows[-1].id if rows else 0)


def keep(report: Report, words: Mapping[str, str], *, key: str | None, by: Me, at: datetime) -> Outcome:
    """Keep what a page sent of my note; where no answer can be written any more it is put aside."""
    rows, content = _rows(report, by=by), {TEXT: words.get(TEXT, "")}
    digits = words.get(UPON, "")[:18]
    version = int(digits) if digits.isascii() and digits.isdecimal() else 0
    outcome = arrival.decide(rows, content, version=version, key=key)
    if outcome is Outcome.WRITTEN and not report.may(Verb.WRITE_ANSWER, by=by):
        outcome = Outcome.ASIDE
    if outcome in arrival.KEPT and not (rows and rows[-1].content == content):
        fresh = key if key not in {row.save_key for row in rows} else None
        _add(report, Revision(content=content, save_key=fresh, kept_aside=outcome is not Outcome.WRITTEN), by=by, at=at)
    return outcome


def begin_anew(report: Report, *, by: Me, at: datetime) -> None:
    """Leave the field empty: what was written has gone to the colleague."""
    if rows := _rows(report, by=by):
        _add(report, Revision(content={TEXT: ""}, kept_aside=False, settles=rows[-1].id), by=by, at=at)


def _page(row: Revision) -> str:
    """Give which page a version came from, so that only the last of each counts."""
    page, _, _ = (row.save_key or "").rpartition(".")
    return page or f"{row.id}"


def _number(row: Revision) -> int:
    _, _, number = (row.save_key or "").rpartition(".")
    return int(number) if number.isascii() and number.isdecimal() else 0


_MINE = (
    sa.select(Revision)
    .where(Revision.report_id == sa.bindparam("report", type_=sa.Integer), Revision.by_id == ME)
    .where(Revision.voice == Voice.BETWEEN)
    .order_by(Revision.id)
)


def _rows(report: Report, *, by: Me) -> Sequence[Revision]:
    return list(session().scalars(_MINE, {"report": report.id, "me": by.id}))


def _add(report: Report, row: Revision, *, by: Me, at: datetime) -> None:
    row.report_id, row.voice, row.section, row.by_id, row.written_at = report.id, Voice.BETWEEN, SECTION, by.id, at
    session().add(row)
    session().flush()
