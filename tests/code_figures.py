"""Figures of the code itself: sizes, line lengths, comments. `make house` prints them.

They are counted over everything that Python runs below reflect/, but for the migrations, and over
the scripts and templates that we wrote ourselves.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

TOP = Path(__file__).parent.parent
LONGEST_LINE = 100


def python_files() -> list[Path]:
    """Return every Python file of the product but for its migrations."""
    files = (TOP / "reflect").rglob("*.py")
    return sorted(path for path in files if "versions" not in path.parts)


def written_lines(path: Path) -> list[str]:
    """Return the lines of a file that are not blank."""
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def function_lengths(path: Path) -> Iterator[int]:
    """Return the number of lines of each function in a Python file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.end_lineno - node.lineno + 1


def comment_lines(path: Path) -> int:
    """Return how many lines of a Python file have a comment, alone or behind code."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    return sum(token.type == tokenize.COMMENT for token in tokens)


def loose_modules() -> list[str]:
    """Return the modules that lie in reflect/ itself rather than in one of its packages."""
    return sorted(path.stem for path in (TOP / "reflect").glob("*.py") if path.stem != "__init__")


def line_figures(paths: list[Path]) -> tuple[str, str, str]:
    """Return the number of files, their mean line and the share of long lines, as cells."""
    lines = [line for path in paths for line in written_lines(path)]
    too_long = sum(len(line) > LONGEST_LINE for line in lines)
    share = f"{too_long} ({100 * too_long / len(lines):.1f} %)"
    return str(len(paths)), f"{mean(map(len, lines)):.0f}", share


def report() -> str:
    """Return the figures as the Markdown tables that docs/code-figures.md holds."""
    files = python_files()
    sizes = [len(path.read_text("utf-8").splitlines()) for path in files]
    functions = [length for path in files for length in function_lengths(path)]
    comments = sum(map(comment_lines, files)) / sum(len(written_lines(path)) for path in files)
    modules = loose_modules()
    rows = [
        (
            "Python files (lines: median, longest)",
            f"{len(files)} ({median(sizes):.0f}, {max(sizes)})",
        ),
        (
            "functions (lines: median, longest)",
            f"{len(functions)} ({median(functions):.0f}, {max(functions)})",
        ),
        ("lines with a comment", f"{100 * comments:.1f} %"),
        ("modules loose in reflect/", f"{len(modules)} ({', '.join(modules)})"),
    ]
    table = ["| what | figure |", "|---|---|", *(f"| {name} | {figure} |" for name, figure in rows)]
    groups = {
        "reflect/": files,
        "tests/": sorted((TOP / "tests").rglob("*.py")),
        "static/js/": sorted((TOP / "static" / "js").rglob("*.js")),
        "static/css/": sorted((TOP / "static" / "css").rglob("*.css")),
        "templates/": sorted((TOP / "templates").rglob("*.html")),
    }
    table += ["", f"| where | files | mean line | lines over {LONGEST_LINE} |", "|---|---|---|---|"]
    table += [f"| {name} | {' | '.join(line_figures(group))} |" for name, group in groups.items()]
    return "\n".join(table)


if __name__ == "__main__":
    print(report())
