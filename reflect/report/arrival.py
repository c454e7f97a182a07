"""What becomes of a text that arrives, beside what stands there already: decided by the few revisions that can."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from reflect import words
from reflect.report.report import Report, Revision, Voice
from reflect.store import ask

Content = Mapping[str, str]


class Outcome(StrEnum):
    """What became of one section that was sent; `late`: its page had sent something newer before this arrived."""

    SAME = "same"
    WRITTEN = "written"
    ASIDE = "aside"
    LATE = "late"
    TOO_LONG = "too_long"


KEPT = {Outcome.WRITTEN, Outcome.ASIDE, Outcome.LATE}


class Kept(Protocol):
    """A text that was kept, as one of a row of versions."""

    @property
    def id(self) -> int: ...
    @property
    def content(self) -> Content: ...
    @property
    def save_key(self) -> str | None: ...
    @property
    def kept_aside(self) -> bool: ...


def decide(history: Sequence[Kept], content: Content, *, version: int, key: str | None) -> Outcome:
    """Say what becomes of a text that arrives after these versions, from a page that knew them up to `version`."""
    if any(len(text) > words.MAX_LENGTH for text in content.values()):
        return Outcome.TOO_LONG
    current = [revision for revision in history if not revision.kept_aside]
    known = [revision for revision in current if revision.id <= version or follows(key, revision.save_key)]
    latest, base = (rows[-1].content if rows else {} for rows in (current, known))
    if any(_same_save(revision, content, key=key) for revision in history) or equal(content, latest):
        return Outcome.SAME
    if any(follows(revision.save_key, key) for revision in history):
        return Outcome.LATE
    if equal(content, base):
        return Outcome.SAME
    unseen = bool(current) and (not known or known[-1] is not current[-1])
    return Outcome.ASIDE if unseen else Outcome.WRITTEN


def follows(later: str | None, earlier: str | None) -> bool:
    """Say whether two saves came from one loaded page, in this order."""
    (page, number), (same, before) = _origin(later), _origin(earlier)
    return page == same != "" and number > before


@lru_cache(maxsize=4096)
def _origin(key: str | None) -> tuple[str, int]:
    page, _, number = (key or "").rpartition(".")
    return (page, int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else ("", 0)


def _same_save(revision: Kept, content: Content, *, key: str | None) -> bool:
    """A key alone proves nothing: the way back in a browser sends an old key with new words."""
    return key is not None and revision.save_key == key and equal(revision.content, content)


def equal(one: Content, other: Content) -> bool:
    """Say whether two contents hold the same words; a field that is empty may as well be absent."""
    return {name: text for name, text in one.items() if text} == {name: text for name, text in other.items() if text}


class _Trace(NamedTuple):
    """A revision as a decision needs it."""

    id: int
    save_key: str | None
    kept_aside: bool
    content: Content


# What one voice wrote in one report, of which the places are named `report` and `voice`.
MINE = sa.and_(
    Revision.report_id == sa.bindparam("report", type_=sa.Integer),
    Revision.voice == sa.bindparam("voice", type_=Revision.voice.type),
)
_HERE = sa.and_(MINE, Revision.section == sa.bindparam("section", type_=sa.String))
_Key = sa.SQLColumnExpression[str] | sa.SQLColumnExpression[str | None]
_KEY = sa.bindparam("key", type_=sa.String)
_PAGE = sa.bindparam("page", type_=sa.String)  # with its dot; None, which nothing equals, when the save has no number
_ITS_PAGE = sa.func.substr(Revision.save_key, 1, sa.func.length(_PAGE)) == _PAGE


def _before(one: _Key, other: _Key) -> sa.ColumnElement[bool]:
    """Compare the numbers of two saves of one page: as they are written, the shorter number is the smaller one."""
    length, longer = sa.func.length(one), sa.func.length(other)
    return sa.or_(length < longer, sa.and_(length == longer, one < other))


def _one(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Ask for a revision of this section, whichever."""
    return sa.select(Revision.id).where(_HERE, *conditions).limit(1).scalar_subquery()


def _last(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Ask for the last such revision of this section: found from the end of an index, however many there are."""
    return sa.select(Revision.id).where(_HERE, *conditions).order_by(Revision.id.desc()).limit(1).scalar_subquery()


_STANDS = ~Revision.kept_aside
_KNEW = Revision.id <= sa.bindparam("version", type_=sa.BigInteger)
_DECIDING = sa.select(
    _last(), _last(_STANDS), _last(_STANDS, sa.or_(_KNEW, _before(Revision.save_key, _KEY) & _ITS_PAGE)),
    _one(Revision.save_key == _KEY), _one(_before(_KEY, Revision.save_key), _ITS_PAGE),
)  # fmt: skip
_TRACES = (
    sa.select(Revision.section, Revision.id, Revision.save_key, Revision.kept_aside, Revision.content)
    .where(Revision.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))
    .order_by(Revision.id)
)


def histories(
    report: Report, *, voice: Voice, sections: list[str], version: int, key: str | None
) -> dict[str, list[_Trace]]:  # fmt: skip
    """Read of each section only the revisions that can decide, five at most: an evening makes hundreds.

    They are the newest, what stands, what the page knew, what came under this key, and one the page sent after it.
    """
    page, _ = _origin(key)
    places = {"report": report.id, "voice": voice, "version": version, "key": key, "page": f"{page}." if page else None}
    rows = [ask(_DECIDING, {**places, "section": section}).one() for section in sections]
    ids = {id for row in rows for id in row if id is not None}
    found: dict[str, list[_Trace]] = {section: [] for section in sections}
    for section, id, save_key, kept_aside, content in ask(_TRACES, {"ids": sorted(ids)}) if ids else ():
        found[section].append(_Trace(id, save_key, kept_aside, content))
    return found
