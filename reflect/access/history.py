"""The history of a report: its versions, what was handed in, its steps; for those who may."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from textwrap import shorten

import sqlalchemy as sa

from reflect.access.permissions import get_with_part_or_404, has_part
from reflect.access.view_models import ReportPart
from reflect.bounds.bounded_matcher import WorkBudget
from reflect.db.session import execute, session
from reflect.errors import NotFound
from reflect.i18n import N_
from reflect.reports.diff import MAX_PAGE_WORK, ChangeType, TextDiff, diff_words
from reflect.reports.form_schema import (
    Section,
    caption_field,
    display_text,
    evidence_keys,
    last_word_section,
)
from reflect.reports.forms import forms_by_id
from reflect.reports.report import Revision, StateChange, Voice
from reflect.reports.workflow import ACTION_MESSAGES, Action
from reflect.school.calendar import PartOfDay, day_part
from reflect.school.people import Actor, Person, full_name
from reflect.settings import DEFAULT_TIMEZONE

EVIDENCE_LABEL = N_("Photos and files")
# Saves that follow each other within this time belong to one spell of writing.
WRITING_SESSION_GAP = timedelta(minutes=15)
VERSIONS_PER_PAGE = 20
_PREVIEW_LENGTH = 60  # characters
_IDS_PER_QUERY = 500


@dataclass(frozen=True)
class RevisionView:
    """One text that a section had; `is_conflict`: it is kept next to another one."""

    id: int
    section: Section
    content: Mapping[str, str]
    at: datetime
    is_conflict: bool


@dataclass(frozen=True)
class VersionRef:
    """A version without its text: of those there may be thousands, each of 20,000 characters."""

    id: int
    section: Section
    at: datetime
    is_conflict: bool


@dataclass(frozen=True)
class VersionDiff:
    """A version with what changed since the one before it: by field a label (msgid) and a diff."""

    version: RevisionView
    field_diffs: tuple[tuple[str, TextDiff], ...]
    is_current: bool

    @property
    def is_coarse(self) -> bool:
        return any(diff.is_coarse for _, diff in self.field_diffs)

    @property
    def preview_text(self) -> str:
        """The words that were added, or else the first ones, by which its writer knows it."""
        diffs = (diff for label, diff in self.field_diffs if label != EVIDENCE_LABEL)
        added = [_added_text(diff) for diff in diffs]
        fields = self.version.section.fields
        words = " ".join(filter(None, added)) or " ".join(
            display_text(field, self.version.content) for field in fields
        )
        return shorten(words, _PREVIEW_LENGTH, placeholder=" …")


def _added_text(diff: TextDiff) -> str:
    return " ".join(segment.text for segment in diff.segments if segment.change is ChangeType.ADDED)


@dataclass(frozen=True)
class VersionPage:
    """Some versions by section, the newest first.

    `newer` and `older`: the numbers of the pages next to it, None where there is none.
    """

    by_section: tuple[tuple[Section, list[VersionDiff]], ...]
    newer: int | None
    older: int | None


@dataclass(frozen=True)
class StateChangeView:
    """One step: who took it, when, and why, which only reopening asks for.

    `part_of_day`: None for a step of the viewer. For those of others it is all that is told of the
    time, and `at` is when that part of the day began. `reason`: "" for who may not read it.
    """

    action: Action
    actor_name: str
    at: datetime
    part_of_day: PartOfDay | None
    reason: str

    @property
    def message(self) -> str:
        """The msgid that tells it, with %(who)s for `actor_name`."""
        return ACTION_MESSAGES[self.action]


def versions(report_id: int, *, by: Actor, at: datetime) -> list[RevisionView]:
    """Return every text I wrote in this report, the newest first. Raises NotFound."""
    refs = version_refs(report_id, by=by, at=at)
    contents = _load_contents([ref.id for ref in refs])
    return [_revision_view(ref, contents) for ref in refs]


def version_refs(report_id: int, *, by: Actor, at: datetime) -> list[VersionRef]:
    """Return every version I wrote in this report, the newest first. Raises NotFound."""
    report = get_with_part_or_404(report_id, ReportPart.VERSIONS, by=by, at=at)
    # The last word is in no form text, so its section is added here.
    form = forms_by_id({report.form_id})[report.form_id]
    all_sections = (*form.sections, last_word_section(form.language))
    sections = {section.key: section for section in all_sections}
    refs_sql = (
        sa.select(Revision.id, Revision.section, Revision.written_at, Revision.is_conflict)
        .where(Revision.report_id == report.id, Revision.voice == Voice.STUDENT)
        .where(Revision.section.in_(sections))
        .order_by(Revision.id.desc())
    )
    return [
        VersionRef(id_, sections[section], written_at, is_conflict)
        for id_, section, written_at, is_conflict in session().execute(refs_sql)
    ]


def _load_contents(revision_ids: Iterable[int]) -> dict[int, Mapping[str, str]]:
    contents: dict[int, Mapping[str, str]] = {}
    # In parts, since a database bounds how many parameters a statement has.
    for ids in _batches(revision_ids):
        contents_sql = sa.select(Revision.id, Revision.content).where(Revision.id.in_(ids))
        for revision_id, content in session().execute(contents_sql):
            contents[revision_id] = content
    return contents


def _batches(revision_ids: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(revision_ids)
    while ids := list(islice(remaining, _IDS_PER_QUERY)):
        yield ids


def _revision_view(ref: VersionRef, contents: Mapping[int, Mapping[str, str]]) -> RevisionView:
    return RevisionView(ref.id, ref.section, contents[ref.id], ref.at, ref.is_conflict)


def latest_per_writing_spell(versions_newest_first: list[VersionRef]) -> list[VersionRef]:
    """Return the last version of each spell of writing in a section, and every conflict.

    A spell ends when WRITING_SESSION_GAP passes without a save.
    """
    latest: list[VersionRef] = []
    last_written: dict[str, datetime] = {}
    for version in versions_newest_first:
        last = last_written.get(version.section.key)
        if last is None or version.is_conflict or last - version.at > WRITING_SESSION_GAP:
            latest.append(version)
            last_written[version.section.key] = version.at
    return latest


def version_page(versions_newest_first: Sequence[VersionRef], *, number: int) -> VersionPage:
    """Return the versions of this page with their diffs. Raises NotFound where there is none.

    Of the sections on the page, the one that was begun first comes first.
    """
    page_count = max(1, -(-len(versions_newest_first) // VERSIONS_PER_PAGE))
    if not 1 <= number <= page_count:
        raise NotFound
    start = (number - 1) * VERSIONS_PER_PAGE
    shown = versions_newest_first[start : start + VERSIONS_PER_PAGE]
    older_by_id = _older_versions(versions_newest_first)
    older = [older_by_id[ref.id] for ref in shown if ref.id in older_by_id]
    # Only the texts of this page and what each is compared with are ever read.
    contents = _load_contents({ref.id for ref in [*shown, *older]})
    current_ids = _current_ids(versions_newest_first)
    budget = WorkBudget(MAX_PAGE_WORK)
    by_section: dict[str, list[VersionDiff]] = {}
    for ref in shown:
        before = older_by_id.get(ref.id)
        content_before = contents[before.id] if before else {}
        diffs = _field_diffs(ref.section, content_before, contents[ref.id], budget=budget)
        version_diff = VersionDiff(
            _revision_view(ref, contents), diffs, is_current=ref.id in current_ids
        )
        by_section.setdefault(ref.section.key, []).append(version_diff)
    begun_first = sorted(by_section.values(), key=lambda diffs: diffs[-1].version.id)
    sections = tuple((diffs[0].version.section, diffs) for diffs in begun_first)
    return VersionPage(
        sections,
        newer=number - 1 if number > 1 else None,
        older=number + 1 if number < page_count else None,
    )


def _older_versions(versions_newest_first: Sequence[VersionRef]) -> dict[int, VersionRef]:
    """Return by id of a version the one before it in the same section, where there is one."""
    older: dict[int, VersionRef] = {}
    newer_by_section: dict[str, VersionRef] = {}
    for ref in versions_newest_first:
        newer = newer_by_section.get(ref.section.key)
        if newer:
            older[newer.id] = ref
        newer_by_section[ref.section.key] = ref
    return older


def _current_ids(versions_newest_first: Sequence[VersionRef]) -> set[int]:
    """Return the id of the version that stands in each section now."""
    current: dict[str, int] = {}
    for ref in versions_newest_first:
        # A conflict is never the current text: its writer has not chosen it.
        if not ref.is_conflict:
            current.setdefault(ref.section.key, ref.id)
    return set(current.values())


def _field_diffs(
    section: Section, before: Mapping[str, str], after: Mapping[str, str], *, budget: WorkBudget
) -> tuple[tuple[str, TextDiff], ...]:
    texts = [
        (field.label, display_text(field, before), display_text(field, after))
        for field in section.fields
    ]
    texts.append((EVIDENCE_LABEL, _evidence_captions(before), _evidence_captions(after)))
    diffs = ((label, diff_words(old, new, budget=budget)) for label, old, new in texts)
    return tuple((label, diff) for label, diff in diffs if diff.segments)


def _evidence_captions(content: Mapping[str, str]) -> str:
    captions = (content.get(caption_field(key)) or "…" for key in evidence_keys(content))
    return "\n".join(f"– {caption}" for caption in captions)


@dataclass(frozen=True)
class HandIn:
    """What the teacher could read after one hand-in; private sections are not part of it."""

    at: datetime
    versions: tuple[RevisionView, ...]


def hand_ins(report_id: int, *, by: Actor, at: datetime) -> list[HandIn]:
    """Return what was handed in each time, the newest first, without what was taken back.

    It logs no reading: whoever shows it loads the report too, which does (`report_loading.load`).
    Raises NotFound.
    """
    report = get_with_part_or_404(report_id, ReportPart.HANDED_IN_VERSIONS, by=by, at=at)
    form = forms_by_id({report.form_id})[report.form_id]
    sections = {section.key: section for section in form.sections if not section.private}
    refs_sql = (
        sa.select(Revision.id, Revision.section, Revision.written_at)
        .where(Revision.report_id == report.id, Revision.voice == Voice.STUDENT)
        # A conflict is no part of what was handed in.
        .where(~Revision.is_conflict, Revision.section.in_(sections))
        .order_by(Revision.id)
    )
    refs = [
        VersionRef(id_, sections[section], written_at, is_conflict=False)
        for id_, section, written_at in session().execute(refs_sql)
    ]
    # From the history, since the report itself knows only its last hand-in.
    handed_in = [
        (change.at, _refs_until(change.visible_revision_id_after or 0, refs, sections))
        for change in reversed(_hand_in_changes(report.id))
    ]
    contents = _load_contents({ref.id for _, shown in handed_in for ref in shown})
    return [
        HandIn(change_at, tuple(_revision_view(ref, contents) for ref in shown))
        for change_at, shown in handed_in
    ]


def _hand_in_changes(report_id: int) -> list[StateChange]:
    """Return the steps in which a report was handed in, without those that were taken back."""
    changes_sql = (
        sa.select(StateChange).where(StateChange.report_id == report_id).order_by(StateChange.id)
    )
    hand_in_changes: list[StateChange] = []
    for change in session().scalars(changes_sql):
        if change.action is Action.HAND_IN:
            hand_in_changes.append(change)
        elif change.action is Action.TAKE_BACK and hand_in_changes:
            # What was taken back was never opened (`Report.take_back`), so no teacher has read it.
            hand_in_changes.pop()
    return hand_in_changes


def _refs_until(
    last_revision_id: int, refs: Iterable[VersionRef], section_keys: Iterable[str]
) -> list[VersionRef]:
    """Return the last version of each section up to this one, in the order of the sections."""
    latest = {ref.section.key: ref for ref in refs if ref.id <= last_revision_id}
    return [latest[key] for key in section_keys if key in latest]


def state_changes(
    report_id: int, *, by: Actor, at: datetime, zone: str = DEFAULT_TIMEZONE
) -> list[StateChangeView]:
    """Return the steps of a report of which I may know the state, in order.

    Those of others by the part of the day in this time zone. Raises NotFound.
    """
    # Knowing the state is no reading (`ReportView.has_something_to_read`), so nothing is logged.
    get_with_part_or_404(report_id, ReportPart.STATE, by=by, at=at)
    rows = execute(_STATE_CHANGES_SQL, {"report": report_id}).all()
    # Most reports were never reopened, and the right to read a reason is a query of its own.
    shows_reasons = any(row.reason for row in rows) and has_part(
        report_id, ReportPart.REOPENING_REASON, by=by, at=at
    )
    change_views = []
    for action, changed_at, reason, *names, person_id in rows:
        taken_in = None if person_id == by.id else day_part(changed_at, zone=zone)
        change_views.append(
            StateChangeView(
                action=action,
                actor_name=full_name(*names),
                at=taken_in.began_at if taken_in else changed_at,
                part_of_day=taken_in.part if taken_in else None,
                reason=reason if shows_reasons else "",
            )
        )
    return change_views


_STATE_CHANGES_SQL = (
    sa.select(
        StateChange.action,
        StateChange.at,
        StateChange.reason,
        Person.given_name,
        Person.infix,
        Person.family_name,
        Person.id,
    )
    .join(Person, Person.id == StateChange.by_id)
    .where(StateChange.report_id == sa.bindparam("report", type_=sa.Integer))
    .order_by(StateChange.id)
)
