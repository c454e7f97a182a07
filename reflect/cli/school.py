"""The commands by which a school begins, until there are screens for them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from reflect import clock
from reflect.cli.base import CommandGroup, Day, WrongInput, school_day, with_database
from reflect.db.session import commit
from reflect.reports.form_parser import InvalidForm
from reflect.reports.forms import save_form
from reflect.reports.rounds import save_round
from reflect.school import accounts, queries, ties
from reflect.school.ties import Custody


@click.group(cls=CommandGroup)
def school() -> None:
    """List groups, open a round, set a password, record custody."""


@school.command(examples=["reflect school groups"])
@with_database
def groups() -> None:
    """List the mentor groups of this school year: code and name, a line each."""
    for group in queries.groups_of_year(on=school_day()):
        click.echo(f"{group.code}\t{group.name}")


@school.command(examples=["reflect school password noor"])
@click.argument("name")
@with_database
def password(name: str) -> None:
    """Set a new password for somebody, and print it this once.

    NAME is what they sign in with.
    """
    new_password = accounts.reset_password(name, at=clock.now())
    commit()
    # After the commit, and only here: the database has nothing but its hash.
    click.echo(f"{name} signs in from now on with: {new_password}")


@school.command(
    examples=["reflect school custody fatima noor yes", "reflect school custody fatima noor no"]
)
@click.argument("guardian")
@click.argument("student")
@click.argument("answer", type=click.Choice([custody.value for custody in Custody]))
@with_database
def custody(guardian: str, student: str, answer: str) -> None:
    """Record whether a guardian may read about a student.

    GUARDIAN and STUDENT are the names that they sign in with, or their ids in the roster.
    """
    ties.set_custody(guardian, student_sign_in_name=student, custody=Custody(answer))
    commit()
    click.echo(f"{guardian} for {student}: {answer}")


@school.command(
    "round",
    examples=[
        "reflect school round Herfst --opens 2026-11-02 --hand-in 2026-11-27 \\\n"
        "    --talks 2026-12-11 --form forms/periode.nl.md",
        "reflect school round Herfst --opens 2026-11-02 --hand-in 2026-11-27 \\\n"
        "    --form forms/periode.en.md --group 1t --group 2t",
    ],
)
@click.argument("name")
@click.option("--opens", type=Day(), required=True, help="First day of writing.")
@click.option("--hand-in", type=Day(), required=True, help="Day to hand in.")
@click.option("--talks", type=Day(), help="Day of the talks.")
@click.option(
    "--form",
    type=click.Path(path_type=Path),
    required=True,
    help="The form's text: a .md file.",
)
@click.option(
    "--group",
    "group_codes",
    metavar="CODE",
    multiple=True,
    help="Only the courses of this group; may be given more than once.",
)
@with_database
def open_round(
    name: str,
    opens: date,
    hand_in: date,
    talks: date | None,
    form: Path,
    group_codes: Sequence[str],
) -> None:
    """Open a round for every course, or for those of some groups.

    NAME is what people call it, such as Herfst. For a round that exists this adds courses: those
    that have a form in it keep that.
    """
    try:
        # "periode.nl.md" and "periode.en.md" are one form in two languages.
        slug = form.name.split(".")[0]
        saved_form = save_form(form.read_text("utf-8"), slug=slug, at=clock.now())
    # UnicodeDecodeError too: a text that was saved in another encoding is a mistake to mend.
    except (OSError, UnicodeDecodeError, InvalidForm) as error:
        raise WrongInput(f"The form cannot be used: {error}") from error
    days = {"opens_on": opens, "hand_in_on": hand_in, "conversation_on": talks}
    course_count = save_round(name, group_codes=list(group_codes), form_id=saved_form.id, days=days)
    commit()
    click.echo(f"{name}: {course_count} courses write from {opens} on.")
