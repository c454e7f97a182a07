"""Jinja: the filters, tests, globals and page context that every template has."""

from flask import Flask, g, request
from jinja2 import StrictUndefined

from reflect.i18n import LANGUAGES, RIGHT_TO_LEFT_LANGUAGES
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.evidence import MAX_CAPTION_LENGTH
from reflect.reports.form_schema import GOAL_ROWS, OVERALL_FIELDS, is_empty
from reflect.reports.snippets import NAME_PLACEHOLDERS, PLACEHOLDER_NAMES
from reflect.reports.workflow import State
from reflect.settings import Settings
from reflect.text.bidi import isolate
from reflect.text.browser_rules import browser_rules
from reflect.web.formatting import (
    caption_question,
    format_day,
    format_long_date,
    format_moment,
    format_state,
    iso_local,
    render_markdown,
    say,
    say_all,
    split_at_remarks,
)
from reflect.web.i18n_setup import select_locale
from reflect.web.request_context import current_user
from reflect.web.translations import gettext, gettext_markup, page_gettext


def init_app(app: Flask, active_settings: Settings) -> None:
    """Set up the template environment of `app`."""
    app.jinja_env.filters |= {
        "caption_question": caption_question,
        "format_day": format_day,
        "format_long_date": format_long_date,
        "format_moment": format_moment,
        "format_state": format_state,
        "split_at_remarks": split_at_remarks,
        "is_empty": is_empty,
        "isolate": isolate,
        "iso_local": iso_local,
        "markdown": render_markdown,
        "say": say,
        "say_all": say_all,
        # For a msgid that comes from Python, such as the label of an enum's member.
        "translate": gettext,
    }
    app.jinja_env.tests["empty_content"] = is_empty
    app.jinja_env.globals |= {
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
        "browser_rules": browser_rules,
    }
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
        "font": user.font if user else "normal",
        "text_size": user.text_size if user else "normal",
        "current_url": request.full_path.rstrip("?"),
        "today": g.get("today"),
    }
