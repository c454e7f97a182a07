"""The only reader of the system clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(at: datetime, *, zone: str) -> date:
    """Return the day on which `at` falls in `zone`, an IANA name such as "Europe/Amsterdam"."""
    return at.astimezone(ZoneInfo(zone)).date()
