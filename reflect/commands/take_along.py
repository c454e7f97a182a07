"""The command `take-along`: an archive for each student of a group that leaves."""

import argparse
import sys

from flask import current_app

from reflect import clock
from reflect.jobs import taking
from reflect.paper import bundle
from reflect.refusal import NotFound, PrintFailed
from reflect.school import lists
from reflect.school.people import Me, person
from reflect.settings import Settings


def run(asked: argparse.Namespace) -> int:
    """Write a zip for each student into a folder; whose pages fail is named, and the rest is written."""
    house: Settings = current_app.extensions["reflect"]
    group = lists.group_coded(asked.group)
    if group is None:
        raise NotFound
    today = Me(id=0, name="", first="", on=clock.day(clock.now(), zone=house.timezone))
    asked.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    failed = 0
    for who in lists.members_of(group.id, by=today):
        path = asked.out / f"{bundle.safe(group.code)}-{bundle.safe(who.name)}-{who.id}.zip"
        student = person(who.id)
        if path.exists() or student is None:
            continue
        try:
            packed = taking.pack(student, house=house)
        except PrintFailed as no:
            sys.stderr.write(f"{path.name}: {no}\n")
            failed += 1
            continue
        half = path.with_suffix(".half")
        half.write_bytes(packed)
        half.replace(path)
        print(path.name, flush=True)
    return 1 if failed else 0
