"""Every sentence that people read is translated, and the compiled catalogue is the written one."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from reflect import paths
from reflect.i18n import CATALOGUE_LANGUAGES

TOP = Path(__file__).parent.parent
METHODS = [("reflect/**.py", "python"), ("templates/**.html", "jinja2")]


def catalogue(language: str) -> dict[str, str]:
    with (paths.TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if not message.fuzzy]
    return {message.id: message.string for message in messages if isinstance(message.id, str)}


def sentences_in_the_code() -> set[str]:
    extracted = extract_from_dir(
        str(TOP),
        METHODS,
        {"**.html": {"encoding": "utf-8"}},
        keywords={"_": None, "gettext": None, "lazy_gettext": None, "N_": None},
        directory_filter=lambda path: Path(path).name[0] != ".",
    )
    return {message for _, _, message, _, _ in extracted if isinstance(message, str)}


def test_every_template_is_read_for_its_sentences():
    """Of a file with another suffix they would not be collected, and so never be translated."""
    suffixes = {path.suffix for path in paths.TEMPLATES.rglob("*") if path.is_file()}
    assert suffixes == {".html"}, "add the suffix to babel.cfg, and to METHODS here"
    mapping = (paths.TRANSLATIONS / "babel.cfg").read_text("utf-8")
    assert re.findall(r"^\[(\w+): (\S+)\]$", mapping, re.MULTILINE) == [
        (method, pattern) for pattern, method in METHODS
    ]


def values_named_in(sentence: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", sentence))


@pytest.mark.parametrize("language", CATALOGUE_LANGUAGES)
def test_every_sentence_is_translated(language):
    translated = catalogue(language)
    found = sentences_in_the_code()
    missing = sorted(message for message in found if not translated.get(message))
    assert not missing, "run `make translations` and translate these"
    for message in found:
        assert values_named_in(message) == values_named_in(translated[message]), message


@pytest.mark.parametrize("language", CATALOGUE_LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language):
    with (paths.TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    written = catalogue(language)
    assert compiled == {msgid: text for msgid, text in written.items() if msgid and text}
