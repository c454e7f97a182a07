"""The house keeps its own rules: sizes, floors, sentences, pinned libraries."""

import ast
import re
from pathlib import Path
from statistics import median

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from reflect import paths
from reflect.i18n import INTERFACE_LANGUAGES, SOURCE_LANGUAGE

TOP = Path(__file__).parent.parent
SOURCES = [path for path in (TOP / "reflect").rglob("*.py") if "migrations" not in path.parts]
PAGES = list(paths.TEMPLATES.rglob("*.html"))
CATALOGUES = [code for code in INTERFACE_LANGUAGES if code != SOURCE_LANGUAGE]
METHODS = [("reflect/**.py", "python"), ("templates/**.html", "jinja2")]


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(TOP)))
def test_a_file_is_one_thing_and_its_functions_are_short(path):
    assert lines(path) <= 500
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), "say in a sentence what it does"
    for function in functions(path):
        length = function.end_lineno - function.lineno + 1
        assert length <= 41, f"{function.name} is longer than 40 lines"


def yes_or_no_parameters(function) -> list[str]:
    parameters = [*function.args.args, *function.args.kwonlyargs]
    return [
        parameter.arg
        for parameter in parameters
        if parameter.annotation and ast.unparse(parameter.annotation) == "bool"
    ]


def is_command(function) -> bool:
    return any("command(" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_no_public_function_takes_a_yes_or_no():
    """A call with a bare True says nothing. Of a command it is a flag that somebody types."""
    for path in SOURCES:
        for function in functions(path):
            if not function.name.startswith("_") and not is_command(function):
                assert not yes_or_no_parameters(function), f"{function.name}: give it two names"


def test_files_and_functions_stay_small():
    assert median(map(lines, SOURCES)) < 100
    assert (
        median(one.end_lineno - one.lineno + 1 for path in SOURCES for one in functions(path)) <= 10
    )
    assert max(map(lines, PAGES)) < 120


def test_no_import_hides_in_a_function():
    for path in SOURCES:
        for function in functions(path):
            inside = [
                node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)
            ]
            assert not inside, f"{path.name}: {function.name}"


def test_only_the_clock_asks_what_time_it_is():
    asks = re.compile(r"datetime\.now|date\.today|time\.time\(|utcnow")
    assert [path.name for path in SOURCES if asks.search(path.read_text("utf-8"))] == ["clock.py"]


def test_no_warning_is_silenced_without_a_reason():
    for path in [*SOURCES, *(TOP / "tests").rglob("*.py")]:
        for line in path.read_text("utf-8").splitlines():
            mark = re.search(r"#\s*(?:noqa|type: ignore)(.*)$", line)
            assert not mark or re.search(r"\]\s+# \S|: [A-Z0-9, ]+ - \S", mark.group(0)), (
                f"{path.name}: {line.strip()}"
            )


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


def values_named_in(sentence: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", sentence))


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_sentence_is_translated(language):
    translated = catalogue(language)
    found = sentences_in_the_code()
    missing = sorted(message for message in found if not translated.get(message))
    assert not missing, "run `make translations` and translate these"
    for message in found:
        assert values_named_in(message) == values_named_in(translated[message]), message


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_compiled_catalogue_is_the_written_one(language):
    with (paths.TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    written = catalogue(language)
    assert compiled == {msgid: text for msgid, text in written.items() if msgid and text}


def test_every_colour_stands_in_tokens_css():
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
    sheets = set((paths.STATIC / "css").glob("*.css")) - {paths.STATIC / "css" / "tokens.css"}
    elsewhere = [
        f"{path.name}: {line.strip()}"
        for path in sorted(sheets)
        for line in path.read_text("utf-8").splitlines()
        if colour.search(line)
    ]
    assert not elsewhere, "give the colour a name in static/css/tokens.css"
