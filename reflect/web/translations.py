"""Sentences from the catalogues, each looked up once per language: a page shows hundreds."""

from collections.abc import Callable
from functools import lru_cache

from flask_babel import get_locale, get_translations
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from reflect.errors import UserError


def current_language() -> str:
    """Return the code of the language of this page, "" outside a request."""
    locale = get_locale()
    return locale.language if locale else ""


# `language` is the language in force: it is a parameter only to be part of the cache's key.
@lru_cache(maxsize=8192)
def translated(msgid: str, language: str) -> str:
    """Return a sentence in the language in force, which the caller has looked up already."""
    return get_translations().ugettext(msgid) if language else msgid


@lru_cache(maxsize=8192)
def _translated_markup(msgid: str, language: str) -> Markup:
    return Markup(translated(msgid, language))  # noqa: S704 - our own sentence and its translation


def gettext(msgid: str, **variables: object) -> str:
    """Return a sentence in the reader's language, with its %(name)s places filled in."""
    sentence = translated(msgid, current_language())
    return sentence % variables if variables else sentence


def gettext_markup(msgid: str, **variables: object) -> Markup:
    """Return a sentence for a template, with what fills its places escaped."""
    return _filled(_translated_markup(msgid, current_language()), variables)


def page_gettext() -> Callable[..., Markup]:
    """Return a `gettext_markup` bound to the language of now, for the length of one page."""
    language = current_language()

    def translate(msgid: str, **variables: object) -> Markup:
        return _filled(_translated_markup(msgid, language), variables)

    return translate


def _filled(sentence: Markup, variables: dict[str, object]) -> Markup:
    # Without this, a per cent sign in a sentence without places would have to be doubled.
    return sentence % variables if variables else sentence


def lazy_gettext(msgid: str) -> LazyString:
    """Return a sentence whose language is chosen when it is shown; for the labels of fields."""
    return LazyString(gettext, msgid)


def translate_error(error: UserError) -> tuple[str, str]:
    """Return the message and the hint of an error as the reader sees them."""
    return gettext(error.message, **error.values), gettext(error.hint, **error.values)
