"""Writing: every save is appended, two pages never overwrite each other, and nothing that arrives is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from reflect.refusal import NotFound
from reflect.report import arrival, evidence
from reflect.report.arrival import KEPT, MINE, Content, Outcome
from reflect.report.grammar import FormText, is_empty
from reflect.report.life import STEPS, Actor, Verb
from reflect.report.report import CLOSING, OVERALL, Report, Revision, Voice, acts_as
from reflect.school.people import Me
from reflect.store import ask, session


@dataclass(frozen=True)
class Saved:
    """The outcome per section; `version` is the newest revision now."""

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
    """Keep what was sent, section by section; `version` is the newest revision there was when the page was loaded.

    `key` names this save, as "page.number": the same one sent twice is kept once, and what the same page sent before
    counts as known to it. In a state that does not allow `verb` every new word is put aside instead of refused.
    Raises NotFound when this person never writes in this voice.
    """
    actor = STEPS[verb].actor
    if not acts_as(actor, report, by):
        raise NotFound
    voice = Voice.TEACHER if actor is Actor.TEACHER else Voice.STUDENT
    allowed = report.state in STEPS[verb].states
    sent = evidence.only_of(report.id, sent)
    histories = arrival.histories(report, voice=voice, sections=list(sent), version=version, key=key)
    outcomes, newest = dict[str, Outcome](), 0
    for section, content in sent.items():
        history = histories[section]
        outcome = arrival.decide(history, content, version=version, key=key)
        if outcome is Outcome.WRITTEN and not allowed:
            outcome = Outcome.ASIDE
        if outcome in KEPT and not (history and arrival.equal(history[-1].content, content)):
            used = key in {revision.save_key for revision in history}
            row = {"report_id": report.id, "voice": voice, "section": section, "content": dict(content),
                   "by_id": by.id, "written_at": at, "save_key": None if used else key,
                   "kept_aside": outcome is not Outcome.WRITTEN}  # fmt: skip
            newest = ask(_KEEP, row).scalar_one()
        outcomes[section] = outcome
    return Saved(outcomes=outcomes, version=newest or version_of(report, voice=voice))


_KEEP = sa.insert(Revision).returning(Revision.id)
_NEWEST = sa.select(sa.func.max(Revision.id)).where(MINE)
_SECTIONS = (
    sa.select(Revision.section, sa.func.max(Revision.id), sa.func.max(sa.case((Revision.kept_aside, 1), else_=0)))
    .where(MINE)
    .group_by(Revision.section)
)


def version_of(report: Report, *, voice: Voice) -> int:
    """Give the newest revision of this voice: what a page loaded now knows."""
    return ask(_NEWEST, {"report": report.id, "voice": voice}).scalar() or 0


def version_and_aside(report: Report, *, voice: Voice) -> tuple[int, dict[str, list[Revision]]]:
    """Give `version_of` and `put_aside` at once, for a page that begins."""
    rows = ask(_SECTIONS, {"report": report.id, "voice": voice}).all()
    aside = [section for section, _, has_aside in rows if has_aside]
    return max((newest for _, newest, _ in rows), default=0), _unsettled(report.id, aside, voice=voice)


class Asked(NamedTuple):
    """What is asked of some reports: a voice, and up to which mark of the report (a column; None: to the end)."""

    voice: Voice
    upto: InstrumentedAttribute[int | None] | None = None


@lru_cache(maxsize=64)
def _latest(*asked: Asked) -> sa.Select[Revision]:
    """Ask the last revision per section; the reports of the first of `asked` are `ids0`, and so on."""
    newest = [_newest(one, place) for place, one in enumerate(asked)]
    return sa.select(Revision).where(Revision.id.in_(sa.union_all(*newest) if len(newest) > 1 else newest[0]))


def _newest(asked: Asked, place: int) -> sa.Select[int]:
    of = Revision.report_id.in_(sa.bindparam(f"ids{place}", expanding=True, type_=sa.Integer))
    newest = sa.select(sa.func.max(Revision.id)).where(of, Revision.voice == asked.voice, ~Revision.kept_aside)
    if asked.upto is not None:
        newest = newest.join(Report, Report.id == Revision.report_id).where(Revision.id <= asked.upto)
    return newest.group_by(Revision.report_id, Revision.section)


def latest_of(asked: Mapping[Asked, list[int]]) -> dict[tuple[int, Voice], dict[str, Revision]]:
    """Give the last revision per section of each of these reports and voices; nothing for those without any."""
    found: dict[tuple[int, Voice], dict[str, Revision]] = {}
    ids = {f"ids{place}": reports for place, reports in enumerate(asked.values())}
    for row in session().scalars(_latest(*asked), ids) if ids else ():
        found.setdefault((row.report_id, row.voice), {})[row.section] = row
    return found


def latest(report_ids: Iterable[int], *, voice: Voice) -> dict[int, dict[str, Revision]]:
    """Give the last revision per section of each report."""
    ids = list(report_ids)
    found = latest_of({Asked(voice): ids}) if ids else {}
    return {id: found.get((id, voice), {}) for id in ids}


def put_aside(report: Report, *, voice: Voice) -> dict[str, list[Revision]]:
    """Give the texts put aside that nobody has settled yet, by section, the oldest first: the writer has to choose."""
    return version_and_aside(report, voice=voice)[1]


def unsettled(report_ids: Iterable[int], *, voice: Voice) -> set[int]:
    """Give, of these reports, those in which texts put aside wait for a choice."""
    some = sa.select(Revision.report_id).where(Revision.report_id.in_(list(report_ids)), Revision.voice == voice)
    found = session().execute(some.add_columns(Revision.section).where(Revision.kept_aside).distinct()).all()
    by_report = {id: [section for other, section in found if other == id] for id, _ in found}
    return {id for id, sections in by_report.items() if _unsettled(id, sections, voice=voice)}


def _unsettled(report_id: int, sections: list[str], *, voice: Voice) -> dict[str, list[Revision]]:
    if not sections:
        return {}
    named = sa.select(Revision).where(MINE, Revision.section.in_(sections)).order_by(Revision.id)
    rows = session().scalars(named, {"report": report_id, "voice": voice})
    histories: dict[str, list[Revision]] = {}
    for row in rows:
        histories.setdefault(row.section, []).append(row)
    waiting = {section: _waiting(history) for section, history in histories.items()}
    return {section: rows for section, rows in waiting.items() if rows}


def _waiting(history: list[Revision]) -> list[Revision]:
    settled = {row.settles for row in history}
    current = next((row.content for row in reversed(history) if not row.kept_aside), {})
    return [
        row
        for row in history
        if row.kept_aside
        and row.id not in settled
        and not is_empty(row.content)
        and not arrival.equal(row.content, current)
        and not any(arrival.follows(other.save_key, row.save_key) for other in history)
    ]


def sections_of(form: FormText, *, verb: Verb) -> list[str]:
    """Give the keys that a person taking this step may write under."""
    keys = [section.key for section in form.sections]
    return {Verb.WRITE: keys, Verb.WRITE_ANSWER: [*keys, OVERALL], Verb.WRITE_CLOSING: [CLOSING]}[verb]
