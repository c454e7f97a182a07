"""The school's calendar: its quiet hours, its next morning, its school days, parts of a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from reflect.i18n import N_

# An answer that is released in the quiet hours reaches a student who should have rest.
# Nothing is refused for it: `reflect.web.teacher.quiet_hours` suggests another moment.
QUIET_HOURS_END = time(7)
QUIET_HOURS_START = time(19)
MORNING_TIME = time(8, 30)
_SATURDAY = 5
# A school plans a year ahead and looks some years back; whatever is further away is a mistake.
_NEAR_YEARS = 10


class PartOfDay(StrEnum):
    """A quarter of a day: as precisely as one person learns when another one worked or read."""

    NIGHT = "night"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @property
    def label(self) -> str:
        """The msgid of it, with %(day)s for the day."""
        return _PART_LABELS[self]


_PART_LABELS = {
    PartOfDay.NIGHT:     N_("%(day)s, at night"),
    PartOfDay.MORNING:   N_("%(day)s, in the morning"),
    PartOfDay.AFTERNOON: N_("%(day)s, in the afternoon"),
    PartOfDay.EVENING:   N_("%(day)s, in the evening"),
}  # fmt: skip
_PARTS = tuple(PartOfDay)
_HOURS_PER_PART = 24 // len(PartOfDay)


@dataclass(frozen=True)
class DayPart:
    """A part of one day; `began_at`: when it began, in UTC."""

    part: PartOfDay
    began_at: datetime


def day_part(at: datetime, *, zone: str) -> DayPart:
    """Return the part of the day in the time zone `zone` in which this instant falls."""
    local = at.astimezone(ZoneInfo(zone))
    begin = time(local.hour // _HOURS_PER_PART * _HOURS_PER_PART)
    began_at = datetime.combine(local.date(), begin, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return DayPart(part_of_day(local), began_at)


def part_of_day(local: datetime) -> PartOfDay:
    """Return the part of its day in which this local time falls."""
    return _PARTS[local.hour // _HOURS_PER_PART]


def is_school_day(day: date) -> bool:
    # Holidays are unknown here: the roster does not have them.
    return day.weekday() < _SATURDAY


def is_near(day: date, *, today: date) -> bool:
    """Return whether a day can be one of the school's: at most ten years from now."""
    return abs(day.year - today.year) <= _NEAR_YEARS


def is_quiet(at: datetime, *, zone: str) -> bool:
    """Return whether this is the evening, the night or the weekend in the time zone `zone`."""
    local = at.astimezone(ZoneInfo(zone))
    return not (is_school_day(local.date()) and QUIET_HOURS_END <= local.time() < QUIET_HOURS_START)


def next_school_morning(after: datetime, *, zone: str) -> datetime:
    """Return, in UTC, the first morning of a school day that comes after this instant."""
    school_zone = ZoneInfo(zone)

    def morning_of(day: date) -> datetime:
        # Combined per day, so that it is half past eight also after the clocks have changed.
        return datetime.combine(day, MORNING_TIME, tzinfo=school_zone)

    day = after.astimezone(school_zone).date()
    while morning_of(day) <= after or not is_school_day(day):
        day += timedelta(days=1)
    return morning_of(day).astimezone(UTC)


def count_school_days(since: date, *, until: date) -> int:
    """Return the number of school days after `since`, up to and including `until`."""
    total_days = max(0, (until - since).days)
    days = (since + timedelta(days=offset) for offset in range(1, total_days + 1))
    return sum(is_school_day(day) for day in days)
