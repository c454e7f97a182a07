"""The commands `serve` and `worker`."""

import click

from reflect import settings
from reflect.cli import failures
from reflect.cli.base import Command, CommandFailed, migrated_app
from reflect.server import webserver
from reflect.server import worker as worker_process


@click.command(cls=Command, examples=["reflect serve", "REFLECT_PORT=8080 reflect serve"])
def serve() -> None:
    """Start the server.

    Ctrl-C stops it after the running requests; the signal HUP lets it read its settings again.
    """
    start_server()


def start_server() -> None:
    config = settings.load()
    # Before the migration: another server that runs here already is the likeliest reason.
    if reason := failures.port_in_use(config):
        raise CommandFailed(reason)
    # Only for the migration. gunicorn makes the application that it forks from by itself.
    migrated_app()
    webserver.serve(config)


@click.command(cls=Command, examples=["REFLECT_WORKER=apart reflect serve", "reflect worker"])
def worker() -> None:
    """Do the jobs behind the pages.

    Where REFLECT_WORKER is "beside", `serve` starts a worker itself.
    """
    worker_process.run_until_stopped(migrated_app())
