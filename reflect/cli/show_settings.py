"""The command `settings`."""

import click

from reflect import settings
from reflect.cli.base import Command


@click.command("settings", cls=Command, examples=["reflect settings"])
def show_settings() -> None:
    """List the settings.

    With their defaults and what they are for: this is the table in docs/install.md.
    """
    click.echo(settings.markdown_table(), nl=False)
