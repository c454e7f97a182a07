"""What becomes of a text that arrives when others are there: a version, a conflict, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from reflect.db.session import execute
from reflect.reports.report import Report, Revision, Voice
from reflect.text import markdown
from reflect.text.numbers import parse_natural

Content = Mapping[str, str]


class Outcome(StrEnum):
    """What became of one section that a page sent.

    SAME: nothing new, not kept again. CONFLICT: kept, and its writer has to choose between two
    texts. STALE: kept, but the same page had sent a newer text that arrived before it.
    """

    SAME = "same"
    WRITTEN = "written"
    CONFLICT = "aside"
    STALE = "late"
    TOO_LONG = "too_long"


STORED_OUTCOMES = {Outcome.WRITTEN, Outcome.CONFLICT, Outcome.STALE}


class RevisionLike(Protocol):
    """One of the versions of a text, in the order in which they arrived."""

    @property
    def id(self) -> int: ...
    @property
    def content(self) -> Content: ...
    @property
    def save_key(self) -> str | None: ...
    @property
    def is_conflict(self) -> bool: ...


class PageSave(NamedTuple):
    """One save of a page: the newest version that it knew, and its key, "page.number".

    `may_write`: the text may change now; if not, a new one is kept as a conflict.
    """

    base_version: int
    save_key: str | None
    may_write: bool


class SaveDecision(NamedTuple):
    """What to do with a text that arrived; `save_key` is the one to store it under."""

    outcome: Outcome
    is_stored: bool
    save_key: str | None

    @property
    def is_conflict(self) -> bool:
        return self.outcome is not Outcome.WRITTEN


def decide(
    versions: Sequence[RevisionLike],
    content: Content,
    save: PageSave,
    *,
    used_keys: Iterable[str | None] = (),
) -> SaveDecision:
    """Return what to do with a text that arrives after these versions.

    The one rule of every save: of a section, of a suggestion, of a note to a colleague.
    `used_keys`: keys that are taken besides those of the versions, since a key is stored once.
    """
    outcome = resolve(versions, content, base_version=save.base_version, save_key=save.save_key)
    # A text that comes too late, for example after the hand-in, is kept for its writer to see and
    # never dropped (decision 5).
    if outcome is Outcome.WRITTEN and not save.may_write:
        outcome = Outcome.CONFLICT
    # A save that changes nothing writes nothing: this table grows with every autosave.
    repeats_newest = bool(versions) and same_content(versions[-1].content, content)
    # A key is unique in the table. A new text under a used key is stored without its key.
    taken_keys = {*used_keys, *(revision.save_key for revision in versions)}
    return SaveDecision(
        outcome,
        is_stored=outcome in STORED_OUTCOMES and not repeats_newest,
        save_key=None if save.save_key in taken_keys else save.save_key,
    )


def resolve(
    versions: Sequence[RevisionLike], content: Content, *, base_version: int, save_key: str | None
) -> Outcome:
    """Return the outcome for a text from a page that knew the versions up to `base_version`.

    The page also knows what it sent itself, under earlier numbers of its key.
    """
    if any(len(text) > markdown.MAX_TEXT_LENGTH for text in content.values()):
        return Outcome.TOO_LONG
    current = [revision for revision in versions if not revision.is_conflict]
    known = [
        revision
        for revision in current
        if revision.id <= base_version or is_later_save(save_key, revision.save_key)
    ]
    # The order matters. A repetition comes first: a save that the browser sent twice must never
    # look like a conflict.
    if same_content(content, _newest_content(current)):
        return Outcome.SAME
    if any(_is_same_save(revision, content, save_key=save_key) for revision in versions):
        return Outcome.SAME
    # This page had already sent a newer text: a network does not keep the order of requests.
    if any(is_later_save(revision.save_key, save_key) for revision in versions):
        return Outcome.STALE
    # The page sends back what it was loaded with, so nobody typed anything new there.
    if same_content(content, _newest_content(known)):
        return Outcome.SAME
    # Another window wrote after what this page knew. Texts are never merged by a machine: the
    # writer chooses (decision 15).
    has_unseen_version = bool(current) and (not known or known[-1] is not current[-1])
    return Outcome.CONFLICT if has_unseen_version else Outcome.WRITTEN


def _newest_content(versions: Sequence[RevisionLike]) -> Content:
    return versions[-1].content if versions else {}


def is_later_save(later: str | None, earlier: str | None) -> bool:
    """Return whether two saves came from one loaded page, in this order."""
    later_page, later_number = _parse_save_key(later)
    earlier_page, earlier_number = _parse_save_key(earlier)
    # Without a key there is no page, and two such saves have no order.
    return later_page == earlier_page != "" and later_number > earlier_number


def _parse_save_key(save_key: str | None) -> tuple[str, int]:
    page, _, digits = (save_key or "").rpartition(".")
    number = parse_natural(digits, max_digits=9)
    return ("", 0) if number is None else (page, number)


def _is_same_save(revision: RevisionLike, content: Content, *, save_key: str | None) -> bool:
    # A key alone proves nothing: after the browser's "back" a page sends an old key with new text.
    return (
        save_key is not None
        and revision.save_key == save_key
        and same_content(revision.content, content)
    )


def same_content(left: Content, right: Content) -> bool:
    """Return whether two contents hold the same texts; an empty field equals an absent one."""
    return _filled_fields(left) == _filled_fields(right)


def _filled_fields(content: Content) -> dict[str, str]:
    return {name: text for name, text in content.items() if text}


class RevisionMeta(NamedTuple):
    """A revision with only what a decision needs."""

    id: int
    save_key: str | None
    is_conflict: bool
    content: Content


# What one voice wrote in one report; parameters: `report` and `voice`.
VOICE_FILTER = sa.and_(
    Revision.report_id == sa.bindparam("report", type_=sa.Integer),
    Revision.voice == sa.bindparam("voice", type_=Revision.voice.type),
)
_IN_SECTION = sa.and_(VOICE_FILTER, Revision.section == sa.bindparam("section", type_=sa.String))
_IS_CURRENT = ~Revision.is_conflict
_IS_KNOWN = Revision.id <= sa.bindparam("version", type_=sa.BigInteger)
_SAVE_KEY_PARAM = sa.bindparam("key", type_=sa.String)
# The page's name with its dot; NULL, which equals nothing, for a save without a number.
_PAGE_PARAM = sa.bindparam("page", type_=sa.String)
_SAME_PAGE = sa.func.substr(Revision.save_key, 1, sa.func.length(_PAGE_PARAM)) == _PAGE_PARAM
_SaveKeyColumn = sa.SQLColumnExpression[str] | sa.SQLColumnExpression[str | None]


def _number_before(left: _SaveKeyColumn, right: _SaveKeyColumn) -> sa.ColumnElement[bool]:
    """Compare the numbers in the keys of one page: a number with fewer digits is the smaller."""
    left_length, right_length = sa.func.length(left), sa.func.length(right)
    return sa.or_(left_length < right_length, sa.and_(left_length == right_length, left < right))


def _any_id(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Select the id of any such revision of the section."""
    return sa.select(Revision.id).where(_IN_SECTION, *conditions).limit(1).scalar_subquery()


def _last_id(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Select the id of the last such revision: read from the end of an index, not through all."""
    ids = sa.select(Revision.id).where(_IN_SECTION, *conditions).order_by(Revision.id.desc())
    return ids.limit(1).scalar_subquery()


_IS_EARLIER_SAVE = sa.and_(_number_before(Revision.save_key, _SAVE_KEY_PARAM), _SAME_PAGE)
_IS_LATER_SAVE = sa.and_(_number_before(_SAVE_KEY_PARAM, Revision.save_key), _SAME_PAGE)
# All five ids in one query, since this runs at every autosave.
_CANDIDATE_IDS_SQL = sa.select(
    _last_id(),
    _last_id(_IS_CURRENT),
    _last_id(_IS_CURRENT, sa.or_(_IS_KNOWN, _IS_EARLIER_SAVE)),
    _any_id(Revision.save_key == _SAVE_KEY_PARAM),
    _any_id(_IS_LATER_SAVE),
)
_REVISION_META_SQL = (
    sa.select(
        Revision.section, Revision.id, Revision.save_key, Revision.is_conflict, Revision.content
    )
    .where(Revision.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))
    .order_by(Revision.id)
)


def load_candidates(
    report: Report, *, voice: Voice, sections: list[str], base_version: int, save_key: str | None
) -> dict[str, list[RevisionMeta]]:
    """Return, by section, the few revisions that `resolve` needs: the outcome is as with all.

    At most five of the hundreds that an evening of writing leaves: the newest, the current one,
    the one the page knew, the one with this save key, and one that the page sent after it.
    """
    page, _ = _parse_save_key(save_key)
    params = {
        "report": report.id,
        "voice": voice,
        "version": base_version,
        "key": save_key,
        "page": f"{page}." if page else None,
    }
    # Reading all versions of a section made every save slower than the one before (decision 22).
    rows = [execute(_CANDIDATE_IDS_SQL, {**params, "section": key}).one() for key in sections]
    ids = {revision_id for row in rows for revision_id in row}
    ids.discard(None)
    candidates: dict[str, list[RevisionMeta]] = {key: [] for key in sections}
    meta_rows = execute(_REVISION_META_SQL, {"ids": sorted(ids)}) if ids else ()
    for section, revision_id, key, is_conflict, content in meta_rows:
        candidates[section].append(RevisionMeta(revision_id, key, is_conflict, content))
    return candidates
