"""What comes due by the clock: planned answers, pages to lay out ahead, and what was kept long enough."""

from datetime import timedelta
from threading import Lock

from reflect import clock
from reflect.jobs import printing, taking
from reflect.paper import ahead
from reflect.report import release, report
from reflect.settings import Settings
from reflect.store import only_read


def take(house: Settings) -> None:
    """Take what is due by now; after a pause of the worker also what came due meanwhile."""
    only_read()
    now = clock.now()
    release.take_due(on=clock.day(now, zone=house.timezone), at=now)


LATELY = timedelta(minutes=15)  # longer than the clock's step, so that a worker that was away catches up
_one_at_a_time = Lock()


def lay_out_ahead(house: Settings) -> int:
    """Lay out what mentors are going to print of what was answered or closed lately; give how many booklets."""
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        only_read()  # laying out takes long, and nobody waits for it with their words
        now = clock.now()
        ids = report.answered_or_closed(since=now - LATELY)
        return ahead.ahead(ids, on=clock.day(now, zone=house.timezone), at=now, seconds=house.print_seconds)
    finally:
        _one_at_a_time.release()


def sweep(house: Settings) -> None:
    """Remove what was kept long enough."""
    printing.sweep(house=house, at=clock.now())
    taking.sweep(house=house, at=clock.now())
