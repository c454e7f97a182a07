"""What every command needs: its help, its database, the settings, and how it fails."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, NoReturn, ParamSpec, TypeVar

import click
from flask import current_app

from reflect import clock, settings
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.engine import db
from reflect.db.session import App
from reflect.school import calendar
from reflect.settings import Settings

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Command(click.Command):
    """A command whose help ends with examples of what to type."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                # Not write_text, which would wrap a line that somebody wants to copy.
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


class CommandGroup(click.Group):
    """A group of commands that have examples."""

    command_class = Command


class CommandFailed(click.ClickException):
    """Ends a command with one sentence on standard error: it is not possible now."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


# A code of its own: a script can tell a wrong file from something that may work later.
class WrongInput(CommandFailed):
    """Ends a command with one sentence on standard error: a setting or a file is wrong."""

    exit_code = 2


class Day(click.ParamType[date]):
    """A day in ISO 8601, such as 2026-11-02."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-11-02.", param, ctx)
        if not calendar.is_near(day, today=clock.now().date()):
            self.fail(f"{value!r} is too many years from now.", param, ctx)
        return day


group_option = click.option(
    "--group",
    "group_code",
    metavar="CODE",
    required=True,
    help="The code that `reflect school groups` shows.",
)
out_option = click.option(
    "--out",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder to write into.",
)


@contextmanager
def _context_of(app: App) -> Iterator[None]:
    """Be in the context of `app`, and close every connection to its database at the end."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            # `serve` forks processes after this, and two of them must not share a connection.
            db.engine.dispose()


def require_school() -> None:
    """End the command where nothing says that a school is meant to be here."""
    if not settings.has_school():
        raise WrongInput(
            f"There is no school here: {Path.cwd()} has no settings and no data. Go to the folder "
            "of your school, or name its data folder with REFLECT_DATA. "
            "To make a new, empty school here: reflect serve --new"
        )


def require_database() -> None:
    """End the command where the database of a school is lost, before a new one is made."""
    require_school()
    if path := settings.lost_database():
        raise WrongInput(
            f"The database {path} is not there, and other data of this school is. Put it back, or "
            "a backup of it. To begin with a new, empty school all the same: reflect serve --new"
        )


def migrated_app() -> App:
    """Return the application of a school, with its database brought up to date.

    Raises WrongInput where there is none, InvalidSetting and DatabaseIsNewer.
    """
    require_database()
    return new_or_migrated_app()


def new_or_migrated_app() -> App:
    """Return the same as `migrated_app`, also where no school was so far."""
    app = create_app()
    with _context_of(app):
        # Before anything else reads: the code knows only today's tables.
        migrate.upgrade()
    return app


def with_app(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run a command in an application context, without touching the database."""

    @functools.wraps(command)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        require_school()
        with _context_of(create_app()):
            return command(*args, **kwargs)

    return wrapped


def with_database(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run a command in an application context, with its database brought up to date."""

    @functools.wraps(command)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _context_of(migrated_app()):
            return command(*args, **kwargs)

    return wrapped


def with_new_database(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Run a command as `with_database` does, also where no school was so far."""

    @functools.wraps(command)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _context_of(new_or_migrated_app()):
            return command(*args, **kwargs)

    return wrapped


def current_settings() -> Settings:
    settings: Settings = current_app.extensions["reflect"]
    return settings


def school_day() -> date:
    """Return today in the school's time zone."""
    return clock.local_date(clock.now(), zone=current_settings().timezone)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all."""
    partial_path = path.with_suffix(".half")
    partial_path.write_bytes(content)
    partial_path.replace(path)


def end_with(exit_code: int) -> NoReturn:
    """End the command, after it has said why."""
    raise click.exceptions.Exit(exit_code)
