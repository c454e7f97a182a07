"""The school's calendar in its own time zone: quiet hours, the next morning, school days."""

from datetime import UTC, date, datetime

import pytest

from reflect.school import calendar

ZONE = "Europe/Amsterdam"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [
        ("2026-11-24T09:00", False),  # Tuesday
        ("2026-11-24T05:59", True),
        ("2026-11-24T06:00", False),
        ("2026-11-24T17:59", False),
        ("2026-11-24T18:00", True),
        ("2026-11-24T23:30", True),
        ("2026-11-27T22:30", True),
        ("2026-11-28T10:00", True),  # Saturday
        ("2026-11-29T22:00", True),
        ("2026-11-29T23:30", True),  # Monday already, at half past midnight
        ("2026-07-06T05:00", False),  # in summer an hour earlier
    ],
)
def test_evenings_nights_and_weekends_are_quiet(moment, is_quiet):
    assert calendar.is_quiet(at(moment), zone=ZONE) is is_quiet


@pytest.mark.parametrize(
    ("moment", "morning"),
    [
        ("2026-11-24T22:30", "2026-11-25T07:30"),
        ("2026-11-24T23:30", "2026-11-25T07:30"),
        ("2026-11-25T07:29", "2026-11-25T07:30"),
        ("2026-11-25T07:30", "2026-11-26T07:30"),
        ("2026-11-27T18:00", "2026-11-30T07:30"),
        ("2026-03-27T20:00", "2026-03-30T06:30"),  # the clock goes forward in that weekend
    ],
)
def test_the_next_morning_is_that_of_a_school_day(moment, morning):
    assert calendar.next_school_morning(at(moment), zone=ZONE) == at(morning)


def test_two_weeks_hold_ten_school_days():
    assert calendar.count_school_days(date(2026, 11, 10), until=date(2026, 11, 24)) == 10
    assert calendar.count_school_days(date(2026, 11, 27), until=date(2026, 11, 29)) == 0
    assert calendar.count_school_days(date(2026, 11, 27), until=date(2026, 11, 20)) == 0
