"""Speech: languages, dates as people say them, and words as safe HTML, for every template."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask, g, request
from flask_babel import Babel
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from reflect import clock, places, words
from reflect.direction import isolated
from reflect.report.grammar import Field, is_empty
from reflect.report.life import State
from reflect.settings import Settings
from reflect.tongue import N_
from reflect.trust.seen import Seen
from reflect.trust.shelf import Line
from reflect.web import door
from reflect.web.remarks import passages
from reflect.web.sentences import for_a_page, gettext, in_html, speaks

# What a state is called: in short, to the student, to somebody else.
_STATES = {
    None:            (N_("not begun"),   N_("Not begun yet"),                     N_("Not begun yet")),
    State.DRAFT:     (N_("writing"),     N_("You are still writing"),             N_("Is still writing")),
    State.HANDED_IN: (N_("handed in"),   N_("With your teacher since %(day)s"),   N_("Handed in %(day)s")),
    State.RETURNED:  (N_("asked on"),    N_("Your teacher has a question, since %(day)s"),
                      N_("Asked on %(day)s, the student goes on writing")),
    State.ANSWERED:  (N_("answered"),    N_("Your teacher answered %(day)s"),     N_("Answered %(day)s")),
    State.CLOSED:    (N_("rounded off"), N_("Rounded off %(day)s"),               N_("Rounded off %(day)s")),
}  # fmt: skip


def attach(app: Flask, house: Settings) -> None:
    """Give the templates of `app` their language, filters and what stands on every page."""
    Babel(
        app, default_translation_directories=str(places.TRANSLATIONS), locale_selector=door.language,
        timezone_selector=lambda: house.timezone, default_locale=house.language,
    )  # fmt: skip
    if house.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=house.proxies, x_proto=house.proxies)  # type: ignore[method-assign]  # Flask's documented way
    app.jinja_env.filters |= {
        "words": _words, "day_words": day_words, "moment_words": moment_words, "instant": _instant, "msg": gettext,
        "is_empty": is_empty, "written": _written, "long_date": long_date,
        "state_words": state_words, "passages": passages, "isolated": isolated,
    }  # fmt: skip
    app.jinja_env.tests["unwritten"] = is_empty
    app.jinja_env.globals |= {"State": State, "_": in_html}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: _page(house))


def _page(house: Settings) -> dict[str, object]:
    person = door.person()
    return {
        "school": house.school,
        "me": person,
        "language": door.language(),
        "_": for_a_page(),
        "font": person.font if person else "normal",
        "size": person.text_size if person else "normal",
        "path": request.full_path.rstrip("?"),
        "today": g.get("today"),
    }


def _words(text: str, language: str = "") -> Markup:
    return words.html(text, language=language or speaks() or "nl")


def _written(row: tuple[Field, ...], content: Mapping[str, str]) -> bool:
    return any(content.get(field.name, "").strip() for field in row)


def _zone() -> ZoneInfo:
    return ZoneInfo(door.house().timezone)


def _instant(at: datetime) -> str:
    """Give the instant at the school's clock, for <time datetime> and on demand."""
    return at.astimezone(_zone()).isoformat(timespec="minutes")


@lru_cache(maxsize=2048)
def _dated(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


_NEAR = {-1: N_("yesterday"), 0: N_("today"), 1: N_("tomorrow")}


def day_words(day: date | datetime) -> str:
    """Say a day as people do: today, yesterday, last Tuesday, in five days, on Friday 12 December."""
    when = clock.day(day, zone=door.house().timezone) if isinstance(day, datetime) else day
    apart = (when - g.today).days
    if apart in _NEAR:
        return gettext(_NEAR[apart])
    if -6 <= apart < -1:
        return _dated(when, "EEEE", speaks())
    same_year = when.year == g.today.year or abs(when - g.today) < timedelta(days=120)
    return _dated(when, "EEEE d MMMM" if same_year else "d MMMM y", speaks())


def state_words(of: Line | Seen, kind: str) -> str:
    """Say the state of a report as the reader would: "You are still writing", "Handed in yesterday"."""
    short, to_student, to_others = _STATES[of.state]
    if kind == "short":
        return gettext(short)
    person = door.person()
    sentence = to_student if person and person.id == of.student.id else to_others
    return gettext(sentence, day=day_words(of.since)) if of.since else gettext(sentence)


def long_date(day: date | datetime) -> str:
    """Say a day in full, as paper needs it: Friday 12 December 2026."""
    when = clock.day(day, zone=door.house().timezone) if isinstance(day, datetime) else day
    return _dated(when, "EEEE d MMMM y", speaks())


def clock_words(at: datetime) -> str:
    """Say the time at the school's clock."""
    there = at.astimezone(_zone())
    return f"{there.hour:02}:{there.minute:02}"


def moment_words(at: datetime) -> str:
    """Say a moment: the day, and the time at the school's clock."""
    return gettext("%(day)s at %(time)s", day=day_words(at), time=clock_words(at))
