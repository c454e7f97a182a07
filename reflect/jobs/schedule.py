"""The tasks that a worker runs by the clock, and when; `queue` registers them."""

from datetime import timedelta
from threading import Lock

from reflect import clock
from reflect.db.session import read_only
from reflect.jobs import export_jobs, print_steps
from reflect.printing import prerender
from reflect.reports import orphaned_files, release, report
from reflect.settings import Settings
from reflect.storage import blob_store

# When each task runs, with seconds in front.
RELEASE_CRON = "*/20 * * * * *"
PRERENDER_CRON = "30 */3 * * * *"
CLEANUP_CRON = "0 7 * * * *"
ORPHANS_CRON = "0 23 3 * * *"  # at night, since it lists every file
# Longer than the three minutes between two runs, so that a worker that was away catches up.
PRERENDER_WINDOW = timedelta(minutes=15)
# Each removes files of one table of jobs.
EXPIRY_TASKS = (print_steps.remove_expired_prints, export_jobs.remove_expired_exports)
_prerender_lock = Lock()


def release_due_answers(settings: Settings) -> None:
    """Release the planned answers that are due, also those of a time without a worker."""
    # The list of what is due is only read; `run_due` begins to write for each report.
    read_only()
    now = clock.now()
    release.run_due(on=clock.local_date(now, zone=settings.timezone), at=now)


def prerender_booklets(settings: Settings) -> int:
    """Render what mentors will print of recently answered reports, and return how many PDFs.

    While another thread does so, do nothing.
    """
    if not _prerender_lock.acquire(blocking=False):
        return 0
    try:
        read_only()  # rendering takes long, and must not keep anybody from saving
        now = clock.now()
        report_ids = report.report_ids_answered_since(since=now - PRERENDER_WINDOW)
        return prerender.prerender_reports(
            report_ids,
            on=clock.local_date(now, zone=settings.timezone),
            at=now,
            seconds=settings.print_seconds,
        )
    finally:
        _prerender_lock.release()


def run_expiry_tasks(settings: Settings) -> None:
    """Remove the files of jobs that were kept long enough."""
    for remove_files in EXPIRY_TASKS:
        remove_files(settings=settings, at=clock.now())


def remove_orphaned_evidence(settings: Settings) -> None:
    """Remove the files of evidence that an upload left which was killed."""
    read_only()
    orphaned_files.remove_orphaned_files(blob_store(settings.evidence), at=clock.now())
