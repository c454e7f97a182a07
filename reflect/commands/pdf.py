"""The command `pdf`: a mentor group on paper, as the mentor would print it."""

import argparse
import sys

from flask import current_app

from reflect import clock
from reflect.paper import booklets, bundle
from reflect.paper.booklet import Booklet, Shape
from reflect.refusal import NotFound, NothingToPrint
from reflect.report.round import Round, round_named, rounds
from reflect.school import lists
from reflect.school.lists import Named
from reflect.school.people import Me
from reflect.settings import Settings
from reflect.store import keep


def run(asked: argparse.Namespace) -> int:
    """Write a PDF for each student and one for the printer into a folder; each is a reading by the group's mentor."""
    house: Settings = current_app.extensions["reflect"]
    group = lists.group_coded(asked.group)
    if group is None:
        sys.stderr.write(f"There is no group {asked.group}. `reflect groups` lists them.\n")
        return 2
    by = _mentor(group, house=house)
    shape = Shape.SHEET if asked.sheet else Shape.BOOKLET
    made = _booklets(group, asked.round, shape, by=by, house=house)
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, pages in zip(bundle.file_names(made), bundle.each(made, seconds=house.print_seconds), strict=True):
        (asked.out / name).write_bytes(pages)
    whole = asked.out / f"{bundle.safe(group.code)}{bundle.ending(shape)}.pdf"
    whole.write_bytes(bundle.merged(made, seconds=house.print_seconds))
    keep()
    print(f"{len(made)} students, and all of them in {whole}")
    return 0


def _mentor(group: Named, *, house: Settings) -> Me:
    """The command prints in the name of the mentor, since somebody reads, and the student must see who."""
    today = clock.day(clock.now(), zone=house.timezone)
    found = lists.mentors_of(group.id, by=Me(id=0, name="", first="", on=today))
    if not found:
        raise NotFound
    return Me(id=found[0].id, name=found[0].name, first=found[0].first, on=today)


def _booklets(group: Named, name: str | None, shape: Shape, *, by: Me, house: Settings) -> list[Booklet]:
    chosen: Round | None = round_named(name, on=by.on) if name else None
    if name and chosen is None:
        raise NotFound
    for one in [chosen] if chosen else rounds(on=by.on):
        made = booklets.of_group(
            group, round_id=one.id, school=house.school, by=by, at=clock.now(), shape=shape
        )  # fmt: skip
        if made:
            return made
    raise NothingToPrint
