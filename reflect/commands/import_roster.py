"""The command `import roster`: say in words what a roster changes, and change it, all or nothing."""

import argparse
import sys
from collections.abc import Iterable

from flask import current_app

from reflect import clock
from reflect.school import oneroster
from reflect.school.bring_in import Changes, bring_in
from reflect.school.roster import Finding, RosterErrors
from reflect.settings import Settings
from reflect.store import keep, session

_SHOWN = 20


def run(asked: argparse.Namespace) -> int:
    """Bring in a OneRoster zip; 0 done, 2 when the file cannot be used (then nothing is changed)."""
    house: Settings = current_app.extensions["reflect"]
    try:
        roster = oneroster.read(asked.path)
        changes = bring_in(roster, on=clock.day(clock.now(), zone=house.timezone))
    except OSError as wrong:
        sys.stderr.write(f"{asked.path} cannot be read: {wrong.strerror}.\n")
        return 2
    except RosterErrors as wrong:
        sys.stderr.write(f"{asked.path} is refused, and nothing is changed:\n{_listed(wrong.errors)}")
        return 2
    if asked.dry_run:
        session().rollback()
    else:
        keep()
    _tell(changes, roster.warnings, would="would be " if asked.dry_run else "")
    return 0


def _tell(changes: Changes, warnings: Iterable[Finding], *, would: str) -> None:
    found = list(warnings)
    if found:
        _say(f"Please look at this ({len(found)}):\n{_listed(found[:_SHOWN])}")
    if not changes:
        _say("Nothing changes: the school is already as this file says.")
    for sort, words in changes.told.items():
        if words:
            doing = {"new": "added", "changed": "changed", "gone": "ended"}[sort]
            more = f"  and {len(words) - _SHOWN} more\n" if len(words) > _SHOWN else ""
            _say(f"{len(words)} {would}{doing}:\n" + "".join(f"  {one}\n" for one in words[:_SHOWN]) + more)
    if not would and any("guardianship" in one for one in changes.told["new"]):
        _say("Guardians read nothing until the school has confirmed custody.")


def _listed(findings: Iterable[Finding]) -> str:
    return "".join(f"  {one}\n" for one in findings)


def _say(words: str) -> None:
    print(words)
