"""The print jobs of a group, and how far the pages of each student in them are."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.access import report_lists
from reflect.access.report_lists import ReportRow
from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import NotFound, NothingToPrint
from reflect.i18n import N_
from reflect.jobs.job import ACTIVE_STAGES, Job, JobView, Stage
from reflect.printing.booklet import BookletLayout
from reflect.reports.workflow import State
from reflect.school import queries
from reflect.school.people import Actor, PersonRef, lock_person, person_refs
from reflect.school.queries import NamedRef
from reflect.text.grouping import group_by


class FileKind(StrEnum):
    """One PDF for the printer, or a zip with a PDF for each student."""

    MERGED = "merged"
    ZIP = "zip"

    @property
    def extension(self) -> str:
        return _EXTENSIONS[self]


_EXTENSIONS = {FileKind.MERGED: "pdf", FileKind.ZIP: "zip"}
# For the page that waits for a print or an export.
NO_WORKER_MESSAGE = N_(
    "The part of Reflect that makes files is not running, so this waits. Tell the administrator. "
    "Nothing is lost, and it goes on by itself when that runs again."
)
FILE_KIND_LABELS = {
    FileKind.MERGED: N_("One file for the printer: each student begins on a new sheet"),
    FileKind.ZIP:    N_("A file for each student, together in a zip"),
}  # fmt: skip


class OutputFormat(StrEnum):
    """A layout in a kind of file."""

    MERGED = "merged"
    ZIP = "zip"
    SHEETS = "sheets"
    SHEETS_ZIP = "sheets_zip"

    @property
    def layout(self) -> BookletLayout:
        return _OUTPUT_FORMATS[self][0]

    @property
    def file_kind(self) -> FileKind:
        return _OUTPUT_FORMATS[self][1]


_OUTPUT_FORMATS = {
    OutputFormat.MERGED:     (BookletLayout.BOOKLET,   FileKind.MERGED),
    OutputFormat.ZIP:        (BookletLayout.BOOKLET,   FileKind.ZIP),
    OutputFormat.SHEETS:     (BookletLayout.ONE_PAGER, FileKind.MERGED),
    OutputFormat.SHEETS_ZIP: (BookletLayout.ONE_PAGER, FileKind.ZIP),
}  # fmt: skip


def parse_output_format(file_kind: str, layout: str) -> OutputFormat:
    """Return the format for two words of a form. Raises NotFound: no page of ours sends others."""
    for output_format, words in _OUTPUT_FORMATS.items():
        if words == (layout, file_kind):
            return output_format
    raise NotFound


class MemberStatus(StrEnum):
    """The result for one student's pages."""

    WAITING = "waiting"
    PRINTED = "printed"
    FAILED = "failed"
    OUTSIDE = "outside"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    NOT_YOURS = "not_yours"
    NOTHING = "nothing"
    NO_FORM = "no_form"
    NOT_HANDED_IN = "not_handed_in"
    NOT_ANSWERED = "not_answered"


# What the mentor reads about a student who is not in the file.
LEFT_OUT_REASONS = {
    MemberStatus.FAILED:        N_("The pages could not be printed."),
    MemberStatus.OUTSIDE:       N_("A page asked for something from outside."),
    MemberStatus.TOO_LONG:      N_("Printing took too long and was stopped."),
    MemberStatus.TOO_LARGE:     N_("There are too many words or photos together for one print."),
    MemberStatus.NOT_YOURS:     N_("You are not the mentor of this student (any more)."),
    MemberStatus.NOTHING:       N_("There is nothing to print (any more)."),
    MemberStatus.NO_FORM:       N_("There is no form for this student in this round."),
    MemberStatus.NOT_HANDED_IN: N_("Nothing has been handed in yet."),
    MemberStatus.NOT_ANSWERED:  N_("What was handed in is not answered yet."),
}  # fmt: skip
# Known when the print was asked for: nobody tries to print these.
_NOT_TRIED = (MemberStatus.NO_FORM, MemberStatus.NOT_HANDED_IN, MemberStatus.NOT_ANSWERED)
# Of these the pages failed, and may go well the next time.
FAILURES = (
    *(MemberStatus.FAILED, MemberStatus.OUTSIDE),
    *(MemberStatus.TOO_LONG, MemberStatus.TOO_LARGE),
)

# What the mentor reads about a print. Of one that is busy the page says how many are printed.
STAGE_MESSAGES = {
    Stage.WAITING: N_("Printing begins in a moment."),
    Stage.NO_ROOM: N_(
        "The school's disk is nearly full. Printing goes on by itself as soon as there is room."
    ),
    Stage.READY: N_("The print is ready."),
    Stage.STOPPED: N_("The print was stopped."),
    Stage.REMOVED: N_("This print was kept long enough and is removed. You can print again."),
}


class PrintJob(Job):
    """A request of a mentor to print booklets of some students of a group."""

    __tablename__ = "print_job"
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    output_format: Mapped[OutputFormat]


class PrintMember(Base):
    """A student in a print job; `read_at` is when their texts were loaded for it.

    `report_ids`: what whoever fetches the file reads of this student, written together with the
    file; None before, and in a job of before this was kept.
    """

    __tablename__ = "print_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("print_job.id"), index=True)
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    status: Mapped[MemberStatus]
    read_at: Mapped[datetime | None]
    report_ids: Mapped[list[int] | None] = mapped_column(sa.JSON(none_as_null=True))


@dataclass(frozen=True)
class PrintJobView(JobView):
    """A print job as the mentor sees it, with each student under what became of their pages."""

    group_id: int
    round_id: int
    output_format: OutputFormat
    printed: tuple[PersonRef, ...]
    waiting: tuple[PersonRef, ...]
    left_out: tuple[tuple[PersonRef, MemberStatus], ...]

    @property
    def failed(self) -> tuple[PersonRef, ...]:
        """The students whose pages may go well the next time."""
        return tuple(student for student, status in self.left_out if status in FAILURES)

    @property
    def total(self) -> int:
        """How many students there was something to print of."""
        tried = [status for _, status in self.left_out if status not in _NOT_TRIED]
        return len(self.printed) + len(self.waiting) + len(tried)

    @property
    def done(self) -> int:
        return self.total - len(self.waiting)


def request_group_print(
    group: NamedRef, *, round_id: int, output_format: OutputFormat, by: Actor, at: datetime
) -> str:
    """Add a print job for my group and return its key. Raises NothingToPrint.

    Who has nothing to print is in the job too, with the reason.
    """
    rows = group_by(
        report_lists.for_group(group.id, by=by, at=at, round_id=round_id),
        lambda row: row.student.id,
    )
    # Who takes none of the courses of this round has no row.
    ids = [*rows, *(member.id for member in queries.members_of_group(group.id, on=by.today))]
    statuses = {student_id: _status_at_request(rows.get(student_id, [])) for student_id in ids}
    if MemberStatus.WAITING not in statuses.values():
        raise NothingToPrint
    return request_print(
        group.id, round_id=round_id, statuses=statuses, output_format=output_format, by=by, at=at
    )


def _status_at_request(rows: Sequence[ReportRow]) -> MemberStatus:
    """Return WAITING where one of a student's reports can be printed; else why none can."""
    if any(row.has_answer and row.report_id for row in rows):
        return MemberStatus.WAITING
    if any(row.state not in (None, State.DRAFT) for row in rows):
        return MemberStatus.NOT_ANSWERED
    return MemberStatus.NOT_HANDED_IN if rows else MemberStatus.NO_FORM


def request_print(
    group_id: int,
    *,
    round_id: int,
    statuses: Mapping[int, MemberStatus],
    output_format: OutputFormat,
    by: Actor,
    at: datetime,
) -> str:
    """Add a print job for the students in `statuses`, which are by their id, and return its key.

    While the same job is in progress, return that one's key.
    """
    lock_person(by.id)  # two presses make one job: the second finds that of the first
    existing_key = _same_job_in_progress(
        group_id, round_id=round_id, students=statuses.keys(), output_format=output_format, by=by
    )
    if existing_key:
        return existing_key
    job = PrintJob.add(
        at=at, by_id=by.id, group_id=group_id, round_id=round_id, output_format=output_format
    )
    # In the given order, which becomes that of the steps and of the pages.
    session().add_all(
        PrintMember(job_id=job.id, student_id=student_id, status=status)
        for student_id, status in statuses.items()
    )
    session().flush()
    return job.key


def get_own_job(key: str, *, by: Actor) -> PrintJobView:
    """Return a print job of mine. Raises NotFound."""
    job = session().scalar(sa.select(PrintJob).where(PrintJob.key == key, PrintJob.by_id == by.id))
    if job is None:
        raise NotFound
    return _views_of([job])[0]


def report_ids_in_file(key: str, *, by: Actor) -> list[int]:
    """Return the reports that I read by fetching the file of my job, in the order of the pages.

    Also those of students who left the group meanwhile: their pages are in it. Raises NotFound.
    """
    get_own_job(key, by=by)
    members_sql = (
        sa.select(PrintMember.report_ids)
        .join(PrintJob, PrintJob.id == PrintMember.job_id)
        .where(PrintJob.key == key, PrintMember.status == MemberStatus.PRINTED)
        .order_by(PrintMember.id)
    )
    return [
        report_id for report_ids in session().scalars(members_sql) for report_id in report_ids or ()
    ]


def jobs_of_group(group_id: int, *, by: Actor) -> list[PrintJobView]:
    """Return my print jobs of a group that are in progress or ready, the newest first."""
    shown_jobs = (
        sa.select(PrintJob)
        .where(PrintJob.by_id == by.id, PrintJob.group_id == group_id)
        .where(PrintJob.stage.in_((*ACTIVE_STAGES, Stage.READY)))
        .order_by(PrintJob.id.desc())
    )
    return _views_of(session().scalars(shown_jobs).all())


def _views_of(jobs: Sequence[PrintJob]) -> list[PrintJobView]:
    of_these_jobs = PrintMember.job_id.in_([job.id for job in jobs])
    rows = session().scalars(sa.select(PrintMember).where(of_these_jobs).order_by(PrintMember.id))
    members = list(rows)
    students = person_refs({member.student_id for member in members})
    return [
        _view_of(job, [member for member in members if member.job_id == job.id], students)
        for job in jobs
    ]


def _view_of(
    job: PrintJob, members: Iterable[PrintMember], students: Mapping[int, PersonRef]
) -> PrintJobView:
    results = [(students[member.student_id], member.status) for member in members]
    return PrintJobView(
        key=job.key,
        stage=job.stage,
        requested_at=job.requested_at,
        ended_at=job.ended_at,
        group_id=job.group_id,
        round_id=job.round_id,
        output_format=job.output_format,
        printed=tuple(student for student, status in results if status is MemberStatus.PRINTED),
        waiting=tuple(student for student, status in results if status is MemberStatus.WAITING),
        left_out=tuple(
            (student, status) for student, status in results if status in LEFT_OUT_REASONS
        ),
    )


def stop_job(key: str, *, by: Actor, at: datetime) -> None:
    """Stop a print job of mine; one that has ended stays as it is. Raises NotFound."""
    get_own_job(key, by=by)
    PrintJob.set_stage(key, Stage.STOPPED, at=at)


def _same_job_in_progress(
    group_id: int,
    *,
    round_id: int,
    students: Set[int],
    output_format: OutputFormat,
    by: Actor,
) -> str | None:
    """Return the key of my job of these very students: the whole group is another than a retry."""
    jobs = sa.select(PrintJob).where(
        PrintJob.by_id == by.id,
        PrintJob.group_id == group_id,
        PrintJob.round_id == round_id,
        PrintJob.output_format == output_format,
        PrintJob.stage.in_(ACTIVE_STAGES),
    )
    for job in session().scalars(jobs):
        members = sa.select(PrintMember.student_id).where(PrintMember.job_id == job.id)
        if set(session().scalars(members)) == students:
            return job.key
    return None


def request_again(key: str, *, by: Actor, at: datetime) -> str:
    """Add a print job for the students whose pages failed in a job of mine, and return its key.

    The key of the job itself where nobody's pages failed. Raises NotFound.
    """
    job = get_own_job(key, by=by)
    if job.is_in_progress or not job.failed:
        return key
    return request_print(
        job.group_id,
        round_id=job.round_id,
        statuses={student.id: MemberStatus.WAITING for student in job.failed},
        output_format=job.output_format,
        by=by,
        at=at,
    )
