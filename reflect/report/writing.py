"""Writing: every save is appended, two tabs never overwrite each other, and nothing that arrives is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from reflect import words
from reflect.refusal import NotFound
from reflect.report.grammar import FormText
from reflect.report.life import STEPS, Actor, Verb
from reflect.report.report import CLOSING, OVERALL, Report, Revision, Voice, acts_as
from reflect.school.people import Me
from reflect.store import session

Content = Mapping[str, str]


class Outcome(StrEnum):
    """What became of one section that was sent: the same as before, written, put aside, or too long to keep."""

    SAME = "same"
    WRITTEN = "written"
    ASIDE = "aside"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Saved:
    """The outcome per section; `version` is what the page must send along with its next save."""

    outcomes: Mapping[str, Outcome]
    version: int

    @property
    def aside(self) -> list[str]:
        return [section for section, outcome in self.outcomes.items() if outcome is Outcome.ASIDE]

    @property
    def too_long(self) -> list[str]:
        return [section for section, outcome in self.outcomes.items() if outcome is Outcome.TOO_LONG]


def save(
    report: Report, sent: Mapping[str, Content], *, verb: Verb, version: int, key: str | None, by: Me, at: datetime
) -> Saved:
    """Keep what was sent, section by section; `version` is the newest revision that the sender's page knew.

    `key` names this save: the same one sent twice is kept once. In a state that does not allow `verb` every new word
    is put aside instead of refused. Raises NotFound when this person never writes in this voice.
    """
    actor = STEPS[verb].actor
    if not acts_as(actor, report, by):
        raise NotFound
    voice = Voice.TEACHER if actor is Actor.TEACHER else Voice.STUDENT
    allowed = report.may(verb, by=by)
    histories, outcomes = _histories(report, voice=voice, sections=list(sent)), {}
    for section, content in sent.items():
        history = histories[section]
        outcome = _decide(history, content, version=version, key=key, allowed=allowed)
        if outcome is Outcome.WRITTEN or (outcome is Outcome.ASIDE and not _is_last(history, content)):
            used = key in {revision.save_key for revision in history}
            session().add(
                Revision(report_id=report.id, voice=voice, section=section, content=dict(content), by_id=by.id,
                         written_at=at, save_key=None if used else key, kept_aside=outcome is Outcome.ASIDE)
            )  # fmt: skip
        outcomes[section] = outcome
    session().flush()
    return Saved(outcomes=outcomes, version=version_of(report, voice=voice))


def _histories(report: Report, *, voice: Voice, sections: list[str]) -> dict[str, list[Revision]]:
    found: dict[str, list[Revision]] = {section: [] for section in sections}
    rows = session().scalars(
        sa.select(Revision)
        .where(Revision.report_id == report.id, Revision.voice == voice, Revision.section.in_(sections))
        .order_by(Revision.id)
    )
    for row in rows:
        found[row.section].append(row)
    return found


def _decide(history: list[Revision], content: Content, *, version: int, key: str | None, allowed: bool) -> Outcome:
    if any(len(text) > words.MAX_LENGTH for text in content.values()):
        return Outcome.TOO_LONG
    current = [revision for revision in history if not revision.kept_aside]
    latest = current[-1].content if current else {}
    known = [revision.content for revision in current if revision.id <= version]
    base = known[-1] if known else {}
    repeated = any(_same_save(revision, content, key=key) for revision in history)
    if repeated or _equal(content, latest) or _equal(content, base):
        return Outcome.SAME
    unseen = bool(current) and current[-1].id > version
    return Outcome.WRITTEN if allowed and not unseen else Outcome.ASIDE


def _same_save(revision: Revision, content: Content, *, key: str | None) -> bool:
    """A key alone proves nothing: the way back in a browser sends an old key with new words."""
    return key is not None and revision.save_key == key and _equal(revision.content, content)


def _is_last(history: list[Revision], content: Content) -> bool:
    return bool(history) and _equal(history[-1].content, content)


def _equal(one: Content, other: Content) -> bool:
    return {name: text for name, text in one.items() if text} == {name: text for name, text in other.items() if text}


def version_of(report: Report, *, voice: Voice) -> int:
    """Give the newest revision of this voice: what a page loaded now knows."""
    mine = sa.select(sa.func.max(Revision.id)).where(Revision.report_id == report.id, Revision.voice == voice)
    return session().scalar(mine) or 0


def latest(
    report_ids: Iterable[int], *, voice: Voice, upto: InstrumentedAttribute[int | None] | None = None
) -> dict[int, dict[str, Revision]]:
    """Give the last revision per section of each report, at most the one that its mark `upto` (a column) names."""
    ids = list(report_ids)
    found: dict[int, dict[str, Revision]] = {id: {} for id in ids}
    newest = sa.select(sa.func.max(Revision.id)).where(
        Revision.report_id.in_(ids), Revision.voice == voice, ~Revision.kept_aside
    )
    if upto is not None:
        newest = newest.join(Report, Report.id == Revision.report_id).where(Revision.id <= upto)
    newest = newest.group_by(Revision.report_id, Revision.section)
    for row in session().scalars(sa.select(Revision).where(Revision.id.in_(newest))) if ids else ():
        found[row.report_id][row.section] = row
    return found


def put_aside(report: Report, *, voice: Voice) -> dict[str, Revision]:
    """Give the texts put aside and not written over since, by section: the writer still has to choose."""
    rows = session().scalars(
        sa.select(Revision).where(Revision.report_id == report.id, Revision.voice == voice).order_by(Revision.id)
    )
    last = {row.section: row for row in rows}
    return {section: row for section, row in last.items() if row.kept_aside}


def sections_of(form: FormText, *, verb: Verb) -> list[str]:
    """Give the keys that a person taking this step may write under."""
    keys = [section.key for section in form.sections]
    return {Verb.WRITE: keys, Verb.WRITE_ANSWER: [*keys, OVERALL], Verb.WRITE_CLOSING: [CLOSING]}[verb]
