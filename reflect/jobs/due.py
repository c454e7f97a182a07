"""What comes due by the clock: planned answers are given."""

from reflect import clock
from reflect.report import release
from reflect.store import only_read


def take(*, zone: str) -> None:
    """Take what is due by now; after a pause of the worker also what came due meanwhile."""
    only_read()
    now = clock.now()
    release.take_due(on=clock.day(now, zone=zone), at=now)
