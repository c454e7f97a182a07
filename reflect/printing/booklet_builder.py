"""Build the booklets of a student or a group, from reports that their reader may see.

One for a screen logs a reading of each report. One for paper does not: whoever hands the pages over
calls `record_print` first.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from reflect.access import print_access, report_lists, report_loading
from reflect.access.access_log import Channel, Purpose
from reflect.access.report_lists import ReportRow
from reflect.access.view_models import ReportView
from reflect.errors import NotFound
from reflect.i18n import DEFAULT_LANGUAGE
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.printing.branding import active
from reflect.reports import rounds
from reflect.school import queries
from reflect.school.people import Actor, PersonRef
from reflect.school.queries import NamedRef


def build_for_group(
    group: NamedRef,
    *,
    round_id: int,
    school: str,
    by: Actor,
    at: datetime,
    layout: BookletLayout = BookletLayout.BOOKLET,
) -> list[Booklet]:
    """Return a booklet to print for each student of my group with an answered report."""
    rows = report_lists.for_group(group.id, by=by, at=at, round_id=round_id)
    return _load_to_print(rows, layout, group=group, school=school, by=by, at=at)


def build_for_student(
    group: NamedRef,
    *,
    student_id: int,
    round_id: int,
    school: str,
    by: Actor,
    at: datetime,
    layout: BookletLayout = BookletLayout.BOOKLET,
) -> Booklet | None:
    """Return the booklet to print of a student of my group; None when nothing is answered yet.

    Raises NotFound.
    """
    booklets = build_for_students(
        group, [student_id], round_id=round_id, school=school, by=by, at=at, layout=layout
    )
    if student_id not in booklets:
        # The same for a student of another group: nobody learns that there is one.
        raise NotFound
    return booklets[student_id]


def build_for_students(
    group: NamedRef,
    student_ids: Collection[int],
    *,
    round_id: int,
    school: str,
    by: Actor,
    at: datetime,
    layout: BookletLayout = BookletLayout.BOOKLET,
) -> dict[int, Booklet | None]:
    """Return the booklets to print of these students, by their id, in the order of the group.

    None where nothing is answered yet. Who is not in my group is left out.
    """
    group_rows = report_lists.for_group(group.id, by=by, at=at, round_id=round_id)
    rows = [row for row in group_rows if row.student.id in student_ids]
    booklets = _load_to_print(rows, layout, group=group, school=school, by=by, at=at)
    by_student = {booklet.student.id: booklet for booklet in booklets}
    return {row.student.id: by_student.get(row.student.id) for row in rows}


def _rows_of_student(
    group: NamedRef, *, student_id: int, round_id: int, by: Actor, at: datetime
) -> list[ReportRow]:
    rows = report_lists.for_group(group.id, by=by, at=at, round_id=round_id)
    student_rows = [row for row in rows if row.student.id == student_id]
    if not student_rows:
        # The same for a student of another group: nobody learns that there is one.
        raise NotFound
    return student_rows


def build_for_screen(
    group: NamedRef, *, student_id: int, round_id: int, school: str, by: Actor, at: datetime
) -> Booklet | None:
    """Return the booklet of a student of my group to read on a screen; log each reading.

    None when nothing is answered yet. Raises NotFound.
    """
    rows = _rows_of_student(group, student_id=student_id, round_id=round_id, by=by, at=at)
    reports = report_loading.load_many(
        answered_report_ids(rows),
        by=by,
        at=at,
        channel=Channel.SCREEN,
        purpose=Purpose.TALK,
        narrow=_without_private_parts,
    )
    booklets = build_from_rows(rows, reports, group=group, school=school, by=by)
    return booklets[0] if booklets else None


def printed_report_ids(booklets: list[Booklet], *, reader_id: int | None) -> list[int]:
    """Return the reports that somebody reads by getting the pages of these booklets.

    `reader_id`: None for the school's IT at the command line.
    """
    report_views = [report for booklet in booklets for report in booklet.reports]
    return print_access.printed_report_ids(report_views, reader_id=reader_id)


def record_print(booklets: list[Booklet], *, reader_id: int | None, at: datetime) -> None:
    """Log that the pages of these booklets are handed over; to be called just before."""
    report_ids = printed_report_ids(booklets, reader_id=reader_id)
    print_access.record_print(report_ids, reader_id=reader_id, at=at)


def build_own(*, round_id: int, school: str, by: Actor, at: datetime) -> Booklet | None:
    """Return my own booklet as others read it; None when nothing is answered yet.

    Raises NotFound.
    """
    rows = [row for row in report_lists.own_reports(by=by, at=at) if row.round_id == round_id]
    # This logs no reading: it is the student's own report.
    reports = [
        report_loading.load_own_for_booklet(report_id, by=by, at=at)
        for report_id in answered_report_ids(rows)
    ]
    return _single_booklet(rows, reports, school=school, by=by)


def build_for_guardian(
    student_id: int, *, round_id: int, school: str, by: Actor, at: datetime
) -> Booklet | None:
    """Return a booklet of what I, a guardian, may read of this child. Raises NotFound."""
    rows = [
        row for row in report_lists.for_child(student_id, by=by, at=at) if row.round_id == round_id
    ]
    report_ids = [row.report_id for row in rows if row.report_id]
    reports = report_loading.load_many(
        report_ids,
        by=by,
        at=at,
        channel=Channel.SCREEN,
        purpose=Purpose.READING_ALONG,
        narrow=_without_private_parts,
    )
    return _single_booklet(rows, reports, school=school, by=by)


def _single_booklet(
    rows: list[ReportRow], reports: list[ReportView], *, school: str, by: Actor
) -> Booklet | None:
    if not rows:
        raise NotFound
    group = _group_of(reports[0], today=by.today) if reports else None
    if group is None:
        return None
    booklets = build_from_rows(rows, reports, group=group, school=school, by=by)
    return booklets[0] if booklets else None


def _group_of(report: ReportView, *, today: date) -> NamedRef | None:
    """Return the student's group of the year of this report: its code comes back each year."""
    last_day = rounds.last_day_of_year(report.round_id)
    return queries.group_by_code(report.group, on=min(today, last_day))


def _load_to_print(
    rows: list[ReportRow],
    layout: BookletLayout,
    *,
    group: NamedRef,
    school: str,
    by: Actor,
    at: datetime,
) -> list[Booklet]:
    reports = print_access.load_to_print(
        answered_report_ids(rows), by=by, at=at, narrow=_without_private_parts
    )
    booklets = build_from_rows(rows, reports, group=group, school=school, by=by)
    return [replace(booklet, layout=layout) for booklet in booklets]


def answered_report_ids(rows: list[ReportRow]) -> list[int]:
    return [row.report_id for row in rows if row.has_answer and row.report_id]


def build_from_rows(
    rows: list[ReportRow], reports: list[ReportView], *, group: NamedRef, school: str, by: Actor
) -> list[Booklet]:
    """Return the booklets of reports that `by` may see, with the subjects still missing.

    `rows` lists all reports of these students in the round.
    """
    students = list(dict.fromkeys(row.student for row in rows))
    booklets = [
        _build_booklet(student, rows, reports, group=group, school=school, by=by)
        for student in students
    ]
    return [booklet for booklet in booklets if booklet.reports]


def _build_booklet(
    student: PersonRef,
    rows: list[ReportRow],
    reports: list[ReportView],
    *,
    group: NamedRef,
    school: str,
    by: Actor,
) -> Booklet:
    student_rows = [row for row in rows if row.student == student]
    printed = tuple(
        _without_private_parts(report) for report in reports if report.student.id == student.id
    )
    printed_ids = {report.id for report in printed}
    mentors = [mentor.name for mentor in queries.mentors_of_group(group.id, on=by.today)]
    guardians = [guardian.name for guardian in queries.attendees_of(student.id, on=by.today)]
    return Booklet(
        student=student,
        group=group.name,
        round=student_rows[0].round_name,
        school=school,
        talk_on=student_rows[0].conversation_on,
        attendees=(*guardians, *mentors),
        language=_main_language(printed),
        reports=printed,
        unanswered_subjects=tuple(
            row.subject for row in student_rows if row.report_id not in printed_ids
        ),
        branding=active.current(),
    )


def _without_private_parts(report: ReportView) -> ReportView:
    """Leave out the letter and private sections, even those that the student opened to somebody.

    A booklet lies on a table where others may read it too.
    """
    sections = tuple(view for view in report.sections if not view.section.is_confidential)
    section_keys = {view.section.key for view in sections}
    remarks = tuple(remark for remark in report.remarks if remark.section in section_keys)
    return replace(report, sections=sections, remarks=remarks)


def _main_language(reports: tuple[ReportView, ...]) -> str:
    """Return the language of most of the reports; of as many in each, the school's first."""
    languages = [report.language for report in reports] or [DEFAULT_LANGUAGE]
    # Sorted, so that a tie gives the same language at every print: the cache key depends on it.
    return max(
        sorted(set(languages)),
        key=lambda language: (languages.count(language), language == DEFAULT_LANGUAGE),
    )
