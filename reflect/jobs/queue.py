"""The queue: DBOS keeps in a database of its own which steps are done; only a worker loads this file."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from dbos import DBOS, SetWorkflowID
from flask import Flask

from reflect import clock
from reflect.jobs import due, printing, taking
from reflect.settings import Settings
from reflect.store import begin_writing, only_read

log = logging.getLogger(__name__)
# Work goes on only under the version that began it. Ours stays the same over an upgrade, so that a job does too;
# another order of steps needs another number.
VERSION = "1"
SIDE_BY_SIDE = 2
DUE, AHEAD, SWEEP = "*/20 * * * * *", "30 */3 * * * *", "0 7 * * * *"
AGAIN = timedelta(seconds=30)  # before a job that broke is tried again
_SILENT = timedelta(minutes=2)  # after the longest step: then whoever did this job is gone for good
_BROKE = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_houses: list[Flask] = []


class Jobs(Protocol):
    """What the queue asks of a kind of job: which go on, their steps, and taking one, also for the second time."""

    def going(self) -> list[tuple[str, datetime]]: ...
    def steps(self, key: str) -> list[str]: ...
    def do(self, key: str, step: str, *, house: Settings) -> None: ...


KINDS: dict[str, Jobs] = {"print": printing, "take": taking}


class StepBroke(Exception):
    """A step that failed, by the reference in our log: what the queue keeps of it must not quote anybody."""


def open(house: Flask) -> None:
    """Begin to work for this house; steps that a dead worker of the same name began are taken up."""
    ours: Settings = house.extensions["reflect"]
    _houses[:] = [house]
    DBOS(
        config={
            "name": "reflect",
            "system_database_url": ours.queue,
            "db_engine_kwargs": {"hide_parameters": True},
            "application_version": VERSION,
            "executor_id": ours.worker_name,
            "max_executor_threads": 8,
            "log_level": "WARNING",
        }
    )
    DBOS.launch()
    DBOS.register_queue("jobs", worker_concurrency=SIDE_BY_SIDE, on_conflict="always_update")
    DBOS.apply_schedules(
        [
            {"schedule_name": "due", "workflow_fn": _take_due, "schedule": DUE},
            {"schedule_name": "ahead", "workflow_fn": _lay_out_ahead, "schedule": AHEAD},
            {"schedule_name": "sweep", "workflow_fn": _sweep, "schedule": SWEEP},
        ]
    )
    DBOS.trigger_schedule("due")  # what came due while nobody worked goes first


def close() -> None:
    """Stop at once; what was begun is taken up by the next worker."""
    DBOS.destroy()


def look() -> None:
    """Bring what is wanted into the queue under its own key, so that twice is once; and take up what stands still."""
    with _inside() as ours:
        only_read()
        silent = _SILENT + timedelta(seconds=ours.print_seconds)
        for kind, jobs in KINDS.items():
            for key, moved_at in jobs.going():
                _see_to(kind, key, rested=clock.now() - moved_at, silent=silent)


def _see_to(kind: str, key: str, *, rested: timedelta, silent: timedelta) -> None:
    known = DBOS.get_workflow_status(key)
    if known is None:
        with SetWorkflowID(key):
            DBOS.enqueue_workflow("jobs", _job, kind, key)
    elif known.status != "ENQUEUED" and rested > (AGAIN if known.status in _BROKE else silent):
        DBOS.resume_workflow(key)


@DBOS.workflow(name="job")
def _job(kind: str, key: str) -> None:
    for step in _steps(kind, key):
        _do(kind, key, step)


@DBOS.step(name="steps")
def _steps(kind: str, key: str) -> list[str]:
    with _inside():
        return KINDS[kind].steps(key)


@DBOS.step(name="do")
def _do(kind: str, key: str, step: str) -> None:
    with _inside() as ours:
        KINDS[kind].do(key, step, house=ours)


@DBOS.workflow(name="due")
def _take_due(_at: datetime, _context: object) -> None:
    with _inside() as ours:
        due.take(ours)


@DBOS.workflow(name="ahead")
def _lay_out_ahead(_at: datetime, _context: object) -> None:
    with _inside() as ours:
        due.lay_out_ahead(ours)


@DBOS.workflow(name="sweep")
def _sweep(at: datetime, _context: object) -> None:
    with _inside() as ours:
        due.sweep(ours)
    ended = DBOS.list_workflows(
        end_time=(at - timedelta(days=1)).isoformat(), status=["SUCCESS", *_BROKE], load_input=False, load_output=False
    )
    DBOS.delete_workflows([one.workflow_id for one in ended])


@contextmanager
def _inside() -> Iterator[Settings]:
    """Work in the house; a failure goes to our log, and only its reference to the queue."""
    house = _houses[0]
    with house.app_context():
        begin_writing()  # a thread of the queue does one thing after another, and the last may only have read
        try:
            yield house.extensions["reflect"]
        except Exception as wrong:
            reference = secrets.token_hex(4)
            log.error("a step broke", extra={"reference": reference}, exc_info=wrong)
            raise StepBroke(reference) from None
