"""The export jobs of students: an archive of everything of theirs, to download for a while."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect import clock
from reflect.access.access_log import Purpose
from reflect.access.print_access import printed_report_ids, record_print
from reflect.db.session import commit, session
from reflect.errors import NotFound
from reflect.jobs import disk_space
from reflect.jobs.job import Job, JobView, Stage
from reflect.printing import export
from reflect.reports import evidence
from reflect.school.people import Actor, Person, lock_person
from reflect.settings import Settings
from reflect.storage import blob_store

PACK_STEP = "pack"


class ExportJob(Job):
    """A request of a student for an archive."""

    __tablename__ = "export_job"
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)


def request_export(*, by: Actor, at: datetime) -> str:
    """Add an export job and return its key; while one of mine is in progress, return that one's."""
    lock_person(by.id)
    previous = latest_export(by=by)
    if previous and previous.is_in_progress:
        return previous.key
    return ExportJob.add(at=at, person_id=by.id).key


def latest_export(*, by: Actor) -> JobView | None:
    """Return the export job that I asked for last."""
    own_jobs = (
        sa.select(ExportJob)
        .where(ExportJob.person_id == by.id)
        .order_by(ExportJob.id.desc())
        .limit(1)
    )
    job = session().scalars(own_jobs).first()
    return JobView(job.key, job.stage, job.requested_at, job.ended_at) if job else None


def read_archive(key: str, *, by: Actor, settings: Settings) -> bytes:
    """Return the archive of a job of mine. Raises NotFound."""
    own_key = sa.select(ExportJob.key).where(
        ExportJob.key == key, ExportJob.person_id == by.id, ExportJob.stage == Stage.READY
    )
    if session().scalar(own_key) is None:
        raise NotFound  # also where it is somebody else's, so that nobody learns that it exists
    return blob_store(settings.evidence).get(_blob_name(key))


jobs_in_progress = ExportJob.in_progress


def list_steps(key: str) -> list[str]:
    """Return the only step of an export job."""
    return [PACK_STEP]


def run_step(
    key: str, step: str, *, settings: Settings, poll_seconds: float = disk_space.POLL_SECONDS
) -> None:
    """Build and store the archive, unless the job was stopped."""
    if not disk_space.wait_for_space(ExportJob, key, settings=settings, poll_seconds=poll_seconds):
        return
    owner = (
        sa.select(Person)
        .join(ExportJob, ExportJob.person_id == Person.id)
        .where(ExportJob.key == key)
    )
    archive, _ = build_personal_archive(session().scalars(owner).one(), settings=settings)
    # The file first: a job that is ready must have one.
    blob_store(settings.evidence).put(_blob_name(key), archive)
    ExportJob.set_stage(key, Stage.READY, at=clock.now())
    commit()


def build_personal_archive(person: Person, *, settings: Settings) -> tuple[bytes, list[int]]:
    """Return a zip of everything of this person, as they themselves see it.

    With it the reports that anybody else reads who gets it. Raises PrintFailed.
    """
    now = clock.now()
    blobs = blob_store(settings.evidence)
    by = person.as_actor(clock.local_date(now, zone=settings.timezone))
    records = export.load_records(by=by, at=now, zone=settings.timezone)
    commit()  # building takes seconds, in which nobody should wait for this transaction
    contents = {
        name: evidence.read_file(name, blob_store=blobs)
        for record in records
        for name in record.evidence_files.values()
    }
    archive = export.build_archive(
        records,
        # The archive says which ones are lost, and has all the rest.
        {name: content for name, content in contents.items() if content is not None},
        school=settings.school,
        language=person.language or settings.language,
        seconds=settings.print_seconds,
        by=by,
        at=now,
    )
    return archive, printed_report_ids((record.report for record in records), reader_id=None)


def record_archive_for_school(report_ids: list[int]) -> None:
    """Log that the school's IT gets the archive with these reports, to hand it on."""
    record_print(report_ids, reader_id=None, at=clock.now(), purpose=Purpose.TAKE_ALONG)


def remove_expired_exports(*, settings: Settings, at: datetime) -> None:
    """Remove the archives that were kept long enough."""
    retention = timedelta(hours=settings.print_hours)
    expired = ExportJob.expired(retention=retention, at=at)
    commit()  # removing takes long where the storage is another machine
    for job in expired:
        # The file first: a worker that dies here leaves a row by which the next one tries again.
        blob_store(settings.evidence).delete(_blob_name(job.key))
        job.stage = Stage.REMOVED
        commit()


def _blob_name(key: str) -> str:
    return f"take.{key}.zip"
