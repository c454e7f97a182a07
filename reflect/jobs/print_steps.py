"""The steps of a print job: render the pages of each student, then build the file with all of them.

A worker may die in any step, and another one then runs that step again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect import clock
from reflect.db.session import commit, session
from reflect.errors import NotFound, PrintBlockedResource, PrintFailed, PrintTimeout, UserError
from reflect.jobs import disk_space, print_jobs
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import MemberStatus, OutputFormat, PrintJob, PrintMember
from reflect.printing import booklet_builder, booklet_rendering
from reflect.printing.booklet import Booklet
from reflect.printing.branding import active
from reflect.school import queries
from reflect.school.people import Actor, Person
from reflect.school.queries import NamedRef
from reflect.settings import Settings
from reflect.storage import BlobStore, blob_store

log = logging.getLogger(__name__)

MERGE_STEP = "bind"  # stored in the queue, so it stays this word
# An earlier step of this process may have loaded the row, and somebody changed it since.
_REFRESH = {"populate_existing": True}
_STATUS_OF_ERROR: dict[type[UserError], MemberStatus] = {
    PrintBlockedResource: MemberStatus.OUTSIDE,
    PrintTimeout: MemberStatus.TOO_LONG,
    PrintFailed: MemberStatus.FAILED,
}


def blob_name(key: str, output_format: OutputFormat) -> str:
    """Return the name of the finished file in the blob store."""
    return f"print.{key}.{output_format.file_kind.extension}"


jobs_in_progress = PrintJob.in_progress


def list_steps(key: str) -> list[str]:
    """Return the steps of a job in their order: one for each student, by id, and the merge."""
    job = _get_job(key)
    members = sa.select(PrintMember.id).where(PrintMember.job_id == job.id).order_by(PrintMember.id)
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
    member = session().get_one(PrintMember, member_id, populate_existing=True)
    if member.status is not MemberStatus.WAITING:
        return  # an earlier worker finished this step and died before the queue noted it
    booklet, status = _load_booklet(job, member, settings=settings)
    commit()  # no transaction is open while the pages are laid out
    if booklet:
        pages = _render_or_status(
            lambda: booklet_rendering.render_one(booklet, seconds=settings.print_seconds)
        )
        if isinstance(pages, bytes):
            # The pages first: a worker that dies before the status is set repeats the step.
            _blob_store(settings).put(_part_blob_name(job.key, member.id), pages)
            status = MemberStatus.PRINTED
        else:
            status = pages
    member.status = status
    commit()


def _load_booklet(
    job: PrintJob, member: PrintMember, *, settings: Settings
) -> tuple[Booklet | None, MemberStatus]:
    """Return a student's booklet to lay out; without one, the status that says why.

    Nobody reads it here: fetching the file does (`reflect.web.mentor.print_progress`).
    """
    by = _requester(job, settings=settings)
    member.read_at = clock.now()
    member.report_ids = []
    try:
        booklet = booklet_builder.build_for_student(
            _group_ref(job),
            student_id=member.student_id,
            round_id=job.round_id,
            school=settings.school,
            by=by,
            at=member.read_at,
            layout=job.output_format.layout,
        )
    except NotFound:
        return None, MemberStatus.NOT_YOURS
    if booklet:
        member.report_ids = booklet_builder.printed_report_ids([booklet], reader_id=by.id)
    return booklet, MemberStatus.NOTHING


def _render_or_status(render: Callable[[], bytes]) -> bytes | MemberStatus:
    try:
        return render()
    except PrintFailed as error:
        return _STATUS_OF_ERROR.get(type(error), MemberStatus.FAILED)


def _build_output(job: PrintJob, *, settings: Settings) -> None:
    blobs = _blob_store(settings)
    printed = [member for member in _members_of(job) if member.status is MemberStatus.PRINTED]
    booklets = dict[int, Booklet]()
    for member in printed:
        # The mentor may have lost this student since the pages were rendered.
        booklet, _ = _load_booklet(job, member, settings=settings)
        if booklet:
            booklets[member.id] = booklet
    commit()  # no transaction is open while the pages are put together
    if booklets:
        pages = _render_or_status(lambda: _output_bytes(job, booklets, settings=settings))
        if isinstance(pages, MemberStatus):
            # A zip with a file for each student is better than nothing.
            job.output_format = job.output_format.as_zip
            pages = _zip_bytes(job, booklets, settings=settings)
        if pages:
            blobs.put(blob_name(job.key, job.output_format), pages)
    PrintJob.set_stage(job.key, Stage.READY, at=clock.now())
    commit()
    # Only now: a worker that dies earlier leaves what the next one needs.
    for member in printed:
        blobs.delete(_part_blob_name(job.key, member.id))


def _output_bytes(job: PrintJob, booklets: Mapping[int, Booklet], *, settings: Settings) -> bytes:
    """Return the file with these booklets, which are by the id of their member.

    Raises PrintFailed for one PDF of all, where the pages of one of them fail.
    """
    if job.output_format.file_kind.extension == "pdf":
        in_order = list(booklets.values())
        return booklet_rendering.render_merged(in_order, seconds=settings.print_seconds)
    return _zip_bytes(job, booklets, settings=settings)


def _zip_bytes(job: PrintJob, booklets: Mapping[int, Booklet], *, settings: Settings) -> bytes:
    """Return a zip of these booklets; b"" where there are no pages of anybody.

    Whose pages were lost, and fail now, is not in it and gets the status that says why.
    """
    files: dict[str, bytes] = {}
    file_names = booklet_rendering.file_names(list(booklets.values()))
    for (member_id, booklet), name in zip(booklets.items(), file_names, strict=True):
        pages = _finished_pages(job, member_id, booklet, settings=settings)
        if isinstance(pages, MemberStatus):
            session().get_one(PrintMember, member_id).status = pages
            commit()  # no transaction is open while the next pages are rendered
        else:
            files[name] = pages
    return booklet_rendering.zip_files(files) if files else b""


def _finished_pages(
    job: PrintJob, member_id: int, booklet: Booklet, *, settings: Settings
) -> bytes | MemberStatus:
    """Return the pages that a step left, rendered again where they are lost; else why not."""
    try:
        return _blob_store(settings).get(_part_blob_name(job.key, member_id))
    except FileNotFoundError:
        log.warning("finished pages are missing, and are rendered again")
    seconds = settings.print_seconds
    return _render_or_status(lambda: booklet_rendering.render_one(booklet, seconds=seconds))


def remove_expired_prints(*, settings: Settings, at: datetime) -> None:
    """Remove the files of jobs that were kept long enough."""
    retention = timedelta(hours=settings.print_hours)
    blobs = _blob_store(settings)
    expired = print_jobs.expired_jobs(retention=retention, at=at)
    commit()  # removing takes long where the storage is another machine
    for job, member_ids in expired:
        blobs.delete(blob_name(job.key, job.output_format))
        for member_id in member_ids:
            blobs.delete(_part_blob_name(job.key, member_id))
        job.stage = Stage.REMOVED
        commit()


def _part_blob_name(key: str, member_id: int) -> str:
    return f"print.{key}.{member_id}.pdf"


def _blob_store(settings: Settings) -> BlobStore:
    return blob_store(settings.evidence)


def _get_job(key: str) -> PrintJob:
    job = sa.select(PrintJob).where(PrintJob.key == key)
    return session().scalars(job, execution_options=_REFRESH).one()


def _members_of(job: PrintJob) -> Sequence[PrintMember]:
    members = sa.select(PrintMember).where(PrintMember.job_id == job.id).order_by(PrintMember.id)
    return session().scalars(members, execution_options=_REFRESH).all()


def _requester(job: PrintJob, *, settings: Settings) -> Actor:
    """Return who asked for the job, as they are today: what they may read is decided today."""
    person = session().get_one(Person, job.by_id)
    return person.as_actor(clock.local_date(clock.now(), zone=settings.timezone))


def _group_ref(job: PrintJob) -> NamedRef:
    return next(group for group in queries.all_groups() if group.id == job.group_id)
