"""What comes due by the clock: planned answers are given, and what was kept long enough is removed."""

from reflect import clock
from reflect.jobs import printing, taking
from reflect.report import release
from reflect.settings import Settings
from reflect.store import only_read


def take(house: Settings) -> None:
    """Take what is due by now; after a pause of the worker also what came due meanwhile."""
    only_read()
    now = clock.now()
    release.take_due(on=clock.day(now, zone=house.timezone), at=now)


def sweep(house: Settings) -> None:
    """Remove what was kept long enough."""
    printing.sweep(house=house, at=clock.now())
    taking.sweep(house=house, at=clock.now())
