"""Saving and loading revisions: each save is appended, so that no text overwrites another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from reflect.db.session import execute, session
from reflect.errors import NotFound
from reflect.reports import conflicts, evidence
from reflect.reports.conflicts import VOICE_FILTER, Content, Outcome, PageSave
from reflect.reports.form_schema import is_empty
from reflect.reports.report import Report, Revision, Voice, has_role, lock
from reflect.reports.workflow import TRANSITIONS, Action, Role
from reflect.school.people import Actor


@dataclass(frozen=True)
class SaveResult:
    """The outcome by section; `version` is the newest revision after the save."""

    outcomes: Mapping[str, Outcome]
    version: int

    @property
    def conflicts(self) -> list[str]:
        return self._sections_with(Outcome.CONFLICT)

    @property
    def too_long(self) -> list[str]:
        return self._sections_with(Outcome.TOO_LONG)

    def _sections_with(self, wanted: Outcome) -> list[str]:
        return [section for section, outcome in self.outcomes.items() if outcome is wanted]


def save(
    report: Report,
    submitted: Mapping[str, Content],
    *,
    action: Action,
    base_version: int,
    save_key: str | None,
    by: Actor,
    at: datetime,
) -> SaveResult:
    """Save what a page sent, by section.

    `action` is WRITE, WRITE_ANSWER or WRITE_CLOSING; in a state that does not allow it every new
    text is kept as a conflict instead of refused. `base_version` is the newest revision when the
    page was loaded, `save_key` names this save as "page.number" (`conflicts.resolve`).
    Raises NotFound when this person never writes in this voice.
    """
    role = TRANSITIONS[action].role
    # Writing at a wrong moment is kept as a conflict; writing in a report of others is refused.
    if not has_role(role, report, by):
        raise NotFound
    voice = Voice.TEACHER if role is Role.TEACHER else Voice.STUDENT
    # Before the state is looked at: a save that races the hand-in comes before it or after it.
    lock(report)
    page_save = PageSave(base_version, save_key, may_write=report.state_allows(action))
    # A page could name somebody else's photo, so this comes before anything is stored.
    contents = evidence.drop_foreign_evidence(report.id, submitted)
    return _save_contents(report, contents, page_save, voice=voice, by=by, at=at)


def _save_contents(
    report: Report,
    contents: Mapping[str, Content],
    page_save: PageSave,
    *,
    voice: Voice,
    by: Actor,
    at: datetime,
) -> SaveResult:
    candidates = conflicts.load_candidates(
        report,
        voice=voice,
        sections=list(contents),
        base_version=page_save.base_version,
        save_key=page_save.save_key,
    )
    newest_id = 0
    outcomes: dict[str, Outcome] = {}
    for section, content in contents.items():
        decision = conflicts.decide(candidates[section], content, page_save)
        outcomes[section] = decision.outcome
        if decision.is_stored:
            row = {
                "report_id": report.id,
                "voice": voice,
                "section": section,
                "content": dict(content),
                "by_id": by.id,
                "written_at": at,
                "save_key": decision.save_key,
                "is_conflict": decision.is_conflict,
            }
            # Past the ORM: nothing needs the object, and this runs at every autosave (decision
            # 22).
            newest_id = execute(_INSERT_SQL, row).scalar_one()
    # Where nothing was stored, the page still has to know the newest version.
    version = newest_id or newest_revision_id(report, voice=voice)
    return SaveResult(outcomes=outcomes, version=version)


_INSERT_SQL = sa.insert(Revision).returning(Revision.id)
_NEWEST_ID_SQL = sa.select(sa.func.max(Revision.id)).where(VOICE_FILTER)
_SECTIONS_SQL = (
    sa.select(
        Revision.section,
        sa.func.max(Revision.id),
        sa.func.max(sa.case((Revision.is_conflict, 1), else_=0)),
    )
    .where(VOICE_FILTER)
    .group_by(Revision.section)
)


def newest_revision_id(report: Report, *, voice: Voice) -> int:
    """Return the newest revision of this voice (0: none), which a page loaded now knows."""
    return execute(_NEWEST_ID_SQL, {"report": report.id, "voice": voice}).scalar() or 0


def version_and_conflicts(report: Report, *, voice: Voice) -> tuple[int, dict[str, list[Revision]]]:
    """Return `newest_revision_id` and `conflicts_of` with one query for both in most cases."""
    rows = execute(_SECTIONS_SQL, {"report": report.id, "voice": voice}).all()
    version = max((newest_id for _, newest_id, _ in rows), default=0)
    sections = [section for section, _, has_conflict in rows if has_conflict]
    return version, _conflicts_by_section(report.id, sections, voice=voice)


class RevisionQuery(NamedTuple):
    """Whose revisions, up to the one that this column of Report names (None: all of them)."""

    voice: Voice
    until_column: InstrumentedAttribute[int | None] | None = None


# Building the statement took longer than running it (decision 22), and there are few of them.
@lru_cache(maxsize=64)
def _latest_sql(*queries: RevisionQuery) -> sa.Select[Revision]:
    """Select the last revision of each section; the reports of the first query are `ids0`, etc."""
    id_selects = [_latest_ids_sql(query, index) for index, query in enumerate(queries)]
    latest_ids = sa.union_all(*id_selects) if len(id_selects) > 1 else id_selects[0]
    return sa.select(Revision).where(Revision.id.in_(latest_ids))


def _latest_ids_sql(query: RevisionQuery, index: int) -> sa.Select[int]:
    report_ids = sa.bindparam(f"ids{index}", expanding=True, type_=sa.Integer)
    latest_ids = sa.select(sa.func.max(Revision.id)).where(
        Revision.report_id.in_(report_ids), Revision.voice == query.voice, ~Revision.is_conflict
    )
    if query.until_column is not None:
        latest_ids = latest_ids.join(Report, Report.id == Revision.report_id).where(
            Revision.id <= query.until_column
        )
    return latest_ids.group_by(Revision.report_id, Revision.section)


def latest_by_voice(
    queries: Mapping[RevisionQuery, list[int]],
) -> dict[tuple[int, Voice], dict[str, Revision]]:
    """Return the last revision of each section, by report and voice, without those that have none.

    `queries` maps each query to the ids of the reports that it is about.
    """
    revisions: dict[tuple[int, Voice], dict[str, Revision]] = {}
    if not queries:
        return revisions
    params = {f"ids{index}": report_ids for index, report_ids in enumerate(queries.values())}
    for row in session().scalars(_latest_sql(*queries), params):
        revisions.setdefault((row.report_id, row.voice), {})[row.section] = row
    return revisions


def latest_revisions(report_ids: Iterable[int], *, voice: Voice) -> dict[int, dict[str, Revision]]:
    """Return the last revision of each section, by report; an empty dict for one without any."""
    ids = list(report_ids)
    revisions = latest_by_voice({RevisionQuery(voice): ids}) if ids else {}
    return {report_id: revisions.get((report_id, voice), {}) for report_id in ids}


_SECTION_CONTENTS_SQL = sa.select(Revision.report_id, Revision.content).where(
    Revision.id.in_(
        sa.select(sa.func.max(Revision.id))
        .where(Revision.report_id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))
        .where(Revision.voice == sa.bindparam("voice"), Revision.section == sa.bindparam("section"))
        .where(~Revision.is_conflict)
        .group_by(Revision.report_id)
    )
)


def section_contents(
    report_ids: list[int], section: str, *, voice: Voice
) -> dict[int, Mapping[str, str]]:
    """Return what stands in this section of each report, without those where nothing does."""
    if not report_ids:
        return {}
    params = {"ids": report_ids, "voice": voice, "section": section}
    rows = execute(_SECTION_CONTENTS_SQL, params).all()
    return {row.report_id: row.content for row in rows}


def conflicts_of(report: Report, *, voice: Voice) -> dict[str, list[Revision]]:
    """Return the conflicts that the writer still has to settle, by section, the oldest first."""
    return version_and_conflicts(report, voice=voice)[1]


def with_conflicts(report_ids: Iterable[int], *, voice: Voice) -> set[int]:
    """Return those of these reports in which the writer still has to choose between texts."""
    conflicts_sql = (
        sa.select(Revision.report_id, Revision.section)
        .where(Revision.report_id.in_(list(report_ids)), Revision.voice == voice)
        .where(Revision.is_conflict)
        .distinct()
    )
    # A conflict in the table may be settled by now. Only all versions of its section can tell.
    sections_by_report: dict[int, list[str]] = {}
    for report_id, section in session().execute(conflicts_sql):
        sections_by_report.setdefault(report_id, []).append(section)
    return {
        report_id
        for report_id, sections in sections_by_report.items()
        if _conflicts_by_section(report_id, sections, voice=voice)
    }


def _conflicts_by_section(
    report_id: int, sections: list[str], *, voice: Voice
) -> dict[str, list[Revision]]:
    if not sections:
        return {}
    revisions_sql = (
        sa.select(Revision)
        .where(VOICE_FILTER, Revision.section.in_(sections))
        .order_by(Revision.id)
    )
    versions_by_section: dict[str, list[Revision]] = {}
    for row in session().scalars(revisions_sql, {"report": report_id, "voice": voice}):
        versions_by_section.setdefault(row.section, []).append(row)
    open_by_section = {
        section: _open_conflicts(versions) for section, versions in versions_by_section.items()
    }
    return {section: rows for section, rows in open_by_section.items() if rows}


def _open_conflicts(versions: list[Revision]) -> list[Revision]:
    """Return the conflicts that nobody settled, and that say something else than the current text.

    A page that sent a newer text after a conflict has replaced it: there is nothing to choose.
    """
    settled_ids = {row.settled_conflict_id for row in versions}
    current_content = next((row.content for row in reversed(versions) if not row.is_conflict), {})
    return [
        row
        for row in versions
        if row.is_conflict
        and row.id not in settled_ids
        # There is nothing to choose where one text is empty, or where both are the same.
        and not is_empty(row.content)
        and not conflicts.same_content(row.content, current_content)
        and not any(conflicts.is_later_save(other.save_key, row.save_key) for other in versions)
    ]
