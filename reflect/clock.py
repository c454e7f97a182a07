"""The only reader of the system clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(at: datetime, *, zone: str) -> date:
    """Return the day on which `at` falls in `zone`, an IANA name such as "Europe/Amsterdam"."""
    # The school's midnight counts, not that of UTC or of the machine: a round opens on a school
    # day.
    return at.astimezone(ZoneInfo(zone)).date()
