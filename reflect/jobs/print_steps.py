"""The steps of a print job: render the pages of each student, then build the file with all of them.

A worker may die in any step, and another one then runs that step again.
"""

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect import clock
from reflect.db.session import commit, session
from reflect.errors import (
    PrintBlockedResource,
    PrintFailed,
    PrintTimeout,
    PrintTooLarge,
    UserError,
)
from reflect.jobs import disk_space
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import FileKind, MemberStatus, OutputFormat, PrintJob, PrintMember
from reflect.printing import booklet_builder, booklet_rendering
from reflect.printing.booklet import Booklet
from reflect.printing.branding import active
from reflect.school import queries
from reflect.school.people import Actor, Person
from reflect.school.queries import NamedRef
from reflect.settings import Settings
from reflect.storage import BlobStore, blob_store

MERGE_STEP = "bind"  # stored in the queue, so it stays this word
# An earlier step of this process may have loaded the row, and somebody changed it since.
_REFRESH = {"populate_existing": True}
_STATUS_OF_ERROR: dict[type[UserError], MemberStatus] = {
    PrintBlockedResource: MemberStatus.OUTSIDE,
    PrintTimeout: MemberStatus.TOO_LONG,
    PrintTooLarge: MemberStatus.TOO_LARGE,
    PrintFailed: MemberStatus.FAILED,
}


def blob_name(key: str, output_format: OutputFormat) -> str:
    """Return the name of the finished file in the blob store."""
    return f"print.{key}.{output_format.file_kind.extension}"


jobs_in_progress = PrintJob.in_progress


def list_steps(key: str) -> list[str]:
    """Return the steps of a job in their order: one for each student to print, and the merge."""
    job = _get_job(key)
    members = (
        sa.select(PrintMember.id)
        .where(PrintMember.job_id == job.id, PrintMember.status == MemberStatus.WAITING)
        .order_by(PrintMember.id)
    )
    return [*map(str, session().scalars(members)), MERGE_STEP]


def run_step(
    key: str, step: str, *, settings: Settings, poll_seconds: float = disk_space.POLL_SECONDS
) -> None:
    """Run a step that is not done yet, once the disk has space, unless the job was stopped."""
    if not disk_space.wait_for_space(PrintJob, key, settings=settings, poll_seconds=poll_seconds):
        return
    # It may render, and the wait for space has ended the transaction.
    active.prepare()
    if step == MERGE_STEP:
        _build_output(_get_job(key), settings=settings)
    else:
        _render_member(_get_job(key), int(step), settings=settings)


def _render_member(job: PrintJob, member_id: int, *, settings: Settings) -> None:
    """Render the pages of a student into the cache, where the merge finds them."""
    member = session().get_one(PrintMember, member_id, populate_existing=True)
    if member.status is not MemberStatus.WAITING:
        return  # an earlier worker finished this step and died before the queue noted it
    member.read_at = clock.now()
    loaded = _load_booklets(job, [member.student_id], settings=settings)[member.student_id]
    commit()  # no transaction is open while the pages are laid out
    if isinstance(loaded, Booklet):
        pages = _render_or_status(loaded, seconds=settings.print_seconds)
        member.status = pages if isinstance(pages, MemberStatus) else MemberStatus.PRINTED
    else:
        member.status = loaded
    commit()


def _load_booklets(
    job: PrintJob, student_ids: Collection[int], *, settings: Settings
) -> dict[int, Booklet | MemberStatus]:
    """Return the booklets of these students to lay out; without one, the status that says why.

    Nobody reads them here: fetching the file does (`reflect.web.mentor.print_progress`).
    """
    booklets = booklet_builder.build_for_students(
        _group_ref(job),
        student_ids,
        round_id=job.round_id,
        school=settings.school,
        by=_requester(job, settings=settings),
        at=clock.now(),
        layout=job.output_format.layout,
    )
    lost = dict.fromkeys(student_ids, MemberStatus.NOT_YOURS)
    found = {one: booklet or MemberStatus.NOTHING for one, booklet in booklets.items()}
    return {**lost, **found}


def _render_or_status(booklet: Booklet, *, seconds: float) -> bytes | MemberStatus:
    """Return the pages of a booklet, from the cache where they are in it; else why not."""
    try:
        return booklet_rendering.render_one(booklet, seconds=seconds)
    except PrintFailed as error:
        return _STATUS_OF_ERROR.get(type(error), MemberStatus.FAILED)


class _Stopped(Exception):
    """The job was stopped while its file was put together."""


def _build_output(job: PrintJob, *, settings: Settings) -> None:
    """Store the file of a job, and with it whose reports are in it and why others are not.

    It is made of what the mentor may print now, and not when the steps before filled the cache: a
    text may have changed since, and a student may have left the group.
    """
    key, output_format = job.key, job.output_format
    reasons: dict[int, MemberStatus] = {}
    booklets = _load_printed(key, reasons, settings=settings)
    content, included = b"", dict[int, Booklet]()
    while booklets:
        try:
            content, included = _render_file(
                key, output_format, booklets, reasons, settings=settings
            )
        except _Stopped:
            return
        still_printable = _load_printed(key, reasons, settings=settings)
        if _report_ids(included.values()) <= _report_ids(still_printable.values()):
            break
        # Each time there are fewer, so this ends.
        booklets, included = still_printable, {}
    # Another worker may have finished it, while this one was taken for dead.
    if not _is_wanted(key):
        return
    if included:
        # The file first: a job that is ready must have one.
        _blob_store(settings).put(blob_name(key, output_format), content)
    _note_members(key, included, reasons)
    PrintJob.set_stage(key, Stage.READY, at=clock.now())
    commit()


def _load_printed(
    key: str, reasons: dict[int, MemberStatus], *, settings: Settings
) -> dict[int, Booklet]:
    """Return the booklets of those whose pages went well, by the id of their member.

    Why somebody has none any more is added to `reasons`. Ends the transaction.
    """
    job = _get_job(key)
    members = {member.student_id: member.id for member in _printed_members(job)}
    booklets = dict[int, Booklet]()
    for student_id, loaded in _load_booklets(job, members.keys(), settings=settings).items():
        if isinstance(loaded, Booklet):
            booklets[members[student_id]] = loaded
        else:
            reasons[members[student_id]] = loaded
    commit()
    return booklets


def _render_file(
    key: str,
    output_format: OutputFormat,
    booklets: Mapping[int, Booklet],
    reasons: dict[int, MemberStatus],
    *,
    settings: Settings,
) -> tuple[bytes, dict[int, Booklet]]:
    """Return the file of these booklets, which are by the id of their member, and who is in it.

    Who is not gets the status that says why in `reasons`. Raises _Stopped.
    """
    included = dict[int, Booklet]()

    def printed_pages() -> Iterator[tuple[Booklet, bytes]]:
        for member_id, booklet in booklets.items():
            # It also tells the queue that this step goes on, if nothing is in the cache.
            if not _is_wanted(key):
                raise _Stopped
            pages = _render_or_status(booklet, seconds=settings.print_seconds)
            if isinstance(pages, MemberStatus):
                reasons[member_id] = pages
            else:
                included[member_id] = booklet
                yield booklet, pages

    output = io.BytesIO()
    if output_format.file_kind is FileKind.ZIP:
        booklet_rendering.zip_booklets(printed_pages(), booklets.values(), output=output)
        return output.getvalue(), included
    rejected = booklet_rendering.merge_booklets(printed_pages(), output=output)
    for member_id in [one for one, booklet in included.items() if booklet in rejected]:
        reasons[member_id] = MemberStatus.FAILED
        del included[member_id]
    return output.getvalue(), included


def _is_wanted(key: str) -> bool:
    """Return whether a job has not ended, and note that it goes on. Ends the transaction."""
    is_wanted = PrintJob.set_stage(key, Stage.BUSY, at=clock.now())
    commit()
    return is_wanted


def _note_members(
    key: str, included: Mapping[int, Booklet], reasons: Mapping[int, MemberStatus]
) -> None:
    """Write down what whoever fetches the file reads of each student, or why it is nothing."""
    job = _get_job(key)
    for member in _printed_members(job):
        booklet = included.get(member.id)
        if booklet is None:
            member.status = reasons.get(member.id, MemberStatus.NOTHING)
            continue
        member.read_at = clock.now()
        member.report_ids = booklet_builder.printed_report_ids([booklet], reader_id=job.by_id)


def _report_ids(booklets: Iterable[Booklet]) -> set[int]:
    return {report.id for booklet in booklets for report in booklet.reports}


def remove_expired_prints(*, settings: Settings, at: datetime) -> None:
    """Remove the files of jobs that were kept long enough."""
    retention = timedelta(hours=settings.print_hours)
    blobs = _blob_store(settings)
    expired = PrintJob.expired(retention=retention, at=at)
    commit()  # removing takes long where the storage is another machine
    names = [file.name for file in blobs.files()] if expired else []
    for job in expired:
        # Also what was not written to its end, and the pages of each student that a job had apart
        # in an earlier version.
        for name in names:
            if name.startswith(f"print.{job.key}."):
                blobs.delete(name)
        job.stage = Stage.REMOVED
        commit()


def _blob_store(settings: Settings) -> BlobStore:
    return blob_store(settings.evidence)


def _get_job(key: str) -> PrintJob:
    job = sa.select(PrintJob).where(PrintJob.key == key)
    return session().scalars(job, execution_options=_REFRESH).one()


def _printed_members(job: PrintJob) -> Sequence[PrintMember]:
    members = (
        sa.select(PrintMember)
        .where(PrintMember.job_id == job.id, PrintMember.status == MemberStatus.PRINTED)
        .order_by(PrintMember.id)
    )
    return session().scalars(members, execution_options=_REFRESH).all()


def _requester(job: PrintJob, *, settings: Settings) -> Actor:
    """Return who asked for the job, as they are today: what they may read is decided today."""
    person = session().get_one(Person, job.by_id)
    return person.as_actor(clock.local_date(clock.now(), zone=settings.timezone))


def _group_ref(job: PrintJob) -> NamedRef:
    return next(group for group in queries.all_groups() if group.id == job.group_id)
