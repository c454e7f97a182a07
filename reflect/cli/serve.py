"""The commands `serve` and `worker`."""

import sys

import click

from reflect import settings
from reflect.cli.base import (
    Command,
    CommandFailed,
    migrated_app,
    new_or_migrated_app,
    require_database,
)
from reflect.server import listening, webserver
from reflect.server import worker as worker_process


@click.command(
    cls=Command,
    examples=["reflect serve --new", "reflect serve", "REFLECT_PORT=8080 reflect serve"],
)
@click.option("--new", is_flag=True, help="Make a new, empty school where there is none yet.")
def serve(new: bool) -> None:
    """Start the server.

    Ctrl-C stops it after the running requests; the signal HUP lets it read its settings again.
    """
    if new or _wants_new_school():
        new_or_migrated_app()
    start_server()


def _wants_new_school() -> bool:
    """Ask a person at a terminal; anybody else says it with --new."""
    if settings.has_school() or not sys.stdin.isatty():
        return False
    folder = settings.default_data_folder()
    return click.confirm(f"There is no school here. Make a new, empty one in {folder}?")


def start_server() -> None:
    require_database()
    config = settings.load()
    # Before the migration: another server that runs here already is the likeliest reason.
    if reason := listening.why_not(config.host, config.port):
        raise CommandFailed(reason)
    # Only for the migration. gunicorn makes the application that it forks from by itself.
    new_or_migrated_app()
    webserver.serve(config)


@click.command(cls=Command, examples=["REFLECT_WORKER=apart reflect serve", "reflect worker"])
def worker() -> None:
    """Do the jobs behind the pages.

    Where REFLECT_WORKER is "beside", `serve` starts a worker itself.
    """
    worker_process.run_until_stopped(migrated_app())
