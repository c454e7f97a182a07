"""The queue of jobs: DBOS keeps in its own database which steps are done.

Only a worker imports this module, since DBOS takes much memory.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from dbos import DBOS, SetWorkflowID
from flask import Flask

from reflect import clock
from reflect.db.session import begin_write, commit, read_only
from reflect.jobs import export_jobs, heartbeat, print_steps, schedule
from reflect.settings import Settings

log = logging.getLogger(__name__)
# DBOS continues a job only under the version that began it. This one stays the same over an
# upgrade, so that jobs continue; change it when a job has other steps.
VERSION = "1"
CONCURRENCY = 2
RETRY_AFTER = timedelta(seconds=30)  # after a step failed
# So much longer than the longest step may take, that the worker of this job must be gone.
_STALLED_AFTER = timedelta(minutes=2)
_FAILED_STATUSES = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
# The workflows below get only arguments that DBOS can store, so the app is kept here.
_apps: list[Flask] = []


class JobType(Protocol):
    """A kind of job. A step may run a second time, after a worker died in it."""

    def jobs_in_progress(self) -> list[tuple[str, datetime]]: ...
    def list_steps(self, key: str) -> list[str]: ...
    def run_step(self, key: str, step: str, *, settings: Settings) -> None: ...


JOB_TYPES: dict[str, JobType] = {"print": print_steps, "take": export_jobs}


class StepFailed(Exception):
    """A step that failed, with a reference to our log.

    DBOS stores the error, and the original one may quote a student's text.
    """


def start_queue(app: Flask) -> None:
    """Begin to run jobs, first those that an earlier worker of the same name left unfinished."""
    settings: Settings = app.extensions["reflect"]
    _apps[:] = [app]
    DBOS(
        config={
            "name": "reflect",
            "system_database_url": settings.queue,
            # Parameters of SQL stay out of error messages, and so out of logs.
            "db_engine_kwargs": {"hide_parameters": True},
            "application_version": VERSION,
            # DBOS resumes what a worker of this name began. Two workers of one name would repeat
            # each other's steps (decision 11).
            "executor_id": settings.worker_name,
            "max_executor_threads": 8,
            "log_level": "WARNING",
        }
    )
    DBOS.launch()
    DBOS.register_queue("jobs", worker_concurrency=CONCURRENCY, on_conflict="always_update")
    DBOS.apply_schedules(
        [
            {"schedule_name": name, "workflow_fn": workflow, "schedule": cron}
            for name, workflow, cron in _SCHEDULES
        ]
    )
    DBOS.trigger_schedule("due")  # what came due while no worker ran


def beat() -> None:
    """Record that this worker runs, for the pages that wait for it and for monitors."""
    with _job_context() as settings:
        heartbeat.beat(settings.worker_name, at=clock.now())
        commit()


def poll_jobs() -> None:
    """Enqueue jobs that were asked for, and resume those that have stopped.

    A job's key is its id in the queue, so a job that is enqueued twice runs once.
    """
    with _job_context() as settings:
        # This only reads our tables, and must not keep anybody from saving.
        read_only()
        stalled_after = _STALLED_AFTER + timedelta(seconds=settings.print_seconds)
        for kind, job_type in JOB_TYPES.items():
            for key, changed_at in job_type.jobs_in_progress():
                idle_for = clock.now() - changed_at
                _enqueue_or_resume(kind, key, idle_for=idle_for, stalled_after=stalled_after)


def _enqueue_or_resume(
    kind: str, key: str, *, idle_for: timedelta, stalled_after: timedelta
) -> None:
    workflow = DBOS.get_workflow_status(key)
    if workflow is None:
        with SetWorkflowID(key):
            DBOS.enqueue_workflow("jobs", _job_workflow, kind, key)
        return
    has_failed = workflow.status in _FAILED_STATUSES
    max_idle = RETRY_AFTER if has_failed else stalled_after
    # An enqueued job waits for its turn, however long that takes.
    if workflow.status != "ENQUEUED" and idle_for > max_idle:
        DBOS.resume_workflow(key)


# The names of workflows and steps are stored by DBOS, so they stay these words.
@DBOS.workflow(name="job")
def _job_workflow(kind: str, key: str) -> None:
    for step in _list_steps(kind, key):
        _run_step(kind, key, step)


@DBOS.step(name="steps")
def _list_steps(kind: str, key: str) -> list[str]:
    with _job_context():
        return JOB_TYPES[kind].list_steps(key)


@DBOS.step(name="do")
def _run_step(kind: str, key: str, step: str) -> None:
    with _job_context() as settings:
        JOB_TYPES[kind].run_step(key, step, settings=settings)


@DBOS.workflow(name="due")
def _release_workflow(_at: datetime, _context: object) -> None:
    with _job_context() as settings:
        schedule.release_due_answers(settings)


@DBOS.workflow(name="ahead")
def _prerender_workflow(_at: datetime, _context: object) -> None:
    with _job_context() as settings:
        schedule.prerender_booklets(settings)


@DBOS.workflow(name="sweep")
def _cleanup_workflow(at: datetime, _context: object) -> None:
    with _job_context() as settings:
        schedule.run_expiry_tasks(settings)
    # Our own tables keep what was asked for; the queue needs nothing of a job that has ended.
    ended = DBOS.list_workflows(
        end_time=(at - timedelta(days=1)).isoformat(),
        status=["SUCCESS", *_FAILED_STATUSES],
        load_input=False,
        load_output=False,
    )
    DBOS.delete_workflows([workflow.workflow_id for workflow in ended])


@DBOS.workflow(name="orphans")
def _orphans_workflow(_at: datetime, _context: object) -> None:
    with _job_context() as settings:
        schedule.remove_orphaned_evidence(settings)


@contextmanager
def _job_context() -> Iterator[Settings]:
    """Run in the app's context; log an error, and raise StepFailed with its reference instead."""
    app = _apps[0]
    with app.app_context():
        # The thread's last transaction may have been for reading only.
        begin_write()
        try:
            yield app.extensions["reflect"]
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error("a step broke", extra={"reference": reference}, exc_info=error)
            # "from None", since the original error may quote a student's text.
            raise StepFailed(reference) from None


# Last in the module, for it needs the workflows above.
_SCHEDULES = (
    ("due", _release_workflow, schedule.RELEASE_CRON),
    ("ahead", _prerender_workflow, schedule.PRERENDER_CRON),
    ("sweep", _cleanup_workflow, schedule.CLEANUP_CRON),
    ("orphans", _orphans_workflow, schedule.ORPHANS_CRON),
)
