"""The draft of a note to a colleague: only its writer sees it, and no report holds it.

It is saved by the same rules as every text, as revisions with Voice.REQUEST_NOTE.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from reflect.db.session import session
from reflect.reports import conflicts
from reflect.reports.conflicts import Outcome, PageSave
from reflect.reports.form_schema import REQUEST_NOTE
from reflect.reports.report import Report, Revision, Voice, lock
from reflect.reports.workflow import Action
from reflect.school.people import Actor
from reflect.school.ties import ACTOR_ID
from reflect.text.numbers import parse_id

NOTE_SECTION = REQUEST_NOTE
TEXT_FIELD = "note"
VERSION_FIELD = "on"  # the name in the HTML form of the newest version that the page knows


@dataclass(frozen=True)
class RequestNote:
    """The current text, the conflicting ones since a note was last sent, the newest version."""

    text: str
    conflicts: tuple[str, ...]
    version: int


def load_note(report: Report, *, by: Actor) -> RequestNote:
    """Return my draft of a note about this report, empty if there is none."""
    rows = _own_revisions(report, by=by)
    if not rows:
        return RequestNote(text="", conflicts=(), version=0)
    current_texts = [row.content[TEXT_FIELD] for row in rows if not row.is_conflict]
    text = current_texts[-1] if current_texts else ""
    # Sending a note settles all that was written before it; see `clear_note`.
    last_sent_id = max(row.settled_conflict_id or 0 for row in rows)
    conflicting_texts = [
        row.content[TEXT_FIELD]
        for row in _last_of_each_page(rows)
        if row.is_conflict and row.id > last_sent_id
    ]
    # Two windows with the same text need no choice.
    other_texts = [other for other in dict.fromkeys(conflicting_texts) if other != text]
    return RequestNote(text, tuple(filter(str.strip, other_texts)), rows[-1].id)


def _last_of_each_page(rows: Sequence[Revision]) -> list[Revision]:
    """Return what each page sent last: it replaces what the same page sent before."""
    # By the page's own numbers, since its saves may arrive in another order.
    rows_by_page = {_page_of(row): row for row in sorted(rows, key=_save_number)}
    return list(rows_by_page.values())


def save_note(
    report: Report, submitted: Mapping[str, str], *, save_key: str | None, by: Actor, at: datetime
) -> Outcome:
    """Save what a page sent of my note; a conflict when I cannot write this answer any more."""
    lock(report)
    rows = _own_revisions(report, by=by)
    content = {TEXT_FIELD: submitted.get(TEXT_FIELD, "")}
    version_digits = submitted.get(VERSION_FIELD, "")
    page_save = PageSave(
        base_version=parse_id(version_digits),
        save_key=save_key,
        may_write=report.can(Action.WRITE_ANSWER, by=by),
    )
    decision = conflicts.decide(rows, content, page_save)
    if decision.is_stored:
        revision = Revision(
            content=content, save_key=decision.save_key, is_conflict=decision.is_conflict
        )
        _append_revision(report, revision, by=by, at=at)
    return decision.outcome


def clear_note(report: Report, *, by: Actor, at: datetime) -> None:
    """Empty my note, since it has gone to the colleague."""
    rows = _own_revisions(report, by=by)
    if rows:
        # It settles everything that was written so far, so that no older conflict comes back.
        emptied = Revision(
            content={TEXT_FIELD: ""}, is_conflict=False, settled_conflict_id=rows[-1].id
        )
        _append_revision(report, emptied, by=by, at=at)


def _page_of(row: Revision) -> str:
    page, _, _ = (row.save_key or "").rpartition(".")
    # A save without a key counts as a page of its own, which no other save replaces.
    return page or f"{row.id}"


def _save_number(row: Revision) -> int:
    _, _, number = (row.save_key or "").rpartition(".")
    return parse_id(number)


_OWN_REVISIONS_SQL = (
    sa.select(Revision)
    .where(Revision.report_id == sa.bindparam("report", type_=sa.Integer))
    .where(Revision.by_id == ACTOR_ID, Revision.voice == Voice.REQUEST_NOTE)
    .order_by(Revision.id)
)


def _own_revisions(report: Report, *, by: Actor) -> Sequence[Revision]:
    return session().scalars(_OWN_REVISIONS_SQL, {"report": report.id, "actor_id": by.id}).all()


def _append_revision(report: Report, row: Revision, *, by: Actor, at: datetime) -> None:
    row.report_id = report.id
    row.voice = Voice.REQUEST_NOTE
    row.section = NOTE_SECTION
    row.by_id = by.id
    row.written_at = at
    session().add(row)
    session().flush()
