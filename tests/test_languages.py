"""A language is whole: every table, catalogue, form and data file that it needs is there."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from babel import Locale

import reflect
from reflect import i18n, paths
from reflect.math import speech

TOP = Path(__file__).parent.parent

#: Imported by name only: one renders a document at once, the other reads its own settings.
NOT_IMPORTED = ("reflect.printing.preload", "reflect.__main__", "reflect.db.migrations")

#: What knows two languages and is no table: it must be changed by hand for a third one.
DUTCH_AND_ENGLISH_ONLY = {
    "reflect/reports/form_parser.py: _KIND_TAGS, _FLAG_TAGS, _TEXT_TAGS, _NUMBER_TAGS": (
        i18n.FORM_LANGUAGES
    ),
    "reflect/hints/data/placeholders.toml: words": i18n.HINT_LANGUAGES,
    "reflect/school/common_words.py: COMMON_WORDS, FILLER_WORDS": i18n.INTERFACE_LANGUAGES,
    "reflect/school/names.py: _INFIX_WORDS": i18n.INTERFACE_LANGUAGES,
    "static/js/formula-speech.js: ENGLISH, DUTCH, STEP_WORDS": i18n.SPEECH_LANGUAGES,
}

#: Where a language may be named outside a table.
MAY_NAME_A_LANGUAGE = {
    "reflect/i18n.py",
    "reflect/demo/generate.py",  # the demo is a Dutch school with some lessons in English
    "reflect/school/names.py",  # "en" is an infix
    "static/js/formula-speech.js",  # in the list above
}


def import_everything():
    for module in pkgutil.walk_packages(reflect.__path__, "reflect."):
        if not module.name.startswith(NOT_IMPORTED):
            importlib.import_module(module.name)


def needed_files(languages_of):
    """Yield every file that a language needs, by what it is used for."""
    for code in languages_of("interface"):
        if code != i18n.SOURCE_LANGUAGE:
            yield paths.TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"
    for code in languages_of("forms"):
        for slug in sorted({path.name.split(".")[0] for path in paths.FORMS.glob("*.md")}):
            yield paths.FORMS / f"{slug}.{code}.md"
        for slug in ("biologie", "geschiedenis", "wiskunde-periode"):
            yield paths.DEMO_TEXTS / f"{slug}.{code}.toml"
    for code in languages_of("hints"):
        for name in ("checks.{}.toml", "grading_language.{}.toml", "classifier.{}.tsv"):
            yield paths.HINT_DATA / name.format(code)


LANGUAGES_BY_USE = {
    "interface": i18n.INTERFACE_LANGUAGES,
    "forms": i18n.FORM_LANGUAGES,
    "hints": i18n.HINT_LANGUAGES,
}


def test_every_language_has_what_it_needs():
    import_everything()
    missing = []
    for table in i18n.LANGUAGE_TABLES:
        missing += [
            f"{table.name}: {code}" for code in table.languages if code not in table.entries
        ]
    for path in needed_files(LANGUAGES_BY_USE.get):
        if not path.is_file():
            missing.append(str(path.relative_to(TOP)))
    for name, languages in DUTCH_AND_ENGLISH_ONLY.items():
        missing += [f"{name}: {code}" for code in languages if code not in ("nl", "en")]
    remedy = "write these, or say in reflect/i18n.py that the language goes without:"
    assert not missing, "\n  ".join([remedy, *missing])


def test_every_list_of_two_languages_is_where_it_says():
    for entry in DUTCH_AND_ENGLISH_ONLY:
        file_name, _, names = entry.partition(": ")
        source = (TOP / file_name).read_text("utf-8")
        for name in names.split(", "):
            assert re.search(rf"^(export )?(const )?{name} = ", source, re.MULTILINE), entry


def test_no_table_has_a_language_that_nobody_can_choose():
    import_everything()
    for table in i18n.LANGUAGE_TABLES:
        assert set(table.entries) <= set(i18n.INTERFACE_LANGUAGES), table.name


def test_the_list_asks_for_everything_in_a_language_that_is_new():
    files = list(needed_files(lambda _use: ["fr"]))
    assert len(files) >= 10
    assert not [path for path in files if path.is_file()]
    import_everything()
    assert len(i18n.LANGUAGE_TABLES) >= 10
    assert len({table.name for table in i18n.LANGUAGE_TABLES}) == len(i18n.LANGUAGE_TABLES)


def test_every_table_is_where_it_says():
    import_everything()
    for table in i18n.LANGUAGE_TABLES:
        file_name, _, name = table.name.partition(": ")
        assert f"{name} = per_language(" in (TOP / file_name).read_text("utf-8")


def test_no_code_of_a_language_has_a_region():
    """`current_language` drops a region, so no table or catalogue of such a language is found."""
    for language in i18n.LANGUAGES:
        assert str(Locale.parse(language.code)) == language.code
        assert Locale.parse(language.code).language == language.code


def in_english(code):
    return Locale.parse(code).english_name


@pytest.mark.parametrize(
    ("page", "languages", "said"),
    [
        ("README.md", i18n.INTERFACE_LANGUAGES, in_english),
        ("setup.cfg", i18n.INTERFACE_LANGUAGES, lambda code: f"Language :: {in_english(code)}"),
        ("docs/forms.md", i18n.FORM_LANGUAGES, lambda code: f"| {in_english(code)} |"),
        ("docs/paper.md", i18n.PRINT_LANGUAGES, lambda code: f"`{code}`"),
    ],
)
def test_every_language_is_in_the_docs(page, languages, said):
    text = (TOP / page).read_text("utf-8")
    for code in languages:
        assert said(code) in text, f"name the language {code} in {page}"


def test_only_a_page_that_runs_from_right_to_left_says_its_direction(app, monkeypatch):
    client = app.test_client()
    assert "dir=" not in client.get("/inloggen").text.partition("<head>")[0]
    monkeypatch.setitem(app.jinja_env.globals, "RIGHT_TO_LEFT_LANGUAGES", ["nl"])
    assert re.search('^<html lang="nl".*? dir="rtl">$', client.get("/inloggen").text, re.MULTILINE)


def test_every_formula_word_has_a_column_for_each_language():
    columns = len(speech.COLUMNS)
    assert sorted(speech.COLUMNS.values()) == list(range(columns))
    for table in (speech._SYMBOL_WORDS, speech._TEMPLATES):
        for key, words in table.items():
            assert len(words) == columns, key


def language_codes_in_python(path):
    """Yield the line of each language code that is no key of a table."""
    tree = ast.parse(path.read_text("utf-8"))
    keys = [id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    for node in ast.walk(tree):
        is_code = isinstance(node, ast.Constant) and node.value in i18n.INTERFACE_LANGUAGES
        if is_code and id(node) not in keys:
            yield node.lineno


def test_no_code_asks_for_one_language_by_name():
    """Such a question has two answers, and a third language would silently get one of them."""
    named = []
    for path in (TOP / "reflect").rglob("*.py"):
        named += [(str(path.relative_to(TOP)), line) for line in language_codes_in_python(path)]
    quoted_code = re.compile(rf"[\"']({'|'.join(i18n.INTERFACE_LANGUAGES)})[\"']")
    for path in [*paths.TEMPLATES.rglob("*.html"), *(TOP / "static" / "js").glob("*.js")]:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if quoted_code.search(line):
                named.append((str(path.relative_to(TOP)), number))
    assert not [place for place in named if place[0] not in MAY_NAME_A_LANGUAGE]


def test_every_dictionary_by_language_is_listed():
    """A table that per_language does not know would be forgotten when a language is added."""
    for path in (TOP / "reflect").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        listed = [
            id(argument)
            for call in calls
            if getattr(call.func, "id", "") == "per_language"
            for argument in call.args
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict) and id(node) not in listed:
                codes = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                assert not codes & set(i18n.INTERFACE_LANGUAGES), f"{path}:{node.lineno}"
