"""The code keeps its own rules: sizes, layers, sentences, pinned libraries."""

import ast
import re
import sys
from pathlib import Path
from statistics import median

import pytest

from reflect import paths
from tests import code_figures

TOP = Path(__file__).parent.parent
SOURCES = [path for path in (TOP / "reflect").rglob("*.py") if "migrations" not in path.parts]
PAGES = list(paths.TEMPLATES.rglob("*.html"))


MAX_LOOSE_MODULES = 10
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 40
MAX_TEMPLATE_LINES = 119


def count_lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path):
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(TOP)))
def test_a_file_is_one_thing_and_its_functions_are_short(path):
    assert count_lines(path) <= MAX_FILE_LINES
    assert ast.get_docstring(parse(path)), "say in a sentence what it does"
    for function in functions(path):
        length = function.end_lineno - function.lineno + 1
        assert length <= MAX_FUNCTION_LINES, function.name


def test_a_file_of_tests_is_no_longer_either():
    for path in (TOP / "tests").rglob("*.py"):
        assert count_lines(path) <= MAX_FILE_LINES, path.name


def test_few_modules_lie_outside_of_the_packages():
    assert len(code_figures.loose_modules()) <= MAX_LOOSE_MODULES


def test_a_blueprint_is_named_after_its_module_and_an_endpoint_after_its_function(app):
    """Who sees an endpoint in a template or a log knows which function to look for."""
    for name, blueprint in app.blueprints.items():
        module = sys.modules[blueprint.import_name]
        assert module.__name__.rpartition(".")[2] == name
        assert getattr(module, name) is blueprint
    for endpoint, view in app.view_functions.items():
        name, _, function_name = endpoint.rpartition(".")
        if name:
            assert view.__module__ == app.blueprints[name].import_name, endpoint
            assert view.__name__ == function_name


def module_tables(path: Path) -> list[int]:
    """Return the last line of each literal that a module gives a name."""
    return [
        node.end_lineno
        for node in parse(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Dict | ast.Tuple | ast.List | ast.Set)
    ]


def test_only_a_table_has_a_layout_of_its_own():
    for path in SOURCES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            assert not re.search(r"#\s*fmt:\s*(?:off|on)\b", line), path.name
            if re.search(r"#\s*fmt:\s*skip\b", line):
                assert number in module_tables(path), f"{path.name}:{number} is no table"


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
    assert median(map(count_lines, SOURCES)) <= 100
    lengths = [length for path in SOURCES for length in code_figures.function_lengths(path)]
    assert median(lengths) < 8


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_template_is_short(path):
    assert count_lines(path) <= MAX_TEMPLATE_LINES


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


def files_with(word: str) -> set[str]:
    return {path.name for path in SOURCES if word in path.read_text("utf-8")}


def test_only_prerendering_loads_reports_without_an_entry_in_the_access_log():
    """The contract in setup.cfg protects the module that offers it; this, the function below it.

    A print and a file of an opened link log it themselves.
    """
    assert files_with("load_unlogged") == {
        "report_loading.py",
        "prerender_access.py",
        "print_access.py",
        "evidence_access.py",
    }


def test_whoever_hands_over_pages_logs_it():
    """Laying out a booklet logs nothing, and every place that gives its pages to somebody does."""
    assert files_with("load_to_print(") == {"print_access.py", "booklet_builder.py"}
    builders = {
        name
        for whom in ("group", "student", "students")
        for name in files_with(f"build_for_{whom}(")
    }
    assert builders == {"booklet_builder.py", "groups.py", "printing.py", "print_steps.py"}
    # The steps of a print make its file, and the page of its progress hands it over.
    hand_over = builders - {"print_steps.py"} | {"print_progress.py"}
    assert hand_over <= files_with("record_print(")


def test_no_warning_is_silenced_without_a_reason():
    for path in [*SOURCES, *(TOP / "tests").rglob("*.py")]:
        for line in path.read_text("utf-8").splitlines():
            mark = re.search(r"#\s*(?:noqa|type: ignore)(.*)$", line)
            assert not mark or re.search(r"\]\s+# \S|: [A-Z0-9, ]+ - \S", mark.group(0)), (
                f"{path.name}: {line.strip()}"
            )


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


def test_a_line_that_somebody_typed_goes_through_the_grammar_of_lines():
    words = re.compile(
        r"goal\.description|success_criterion|\bcaption\b|\bsection\.(?:prompt|help)\b"
    )
    filtered = re.compile(
        r"\| (?:line|spoken)\b|to_line\(|to_print_line\(|goal_list\(|evidence|_\("
    )
    bare = [
        f"{path.name}: {expression}"
        for path in paths.TEMPLATES.rglob("*.html")
        for expression in re.findall(r"\{\{.*?\}\}", path.read_text("utf-8"), re.DOTALL)
        if words.search(expression) and not filtered.search(expression)
    ]
    allowed = {
        'hand_in.html: {{ "" if section.prompt[-1:] in "?!." else "." }}',
        "evidence_item.html: {{ caption }}",  # in the field where it is typed
    }
    assert set(bare) <= allowed, "show it by the filter line, or spoken in an attribute"
