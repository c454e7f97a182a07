"""Export everything of a student in one archive that opens anywhere: HTML, PDF, JSON, evidence."""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from flask import current_app
from flask_babel import force_locale

from reflect import paths
from reflect.access import history, permissions, report_lists, report_loading, share
from reflect.access.access_log import AccessEntryView, Channel, access_entries
from reflect.access.evidence_access import find_evidence
from reflect.access.history import RevisionView, StateChangeView
from reflect.access.share import ShareView
from reflect.access.view_models import ReportView
from reflect.printing import booklet_rendering, html_view
from reflect.printing.booklet import Booklet
from reflect.printing.branding import active
from reflect.printing.render_request import Usage
from reflect.reports.form_schema import captioned_evidence, evidence_keys
from reflect.reports.workflow import State
from reflect.school.calendar import DayPart, day_part
from reflect.school.people import Actor
from reflect.settings import DEFAULT_TIMEZONE
from reflect.text import markdown
from reflect.text.file_names import unique_file_names
from reflect.text.grouping import group_by

# The words in the file are a public format (docs/export.md), so they stay as they are where names
# in the code have changed.
EXPORT_SCHEMA = "reflect-take-along/1"
# An addition raises the second number; a change of what is there gets another schema.
EXPORT_VERSION = "1.3"
_STYLESHEETS = [paths.STATIC / "css" / name for name in ("typed-text.css", "export.css")]
_EVIDENCE_FOLDER = "evidence"
_DRAFT_STATES = (None, State.DRAFT)


@dataclass(frozen=True)
class ExportRecord:
    """One report with all that belongs to it.

    `evidence_files`: by the key of a piece of evidence, the name of its file in the blob store.
    `answered_in`: the part of the day in which the answer was given, since the minute is the
    teacher's own. `lost_evidence`: the keys of the pieces whose file is not there.
    """

    report: ReportView
    versions: tuple[RevisionView, ...]
    state_changes: tuple[StateChangeView, ...]
    readings: tuple[AccessEntryView, ...]
    shares: tuple[ShareView, ...]
    evidence_files: Mapping[str, str]
    answered_in: DayPart | None = None
    lost_evidence: frozenset[str] = frozenset()

    @property
    def evidence_paths(self) -> dict[str, str]:
        """The path in the archive of each piece of evidence, by its key, without the lost ones."""
        return {
            key: f"{_EVIDENCE_FOLDER}/{name}"
            for key, name in self.evidence_files.items()
            if key not in self.lost_evidence
        }

    def evidence_of(self, content: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the path, "" for a lost one, and the caption of each piece of a text."""
        paths_by_key = self.evidence_paths
        return [
            (paths_by_key.get(key, ""), caption)
            for key, caption in captioned_evidence(content)
            if key in self.evidence_files
        ]


def load_records(*, by: Actor, at: datetime, zone: str = DEFAULT_TIMEZONE) -> list[ExportRecord]:
    """Return everything of mine, the newest round first. My own readings are not logged.

    When others acted is told by the part of the day in this time zone.
    """
    report_ids = [row.report_id for row in report_lists.own_reports(by=by, at=at) if row.report_id]
    return [
        _load_record(report, by=by, at=at, zone=zone)
        for report in report_loading.load_many(report_ids, by=by, at=at, channel=Channel.PRINT)
    ]


def _load_record(report: ReportView, *, by: Actor, at: datetime, zone: str) -> ExportRecord:
    versions = tuple(history.versions(report.id, by=by, at=at))
    # Of all versions: what a student removed from a text later is still theirs to take along.
    keys = dict.fromkeys(key for version in versions for key in evidence_keys(version.content))
    evidence_files = {key: find_evidence(report.id, key, by=by, at=at).blob_name for key in keys}
    own_report = permissions.get_or_404(report.id, by=by, at=at)
    return ExportRecord(
        report=report,
        versions=versions,
        state_changes=tuple(history.state_changes(report.id, by=by, at=at, zone=zone)),
        readings=tuple(access_entries(report.id, by=by, at=at, zone=zone)),
        shares=tuple(share.shares_of(own_report, by=by)),
        evidence_files=evidence_files,
        answered_in=day_part(report.answered_at, zone=zone) if report.answered_at else None,
    )


def build_archive(
    records: list[ExportRecord],
    evidence_files: Mapping[str, bytes],
    *,
    school: str,
    language: str,
    seconds: int,
    by: Actor,
    at: datetime,
) -> bytes:
    """Return a zip of these records and the bytes of their evidence files, which are by name.

    A file that is not among them is lost, and the zip says so. Raises PrintFailed.
    """
    records = [_note_lost_evidence(record, evidence_files) for record in records]
    page = _index_page(records, school=school, language=language, by=by, at=at)
    data = to_json(records, school=school, by=by, at=at)
    pdfs = _booklet_pdfs(records, school=school, language=language, seconds=seconds, by=by, at=at)
    evidence = {f"{_EVIDENCE_FOLDER}/{name}": content for name, content in evidence_files.items()}
    return booklet_rendering.zip_files(
        {
            "index.html": page.encode(),
            "style.css": b"".join(map(Path.read_bytes, _STYLESHEETS)),
            "record.json": json.dumps(data, ensure_ascii=False, indent=1).encode(),
            **pdfs,
            **evidence,
        }
    )


def _note_lost_evidence(record: ExportRecord, evidence_files: Container[str]) -> ExportRecord:
    lost_keys = [key for key, name in record.evidence_files.items() if name not in evidence_files]
    return replace(record, lost_evidence=frozenset(lost_keys))


def _index_page(
    records: list[ExportRecord], *, school: str, language: str, by: Actor, at: datetime
) -> str:
    with force_locale(language):
        template = current_app.jinja_env.get_template("printing/export.html")
        return template.render(
            records=records,
            school=school,
            language=language,
            student=by,
            exported_at=at,
            to_html=markdown.to_html,
            to_line=markdown.to_inline_html,
            annotate=html_view.highlight_remarks,
        )


def _booklet_pdfs(
    records: list[ExportRecord],
    *,
    school: str,
    language: str,
    seconds: int,
    by: Actor,
    at: datetime,
) -> dict[str, bytes]:
    """Return a booklet for each round in which something was handed in, by its path."""
    handed_in = [record.report for record in records if record.report.state not in _DRAFT_STATES]
    active.prepare()
    booklets = []
    for own_reports in group_by(handed_in, lambda report: report.round_id).values():
        booklets.append(
            Booklet(
                student=by,
                group=own_reports[0].group,
                round=own_reports[0].round_name,
                school=school,
                talk_on=None,
                attendees=(),
                language=language,
                reports=tuple(own_reports),
                branding=active.current(),
                exported_at=at,
            )
        )
    # Kept for years: as PDF/A, which brings all that it needs to open.
    pdfs = (
        booklet_rendering.render_booklets(booklets, seconds=seconds, usage=Usage.ARCHIVE)
        if booklets
        else []
    )
    return dict(zip(_booklet_paths(booklets), pdfs, strict=True))


def _booklet_paths(booklets: Iterable[Booklet]) -> list[str]:
    """Return a path for each booklet; no two are the same, as rounds of two years may be named."""
    names = unique_file_names((([booklet.round], "") for booklet in booklets), extension="pdf")
    return [f"pdf/{name}" for name in names]


def to_json(
    records: Iterable[ExportRecord], *, school: str, by: Actor, at: datetime
) -> dict[str, object]:
    """Return the records as docs/export.md describes them."""
    return {
        "schema": EXPORT_SCHEMA,
        "version": EXPORT_VERSION,
        "school": school,
        "made_at": at.isoformat(),
        "student": {"name": by.name, "given_name": by.given_name},
        "reports": [_report_json(record) for record in records],
    }


def _report_json(record: ExportRecord) -> dict[str, object]:
    report = record.report
    return {
        "subject": report.subject,
        "course": report.course_name,
        "round": report.round_name,
        "group": report.group,
        "language": report.language,
        "teachers": [teacher.name for teacher in report.teachers],
        "state": report.state,
        "handed_in_at": _iso_or_none(report.handed_in_at),
        "answered_at": _iso_or_none(record.answered_in.began_at if record.answered_in else None),
        **_content_json(report),
        "evidence": record.evidence_paths,
        "lost_evidence": sorted(record.lost_evidence),
        **_history_json(record),
        "shares": [
            {
                "with": share_view.recipient,
                "by_link": share_view.by_link,
                "from": _iso_or_none(share_view.begins_at),
                "until": _iso_or_none(share_view.ends_at),
                "taken_back_at": _iso_or_none(share_view.revoked_at),
            }
            for share_view in record.shares
        ],
    }


def _content_json(report: ReportView) -> dict[str, object]:
    return {
        "sections": [
            {
                "key": view.section.key,
                "prompt": view.section.prompt,
                "private": view.section.private,
                "student": dict(view.student_content),
                "teacher": view.teacher_text,
            }
            for view in report.sections
        ],
        "remarks": [
            {
                "number": remark.number,
                "section": remark.section,
                "field": remark.field,
                "quote": remark.quote,
                "span": remark.span,
                "text": remark.text,
            }
            for remark in report.remarks
        ],
        "in_words": [
            {
                "key": section.key,
                "prompt": section.prompt,
                "teacher": dict(content),
                "words": {option.key: option.label for option in section.options},
            }
            for section, content in report.filled_teacher_sections
        ],
        "answer": dict(report.overall),
        "last_word": report.closing_word,
        "goals": [
            {"goal": goal.description, "notice": goal.success_criterion} for goal in report.goals
        ],
    }


def _history_json(record: ExportRecord) -> dict[str, object]:
    return {
        "versions": [
            {
                "section": version.section.key,
                "at": _iso_or_none(version.at),
                "put_aside": version.is_conflict,
                "student": dict(version.content),
            }
            for version in record.versions
        ],
        "steps": [
            {
                "step": change.action,
                "who": change.actor_name,
                "at": _iso_or_none(change.at),
                "part": change.part_of_day,
                "reason": change.reason,
            }
            for change in record.state_changes
        ],
        "readings": [
            {
                "who": reading.reader_name,
                "door": reading.channel,
                "link": reading.link_label,
                "purpose": reading.purpose,
                "at": _iso_or_none(reading.at),
                "part": reading.part_of_day,
            }
            for reading in record.readings
        ],
    }


def _iso_or_none(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
