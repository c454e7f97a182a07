"""The only reader of the system clock: instants are UTC and aware, days are the school's."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Give this instant, in UTC, aware."""
    return datetime.now(UTC)


def day(at: datetime, *, zone: str) -> date:
    """Give the day that `at` falls on at a school in `zone` (an IANA name such as "Europe/Amsterdam")."""
    return at.astimezone(ZoneInfo(zone)).date()
