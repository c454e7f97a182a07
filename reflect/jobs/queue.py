"""The queue: DBOS keeps in a database of its own which steps are done; only a worker loads this file."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from dbos import DBOS
from flask import Flask

from reflect.jobs import due
from reflect.settings import Settings

log = logging.getLogger(__name__)
# Work goes on only under the version that began it. Ours stays the same over an upgrade, so that a job does too;
# another order of steps needs another number.
VERSION = "1"
EVERY = "*/20 * * * * *"
_houses: list[Flask] = []


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
    DBOS.apply_schedules([{"schedule_name": "due", "workflow_fn": _take_due, "schedule": EVERY}])
    DBOS.trigger_schedule("due")  # what came due while nobody worked goes first


def close() -> None:
    """Stop at once; what was begun is taken up by the next worker."""
    DBOS.destroy()


@DBOS.workflow(name="due")
def _take_due(_at: datetime, _context: object) -> None:
    with _inside() as ours:
        due.take(zone=ours.timezone)


@contextmanager
def _inside() -> Iterator[Settings]:
    """Work in the house; a failure goes to our log, and only its reference to the queue."""
    house = _houses[0]
    with house.app_context():
        try:
            yield house.extensions["reflect"]
        except Exception as wrong:
            reference = secrets.token_hex(4)
            log.error("a step broke", extra={"reference": reference}, exc_info=wrong)
            raise StepBroke(reference) from None
