"""Looking back: earlier versions, the steps of a report, and who has read it; for those who may."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from textwrap import shorten

import sqlalchemy as sa

from reflect.refusal import NotFound
from reflect.report.difference import Change, Piece, difference
from reflect.report.form import forms
from reflect.report.grammar import Section, caption, in_words, last_word
from reflect.report.grammar import pieces as keys_of
from reflect.report.life import State, Verb
from reflect.report.report import Report, Revision, StepTaken, Voice
from reflect.school.people import Me, Person, persons
from reflect.store import session
from reflect.tongue import N_
from reflect.trust.reading import Listed, Reading
from reflect.trust.seen import Part
from reflect.trust.share import Share
from reflect.trust.sight import here, sees

PHOTOS = N_("Photos and files")
SITTING = timedelta(minutes=15)  # saves that follow each other so fast are one piece of work


@dataclass(frozen=True)
class Version:
    """One earlier text of a section; `aside`: it was put aside because another text stood there."""

    id: int
    section: Section
    content: Mapping[str, str]
    at: datetime
    aside: bool


@dataclass(frozen=True)
class Changed:
    """A version with what changed since the one before it: a label (an English msgid) and the pieces, per field."""

    version: Version
    changes: tuple[tuple[str, tuple[Piece, ...]], ...]
    stands: bool

    @property
    def known_by(self) -> str:
        """The words that came with it, or else its first ones, by which its writer knows it again; perhaps empty."""
        fields = (field for row in self.version.section.rows for field in row)
        came = (piece.text for label, pieces in self.changes if label != PHOTOS
                for piece in pieces if piece.change is Change.ADDED)  # fmt: skip
        words = " ".join(came) or " ".join(in_words(field, self.version.content) for field in fields)
        return shorten(words, 60, placeholder=" …")


@dataclass(frozen=True)
class Taken:
    """One step as it is told: who took it, when, and (reopening) why."""

    verb: Verb
    who: str
    at: datetime
    reason: str
    to: State


@lru_cache(maxsize=16)
def _seen_by(part: Part) -> sa.Select[Report]:
    return sa.select(Report).where(Report.id == sa.bindparam("id", type_=sa.Integer), sees(part))


def _may(report_id: int, part: Part, *, by: Me, at: datetime) -> Report:
    found = session().scalar(_seen_by(part), {**here(by, at=at), "id": report_id})
    if found is None:
        raise NotFound
    return found


def versions(report_id: int, *, by: Me, at: datetime) -> list[Version]:
    """Give every text I wrote in this report, the newest first. Raises NotFound."""
    report = _may(report_id, Part.VERSIONS, by=by, at=at)
    form = forms({report.form_id})[report.form_id]
    sections = {section.key: section for section in (*form.sections, last_word(form.language))}
    rows = session().scalars(
        sa.select(Revision)
        .where(Revision.report_id == report.id, Revision.voice == Voice.STUDENT, Revision.section.in_(sections))
        .order_by(Revision.id.desc())
    )
    return [Version(row.id, sections[row.section], row.content, row.written_at, row.kept_aside) for row in rows]


def sittings(found: list[Version]) -> list[Version]:
    """Leave out of these versions (the newest first) those that were followed within the same sitting."""
    kept: list[Version] = []
    began: dict[str, datetime] = {}
    for version in found:
        last = began.get(version.section.key)
        if last is None or version.aside or last - version.at > SITTING:
            kept.append(version)
            began[version.section.key] = version.at
    return kept


def chapters(found: list[Version]) -> list[tuple[Section, list[Changed]]]:
    """Tell per section, in the form's order, how each of these versions (the newest first) came from the one before."""
    keys = dict.fromkeys(version.section.key for version in sorted(found, key=lambda one: one.id))
    told = []
    for key in keys:
        own = [version for version in found if version.section.key == key]
        stands = next((version.id for version in own if not version.aside), 0)
        earlier = [*(version.content for version in own[1:]), {}]
        changed = [Changed(version, _changes(version.section, before, version.content), version.id == stands)
                   for version, before in zip(own, earlier, strict=True)]  # fmt: skip
        told.append((own[0].section, changed))
    return told


def _changes(
    section: Section, before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    fields = [field for row in section.rows for field in row]
    told = [(field.label, difference(in_words(field, before), in_words(field, after))) for field in fields]
    told.append((PHOTOS, difference(_captions(before), _captions(after))))
    return tuple((label, pieces) for label, pieces in told if pieces)


def _captions(content: Mapping[str, str]) -> str:
    return "\n".join(f"– {content.get(caption(key)) or '…'}" for key in keys_of(content))


@dataclass(frozen=True)
class HandIn:
    """What the teacher could read after one hand-in; private sections are not part of it."""

    at: datetime
    said: tuple[Version, ...]


def hand_ins(report_id: int, *, by: Me, at: datetime) -> list[HandIn]:
    """Give what was handed in, each time, the newest first; a hand-in that was taken back never was. Raises NotFound.

    Whoever calls hands out the report itself too (`trust.read`), and that notes the reading.
    """
    report = _may(report_id, Part.HANDED_IN_VERSIONS, by=by, at=at)
    form = forms({report.form_id})[report.form_id]
    rows = session().scalars(
        sa.select(Revision)
        .where(Revision.report_id == report.id, Revision.voice == Voice.STUDENT, ~Revision.kept_aside)
        .order_by(Revision.id)
    )
    revisions, taken = list(rows), list[StepTaken]()
    steps = session().scalars(sa.select(StepTaken).where(StepTaken.report_id == report.id).order_by(StepTaken.id))
    for step in steps:
        if step.verb is Verb.HAND_IN:
            taken.append(step)
        elif step.verb is Verb.TAKE_BACK and taken:
            taken.pop()
    return [HandIn(step.at, tuple(_as_of(step.upto or 0, revisions, form.sections))) for step in reversed(taken)]


def _as_of(upto: int, revisions: list[Revision], sections: tuple[Section, ...]) -> Iterator[Version]:
    latest = {row.section: row for row in revisions if row.id <= upto}
    for section in sections:
        row = latest.get(section.key)
        if row is not None and not section.private:
            yield Version(row.id, section, row.content, row.written_at, aside=False)


def steps(report_id: int, *, by: Me, at: datetime) -> list[Taken]:
    """Give the steps of a report whose state I may know, in order. Raises NotFound."""
    _may(report_id, Part.STATE, by=by, at=at)
    rows = session().execute(
        sa.select(StepTaken, Person)
        .join(Person, Person.id == StepTaken.by_id)
        .where(StepTaken.report_id == report_id)
        .order_by(StepTaken.id)
    )
    return [
        Taken(verb=step.verb, who=person.name, at=step.at, reason=step.reason, to=step.to_state)
        for step, person in rows
    ]


def readings(report_id: int, *, by: Me, at: datetime) -> list[Listed]:
    """Give who has read my report, the newest first. Raises NotFound."""
    _may(report_id, Part.READINGS, by=by, at=at)
    rows = list(
        session().execute(
            sa.select(Reading, Share.label)
            .outerjoin(Share, Share.id == Reading.share_id)
            .where(Reading.report_id == report_id)
            .order_by(Reading.at.desc(), Reading.id.desc())
        )
    )
    names = persons({reading.person_id for reading, _ in rows if reading.person_id})
    return [
        Listed(
            who=names[reading.person_id].name if reading.person_id else label or "", door=reading.door, at=reading.at
        )
        for reading, label in rows
    ]
