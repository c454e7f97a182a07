"""Booklets: what goes on paper for a student or a whole group; whoever makes one has read what is in it.

Except one: the house itself, for the press to lay out what nobody asked for yet (`ahead`).
"""

from dataclasses import replace
from datetime import datetime

from reflect.paper import dress
from reflect.paper.booklet import Booklet, Shape
from reflect.refusal import NotFound
from reflect.report.grammar import Kind
from reflect.school import lists
from reflect.school.lists import Named
from reflect.school.people import Me, Who
from reflect.trust import read, shelf
from reflect.trust.reading import Door
from reflect.trust.seen import Seen
from reflect.trust.shelf import Line


def of_group(
    group: Named, *, round_id: int, school: str, by: Me, at: datetime, shape: Shape = Shape.BOOKLET
) -> list[Booklet]:
    """Make a booklet for each student of my group with an answered report in this round, in the group's order."""
    lines = shelf.group(group.id, by=by, at=at, round_id=round_id)
    return _booklets(lines, shape, group=group, school=school, by=by, at=at)


def students(group: Named, *, round_id: int, by: Me, at: datetime) -> list[Who]:
    """Give the students of my group with an answered report in this round, in the group's order; nothing is read."""
    lines = shelf.group(group.id, by=by, at=at, round_id=round_id)
    return list(dict.fromkeys(line.student for line in lines if line.answered and line.report))


def of_student(
    group: Named, *, student_id: int, round_id: int, school: str, by: Me, at: datetime,
    shape: Shape = Shape.BOOKLET, door: Door = Door.PRINT,
) -> Booklet | None:  # fmt: skip
    """Make the booklet of one student of my group; None when nothing is answered yet. Raises NotFound."""
    lines = shelf.group(group.id, by=by, at=at, round_id=round_id)
    own = [line for line in lines if line.student.id == student_id]
    if not own:
        raise NotFound
    return next(iter(_booklets(own, shape, group=group, school=school, by=by, at=at, door=door)), None)


def of_mine(*, round_id: int, school: str, by: Me, at: datetime) -> Booklet | None:
    """Make my own booklet of a round, as others read it; None when nothing is answered yet. Raises NotFound."""
    lines = [line for line in shelf.mine(by=by, at=at) if line.round == round_id]
    return _for_a_screen(lines, [read.preview(id, by=by, at=at) for id in answered(lines)], school=school, by=by)


def of_child(student_id: int, *, round_id: int, school: str, by: Me, at: datetime) -> Booklet | None:
    """Make a booklet of what I, a guardian, may read of this child in a round. Raises NotFound."""
    lines = [line for line in shelf.child(student_id, by=by, at=at) if line.round == round_id]
    ids = [line.report for line in lines if line.report]
    return _for_a_screen(lines, read.read_many(ids, by=by, at=at, door=Door.SCREEN), school=school, by=by)


def _for_a_screen(lines: list[Line], seen: list[Seen], *, school: str, by: Me) -> Booklet | None:
    if not lines:
        raise NotFound
    group = lists.group_coded(seen[0].group) if seen else None
    return next(iter(of_lines(lines, seen, group=group, school=school, by=by)), None) if group else None


def _booklets(
    lines: list[Line], shape: Shape, *, group: Named, school: str, by: Me, at: datetime, door: Door = Door.PRINT
) -> list[Booklet]:  # fmt: skip
    seen = read.read_many(answered(lines), by=by, at=at, door=door)
    return [replace(one, shape=shape) for one in of_lines(lines, seen, group=group, school=school, by=by)]


def answered(lines: list[Line]) -> list[int]:
    return [line.report for line in lines if line.answered and line.report]


def of_lines(lines: list[Line], seen: list[Seen], *, group: Named, school: str, by: Me) -> list[Booklet]:
    """Make the booklets of what was handed out to `by` for these lines."""
    students = list(dict.fromkeys(line.student for line in lines))
    made = (_booklet(who, lines, seen, group=group, school=school, by=by) for who in students)
    return [booklet for booklet in made if booklet.reports]


def _booklet(who: Who, lines: list[Line], seen: list[Seen], *, group: Named, school: str, by: Me) -> Booklet:
    own = [line for line in lines if line.student == who]
    reports = tuple(_for_the_table(one) for one in seen if one.student.id == who.id)
    printed = {one.id for one in reports}
    mentors = [mentor.name for mentor in lists.mentors_of(group.id, by=by)]
    guardians = [guardian.name for guardian in lists.at_table(who.id, by=by)]
    return Booklet(
        student=who, group=group.name, round=own[0].round_name, school=school, talk_on=own[0].conversation_on,
        at_table=(*guardians, *mentors), language=_language(reports), reports=reports,
        waiting=tuple(line.subject for line in own if line.report not in printed), design=dress.worn(),
    )  # fmt: skip


def _for_the_table(seen: Seen) -> Seen:
    """Leave out what is not for the people at the table: the letter, and what is private, to whomever it was opened."""
    said = tuple(one for one in seen.said if not one.section.private and one.section.kind is not Kind.LETTER)
    keys = {one.section.key for one in said}
    return replace(seen, said=said, remarks=tuple(one for one in seen.remarks if one.section in keys))


def _language(reports: tuple[Seen, ...]) -> str:
    """Give the language that most of the reports are written in."""
    languages = [report.language for report in reports] or ["nl"]
    return max(sorted(set(languages)), key=languages.count)
