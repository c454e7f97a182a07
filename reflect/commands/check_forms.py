"""The command `check-forms`: every error of form texts, with file, line and remedy."""

import argparse
from pathlib import Path

from reflect.report import form_text


def run(asked: argparse.Namespace) -> int:
    """Check a file or every .md in a folder; 0 when all are fine, 2 when not."""
    path: Path = asked.path
    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    if not files:
        _say(f"{path}: there is no form here (a form is a .md file).")
        return 2
    return max(_check(file) for file in files)


def _check(file: Path) -> int:
    try:
        form = form_text.parse(file.read_text("utf-8"), source=str(file))
    except OSError as wrong:
        _say(f"{file}: cannot be read ({wrong.strerror}).")
        return 2
    except UnicodeDecodeError:
        _say(f"{file}: is not UTF-8 text. Save it as UTF-8 and try again.")
        return 2
    except form_text.FormErrors as wrong:
        for error in wrong.errors:
            _say(str(error))
        return 2
    _say(f"{file}: fine ({form.name}, {form.language}, {len(form.sections)} sections)")
    return 0


def _say(line: str) -> None:
    print(line)
