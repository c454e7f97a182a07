"""Reading along: a colleague looks at a draft answer when asked, and suggests other words beside it, never in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import NoColleague, NoteTooLong, NotFound, NotNow
from reflect.report import along_note, arrival, writing
from reflect.report.arrival import Content, Kept, Outcome
from reflect.report.grammar import FormText, Kind, Section
from reflect.report.life import Actor, State, Verb
from reflect.report.report import OVERALL, Report, Revision, Voice, acts_as
from reflect.report.writing import Saved
from reflect.school import lists
from reflect.school.people import Me
from reflect.store import Base, session

LONGEST_NOTE = 1_000
NOTE = (OVERALL, "note")  # the colleague's word to the teacher: a text like a suggestion, that goes nowhere
UPON = "on"  # the name under which a page says which revision it shows


def sections(form: FormText) -> list[Section]:
    """Give those that a colleague reads: not what is the student's alone, nor their letter to the teacher."""
    return [one for one in form.sections if not one.private and one.kind is not Kind.LETTER]


class Decision(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"


class ReadingAlong(Base):
    """One asking, of one colleague; it holds until either of the two ends it, or the report moves on."""

    __tablename__ = "reading_along"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    colleague_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    note: Mapped[str]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def end(self, *, by: Me, at: datetime) -> None:
        """Raises NotFound for anybody but the two."""
        if by.id not in (self.asked_by_id, self.colleague_id):
            raise NotFound
        self.ended_at = self.ended_at or at


class Suggestion(Base):
    """How the colleague would write one field; a newer one takes its place, and none is changed but to be decided on.

    `based_on`: the teacher's revision that the colleague had before them. `kept_aside`: it arrived when another text
    already stood there, or when the asking had ended.
    """

    __tablename__ = "suggestion"
    __table_args__ = (sa.UniqueConstraint("reading_along_id", "section", "field", "save_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    reading_along_id: Mapped[int] = mapped_column(sa.ForeignKey("reading_along.id"))
    section: Mapped[str]
    field: Mapped[str]
    text: Mapped[str]
    based_on: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    written_at: Mapped[datetime]
    save_key: Mapped[str | None]
    kept_aside: Mapped[bool]
    decision: Mapped[Decision | None]
    decided_at: Mapped[datetime | None]

    @property
    def content(self) -> dict[str, str]:
        return {self.field: self.text}

    def accept(self, *, by: Me, at: datetime) -> Saved:
        """Make it the teacher's own new version; beside the text that stands there, if that changed meanwhile.

        Raises NotFound, NotNow.
        """
        report = self._report(by=by)
        if self.decision is not None:
            return Saved(outcomes={}, version=writing.version_of(report, voice=Voice.TEACHER))
        now = writing.latest([report.id], voice=Voice.TEACHER)[report.id].get(self.section)
        stands, before = (dict(row.content) if row else {} for row in (now, _revision(self.based_on)))
        known = stands.get(self.field, "") == before.get(self.field, "")
        version = writing.version_of(report, voice=Voice.TEACHER) if known else self.based_on or 0
        self.decision, self.decided_at = Decision.ACCEPTED, at
        content = {self.section: {**stands, self.field: self.text}}
        return writing.save(report, content, verb=Verb.WRITE_ANSWER, version=version, key=None, by=by, at=at)

    def decline(self, *, by: Me, at: datetime) -> None:
        """Raises NotFound, NotNow."""
        self._report(by=by)
        if self.decision is None:
            self.decision, self.decided_at = Decision.DECLINED, at

    def _report(self, *, by: Me) -> Report:
        along = session().get_one(ReadingAlong, self.reading_along_id)
        if along.asked_by_id != by.id or (self.section, self.field) == NOTE:
            raise NotFound
        report = session().get_one(Report, along.report_id)
        if not report.may(Verb.WRITE_ANSWER, by=by):
            raise NotNow
        return report


def ask(report: Report, colleague_id: int, *, note: str, by: Me, at: datetime) -> ReadingAlong:
    """Ask a colleague to read along, or give the asking that stands.

    Raises NotFound, NotNow, NoColleague, NoteTooLong.
    """
    if not acts_as(Actor.TEACHER, report, by):
        raise NotFound
    if not report.may(Verb.WRITE_ANSWER, by=by):
        raise NotNow
    if colleague_id not in {one.id for one in lists.colleagues_in(report.course_id, by=by)}:
        raise NoColleague
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    standing = session().scalars(
        sa.select(ReadingAlong)
        .join(Report, Report.id == ReadingAlong.report_id)
        .where(Report.id == report.id, ReadingAlong.colleague_id == colleague_id, holds())
        .where(ReadingAlong.asked_by_id == by.id)
    ).first()  # fmt: skip
    if standing:
        return standing
    row = ReadingAlong(report_id=report.id, asked_by_id=by.id, colleague_id=colleague_id, note=note, asked_at=at)
    session().add(row)
    session().flush()
    along_note.begin_anew(report, by=by, at=at)
    return row


def holds() -> sa.ColumnElement[bool]:
    """The asking (joined to its report) was not ended, and is about what is handed in now."""
    same_hand_in = sa.and_(Report.state == State.HANDED_IN, Report.handed_in_at <= ReadingAlong.asked_at)
    return sa.and_(ReadingAlong.ended_at.is_(None), same_hand_in)


def suggestions(along_ids: Iterable[int]) -> list[Suggestion]:
    """Give everything that was suggested under these askings, in order."""
    ids = list(along_ids)
    rows = sa.select(Suggestion).where(Suggestion.reading_along_id.in_(ids)).order_by(Suggestion.id)
    return list(session().scalars(rows)) if ids else []


def version_of(along: ReadingAlong) -> int:
    """Give the newest suggestion: what a page loaded now knows."""
    newest = sa.select(sa.func.max(Suggestion.id)).where(Suggestion.reading_along_id == along.id)
    return session().scalar(newest) or 0


def suggest(
    along: ReadingAlong, sent: Mapping[str, Content], *, version: int, key: str | None, by: Me, at: datetime
) -> Saved:
    """Keep what the colleague would write, by the same rules as every text: see `writing.save`. Raises NotFound."""
    if along.colleague_id != by.id:
        raise NotFound
    hand = _Hand(along, list(suggestions([along.id])), version=version, key=key, allowed=_open(along, by=by), at=at)
    outcomes = {section: hand.write(section, content) for section, content in sent.items()}
    session().flush()
    return Saved(outcomes=outcomes, version=version_of(along))


def _open(along: ReadingAlong, *, by: Me) -> bool:
    standing = sa.select(Report).join(ReadingAlong, ReadingAlong.report_id == Report.id)
    report = session().scalar(standing.where(ReadingAlong.id == along.id, holds()))
    return report is not None and report.may(Verb.WRITE_ANSWER, by=by)


_GRAVEST = (Outcome.TOO_LONG, Outcome.ASIDE, Outcome.LATE, Outcome.WRITTEN, Outcome.SAME)


@dataclass(frozen=True)
class _Before:
    """What stood in a field before the first suggestion: the teacher's own words."""

    content: Content
    id: int = 0
    save_key: str | None = None
    kept_aside: bool = False


@dataclass(frozen=True)
class _Hand:
    """One save of the colleague's page."""

    along: ReadingAlong
    rows: Sequence[Suggestion]
    version: int
    key: str | None
    allowed: bool
    at: datetime

    def write(self, section: str, content: Content) -> Outcome:
        """Keep each field of a section; give the gravest of what became of them."""
        upon = self._upon(section, content.get(UPON, ""))
        fields = {field: text for field, text in content.items() if field != UPON}
        became = {self._keep(section, field, text, upon=upon) for field, text in fields.items()}
        return next((outcome for outcome in _GRAVEST if outcome in became), Outcome.SAME)

    def _upon(self, section: str, told: str) -> Revision | None:
        named = _revision(int(told)) if told.isascii() and told.isdecimal() and len(told) < 18 else None
        if named is None or (named.report_id, named.voice, named.section) != (
            self.along.report_id, Voice.TEACHER, section,
        ):  # fmt: skip
            return None
        return named

    def _keep(self, section: str, field: str, text: str, *, upon: Revision | None) -> Outcome:
        rows = [row for row in self.rows if (row.section, row.field) == (section, field)]
        outcome = self._outcome(rows, _Before({field: upon.content.get(field, "") if upon else ""}), {field: text})
        if outcome in arrival.KEPT:
            used = self.key in {row.save_key for row in rows}
            session().add(
                Suggestion(reading_along_id=self.along.id, section=section, field=field, text=text,
                           based_on=upon.id if upon else None, written_at=self.at, save_key=None if used else self.key,
                           kept_aside=outcome is not Outcome.WRITTEN)
            )  # fmt: skip
        return outcome

    def _outcome(self, rows: Sequence[Suggestion], before: _Before, content: Content) -> Outcome:
        standing = [row for row in rows if not row.kept_aside]
        if standing and standing[-1].content == content:
            return Outcome.SAME  # also when it was decided on: the page still shows it
        history: list[Kept] = [before, *(row for row in rows if row.decision is None)]
        outcome = arrival.decide(history, content, version=self.version, key=self.key)
        return Outcome.ASIDE if outcome is Outcome.WRITTEN and not self.allowed else outcome


def _revision(id: int | None) -> Revision | None:
    return session().get(Revision, id) if id else None
