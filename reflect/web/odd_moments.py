"""Odd moments: what is said, to a teacher only, when an answer would reach a student in the hours of rest."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g

from reflect import clock
from reflect.school import hours
from reflect.web.door import house

LONG = 10  # days of school in which a student should have an answer: two weeks


@dataclass(frozen=True)
class Rather:
    """The school morning on which it could go instead, as the fields of a form take it."""

    at: datetime
    day: date
    time: time


def rather(than: datetime | None = None) -> Rather | None:
    """Give a school morning when `than` (now, when left out) is a moment of rest; nothing is ever locked."""
    moment = than or g.now
    if not hours.rests(moment, zone=house().timezone):
        return None
    morning = hours.next_morning(moment, zone=house().timezone)
    there = morning.astimezone(ZoneInfo(house().timezone))
    return Rather(morning, there.date(), there.time())


def two_weeks_ago() -> date:
    """Give the day of school so long ago that who handed in before it waits long."""
    day: date = g.today
    while hours.school_days(day, until=g.today) < LONG:
        day -= timedelta(days=1)
    return day


def waits_long(since: datetime) -> bool:
    """Say whether a student has waited longer than two weeks of school."""
    return clock.day(since, zone=house().timezone) < two_weeks_ago()


def attach(app: Flask) -> None:
    """Let the templates of `app` ask for it."""
    app.jinja_env.globals |= {"rather": rather, "waits_long": waits_long, "two_weeks_ago": two_weeks_ago}
