"""The history of a report: its versions, what was handed in, its steps; for those who may."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from textwrap import shorten

import sqlalchemy as sa

from reflect.access.permissions import get_with_part_or_404, has_part
from reflect.access.view_models import ReportPart
from reflect.db.session import session
from reflect.i18n import N_
from reflect.reports.diff import ChangeType, DiffSegment, diff_words
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
from reflect.school.people import Actor, Person
from reflect.settings import DEFAULT_TIMEZONE

EVIDENCE_LABEL = N_("Photos and files")
# Saves that follow each other within this time belong to one spell of writing.
WRITING_SESSION_GAP = timedelta(minutes=15)
_PREVIEW_LENGTH = 60  # characters


@dataclass(frozen=True)
class RevisionView:
    """One text that a section had; `is_conflict`: it is kept next to another one."""

    id: int
    section: Section
    content: Mapping[str, str]
    at: datetime
    is_conflict: bool


@dataclass(frozen=True)
class VersionDiff:
    """A version with what changed since the one before it: by field a label (msgid) and a diff."""

    version: RevisionView
    field_diffs: tuple[tuple[str, tuple[DiffSegment, ...]], ...]
    is_current: bool

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


def _added_text(diff: Sequence[DiffSegment]) -> str:
    return " ".join(segment.text for segment in diff if segment.change is ChangeType.ADDED)


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
    report = get_with_part_or_404(report_id, ReportPart.VERSIONS, by=by, at=at)
    # The last word is in no form text, so its section is added here.
    form = forms_by_id({report.form_id})[report.form_id]
    all_sections = (*form.sections, last_word_section(form.language))
    sections = {section.key: section for section in all_sections}
    revisions_sql = (
        sa.select(Revision)
        .where(Revision.report_id == report.id, Revision.voice == Voice.STUDENT)
        .where(Revision.section.in_(sections))
        .order_by(Revision.id.desc())
    )
    return [
        RevisionView(row.id, sections[row.section], row.content, row.written_at, row.is_conflict)
        for row in session().scalars(revisions_sql)
    ]


def latest_per_writing_spell(versions_newest_first: list[RevisionView]) -> list[RevisionView]:
    """Return the last version of each spell of writing in a section, and every conflict.

    A spell ends when WRITING_SESSION_GAP passes without a save.
    """
    latest: list[RevisionView] = []
    last_written: dict[str, datetime] = {}
    for version in versions_newest_first:
        last = last_written.get(version.section.key)
        if last is None or version.is_conflict or last - version.at > WRITING_SESSION_GAP:
            latest.append(version)
            last_written[version.section.key] = version.at
    return latest


def by_section(
    versions_newest_first: list[RevisionView],
) -> list[tuple[Section, list[VersionDiff]]]:
    """Return the versions of each section with their diffs, the newest first.

    The section that was begun first comes first.
    """
    oldest_first: dict[str, list[RevisionView]] = {}
    for version in reversed(versions_newest_first):
        oldest_first.setdefault(version.section.key, []).append(version)
    return [
        (section_versions[0].section, _version_diffs(section_versions[::-1]))
        for section_versions in oldest_first.values()
    ]


def _version_diffs(versions_newest_first: list[RevisionView]) -> list[VersionDiff]:
    # A conflict is never the current text: its writer has not chosen it.
    current = (version.id for version in versions_newest_first if not version.is_conflict)
    current_id = next(current, 0)
    older_versions = versions_newest_first[1:]
    return [
        VersionDiff(
            version,
            _field_diffs(version.section, older.content if older else {}, version.content),
            is_current=version.id == current_id,
        )
        for version, older in zip_longest(versions_newest_first, older_versions)
    ]


def _field_diffs(
    section: Section, before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, tuple[DiffSegment, ...]], ...]:
    diffs = [
        (field.label, diff_words(display_text(field, before), display_text(field, after)))
        for field in section.fields
    ]
    evidence_diff = diff_words(_evidence_captions(before), _evidence_captions(after))
    diffs.append((EVIDENCE_LABEL, evidence_diff))
    return tuple((label, diff) for label, diff in diffs if diff)


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
    revisions_sql = (
        sa.select(Revision)
        .where(Revision.report_id == report.id, Revision.voice == Voice.STUDENT)
        # A conflict is no part of what was handed in.
        .where(~Revision.is_conflict)
        .order_by(Revision.id)
    )
    revisions = list(session().scalars(revisions_sql))
    hand_ins_newest_first = []
    # From the history, since the report itself knows only its last hand-in.
    for change in reversed(_hand_in_changes(report.id)):
        last_id = change.visible_revision_id_after or 0
        handed_in = tuple(_versions_until(last_id, revisions, form.sections))
        hand_ins_newest_first.append(HandIn(change.at, handed_in))
    return hand_ins_newest_first


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


def _versions_until(
    last_revision_id: int, revisions: list[Revision], sections: tuple[Section, ...]
) -> Iterator[RevisionView]:
    latest = {row.section: row for row in revisions if row.id <= last_revision_id}
    for section in sections:
        row = latest.get(section.key)
        if row is not None and not section.private:
            yield RevisionView(row.id, section, row.content, row.written_at, is_conflict=False)


def state_changes(
    report_id: int, *, by: Actor, at: datetime, zone: str = DEFAULT_TIMEZONE
) -> list[StateChangeView]:
    """Return the steps of a report of which I may know the state, in order.

    Those of others by the part of the day in this time zone. Raises NotFound.
    """
    # Knowing the state is no reading (`ReportView.has_something_to_read`), so nothing is logged.
    get_with_part_or_404(report_id, ReportPart.STATE, by=by, at=at)
    changes_sql = (
        sa.select(StateChange, Person)
        .join(Person, Person.id == StateChange.by_id)
        .where(StateChange.report_id == report_id)
        .order_by(StateChange.id)
    )
    rows = list(session().execute(changes_sql))
    # Most reports were never reopened, and the right to read a reason is a query of its own.
    shows_reasons = any(change.reason for change, _ in rows) and has_part(
        report_id, ReportPart.REOPENING_REASON, by=by, at=at
    )
    change_views = []
    for change, person in rows:
        taken_in = None if person.id == by.id else day_part(change.at, zone=zone)
        change_views.append(
            StateChangeView(
                action=change.action,
                actor_name=person.name,
                at=taken_in.began_at if taken_in else change.at,
                part_of_day=taken_in.part if taken_in else None,
                reason=change.reason if shows_reasons else "",
            )
        )
    return change_views
