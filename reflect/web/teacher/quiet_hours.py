"""A suggestion to a teacher who is about to release something in quiet hours."""

from dataclasses import dataclass
from datetime import date, datetime, time

from flask import Flask, g

from reflect.school import calendar
from reflect.web.request_context import app_settings, school_zone


@dataclass(frozen=True)
class TimeSuggestion:
    """When to release instead; `day` and `local_time` are what the fields of a form take."""

    starts_at: datetime
    day: date
    local_time: time


def suggest_other_time(planned_at: datetime | None = None) -> TimeSuggestion | None:
    """Return the next school morning if `planned_at` (None: now) is in quiet hours.

    It is a suggestion: a teacher may release at any time.
    """
    at = planned_at or g.now
    zone_name = app_settings().timezone
    if not calendar.is_quiet(at, zone=zone_name):
        return None
    morning = calendar.next_school_morning(at, zone=zone_name)
    local_morning = morning.astimezone(school_zone())
    # In the school's time: these fill the fields of a form.
    return TimeSuggestion(morning, local_morning.date(), local_morning.time())


def init_app(app: Flask) -> None:
    """Let the templates of `app` ask for a suggestion."""
    app.jinja_env.globals["suggest_other_time"] = suggest_other_time
