"""The command line: each command, what it asks for, and how it ends."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from reflect import clock, migrate, places, settings, worker
from reflect.app import create_app
from reflect.commands import check_forms, demo, groups, import_roster, paper, pdf, school, take_along
from reflect.refusal import Refusal
from reflect.server import serve
from reflect.settings import WrongSetting

Command = Callable[[argparse.Namespace], int]


def _in_house(do: Command) -> Command:
    """Run a command in the house, its database brought up to date first."""

    def run(asked: argparse.Namespace) -> int:
        with create_app().app_context():
            migrate.up_to_date()
            return do(asked)

    return run


def _at_home(do: Command) -> Command:
    """Run a command that knows the settings and asks the database nothing."""

    def run(asked: argparse.Namespace) -> int:
        with create_app().app_context():
            return do(asked)

    return run


def _serve(_: argparse.Namespace) -> int:
    with create_app().app_context():
        migrate.up_to_date()
    serve(settings.read())
    return 0


def _worker(_: argparse.Namespace) -> int:
    house = create_app()
    with house.app_context():
        migrate.up_to_date()
    worker.work(house)


def _demo(asked: argparse.Namespace) -> int:
    _in_house(lambda _: demo.prepare(at=clock.now()))(asked)
    return 0 if asked.prepare_only else _serve(asked)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="reflect", description="Reflection reports in place of grades.")
    verbs = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def verb(name: str, purpose: str, do: Command) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=purpose, description=purpose)
        made.set_defaults(do=do)
        return made

    verb("serve", "Start the server; stop it with Ctrl-C, let it read its settings anew with the signal HUP.", _serve)
    verb("worker", "Do the jobs behind the pages, where `serve` does not start one by itself.", _worker)
    shown = verb("demo", "Fill an empty house with a demo school and serve it.", _demo)
    shown.add_argument("--prepare-only", action="store_true", help="make the school, but do not serve")
    verb("groups", "List the mentor groups: code and name, a line each.", _in_house(lambda _: groups.show()))
    importing = verbs.add_parser("import", help="Bring in what another system knows.")
    what = importing.add_subparsers(title="what", required=True, metavar="WHAT")
    roster = what.add_parser("roster", help="Read a OneRoster 1.1 or 1.2 zip: people, groups, courses and ties.")
    roster.add_argument("path", type=Path, metavar="PATH", help="the zip")
    roster.add_argument("--dry-run", action="store_true", help="only say what it would change")
    roster.set_defaults(do=_in_house(import_roster.run))
    _begin(verb)
    press = verb("pdf", "Print a mentor group: a PDF for each student and one for the printer.", _in_house(pdf.run))
    press.add_argument("--group", required=True, metavar="CODE", help="the code that `reflect groups` shows")
    press.add_argument("--round", metavar="NAME", help="the round; without it the newest with an answered report")
    press.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to write into")
    press.add_argument("--sheet", action="store_true", help="one sheet for each student, with a choice from it")
    design = verb("paper", "Check the school's own design, and print samples to look at.", _at_home(paper.run))
    design.add_argument("--begin", action="store_true", help="put down a design to begin with, if there is none")
    design.add_argument("--out", type=Path, metavar="DIR", help="folder for the samples; without it, beside the design")
    taken = verb("take-along", "Write everything of each student of a group that leaves.", _in_house(take_along.run))
    taken.add_argument("--group", required=True, metavar="CODE", help="the code that `reflect groups` shows")
    taken.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="folder to write into; what is there stays"
    )
    forms = verb("check-forms", "Check form texts and say what is wrong, with line and remedy.", check_forms.run)
    forms.add_argument("path", nargs="?", type=Path, default=places.FORMS, help="a file or folder; without it our own")
    return top


def _begin(verb: Callable[[str, str, Command], argparse.ArgumentParser]) -> None:
    """The commands by which a school begins."""
    account = verb("password", "Give somebody a new password, and say it once.", _in_house(school.password))
    account.add_argument("name", help="the name that they sign in with")
    told = verb("custody", "Say whether a guardian may be told about a student.", _in_house(school.custody))
    told.add_argument("guardian", help="the guardian's name to sign in with")
    told.add_argument("student", help="the student's name to sign in with")
    told.add_argument("answer", choices=["yes", "no", "unknown"])
    opened = verb("round", "Open a round for every course, or those of some groups.", _in_house(school.open_round))
    opened.add_argument("name", help="what people call it, such as Herfst")
    opened.add_argument("--opens", type=date.fromisoformat, required=True, metavar="DAY", help="first day of writing")
    opened.add_argument("--hand-in", type=date.fromisoformat, required=True, metavar="DAY", help="day to hand in")
    opened.add_argument("--talks", type=date.fromisoformat, metavar="DAY", help="day of the talks")
    opened.add_argument("--form", required=True, type=Path, metavar="PATH", help="the form's text: a .md file")
    opened.add_argument("--groups", nargs="*", default=[], metavar="CODE", help="only the courses of these groups")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 done, 1 not possible, 2 wrong input."""
    asked = parser().parse_args(arguments)
    try:
        return int(asked.do(asked))
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    except Refusal as no:
        sys.stderr.write(f"{no} {no.remedy % no.values}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
