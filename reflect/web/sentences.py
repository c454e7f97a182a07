"""Sentences: the catalogues, looked up once for each language, since a page says hundreds."""

from collections.abc import Callable
from functools import lru_cache

from flask_babel import get_locale, get_translations
from flask_babel.speaklater import LazyString
from markupsafe import Markup


def speaks() -> str:
    """Give the language in which this page speaks; empty outside a page."""
    spoken = get_locale()
    return spoken.language if spoken else ""


@lru_cache(maxsize=8192)
def _known(english: str, language: str) -> str:
    """Look a sentence up in the catalogue that is in force, which is that of `language`."""
    return get_translations().ugettext(english) if language else english


@lru_cache(maxsize=8192)
def _safe(english: str, language: str) -> Markup:
    return Markup(_known(english, language))  # noqa: S704 - our own sentence and its translation


def gettext(english: str, **places: object) -> str:
    """Give a sentence in the reader's language, with its places filled in."""
    known = _known(english, speaks())
    return known % places if places else known


def in_html(english: str, **places: object) -> Markup:
    """Give a sentence as templates need it, with what fills its places made safe."""
    known = _safe(english, speaks())
    return known % places if places else known


def for_a_page() -> Callable[..., Markup]:
    """Give `in_html` in the language of now, for a page that asks a hundred sentences and never changes it."""
    language = speaks()

    def say(english: str, **places: object) -> Markup:
        known = _safe(english, language)
        return known % places if places else known

    return say


def later(english: str) -> LazyString:
    """Give a sentence that finds its language when somebody reads it; for the labels of fields."""
    return LazyString(gettext, english)
