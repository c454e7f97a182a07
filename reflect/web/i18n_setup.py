"""Flask-Babel, and the language that a page is shown in."""

from flask import Flask, request, session
from flask_babel import Babel

from reflect import paths
from reflect.i18n import INTERFACE_LANGUAGES
from reflect.settings import Settings
from reflect.web.request_context import app_settings, current_user


def select_locale() -> str:
    """Return the code of the language for this reader, the first that is known.

    Their own preference, the one chosen on this device, the browser's, the school's: whoever
    signs in goes on in the language of the page on which they did.
    """
    user = current_user()
    preferred: str | None = (user.language if user else None) or session.get("language")
    if preferred:
        return preferred
    browser_language = request.accept_languages.best_match(INTERFACE_LANGUAGES)
    return browser_language or app_settings().language


def init_app(app: Flask, active_settings: Settings) -> None:
    """Add Flask-Babel to `app`, with our catalogues and a locale for each reader."""
    Babel(
        app,
        default_translation_directories=str(paths.TRANSLATIONS),
        default_locale=active_settings.language,
        locale_selector=select_locale,
        timezone_selector=lambda: active_settings.timezone,
    )
