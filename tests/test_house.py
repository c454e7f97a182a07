"""The house keeps its own rules: sizes, floors, sentences, pinned libraries."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from reflect import migrate, places
from reflect.app import create_app
from reflect.store import db
from tests.conftest import house_settings

TOP = Path(__file__).parent.parent
SOURCES = [path for path in (TOP / "reflect").rglob("*.py") if "migrations" not in path.parts]
PAGES = list(places.TEMPLATES.rglob("*.html"))
METHODS = [("reflect/**.py", "python"), ("templates/**.html", "jinja2")]


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(TOP)))
def test_a_file_knows_one_thing(path):
    assert lines(path) <= 300
    said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert said, "a file says in one sentence what it knows"
    for function in functions(path):
        assert function.end_lineno - function.lineno + 1 <= 41, f"{function.name} is longer than 40 lines"
        if not function.name.startswith("_"):
            taken = [*function.args.args, *function.args.kwonlyargs]
            yes_or_no = [one.arg for one in taken if one.annotation and ast.unparse(one.annotation) == "bool"]
            assert not yes_or_no, f"{function.name} takes a yes or no: give it two names"


def test_files_and_functions_stay_small():
    assert median(map(lines, SOURCES)) < 100
    assert median(one.end_lineno - one.lineno + 1 for path in SOURCES for one in functions(path)) <= 10
    assert max(map(lines, PAGES)) < 120


def test_no_import_hides_in_a_function():
    for path in SOURCES:
        for function in functions(path):
            inside = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert not inside, f"{path.name}: {function.name}"


def test_only_the_clock_asks_what_time_it_is():
    asks = re.compile(r"datetime\.now|date\.today|time\.time\(|utcnow")
    assert [path.name for path in SOURCES if asks.search(path.read_text("utf-8"))] == ["clock.py"]


def test_no_warning_is_silenced_without_a_reason():
    for path in [*SOURCES, *(TOP / "tests").rglob("*.py")]:
        for line in path.read_text("utf-8").splitlines():
            mark = re.search(r"#\s*(?:noqa|type: ignore)(.*)$", line)
            assert not mark or re.search(r"\]\s+# \S|: [A-Z0-9, ]+ - \S", mark.group(0)), f"{path.name}: {line.strip()}"


def catalogue() -> dict[str, str]:
    with (places.TRANSLATIONS / "nl" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {one.id: one.string for one in read_po(file) if isinstance(one.id, str) and not one.fuzzy}


def test_every_sentence_is_there_in_dutch():
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None}
    found = {
        message
        for _, _, message, _, _ in extract_from_dir(str(TOP), METHODS, {"**.html": {"encoding": "utf-8"}}, keywords,
                                                   directory_filter=lambda path: Path(path).name[0] != ".")
        if isinstance(message, str)
    }  # fmt: skip
    dutch = catalogue()
    missing = sorted(message for message in found if not dutch.get(message))
    assert not missing, "run `make sentences` and translate these"
    for message in found:
        places_in = lambda text: sorted(re.findall(r"%\((\w+)\)s", text))  # noqa: E731 - shorter than a nested function
        assert set(places_in(message)) == set(places_in(dutch[message])), message


def test_the_compiled_catalogue_is_the_written_one():
    with (places.TRANSLATIONS / "nl" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {one.id: one.string for one in read_mo(file) if one.id}
    assert compiled == {id: text for id, text in catalogue().items() if id and text}


def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path):
    for name, value in (("REFLECT_PORT", "poort"), ("REFLECT_LANGUAGE", "fr"), ("REFLECT_SECRET", "kort"),
                        ("REFLECT_WHATEVER", "x"), ("REFLECT_DATABASE", "mysql://x")):  # fmt: skip
        env = {"PATH": "/usr/bin:/bin", "REFLECT_DATA": str(tmp_path), name: value}
        ran = subprocess.run(
            [sys.executable, "-m", "reflect", "groups"], env=env, cwd=TOP, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 2
        assert name in ran.stderr
        assert len(ran.stderr.strip().splitlines()) == 1
        assert "Traceback" not in ran.stderr


def test_another_port_is_in_the_address_that_is_told_and_linked(tmp_path):
    assert house_settings(tmp_path, REFLECT_PORT="8123").base_url == "http://127.0.0.1:8123"
    own = "https://reflect.school.example"
    assert house_settings(tmp_path, REFLECT_PORT="8123", REFLECT_BASE_URL=own).base_url == own


def test_everything_written_lies_in_the_data_folder_and_the_secret_is_ours_alone(tmp_path):
    own = create_app(house_settings(tmp_path))
    with own.app_context():
        migrate.up_to_date()
    assert own.test_client().get("/inloggen").status_code == 200
    with own.app_context():
        db.engine.dispose()
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {
        "reflect.sqlite3",
        "secret",
        "reflect.env",
    }
