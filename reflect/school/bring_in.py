"""Bringing in a roster: what is new is added, what changed is changed, what is gone is end-dated; nobody is deleted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from reflect.school import ties
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.school.roster import Finding, Roster, RosterErrors, RosterTie
from reflect.store import Base, session

_KINDS: dict[str, tuple[type[Any], str]] = {
    "membership": (ties.Membership, "group_id"),
    "mentoring": (ties.Mentoring, "group_id"),
    "enrolment": (ties.Enrolment, "course_id"),
    "teaching": (ties.Teaching, "course_id"),
    "guardianship": (ties.Guardianship, "student_id"),
}


@dataclass
class Changes:
    """What a roster changes, by sort ("new", "changed", "gone"), in words; the same roster again changes nothing."""

    told: dict[str, list[str]] = field(default_factory=lambda: {"new": [], "changed": [], "gone": []})

    def note(self, sort: str, words: str) -> None:
        self.told[sort].append(words)

    def __bool__(self) -> bool:
        return any(self.told.values())


def bring_in(roster: Roster, *, on: date) -> Changes:
    """Bring the school in line with the roster as of this day; whoever calls decides whether to keep it.

    Raises RosterErrors when a name to sign in with is taken.
    """
    _check_names(roster)
    changes = Changes()
    years = _kept(changes, SchoolYear, "school year", roster.years, lambda one: {
        "name": one.name, "begins_on": one.begins_on, "ends_on": one.ends_on})  # fmt: skip
    groups = _kept(changes, Group, "group", roster.groups, lambda one: {
        "code": one.code, "name": one.name, "year_id": years[one.year]})  # fmt: skip
    subjects = _subjects(changes, {course.subject for course in roster.courses})
    courses = _kept(changes, Course, "course", roster.courses, lambda one: {
        "code": one.code, "name": one.name, "subject_id": subjects[one.subject], "year_id": years[one.year],
        "group_id": groups.get(one.group)})  # fmt: skip
    people = _kept(changes, Person, "person", roster.people, lambda one: {
        "given_name": one.given_name, "infix": one.infix, "family_name": one.family_name, "email": one.email,
        "sign_in_name": one.sign_in_name, "left_on": None})  # fmt: skip
    _leave(changes, {one.external_id for one in roster.people}, on=on)
    targets = {"group_id": groups, "course_id": courses, "student_id": people}
    for kind in _KINDS:
        wanted = [tie for tie in roster.ties if tie.kind == kind]
        _tie(changes, kind, wanted, people, targets[_KINDS[kind][1]], on=on)
    session().flush()
    return changes


def _said(row: Any) -> str:
    return str(row.name)


def _kept(
    changes: Changes, table: type[Any], what: str, told: Iterable[Any], columns: Callable[[Any], dict[str, Any]]
) -> dict[str, int]:
    """Add or change the rows of one table; give their ids by external id."""
    known = {row.external_id: row for row in session().scalars(sa.select(table).where(table.external_id.is_not(None)))}
    for one in told:
        row, values = known.get(one.external_id), columns(one)
        if row is None:
            row = known[one.external_id] = table(external_id=one.external_id, **values)
            session().add(row)
            changes.note("new", f"{what} {_said(row)}")
            continue
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        before = _said(row)
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            changes.note("changed", f"{what} {before}: {', '.join(sorted(different)).replace('_', ' ')}")
    session().flush()
    return {external_id: row.id for external_id, row in known.items() if external_id}


def _subjects(changes: Changes, names: set[str]) -> dict[str, int]:
    known = {row.code: row for row in session().scalars(sa.select(Subject))}
    for name in sorted(names):
        if name.casefold() not in known:
            known[name.casefold()] = row = Subject(code=name.casefold(), name=name)
            session().add(row)
            changes.note("new", f"subject {name}")
    session().flush()
    return {name: known[name.casefold()].id for name in names}


def _check_names(roster: Roster) -> None:
    """A name to sign in with that somebody made by hand already has would lock one of the two out."""
    taken = set(session().scalars(sa.select(Person.sign_in_name).where(Person.external_id.is_(None))))
    twice = [Finding("users.csv", None, f"the username {one.sign_in_name} is taken by an account made by hand")
             for one in roster.people if one.sign_in_name in taken]  # fmt: skip
    if twice:
        raise RosterErrors(twice)


def _leave(changes: Changes, told: set[str], *, on: date) -> None:
    """Somebody whom a roster once brought and this one lacks has left; a person made by hand is left alone."""
    rows = session().scalars(sa.select(Person).where(Person.external_id.is_not(None), Person.left_on.is_(None)))
    for person in rows:
        if person.external_id not in told:
            person.left_on = on
            changes.note("gone", f"person {person.name}: marked as having left")


def _tie(
    changes: Changes, kind: str, wanted: list[RosterTie], people: dict[str, int], targets: dict[str, int], *, on: date
) -> None:
    table, column = _KINDS[kind]
    rows = session().scalars(sa.select(table).where(sa.or_(table.ends_on.is_(None), table.ends_on > on)))
    known: dict[tuple[int, int], Base] = {(row.person_id, getattr(row, column)): row for row in rows}
    names = {id: name for name, id in people.items()}
    for tie in wanted:
        place = (people[tie.person], targets[tie.to])
        row: Any = known.pop(place, None)
        if row is None and (tie.ends_on is None or tie.ends_on > on):
            session().add(table(person_id=place[0], begins_on=tie.begins_on, ends_on=tie.ends_on, **{column: place[1]}))
            changes.note("new", f"{kind} of {tie.person} in {tie.to}")
        elif row is not None and (row.begins_on, row.ends_on) != (tie.begins_on, tie.ends_on):
            row.begins_on, row.ends_on = tie.begins_on, tie.ends_on
            changes.note("changed", f"{kind} of {tie.person} in {tie.to}: its days")
    for (person, _), gone in known.items():
        if person in names:
            gone.ends_on = on  # type: ignore[attr-defined]  # every table of ties has it
            changes.note("gone", f"{kind} of {names[person]}: ended")
