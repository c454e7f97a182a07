"""The command `demo`."""

import click

from reflect import clock
from reflect.cli import serve
from reflect.cli.base import Command, current_settings, school_day, with_new_database
from reflect.demo import generate
from reflect.demo.people import PASSWORD

# In both languages, since nobody has chosen one yet.
_ACCOUNTS = {
    "noor": "leerling van 2b, schrijft / student, writes",
    "sam": "klasgenoot van Noor / Noor's classmate",
    "dewit": "docent wiskunde van 2b en 3a, beantwoordt "
    "/ teaches mathematics to 2b and 3a, answers",
    "lindeman": "stagiair wiskunde in 2b, leest mee met mevrouw De Wit "
    "/ trainee in 2b, reads along",
    "smit": "mentor van 2b, drukt af; docent Nederlands / mentor of 2b, prints; teaches Dutch",
    "fatima.noor": "moeder van Noor, leest wat gedeeld is / Noor's mother, reads what is shared",
    "winter": "begeleider (zorg) / counsellor",
    "brandt": "coördinator / coordinator",
}


@click.command(cls=Command, examples=["reflect demo", "reflect demo --prepare-only"])
@click.option("--prepare-only", is_flag=True, help="Make the school, but do not serve it.")
def demo(prepare_only: bool) -> None:
    """Fill an empty database with a demo school, and serve it."""
    # In a context of its own, which closes the database before the server forks.
    prepare_school()
    if not prepare_only:
        serve.start_server()


@with_new_database
def prepare_school() -> None:
    """Make the demo school, unless there are people already, and print who can sign in."""
    settings = current_settings()
    # Never filled twice, and never over a real school: one person is enough to stop.
    if generate.exists():
        click.echo(
            "De demoschool staat er nog, met alles wat erin geschreven is. "
            "/ The demo school is still here."
        )
    else:
        click.echo("De demoschool wordt gemaakt ... / Making the demo school ...")
        generate.create_school(today=school_day(), at=clock.now())
        generate.install_branding(settings.data)
    click.echo(f"\n  {settings.base_url}\n")
    click.echo(f"  Wachtwoord van iedereen / everybody's password: {PASSWORD}\n")
    for name, description in _ACCOUNTS.items():
        click.echo(f"  {name:<12} {description}")
    click.echo()
