"""Template filters: days, moments and states in words, and texts as safe HTML."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date
from flask import g
from markupsafe import Markup

from reflect import clock
from reflect.access.audience import Sentence
from reflect.access.report_lists import ReportRow
from reflect.access.view_models import MediaKind, RemarkView, ReportView
from reflect.i18n import DEFAULT_LANGUAGE, INTERFACE_LANGUAGES, N_, per_language
from reflect.printing.html_view import remark_label
from reflect.reports.workflow import (
    REOPENED_BY_STUDENT_LABELS,
    REOPENED_BY_TEACHER_LABELS,
    STATE_LABELS,
    State,
    StateLabels,
)
from reflect.school import calendar
from reflect.text import highlights, markdown
from reflect.text.highlights import HighlightedHtml
from reflect.web.request_context import app_settings, current_user, school_zone
from reflect.web.translations import current_language, gettext, translated

_MOMENT = N_("%(day)s at %(time)s")
_RELATIVE_DAYS = {-1: N_("yesterday"), 0: N_("today"), 1: N_("tomorrow")}


@dataclass(frozen=True)
class _DateFormats:
    """How days (patterns of Babel) and a time (one of strftime) are written in a language."""

    day: str = "EEEE d MMMM"
    day_of_year: str = "d MMMM y"
    long_date: str = "EEEE d MMMM y"
    time: str = "%H:%M"


_DATE_FORMATS = per_language(
    "reflect/web/formatting.py: _DATE_FORMATS",
    INTERFACE_LANGUAGES,
    {"nl": _DateFormats(), "en": _DateFormats()},
)
_STATE_HTML = Markup('<span class="state state-{}">{}</span>')
_DATED_STATE_HTML = Markup('<span class="state state-{}" title="{}">{}</span>')
# A day this near is clear without its year, also across the turn of the year.
_NEAR = timedelta(days=120)


# What is asked of the writer, so that somebody who cannot see or hear it knows what it is.
_CAPTION_QUESTIONS = {
    MediaKind.PICTURE: N_("What do we see here?"),
    MediaKind.SOUND: N_("What do we hear here?"),
    MediaKind.DOCUMENT: N_("What is in here?"),
}


def caption_question(kind: MediaKind) -> str:
    """Return the label of the field for the caption of a piece of evidence."""
    return gettext(_CAPTION_QUESTIONS[kind])


def render_markdown(text: str, language: str = "") -> Markup:
    """Return a text as safe HTML; `language` is that of its formulas, else that of the page."""
    return markdown.to_html(text, language=language or current_language() or DEFAULT_LANGUAGE)


def render_line(text: str, language: str = "") -> Markup:
    """Return a line that somebody typed, such as a goal or a caption, as safe HTML."""
    language = language or current_language() or DEFAULT_LANGUAGE
    return markdown.to_inline_html(text, language=language)


def spoken_line(text: str, language: str = "") -> str:
    """Return a line that somebody typed as text alone, the formulas in words."""
    language = language or current_language() or DEFAULT_LANGUAGE
    return markdown.to_spoken(text, language=language)


def format_day(day: date | datetime) -> str:
    """Return a day as people say it: yesterday, Tuesday (of last week), Friday 12 December."""
    return _day_in_words(_local_day(day), g.today, current_language())


# Of the length of a school year, in two languages. Nothing of a person is in a day.
@lru_cache(maxsize=1024)
def _day_in_words(local_day: date, today: date, language: str) -> str:
    days_away = (local_day - today).days
    if days_away in _RELATIVE_DAYS:
        return translated(_RELATIVE_DAYS[days_away], language)
    # Only days of the past: "Tuesday" of the next week could be taken for that of this week.
    if -6 <= days_away < -1:
        return _format_date(local_day, "EEEE", language)
    names_no_year = local_day.year == today.year or abs(local_day - today) < _NEAR
    formats = _date_formats(language)
    return _format_date(local_day, formats.day if names_no_year else formats.day_of_year, language)


def format_long_date(day: date | datetime) -> str:
    """Return a day in full, for paper: Friday 12 December 2026."""
    language = current_language()
    return _format_date(_local_day(day), _date_formats(language).long_date, language)


def format_time(at: datetime) -> str:
    """Return the time of day at the school: 08:05."""
    return _format_time(at.astimezone(school_zone()), current_language())


def _format_time(local: datetime, language: str) -> str:
    return local.strftime(_date_formats(language).time)


def format_moment(at: datetime) -> str:
    """Return a day and a time at the school, for texts and titles."""
    language = current_language()
    local = at.astimezone(school_zone())
    day = _day_in_words(local.date(), g.today, language)
    sentence = translated(_MOMENT, language)
    return sentence % {"day": day, "time": _format_time(local, language)}


def format_day_part(at: datetime) -> str:
    """Return a day and the part of it, for what somebody else did: the minute is their own."""
    local = at.astimezone(school_zone())
    return _day_part_in_words(
        local.date(), calendar.part_of_day(local), g.today, current_language()
    )


def _day_part_in_words(
    local_day: date, part: calendar.PartOfDay, today: date, language: str
) -> str:
    return translated(part.label, language) % {"day": _day_in_words(local_day, today, language)}


def draft_version(changed_at: datetime) -> str:
    """Return a word that changes with this moment, and does not tell it."""
    message = f"draft {changed_at.isoformat()}".encode()
    return hmac.new(app_settings().secret.encode(), message, hashlib.sha256).hexdigest()[:16]


def iso_local(at: datetime) -> str:
    """Return a moment in ISO 8601 at the school's offset, for <time datetime>."""
    return at.astimezone(school_zone()).isoformat(timespec="minutes")


def page_state_label() -> Callable[..., Markup]:
    """Return `state_label(report, length)`, bound to the reader, the day and the language of now.

    It says the state of a report as its reader would: "Handed in yesterday"; with the length
    "short" in a word or two, for a table. A list asks it fifty times.
    """
    reader, language = current_user(), current_language()
    zone, today = school_zone(), g.get("today")

    def state_label(report: ReportRow | ReportView, length: str = "long") -> Markup:
        labels = _state_labels(report)
        if length == "short":
            return _state_html(report.state, labels.short, None, today, language)
        # To its own student a report says its state in other words.
        is_own = reader is not None and reader.id == report.student.id
        msgid = labels.to_student if is_own else labels.to_others
        since = None
        if report.state_since:
            local = report.state_since.astimezone(zone)
            since = local.date(), calendar.part_of_day(local)
        return _state_html(report.state, msgid, since, today, language)

    return state_label


# Nothing of a person is in it: a state, a day, a language.
@lru_cache(maxsize=4096)
def _state_html(
    state: State | None,
    msgid: str,
    since: tuple[date, calendar.PartOfDay] | None,
    today: date,
    language: str,
) -> Markup:
    sentence = translated(msgid, language)
    if since is None:
        return _STATE_HTML.format(state or "none", sentence)
    title = _day_part_in_words(*since, today, language)
    day = _day_in_words(since[0], today, language)
    return _DATED_STATE_HTML.format(state or "none", title, sentence % {"day": day})


def _state_labels(report: ReportRow | ReportView) -> StateLabels:
    if report.reopened_by_id is None:
        return STATE_LABELS[report.state]
    if report.reopened_by_id == report.student.id:
        return REOPENED_BY_STUDENT_LABELS
    return REOPENED_BY_TEACHER_LABELS


def say(sentence: Sentence) -> str:
    """Return a sentence of `reflect.access.audience` in the reader's language."""
    return gettext(sentence.msgid, **{name: _said(it) for name, it in sentence.values.items()})


def _said(value: str | date | Sentence) -> str:
    if isinstance(value, Sentence):
        return say(value)
    return format_day(value) if isinstance(value, date) else value


def say_all(sentences: Iterable[Sentence], separator: str = " ") -> str:
    """Return sentences one after the other."""
    return separator.join(say(sentence) for sentence in sentences)


def split_at_remarks(
    text: str, language: str, remarks: Sequence[RemarkView]
) -> list[HighlightedHtml]:
    """Return a text in parts of HTML, each with the keys of the remarks that begin in it."""
    marks = [remark.highlight for remark in remarks if remark.highlight]
    return highlights.to_html(text, marks, language=language, label_for=remark_label)


def _date_formats(language: str) -> _DateFormats:
    return _DATE_FORMATS[language or DEFAULT_LANGUAGE]


def _local_day(day: date | datetime) -> date:
    if isinstance(day, datetime):
        return clock.local_date(day, zone=app_settings().timezone)
    return day


@lru_cache(maxsize=2048)
def _format_date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)
