"""The command `roster import`: print what a roster changes, and change it, all or nothing."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import click

from reflect import clock
from reflect.cli.base import CommandGroup, WrongInput, current_settings, school_day, with_database
from reflect.db.session import commit, rollback
from reflect.school.roster import oneroster
from reflect.school.roster.model import RosterErrors
from reflect.school.roster.result import SyncResult, TooManyEnd, WrongNumber, ensure_meant
from reflect.school.roster.sync import sync_roster
from reflect.school.sessions import sign_out_everywhere

# The first import of a school has thousands of changes.
_MAX_SHOWN = 20
_VERBS = {"new": "added", "changed": "changed", "gone": "ended"}


@click.group(cls=CommandGroup)
def roster() -> None:
    """Bring in people, groups, courses and ties from another system."""


@roster.command(
    "import",
    examples=[
        "reflect roster import school.zip --dry-run",
        "reflect roster import school.zip",
        "reflect roster import school.zip --ends 118",
    ],
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@click.option(
    "--ends",
    metavar="NUMBER",
    type=int,
    help="Say that so many are meant to end: needed when a file ends more than a tenth.",
)
@with_database
def import_roster(path: Path, dry_run: bool, ends: int | None) -> None:
    """Read a OneRoster 1.1 or 1.2 zip at PATH.

    It is about its own school years alone: next year's file can come before the summer, and its
    ties begin with that year. A file that cannot be used changes nothing, and ends with exit
    code 2. So does one that would end more than a tenth of the people or of their ties, unless
    its number is given.
    """
    try:
        # The whole roster is read and synced before anything is committed: all or nothing.
        new_roster = oneroster.read_zip(path)
        leaver = timedelta(weeks=current_settings().leaver_weeks)
        result = sync_roster(new_roster, on=school_day(), leaver=leaver)
        if not dry_run:
            ensure_meant(result, number=ends)
    except OSError as error:
        raise WrongInput(f"{path} cannot be read: {error.strerror}.") from error
    except RosterErrors as error:
        rollback()
        message = f"{path} is refused, and nothing is changed:\n{_indented(error.issues)}"
        raise WrongInput(message) from error
    except (TooManyEnd, WrongNumber) as error:
        rollback()
        raise WrongInput(f"{path} is refused, and nothing is changed: {error}.") from error
    # A dry run makes every change and takes it back, so it prints what an import would do.
    if dry_run:
        rollback()
    else:
        _sign_out(result.locked_out)
        commit()
    _print_warnings([str(warning) for warning in new_roster.warnings])
    _print_changes(result, verb_prefix="would be " if dry_run else "")
    if dry_run and result.ends_too_many:
        click.echo(
            f"It would end {result.counts_in_words()}, which is more than a tenth. Was the file "
            f"cut off? If it is complete, import it with --ends {result.number_to_confirm}"
        )
    _print_duties(result, dry_run=dry_run)
    if not dry_run:
        _print_custody(result)


def _sign_out(person_ids: Iterable[int]) -> None:
    """End the sessions of these: a session that only rests would go on when they may again."""
    for person_id in person_ids:
        sign_out_everywhere(person_id, at=clock.now())


def _print_warnings(warnings: Sequence[str]) -> None:
    if warnings:
        click.echo(f"Please look at this ({len(warnings)}):")
        click.echo(_indented(warnings[:_MAX_SHOWN]) + "\n")


def _print_changes(result: SyncResult, *, verb_prefix: str) -> None:
    if not result:
        click.echo("Nothing changes: the school is already as this file says.")
    for category, lines in result.lines.items():
        if not lines:
            continue
        click.echo(f"{len(lines)} {verb_prefix}{_VERBS[category]}:")
        click.echo(_indented(lines[:_MAX_SHOWN]))
        if len(lines) > _MAX_SHOWN:
            click.echo(f"  and {len(lines) - _MAX_SHOWN} more")
        click.echo()


def _print_custody(result: SyncResult) -> None:
    if any("guardianship" in line for line in result.lines["new"]):
        click.echo("Guardians read nothing until the school has confirmed custody.")


def _print_duties(result: SyncResult, *, dry_run: bool) -> None:
    """Print who gets rights over the whole school, however many other lines there are."""
    duties = [line for line in result.lines["new"] if line.startswith("duty of ")]
    if duties:
        verb = "would get" if dry_run else "have"
        click.echo(f"By their roles in the file these {verb} a duty for the whole school:")
        click.echo(_indented(duties))


def _indented(lines: Iterable[object]) -> str:
    return "\n".join(f"  {line}" for line in lines)
