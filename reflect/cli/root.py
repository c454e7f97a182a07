"""The command `reflect`: every command, and how each of them fails."""

from collections.abc import Sequence
from typing import Any

import click

from reflect.cli import (
    demo,
    export,
    failures,
    forms,
    old_spellings,
    printing,
    roster,
    school,
    serve,
)
from reflect.cli.base import CommandFailed, WrongInput
from reflect.cli.show_settings import show_settings
from reflect.db.migrate import DatabaseIsNewer
from reflect.errors import UserError
from reflect.settings import InvalidSetting


class _RootGroup(click.Group):
    """The group of all commands. A failure that a person can mend is one sentence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Before click looks at them: to click, an old spelling is an unknown command.
        return super().parse_args(ctx, old_spellings.to_new_spelling(args))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidSetting as error:
            raise WrongInput(str(error)) from error
        except DatabaseIsNewer as error:
            raise CommandFailed(str(error)) from error
        except UserError as error:
            sentence = f"{error} {error.hint % error.values}"
            raise CommandFailed(sentence) from error
        except Exception as error:
            machine_sentence = failures.sentence_for(error)
            if machine_sentence is None:
                raise  # a fault of ours, which a trace helps to find
            raise CommandFailed(machine_sentence) from error


@click.group("reflect", cls=_RootGroup, context_settings={"help_option_names": ["-h", "--help"]})
def root() -> None:
    """Reflection reports in place of grades."""


for _command in (
    serve.serve,
    serve.worker,
    demo.demo,
    school.school,
    roster.roster,
    printing.print_,
    export.export,
    forms.forms,
    show_settings,
):
    root.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code: 0 done, 1 not possible, 2 wrong input."""
    try:
        root.main(arguments, prog_name="reflect")
    except SystemExit as end:
        # click ends like this also when all went well.
        return int(end.code or 0)
