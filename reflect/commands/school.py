"""The commands by which a school begins: `password`, `custody` and `round`, until there are screens for them."""

import argparse
import sys

from reflect import clock
from reflect.report.form import keep_form
from reflect.report.form_text import FormErrors
from reflect.report.round import open_for
from reflect.school import accounts
from reflect.school.ties import Custody
from reflect.store import keep


def password(asked: argparse.Namespace) -> int:
    given = accounts.give_password(asked.name, at=clock.now())
    keep()
    print(f"{asked.name} signs in from now on with: {given}")
    return 0


def custody(asked: argparse.Namespace) -> int:
    accounts.set_custody(asked.guardian, student=asked.student, custody=Custody(asked.answer))
    keep()
    print(f"{asked.guardian} for {asked.student}: {asked.answer}")
    return 0


def open_round(asked: argparse.Namespace) -> int:
    """Open a round with one form, or add courses to the round of that name."""
    try:
        form = keep_form(asked.form.read_text("utf-8"), slug=asked.form.name.split(".")[0], at=clock.now())
    except (OSError, UnicodeDecodeError, FormErrors) as wrong:
        sys.stderr.write(f"The form cannot be used: {wrong}\n")
        return 2
    days = {"opens_on": asked.opens, "hand_in_on": asked.hand_in, "conversation_on": asked.talks}
    courses = open_for(asked.name, groups=asked.groups, form_id=form.id, days=days)
    keep()
    print(f"{asked.name}: {courses} courses write from {asked.opens} on.")
    return 0
