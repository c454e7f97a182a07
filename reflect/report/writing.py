"""Writing: every save is appended, two pages never overwrite each other, and nothing that arrives is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from reflect import words
from reflect.refusal import NotFound
from reflect.report import evidence
from reflect.report.grammar import FormText, is_empty
from reflect.report.life import STEPS, Actor, Verb
from reflect.report.report import CLOSING, OVERALL, Report, Revision, Voice, acts_as
from reflect.school.people import Me
from reflect.store import session

Content = Mapping[str, str]


class Outcome(StrEnum):
    """What became of one section that was sent; `late`: its page had sent something newer before this arrived."""

    SAME = "same"
    WRITTEN = "written"
    ASIDE = "aside"
    LATE = "late"
    TOO_LONG = "too_long"


_KEPT = {Outcome.WRITTEN, Outcome.ASIDE, Outcome.LATE}


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
    allowed = report.may(verb, by=by)
    sent = evidence.only_of(report.id, sent)
    histories, outcomes = _histories(report, voice=voice, sections=list(sent), version=version, key=key), {}
    for section, content in sent.items():
        history = histories[section]
        outcome = _decide(history, content, key=key, allowed=allowed)
        if outcome in _KEPT and not _equal(history.newest, content):
            session().add(
                Revision(report_id=report.id, voice=voice, section=section, content=dict(content), by_id=by.id,
                         written_at=at, save_key=None if history.named else key,
                         kept_aside=outcome is not Outcome.WRITTEN)
            )  # fmt: skip
        outcomes[section] = outcome
    session().flush()
    return Saved(outcomes=outcomes, version=version_of(report, voice=voice))


@dataclass(frozen=True)
class _History:
    """What a decision needs of one section, however often it was kept before.

    `newest`: the last text of all; `latest`: what stands there; `base`: what the page that sends knew; `named`: what
    came under the same key. `overtaken`: the page has sent something newer. `unseen`: what stands there is news to it.
    """

    newest: Content
    latest: Content
    base: Content
    named: tuple[Content, ...]
    overtaken: bool
    unseen: bool


_Trace = sa.Row[str, int, str | None, bool]


def _histories(
    report: Report, *, voice: Voice, sections: list[str], version: int, key: str | None
) -> dict[str, _History]:  # fmt: skip
    """Look at the names of all revisions, and read only the texts that decide: an evening makes hundreds."""
    traces: dict[str, list[_Trace]] = {section: [] for section in sections}
    named = sa.select(Revision.section, Revision.id, Revision.save_key, Revision.kept_aside)
    mine = named.where(Revision.report_id == report.id, Revision.voice == voice, Revision.section.in_(sections))
    for row in session().execute(mine.order_by(Revision.id)):
        traces[row.section].append(row)
    wanted = {section: _wanted(rows, version=version, key=key) for section, rows in traces.items()}
    ids = [id for newest, latest, base, same in wanted.values() for id in (newest, latest, base, *same)]
    texts = sa.select(Revision.id, Revision.content).where(Revision.id.in_(ids))
    contents = {row.id: row.content for row in session().execute(texts)} if any(ids) else {}
    return {section: _history(traces[section], wanted[section], contents, key=key) for section in sections}


_Wanted = tuple[int, int, int, list[int]]


def _wanted(rows: list[_Trace], *, version: int, key: str | None) -> _Wanted:
    """Name the revisions whose text decides: the newest, what stands, what the page knew (0: none), this key."""
    current = [row for row in rows if not row.kept_aside]
    known = [row.id for row in current if row.id <= version or _follows(key, row.save_key)]
    same = [row.id for row in rows if key is not None and row.save_key == key]
    return rows[-1].id if rows else 0, current[-1].id if current else 0, known[-1] if known else 0, same


def _history(rows: list[_Trace], wanted: _Wanted, contents: Mapping[int, Content], *, key: str | None) -> _History:
    newest, latest, base, same = wanted
    return _History(
        newest=contents.get(newest, {}), latest=contents.get(latest, {}), base=contents.get(base, {}),
        named=tuple(contents[id] for id in same), overtaken=any(_follows(row.save_key, key) for row in rows),
        unseen=latest != base,
    )  # fmt: skip


def _decide(history: _History, content: Content, *, key: str | None, allowed: bool) -> Outcome:
    if any(len(text) > words.MAX_LENGTH for text in content.values()):
        return Outcome.TOO_LONG
    # A key alone proves nothing: the way back in a browser sends an old key with new words.
    if any(_equal(content, named) for named in history.named) or _equal(content, history.latest):
        return Outcome.SAME
    if history.overtaken:
        return Outcome.LATE
    if _equal(content, history.base):
        return Outcome.SAME
    return Outcome.WRITTEN if allowed and not history.unseen else Outcome.ASIDE


def _follows(later: str | None, earlier: str | None) -> bool:
    """Say whether two saves came from one loaded page, in this order."""
    (page, number), (same, before) = _origin(later), _origin(earlier)
    return page == same != "" and number > before


def _origin(key: str | None) -> tuple[str, int]:
    page, _, number = (key or "").rpartition(".")
    return (page, int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else ("", 0)


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


def put_aside(report: Report, *, voice: Voice) -> dict[str, list[Revision]]:
    """Give the texts put aside that nobody has settled yet, by section, the oldest first: the writer has to choose."""
    rows = session().scalars(
        sa.select(Revision).where(Revision.report_id == report.id, Revision.voice == voice).order_by(Revision.id)
    )
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
        and not _equal(row.content, current)
        and not any(_follows(other.save_key, row.save_key) for other in history)
    ]


def sections_of(form: FormText, *, verb: Verb) -> list[str]:
    """Give the keys that a person taking this step may write under."""
    keys = [section.key for section in form.sections]
    return {Verb.WRITE: keys, Verb.WRITE_ANSWER: [*keys, OVERALL], Verb.WRITE_CLOSING: [CLOSING]}[verb]
