"""Hours: when a school is at rest, its next morning, and the days on which it works."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEGINS, ENDS = time(7), time(19)  # what is given outside these hours reaches a student who should have rest
MORNING = time(8, 30)
_SATURDAY = 5


def is_school_day(day: date) -> bool:
    return day.weekday() < _SATURDAY


def rests(at: datetime, *, zone: str) -> bool:
    """Say whether this is the evening, the night or the weekend at a school in `zone`."""
    there = at.astimezone(ZoneInfo(zone))
    return not (is_school_day(there.date()) and BEGINS <= there.time() < ENDS)


def next_morning(after: datetime, *, zone: str) -> datetime:
    """Give when the first school day begins that is still to come."""
    place = ZoneInfo(zone)
    morning = datetime.combine(after.astimezone(place).date(), MORNING, tzinfo=place)
    while morning <= after or not is_school_day(morning.date()):
        morning = datetime.combine(morning.date() + timedelta(days=1), MORNING, tzinfo=place)
    return morning.astimezone(UTC)


def school_days(since: date, *, until: date) -> int:
    """Count the days of school after `since`, up to and including `until`."""
    apart = max(0, (until - since).days)
    return sum(is_school_day(since + timedelta(days=one)) for one in range(1, apart + 1))
