"""The command `forms check`: every error of form texts, with file, line and remedy."""

from pathlib import Path

import click

from reflect import paths
from reflect.cli.base import CommandGroup, end_with
from reflect.reports import form_parser


@click.group(cls=CommandGroup)
def forms() -> None:
    """Check the texts of forms."""


@forms.command(examples=["reflect forms check", "reflect forms check my-forms/"])
@click.argument("path", type=click.Path(path_type=Path), default=paths.FORMS, required=False)
def check(path: Path) -> None:
    """Check form texts, and print what is wrong, with line and remedy.

    PATH is a file, or a folder of .md files; without it, the forms that come with Reflect.
    """
    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    if not files:
        click.echo(f"{path}: there is no form here (a form is a .md file).")
        end_with(2)
    problems = [problem for file in files for problem in _check_file(file)]
    if problems:
        end_with(2)


def _check_file(file: Path) -> list[str]:
    """Print what is wrong with a form, or that nothing is; return the lines about what is wrong."""
    try:
        form = form_parser.parse(file.read_text("utf-8"), source=str(file))
    except OSError as error:
        problems = [f"{file}: cannot be read ({error.strerror})."]
    except UnicodeDecodeError:
        problems = [f"{file}: is not UTF-8 text. Save it as UTF-8 and try again."]
    except form_parser.InvalidForm as error:
        problems = [str(issue) for issue in error.issues]
    else:
        size = f"{len(form.sections)} sections"
        click.echo(f"{file}: fine ({form.name}, {form.language}, {size})")
        return []
    click.echo("\n".join(problems))
    return problems
