"""Ahead: lay out what a mentor is going to print, as soon as it is answered or closed, and put it in the drawer.

Who reads here? Nobody. The house lays the pages out as the mentor would get them and hands them to no one, so no
reading is noted; they lie where only the house can read, under a name that is the sum of what is on them. When the
mentor prints, trust hands the reports out and notes the reading as ever, and only who was handed just these words finds
just these pages.
"""

from dataclasses import replace
from datetime import date, datetime

from flask import current_app

from reflect.paper import booklets, bundle
from reflect.paper.booklet import Booklet, Shape
from reflect.paper.manuscript import Use
from reflect.refusal import PrintFailed
from reflect.settings import Settings
from reflect.trust import shelf, unread
from reflect.trust.unread import Talk


def ahead(report_ids: list[int], *, on: date, at: datetime, seconds: float) -> int:
    """Lay out the booklets and sheets that these reports stand in, where that is not done yet; give how many were."""
    house: Settings = current_app.extensions["reflect"]
    found = [made for talk in unread.talks(report_ids, on=on) for made in _booklets(talk, school=house.school, at=at)]
    lying = bundle.drawer()
    wanted = [one for one in found if not lying.holds(bundle.key(one, use=Use.PRINT), student_id=one.student.id)]
    made = [pdf for _, pdf in bundle.tried(wanted, seconds=seconds)]
    return sum(not isinstance(pdf, PrintFailed) for pdf in made)


def _booklets(talk: Talk, *, school: str, at: datetime) -> list[Booklet]:
    in_round = shelf.group(talk.group.id, by=talk.mentor, at=at, round_id=talk.round_id)
    lines = [line for line in in_round if line.student.id == talk.student_id]
    seen = unread.would_see(booklets.answered(lines), by=talk.mentor, at=at)
    made = booklets.of_lines(lines, seen, group=talk.group, school=school, by=talk.mentor)
    return [replace(one, shape=shape) for one in made for shape in Shape]
