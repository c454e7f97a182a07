"""Loading reports as one viewer may see them; a reading by somebody else is logged with it.

A reading is that somebody gets to see a text: of a view without any, nothing is logged.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from reflect.access import access_log
from reflect.access.access_log import Channel, Purpose
from reflect.access.answers import (
    RevisionsBySection,
    answer_heading,
    load_teachers,
    load_writers,
)
from reflect.access.evidence_views import evidence_views
from reflect.access.permissions import (
    ProspectiveViewer,
    ShareLinkViewer,
    Viewer,
    facts,
    opened_sections_sql,
    viewer_params,
    visible_parts,
)
from reflect.access.readings import (
    has_unrecorded,
    is_viewer,
    readings_by_teacher,
    readings_in,
    record_readings,
)
from reflect.access.remarks import visible_remarks
from reflect.access.view_models import (
    ReportPart,
    ReportView,
    SectionView,
    parse_goals,
)
from reflect.db.session import execute, session, short_write
from reflect.errors import NotFound
from reflect.reports import evidence
from reflect.reports.evidence import Evidence
from reflect.reports.form_schema import FormSchema, Section, evidence_keys
from reflect.reports.forms import Form, parse_cached
from reflect.reports.report import (
    CLOSING,
    OVERALL,
    Report,
    Voice,
    group_code,
    have_changed,
    lock_all,
    reopened_by,
)
from reflect.reports.revisions import RevisionQuery, latest_by_voice
from reflect.reports.rounds import Round
from reflect.reports.workflow import State
from reflect.school.people import (
    Actor,
    Course,
    Person,
    PersonRef,
    Subject,
    make_person_ref,
)
from reflect.school.ties import HAS_LEFT, TODAY

_IDS_PARAM = sa.bindparam("ids", expanding=True, type_=sa.Integer)
# Leaves out of a view what its page does not show, before it is decided whether that is a reading.
Narrow = Callable[[ReportView], ReportView]
# Whoever reads the goals alone, a mentor of a later year, does not read the last word with them.
_STUDENT_TEXTS = frozenset({ReportPart.DRAFT, ReportPart.TEXT, ReportPart.ANSWERED_TEXT})
_BOOKLET_PARTS = (_STUDENT_TEXTS - {ReportPart.DRAFT}) | {ReportPart.FEEDBACK, ReportPart.GOALS}


@dataclass(frozen=True)
class _ReportRecord:
    """A report with what one row of the database says about it."""

    report: Report
    student: PersonRef
    course_name: str
    subject_name: str
    round_name: str
    group_code: str
    form: FormSchema
    is_unopened: bool
    student_has_left: bool
    reopened_by_id: int | None
    visible_parts: frozenset[ReportPart]


def load(
    report_id: int,
    *,
    by: Viewer,
    at: datetime,
    channel: Channel = Channel.SCREEN,
    purpose: Purpose | None = None,
    narrow: Narrow | None = None,
) -> ReportView:
    """Return one report, and log the reading. Raises NotFound."""
    report_views = load_many(
        [report_id], by=by, at=at, channel=channel, purpose=purpose, narrow=narrow
    )
    if not report_views:
        raise NotFound
    return report_views[0]


def load_many(
    report_ids: list[int],
    *,
    by: Viewer,
    at: datetime,
    channel: Channel,
    purpose: Purpose | None = None,
    narrow: Narrow | None = None,
) -> list[ReportView]:
    """Return those of these reports that the viewer may see, in this order; log each reading.

    `purpose`: for what they are read, where it does not follow from who reads. `narrow`: leaves
    out of each view what its page does not show.
    """
    loaded = load_many_with_reports(
        report_ids, by=by, at=at, channel=channel, purpose=purpose, narrow=narrow
    )
    return [view for _, view in loaded]


def load_many_with_reports(
    report_ids: list[int],
    *,
    by: Viewer,
    at: datetime,
    channel: Channel,
    purpose: Purpose | None = None,
    narrow: Narrow | None = None,
) -> list[tuple[Report, ReportView]]:
    """Return what `load_many` does, each with its Report, to call an action on."""
    loaded = _load_with_views(report_ids, by=by, at=at, narrow=narrow)
    readings = readings_in([view for _, view in loaded], by=by)
    # Looking again writes nothing, and so waits for nobody.
    is_new = has_unrecorded(readings, by=by, at=at, channel=channel)
    opened_ids = _newly_opened_ids(loaded, readings)
    if is_new or opened_ids:
        # In a transaction of its own, before anything is drawn (decision 7).
        with short_write():
            lock_all(opened_ids)  # taking back and opening come one after the other
            if have_changed([record.report for record, _ in loaded]):
                # Taken back, or handed in again: what was read then is not what is shown.
                session().expire_all()
                loaded = _load_with_views(report_ids, by=by, at=at, narrow=narrow)
                readings = readings_in([view for _, view in loaded], by=by)
            # What cannot be logged is not shown: an error here ends the request (decision 7).
            record_readings(readings, by=by, at=at, channel=channel, purpose=purpose)
            access_log.mark_opened_by_teacher(_newly_opened_ids(loaded, readings), at=at)
    return [(record.report, view) for record, view in loaded]


_Loaded = list[tuple["_ReportRecord", ReportView]]


def _load_with_views(
    report_ids: list[int], *, by: Viewer, at: datetime, narrow: Narrow | None
) -> _Loaded:
    records = _load_records(report_ids, by=by, at=at)
    report_views = _build_views(records, by=by, at=at)
    if narrow:
        report_views = [narrow(view) for view in report_views]
    return list(zip(records, report_views, strict=True))


def load_without_texts(report_id: int, *, by: Viewer, at: datetime) -> ReportView:
    """Return what a report is about and how far it is, for a page that shows no text of it.

    It logs nothing, since nothing is read. Raises NotFound.
    """
    records = _load_records([report_id], by=by, at=at)
    if not records:
        raise NotFound
    return _build_views(records, by=by, at=at)[0].without_texts()


def _newly_opened_ids(loaded: _Loaded, readings: list[ReportView]) -> list[int]:
    unopened_ids = {record.report.id for record, _ in loaded if record.is_unopened}
    return [view.id for view in readings_by_teacher(readings) if view.id in unopened_ids]


def load_home_preview(
    report_id: int,
    *,
    by: Actor,
    at: datetime,
    viewer: ProspectiveViewer | ShareLinkViewer | None = None,
) -> ReportView:
    """Return my own report as this viewer would see it; None: whoever would get a new link.

    Where they would see nothing of it, its `visible_parts` are empty. Raises NotFound.
    """
    # No reading is logged: it is the student's own report, and the viewer sees nothing of this.
    own_record = _load_own_record(report_id, by=by, at=at)
    viewer = viewer or ProspectiveViewer(0, by.today, if_shared=True)
    nothing = [replace(own_record, visible_parts=frozenset())]
    return _build_views(_load_records([report_id], by=viewer, at=at) or nothing, by=viewer, at=at)[
        0
    ]


def load_own(report_id: int, *, by: Actor, at: datetime) -> tuple[Report, ReportView]:
    """Return my own report, to call an action on, and my view of it. Raises NotFound.

    Also for a report that I may only read: nothing of it is read here, and so nothing is logged.
    """
    own_record = _load_own_record(report_id, by=by, at=at)
    return own_record.report, _build_views([own_record], by=by, at=at)[0]


def load_own_for_booklet(report_id: int, *, by: Actor, at: datetime) -> ReportView:
    """Return what was handed in and answered of my own report. Raises NotFound."""
    own_record = _load_own_record(report_id, by=by, at=at)
    parts = own_record.visible_parts & _BOOKLET_PARTS
    return _build_views([replace(own_record, visible_parts=parts)], by=by, at=at)[0]


def _load_own_record(report_id: int, *, by: Actor, at: datetime) -> _ReportRecord:
    records = _load_records([report_id], by=by, at=at)
    if not records or not is_viewer(records[0].report.student_id, by=by):
        raise NotFound
    return records[0]


def load_unlogged(report_ids: list[int], *, by: Viewer, at: datetime) -> list[ReportView]:
    """Return reports as `by` would see them, without logging.

    Only for the modules of this package that log what is handed over, or hand nothing over.
    """
    return _build_views(_load_records(report_ids, by=by, at=at), by=by, at=at)


# Selected as a column, since the session may hold this report as it was before a commit, and it
# may have been handed in meanwhile.
_IS_UNOPENED = sa.and_(Report.state == State.HANDED_IN, Report.opened_at.is_(None))
_RECORD_COLUMNS: tuple[Any, ...] = (
    Report,
    Course.name.label("course_name"),
    Subject.name.label("subject_name"),
    Round.name.label("round_name"),
    group_code(on=TODAY).label("group_code"),
    _IS_UNOPENED.label("is_unopened"),
    reopened_by().label("reopened_by_id"),
    Form.text.label("form_text"),
    Form.slug.label("form_slug"),
    Person.given_name,
    Person.infix,
    Person.family_name,
    HAS_LEFT.label("has_left"),
)


@lru_cache(maxsize=1)
def _records_sql() -> sa.Select[Any]:
    fact_columns = [fact.label(f"fact_{index}") for index, fact in enumerate(facts())]
    return (
        sa.select(*_RECORD_COLUMNS, *fact_columns)
        .join(Course, Course.id == Report.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(Round, Round.id == Report.round_id)
        .join(Form, Form.id == Report.form_id)
        .join(Person, Person.id == Report.student_id)
        .where(Report.id.in_(_IDS_PARAM))
    )


def _load_records(
    report_ids: list[int], *, by: Viewer | ProspectiveViewer, at: datetime
) -> list[_ReportRecord]:
    """Return those of these reports of which the viewer sees anything, in this order."""
    params = {**viewer_params(by, at=at), "ids": report_ids}
    records = {}
    for row in session().execute(_records_sql(), params):
        # The facts for `visible_parts` come after the columns of the record.
        parts = visible_parts(row[len(_RECORD_COLUMNS) :])
        if parts:
            records[row.Report.id] = _to_record(row, parts)
    # In the order that was asked for: the database returns rows in any order.
    return [records[report_id] for report_id in report_ids if report_id in records]


def _to_record(row: sa.Row[Any], parts: frozenset[ReportPart]) -> _ReportRecord:
    student_id = row.Report.student_id
    return _ReportRecord(
        report=row.Report,
        student=make_person_ref(student_id, row.given_name, row.infix, row.family_name),
        course_name=row.course_name,
        subject_name=row.subject_name,
        round_name=row.round_name,
        group_code=row.group_code or "",
        form=parse_cached(row.form_text, row.form_slug),
        is_unopened=bool(row.is_unopened),
        student_has_left=bool(row.has_left),
        reopened_by_id=row.reopened_by_id,
        visible_parts=parts,
    )


@dataclass(frozen=True)
class _ReportTexts:
    """The texts of a report that the viewer sees, and the sections that were opened to them."""

    student_revisions: RevisionsBySection
    teacher_revisions: RevisionsBySection
    opened_sections: frozenset[str]


def _content(revisions: RevisionsBySection, section: str) -> Mapping[str, str]:
    return revisions[section].content if section in revisions else {}


def _build_views(
    records: list[_ReportRecord], *, by: Viewer | ProspectiveViewer, at: datetime
) -> list[ReportView]:
    """Return the views of these reports; what they need is loaded for all of them at once."""
    if not records:
        return []
    texts_by_id = _load_texts(records, by=by, at=at)
    course_ids = {record.report.course_id for record in records}
    teachers_by_course = load_teachers(course_ids, on=by.today)
    answers_by_id = {key: texts.teacher_revisions for key, texts in texts_by_id.items()}
    writers_by_id = load_writers(answers_by_id, teachers_by_course)
    # No query where no text names any evidence.
    evidence_rows = evidence.evidence_of(
        report_id for report_id, texts in texts_by_id.items() if _refers_to_evidence(texts)
    )
    report_views = []
    for record in records:
        report = record.report
        teachers = writers_by_id[report.id] or teachers_by_course.get(report.course_id, ())
        report_views.append(
            _to_report_view(record, texts_by_id[report.id], teachers, evidence_rows)
        )
    return report_views


def _refers_to_evidence(texts: _ReportTexts) -> bool:
    return any(evidence_keys(revision.content) for revision in texts.student_revisions.values())


# The first part that the viewer sees decides up to which revision they read; None: all of them.
_LAST_REVISION_BY_PART: dict[Voice, tuple[tuple[ReportPart, Any], ...]] = {
    Voice.STUDENT: (
        (ReportPart.DRAFT, None),
        (ReportPart.TEXT, Report.teacher_sees_until_revision_id),
        (ReportPart.ANSWERED_TEXT, Report.home_sees_student_until_revision_id),
        (ReportPart.GOALS, Report.home_sees_student_until_revision_id),
    ),
    Voice.TEACHER: (
        (ReportPart.FEEDBACK_DRAFT, None),
        # The student, who alone sees DRAFT, reads the answer up to what was released to them.
        (ReportPart.DRAFT, Report.student_sees_until_revision_id),
        (ReportPart.FEEDBACK, Report.home_sees_until_revision_id),
    ),
}


def _revision_queries(parts: frozenset[ReportPart]) -> list[RevisionQuery]:
    """Return which revisions of a report somebody who sees these parts may read."""
    queries = []
    for voice, limits in _LAST_REVISION_BY_PART.items():
        until_columns = [column for part, column in limits if part in parts]
        if until_columns:
            queries.append(RevisionQuery(voice, until_columns[0]))
    return queries


def _load_texts(
    records: list[_ReportRecord], *, by: Viewer | ProspectiveViewer, at: datetime
) -> dict[int, _ReportTexts]:
    """Return the texts of each report, as far as the viewer sees them, by report."""
    opened_sections = _load_opened_sections(records, by=by, at=at)
    ids_by_query: dict[RevisionQuery, list[int]] = {}
    for record in records:
        for query in _revision_queries(record.visible_parts):
            ids_by_query.setdefault(query, []).append(record.report.id)
    # One query for all reports and both voices.
    revisions = latest_by_voice(ids_by_query)
    return {
        report_id: _ReportTexts(
            student_revisions=_for_parts(revisions.get((report_id, Voice.STUDENT), {}), parts),
            teacher_revisions=revisions.get((report_id, Voice.TEACHER), {}),
            opened_sections=frozenset(opened_sections.get(report_id, ())),
        )
        for report_id, parts in ((record.report.id, record.visible_parts) for record in records)
    }


def _load_opened_sections(
    records: list[_ReportRecord], *, by: Viewer | ProspectiveViewer, at: datetime
) -> dict[int, list[str]]:
    """Return by report what was opened to the viewer, of the sections that are closed to them."""
    closed_ids = [
        record.report.id
        for record in records
        if any(_is_closed(section, record.visible_parts) for section in record.form.sections)
    ]
    opened_sections: dict[int, list[str]] = {}
    params = {**viewer_params(by, at=at), "ids": closed_ids}
    for report_id, section in execute(opened_sections_sql(), params) if closed_ids else ():
        opened_sections.setdefault(report_id, []).append(section)
    return opened_sections


def _for_parts(revisions: RevisionsBySection, parts: frozenset[ReportPart]) -> RevisionsBySection:
    """Return the student's texts for somebody who sees these parts: with the goals alone, those."""
    if parts & _STUDENT_TEXTS:
        return revisions
    return {section: row for section, row in revisions.items() if section == CLOSING}


def _teacher_sections(
    form: FormSchema, texts: _ReportTexts
) -> Iterator[tuple[Section, Mapping[str, str]]]:
    for section in form.teacher_sections:
        yield section, _content(texts.teacher_revisions, section.key)


def _to_report_view(
    record: _ReportRecord,
    texts: _ReportTexts,
    teachers: tuple[PersonRef, ...],
    evidence_rows: Mapping[str, Evidence],
) -> ReportView:
    report, form, parts = record.report, record.form, record.visible_parts
    shows_state = ReportPart.STATE in parts
    section_views = tuple(_section_views(form.sections, texts, parts=parts))
    # The last word is kept in one section with the goals, so it has the same row in the table.
    closing = _content(texts.student_revisions, CLOSING) if ReportPart.GOALS in parts else {}
    return ReportView(
        id=report.id,
        student=record.student,
        teachers=teachers,
        course_name=record.course_name,
        course_id=report.course_id,
        subject=record.subject_name,
        group=record.group_code,
        round_name=record.round_name,
        language=form.language,
        form=form,
        state=report.state if shows_state else None,
        state_since=report.state_since if shows_state else None,
        sections=section_views,
        remarks=visible_remarks(section_views, texts.teacher_revisions, parts=parts),
        overall=_content(texts.teacher_revisions, OVERALL),
        teacher_sections=tuple(_teacher_sections(form, texts)),
        closing_word=closing.get("word", "") if parts & _STUDENT_TEXTS else "",
        goals=parse_goals(closing),
        evidence_by_key=evidence_views(report.id, section_views, evidence_rows),
        # A hand-in that was taken back leaves its moment in the row.
        handed_in_at=report.handed_in_at if report.teacher_sees_until_revision_id else None,
        answered_at=report.answered_at,
        visible_parts=parts | _opened_part(texts),
        round_id=report.round_id,
        student_has_left=record.student_has_left,
        reopened_by_id=record.reopened_by_id if shows_state else None,
        answer_heading=answer_heading(report, texts.teacher_revisions.get(OVERALL), parts=parts),
    )


def _opened_part(texts: _ReportTexts) -> frozenset[ReportPart]:
    return frozenset([ReportPart.OPENED_SECTIONS] if texts.opened_sections else [])


def _section_views(
    sections: Iterable[Section], texts: _ReportTexts, *, parts: frozenset[ReportPart]
) -> Iterable[SectionView]:
    for section in sections:
        is_opened = section.key in texts.opened_sections
        if _is_closed(section, parts) and not is_opened:
            # Left out as a whole, so that no page has to remember to hide it.
            continue
        yield SectionView(
            section=section,
            student_content=_content(texts.student_revisions, section.key),
            teacher_text=_content(texts.teacher_revisions, section.key).get("text", ""),
            visible_to_student_only=section.private and not is_opened,
        )


def _is_closed(section: Section, parts: frozenset[ReportPart]) -> bool:
    """Return whether whoever sees these parts reads this section only if it was opened to them."""
    required_part = ReportPart.PRIVATE if section.private else ReportPart.LETTER
    return section.is_confidential and required_part not in parts
