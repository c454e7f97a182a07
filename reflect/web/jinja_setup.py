"""Jinja: the filters, tests, globals and page context that every template has."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, before_render_template, g, request, url_for
from jinja2 import StrictUndefined

from reflect.i18n import LANGUAGES, RIGHT_TO_LEFT_LANGUAGES
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.evidence import MAX_CAPTION_LENGTH
from reflect.reports.form_schema import GOAL_ROWS, OVERALL_FIELDS, is_empty
from reflect.reports.snippets import NAME_PLACEHOLDERS, PLACEHOLDER_NAMES
from reflect.reports.workflow import State
from reflect.settings import Settings
from reflect.subprocesses import announce_slow_work
from reflect.text.bidi import isolate
from reflect.text.browser_rules import browser_rules
from reflect.web.formatting import (
    caption_question,
    draft_version,
    format_day,
    format_day_part,
    format_long_date,
    format_moment,
    iso_local,
    page_state_label,
    render_line,
    render_markdown,
    say,
    say_all,
    split_at_remarks,
    spoken_line,
)
from reflect.web.forms import SHOW_ONLY
from reflect.web.i18n_setup import select_locale
from reflect.web.redirects import current_url
from reflect.web.request_context import current_user
from reflect.web.translations import gettext, gettext_markup, page_gettext


def init_app(app: Flask, active_settings: Settings) -> None:
    """Set up the template environment of `app`."""
    before_render_template.connect(_announce_page, app)
    app.jinja_env.filters |= _FILTERS
    app.jinja_env.tests["empty_content"] = is_empty
    app.jinja_env.globals |= _GLOBALS
    # A misspelt name is an error, not an empty place on a page.
    app.jinja_env.undefined = StrictUndefined
    # Templates are indented for their readers, and a page need not carry that white space.
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: _page_context(active_settings))


def _page_context(active_settings: Settings) -> dict[str, object]:
    user = current_user()
    return {
        "school_name": active_settings.school,
        "current_user": user,
        "language": select_locale(),
        # Imported templates have no context and so use the global of this name.
        "_": page_gettext(),
        "state_label": page_state_label(),
        "font": user.font if user else "normal",
        "text_size": user.text_size if user else "normal",
        "current_url": current_url(),
        "show_again_url": _with_query(current_url(), f"{SHOW_ONLY}=1"),
        "today": g.get("today"),
    }


def _url_for(endpoint: str, **values: Any) -> str:
    """Return the address of a view, as Flask's own `url_for` does; a list asks for fifty of them.

    Only where each value is a number: no token of a share, and nothing that a person wrote.
    """
    if endpoint[0] == "." or not all(type(value) is int for value in values.values()):
        return url_for(endpoint, **values)
    return _url_pattern(endpoint, request.root_path, *values) % values


# `root_path` is where the application is mounted in this request: only a part of the key.
@lru_cache(maxsize=1024)
def _url_pattern(endpoint: str, root_path: str, *names: str) -> str:
    """Return the address of a view with a place such as %(report_id)d for each of its numbers."""
    # Numbers that nothing else in an address looks like.
    stand_ins = {name: 7_310_580_246_000 + index for index, name in enumerate(names)}
    numbers: dict[str, Any] = dict(stand_ins)
    pattern = url_for(endpoint, **numbers).replace("%", "%%")
    for name, number in stand_ins.items():
        pattern = pattern.replace(str(number), f"%({name})d")
    return pattern


def _announce_page(_app: Flask, **_: Any) -> None:
    """Let nobody wait while a page is drawn: what it reads or extends is committed before it."""
    # A form that is shown again with its errors is drawn before the commit: it wrote something.
    if request.method in ("GET", "HEAD"):
        announce_slow_work("a page that is drawn")


def _with_query(url: str, query: str) -> str:
    """Return the address with this in its query, once."""
    path, _, before = url.partition("?")
    kept = [part for part in before.split("&") if part and part != query]
    return f"{path}?{'&'.join([*kept, query])}"


_FILTERS: dict[str, Callable[..., Any]] = {
    "caption_question": caption_question,
    "draft_version": draft_version,
    "format_day": format_day,
    "format_day_part": format_day_part,
    "format_long_date": format_long_date,
    "format_moment": format_moment,
    "split_at_remarks": split_at_remarks,
    "is_empty": is_empty,
    "isolate": isolate,
    "iso_local": iso_local,
    "line": render_line,
    "markdown": render_markdown,
    "say": say,
    "spoken": spoken_line,
    "say_all": say_all,
    # For a msgid that comes from Python, such as the label of an enum's member.
    "translate": gettext,
}
_GLOBALS: dict[str, Any] = {
    "ConflictChoice": ConflictChoice,
    "GOAL_ROWS": GOAL_ROWS,
    "LANGUAGES": LANGUAGES,
    "MAX_CAPTION_LENGTH": MAX_CAPTION_LENGTH,
    "NAME_PLACEHOLDERS": NAME_PLACEHOLDERS,
    "PLACEHOLDER_NAMES": PLACEHOLDER_NAMES,
    "OVERALL_FIELDS": OVERALL_FIELDS,
    "RIGHT_TO_LEFT_LANGUAGES": RIGHT_TO_LEFT_LANGUAGES,
    "State": State,
    "_": gettext_markup,
    "url_for": _url_for,
    "browser_rules": browser_rules,
}
