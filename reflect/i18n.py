"""The languages of Reflect, and the mark for a sentence that a catalogue translates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True)
class Language:
    """A language of the screens, and what else there is in it."""

    code: str  # as in <html lang>, without a region
    own_name: str  # as its own speakers call it
    direction: Literal["ltr", "rtl"] = "ltr"  # as in <html dir>
    has_forms: bool = True
    has_hints: bool = True
    has_speech: bool = True


# To add a language, add a row here and run tests/test_languages.py: it lists what is missing.
# What has False is left out in that language, and the test asks nothing for it.
LANGUAGES = (
    Language("nl", "Nederlands"),
    Language("en", "English"),
)

#: Where nothing says which language: no reader, no reports, no setting.
DEFAULT_LANGUAGE = "nl"

#: The sentences in the code are in this language, so it needs no catalogue.
SOURCE_LANGUAGE = "en"

#: Screens and messages: a catalogue in reflect/translations.
INTERFACE_LANGUAGES = tuple(language.code for language in LANGUAGES)

#: These have a catalogue; the sentences in the code are in the language that has none.
CATALOGUE_LANGUAGES = tuple(code for code in INTERFACE_LANGUAGES if code != SOURCE_LANGUAGE)

#: Pages in these say their direction; without a word, a page runs from left to right.
RIGHT_TO_LEFT_LANGUAGES = tuple(
    language.code for language in LANGUAGES if language.direction == "rtl"
)

#: Forms, and so the reports that are written in them, with our own sections and quotes.
FORM_LANGUAGES = tuple(language.code for language in LANGUAGES if language.has_forms)

#: Booklets and one-pagers: each is in the language of most of its reports.
PRINT_LANGUAGES = FORM_LANGUAGES

#: Hints to the teacher while an answer is written: pattern files in reflect/hints/data.
HINT_LANGUAGES = tuple(language.code for language in LANGUAGES if language.has_hints)

#: Formulas read aloud: a column in reflect/math/speech.py.
SPEECH_LANGUAGES = tuple(language.code for language in LANGUAGES if language.has_speech)


class LanguageTable(NamedTuple):
    """A table that must have an entry for each of these languages."""

    name: str  # "file: name", as tests/test_languages.py says what is missing
    languages: tuple[str, ...]
    entries: Mapping[str, object]


# Filled by `per_language`, each time a module with such a table is imported.
LANGUAGE_TABLES: list[LanguageTable] = []


def per_language(
    name: str, languages: tuple[str, ...], entries: Mapping[str, _T]
) -> Mapping[str, _T]:
    """Return `entries`, listed among the tables that a new language needs an entry in."""
    LANGUAGE_TABLES.append(LanguageTable(name, languages, entries))
    return entries


def N_(message: str) -> str:  # the name that gettext's tools know for "translate this later"
    """Return an English sentence as it is, marked for the catalogues.

    Whoever shows it to a person translates it.
    """
    return message
