"""Choosing between texts: settle two that stand side by side, or take an earlier one back; both as a new version."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from reflect import words
from reflect.refusal import NotFound, NotNow, TooLong
from reflect.report.form import forms
from reflect.report.grammar import Shape
from reflect.report.life import STEPS, Verb
from reflect.report.report import CLOSING, Report, Revision, Voice, acts_as
from reflect.school.people import Me
from reflect.store import session


class Choice(StrEnum):
    """What to keep: the text that stands there, the other one, or both under each other."""

    THIS = "this"
    OTHER = "other"
    BOTH = "both"


def settle(report: Report, aside_id: int, *, choice: Choice, by: Me, at: datetime) -> str:
    """Keep what the writer chose as a new version; give its section. Raises NotFound, NotNow, TooLong."""
    other = _own(report, aside_id, by=by)
    stands = _standing(other)
    content = {
        Choice.THIS: lambda: stands,
        Choice.OTHER: lambda: dict(other.content),
        Choice.BOTH: lambda: _joined(stands, other.content, shapes=_shapes(report, other.section)),
    }[choice]()
    _append(other, content, by=by, at=at, settles=other.id)
    return other.section


def take_back(report: Report, revision_id: int, *, by: Me, at: datetime) -> str:
    """Put an earlier text back as a new version; give its section. Raises NotFound, NotNow."""
    earlier = _own(report, revision_id, by=by)
    _append(earlier, dict(earlier.content), by=by, at=at, settles=earlier.id if earlier.kept_aside else None)
    return earlier.section


def _own(report: Report, revision_id: int, *, by: Me) -> Revision:
    """Give a revision in a voice that this person writes in, if they may write there now."""
    row = session().scalar(sa.select(Revision).where(Revision.id == revision_id, Revision.report_id == report.id))
    if row is None or row.voice is Voice.BETWEEN:
        raise NotFound
    student = Verb.WRITE_CLOSING if row.section == CLOSING else Verb.WRITE
    verb = Verb.WRITE_ANSWER if row.voice is Voice.TEACHER else student
    if not acts_as(STEPS[verb].actor, report, by):
        raise NotFound
    if not report.may(verb, by=by):
        raise NotNow
    return row


def _standing(beside: Revision) -> dict[str, str]:
    newest = session().scalars(
        sa.select(Revision)
        .where(Revision.report_id == beside.report_id, Revision.voice == beside.voice)
        .where(Revision.section == beside.section, ~Revision.kept_aside)
        .order_by(Revision.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    return dict(newest.content) if newest else {}


def _append(like: Revision, content: dict[str, str], *, by: Me, at: datetime, settles: int | None) -> None:
    session().add(
        Revision(report_id=like.report_id, voice=like.voice, section=like.section, content=content, by_id=by.id,
                 written_at=at, save_key=None, kept_aside=False, settles=settles)
    )  # fmt: skip
    session().flush()


def _shapes(report: Report, key: str) -> dict[str, Shape]:
    """Say how each field of a section is filled in; one that is not named holds running text."""
    if key == CLOSING:
        return {f"{row}.{name}": Shape.LINE for row in "abc" for name in ("goal", "notice")}
    form = forms({report.form_id})[report.form_id]
    section = next((one for one in (*form.sections, *form.in_words) if one.key == key), None)
    fields = (field for row in section.rows for field in row) if section else ()
    return {field.name: field.shape for field in fields} | {"evidence": Shape.TICKS}


def _joined(one: Mapping[str, str], other: Mapping[str, str], *, shapes: Mapping[str, Shape]) -> dict[str, str]:
    both = {name: _field(one.get(name, ""), other.get(name, ""), shape=shapes.get(name)) for name in {**one, **other}}
    if any(len(text) > words.MAX_LENGTH for text in both.values()):
        raise TooLong(limit=str(words.MAX_LENGTH))
    return both


def _field(one: str, other: str, *, shape: Shape | None) -> str:
    if not one.strip() or not other.strip() or one == other:
        return one if one.strip() else other
    if shape is Shape.CHOICE:
        return one
    if shape is Shape.TICKS:
        return " ".join(dict.fromkeys([*one.split(), *other.split()]))
    return f"{one}; {other}" if shape is Shape.LINE else f"{one}\n\n{other}"
