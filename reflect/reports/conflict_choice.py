"""Choosing between texts: settle a conflict or restore an earlier version, each as a new one."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import assert_never

import sqlalchemy as sa

from reflect.db.session import session
from reflect.errors import InvalidTransition, NotFound, TextTooLong
from reflect.i18n import N_
from reflect.reports.form_schema import FieldType, last_word_section
from reflect.reports.forms import forms_by_id
from reflect.reports.report import CLOSING, Report, Revision, Voice, has_role, lock
from reflect.reports.workflow import TRANSITIONS, Action
from reflect.school.people import Actor
from reflect.text import markdown


class ConflictChoice(StrEnum):
    """Which text to keep: the current one, the other one, or both after each other."""

    CURRENT = "this"
    OTHER = "other"
    BOTH = "both"

    @property
    def label(self) -> str:
        """The msgid of the button."""
        return _CHOICE_LABELS[self]


_CHOICE_LABELS = {
    ConflictChoice.CURRENT: N_("Go on with the first"),
    ConflictChoice.OTHER:   N_("Go on with the second"),
    ConflictChoice.BOTH:    N_("Put both under each other"),
}  # fmt: skip


def settle_conflict(
    report: Report, conflict_id: int, *, choice: ConflictChoice, by: Actor, at: datetime
) -> str:
    """Save what the writer chose as a new version, and return the key of its section.

    Raises NotFound, InvalidTransition, TextTooLong.
    """
    conflict = _writable_revision(report, conflict_id, by=by)
    current = _current_content(conflict)
    if choice is ConflictChoice.CURRENT:
        content = current
    elif choice is ConflictChoice.OTHER:
        content = dict(conflict.content)
    else:
        field_types = _field_types(report, conflict.section)
        content = _merge_contents(current, conflict.content, field_types=field_types)
    # This is a new version too: nothing that was written is ever changed (decision 5).
    _append_revision(conflict, content, by=by, at=at, settled_conflict_id=conflict.id)
    return conflict.section


def restore_version(report: Report, revision_id: int, *, by: Actor, at: datetime) -> str:
    """Save an earlier text as a new version, and return the key of its section.

    Raises NotFound, InvalidTransition.
    """
    earlier = _writable_revision(report, revision_id, by=by)
    # Restoring a conflict settles it: its writer has chosen it.
    settled_conflict_id = earlier.id if earlier.is_conflict else None
    _append_revision(
        earlier, dict(earlier.content), by=by, at=at, settled_conflict_id=settled_conflict_id
    )
    return earlier.section


def _writable_revision(report: Report, revision_id: int, *, by: Actor) -> Revision:
    """Return a revision in a voice and section in which this person may write now.

    Raises NotFound (not there, or not theirs) and InvalidTransition.
    """
    lock(report)
    row = session().scalar(
        sa.select(Revision).where(Revision.id == revision_id, Revision.report_id == report.id)
    )
    # A choice between two notes to a colleague is made by copying, not here (decision 21).
    if row is None or row.voice is Voice.REQUEST_NOTE:
        raise NotFound
    student_action = Action.WRITE_CLOSING if row.section == CLOSING else Action.WRITE
    action = Action.WRITE_ANSWER if row.voice is Voice.TEACHER else student_action
    if not has_role(TRANSITIONS[action].role, report, by):
        # The same error as for a revision that does not exist, so that nobody learns that it does.
        raise NotFound
    if not report.can(action, by=by):
        raise InvalidTransition
    return row


def _current_content(conflict: Revision) -> dict[str, str]:
    newest_sql = (
        sa.select(Revision)
        .where(Revision.report_id == conflict.report_id, Revision.voice == conflict.voice)
        .where(Revision.section == conflict.section, ~Revision.is_conflict)
        .order_by(Revision.id.desc())
        .limit(1)
    )
    newest = session().scalars(newest_sql).first()
    return dict(newest.content) if newest else {}


def _append_revision(
    source: Revision,
    content: dict[str, str],
    *,
    by: Actor,
    at: datetime,
    settled_conflict_id: int | None,
) -> None:
    revision = Revision(
        report_id=source.report_id,
        voice=source.voice,
        section=source.section,
        content=content,
        by_id=by.id,
        written_at=at,
        # No page sent this text in a save, so there is no key for it.
        save_key=None,
        is_conflict=False,
        settled_conflict_id=settled_conflict_id,
    )
    session().add(revision)
    session().flush()


def _field_types(report: Report, section_key: str) -> dict[str, FieldType]:
    """Return how each field of a section is filled in; one that is absent holds running text."""
    schema = forms_by_id({report.form_id})[report.form_id]
    sections = (*schema.sections, *schema.teacher_sections, last_word_section(schema.language))
    section = next((section for section in sections if section.key == section_key), None)
    fields = section.fields if section else ()
    # Evidence is a list of keys: merging joins the lists without repeating a piece.
    return {field.name: field.field_type for field in fields} | {"evidence": FieldType.TICKS}


def _merge_contents(
    current: Mapping[str, str], other: Mapping[str, str], *, field_types: Mapping[str, FieldType]
) -> dict[str, str]:
    merged = {
        name: _merge_field(
            current.get(name, ""),
            other.get(name, ""),
            field_type=field_types.get(name, FieldType.TEXT),
        )
        for name in {**current, **other}
    }
    # Two texts within the limit can be too long together.
    if any(len(text) > markdown.MAX_TEXT_LENGTH for text in merged.values()):
        raise TextTooLong(limit=str(markdown.MAX_TEXT_LENGTH))
    return merged


def _merge_field(current: str, other: str, *, field_type: FieldType) -> str:
    if not current.strip():
        return other
    if not other.strip() or current == other:
        return current
    match field_type:
        case FieldType.CHOICE:
            return current  # only one option can count, so the current one stays
        case FieldType.TICKS:
            return " ".join(dict.fromkeys([*current.split(), *other.split()]))
        case FieldType.LINE:
            return f"{current}; {other}"
        case FieldType.TEXT:
            return f"{current}\n\n{other}"
    assert_never(field_type)
