"""Bring the school in line with a roster: add, change and end-date rows, and delete none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school import ties
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.school.roster.model import (
    Issue,
    Roster,
    RosterCourse,
    RosterErrors,
    RosterGroup,
    RosterPerson,
    RosterTie,
    RosterYear,
    TieKind,
)

# By the kind of a RosterTie: its table, and the column of what the person is tied to.
TIE_TABLES: dict[TieKind, tuple[type[Any], str]] = {
    TieKind.MEMBERSHIP:   (ties.Membership,   "group_id"),
    TieKind.MENTORING:    (ties.Mentoring,    "group_id"),
    TieKind.ENROLMENT:    (ties.Enrolment,    "course_id"),
    TieKind.TEACHING:     (ties.Teaching,     "course_id"),
    TieKind.GUARDIANSHIP: (ties.Guardianship, "student_id"),
}  # fmt: skip


@dataclass
class SyncResult:
    """The changes that a roster made, in words by category; false when there are none."""

    lines: dict[str, list[str]] = field(
        default_factory=lambda: {"new": [], "changed": [], "gone": []}
    )

    def add(self, category: str, line: str) -> None:
        self.lines[category].append(line)

    def __bool__(self) -> bool:
        return any(self.lines.values())


def sync_roster(roster: Roster, *, on: date) -> SyncResult:
    """Bring the school in line with the roster as of this day; the caller commits or rolls back.

    What the roster lacks is ended within its scope alone. Raises RosterErrors when a sign-in name
    is taken.
    """
    # First, while nothing is changed.
    _check_sign_in_names(roster)
    result = SyncResult()
    row_ids = _sync_rows(result, roster)
    if roster.scope.is_whole_school:
        _mark_left(result, {person.external_id for person in roster.people}, on=on)
    for kind in TieKind:
        _sync_ties(result, kind, roster, row_ids, on=on)
    session().flush()
    return result


def _check_sign_in_names(roster: Roster) -> None:
    """Raise RosterErrors for names of accounts made by hand: one of the two could not sign in."""
    made_by_hand = sa.select(Person.sign_in_name).where(Person.external_id.is_(None))
    taken = set(session().scalars(made_by_hand))
    issues = []
    for person in roster.people:
        if person.sign_in_name and person.sign_in_name in taken:
            message = f"the username {person.sign_in_name} is taken by an account made by hand"
            issues.append(Issue(roster.source, None, message))
    if issues:
        raise RosterErrors(issues)


@dataclass(frozen=True)
class _RowIds:
    """The ids of all rows that a roster ever brought, by external id."""

    groups: dict[str, int]
    courses: dict[str, int]
    people: dict[str, int]

    def of_column(self, column: str) -> dict[str, int]:
        by_column = {
            "group_id": self.groups,
            "course_id": self.courses,
            "student_id": self.people,
        }
        return by_column[column]


def _sync_rows(result: SyncResult, roster: Roster) -> _RowIds:
    """Add or change the years, groups, subjects, courses and people of the roster."""

    def year_values(year: RosterYear) -> dict[str, Any]:
        return {"name": year.name, "begins_on": year.begins_on, "ends_on": year.ends_on}

    def group_values(group: RosterGroup) -> dict[str, Any]:
        year_id = year_ids[group.year_external_id]
        return {"code": group.code, "name": group.name, "year_id": year_id}

    def course_values(course: RosterCourse) -> dict[str, Any]:
        return {
            "code": course.code,
            "name": course.name,
            "subject_id": subject_ids[course.subject_name],
            "year_id": year_ids[course.year_external_id],
            "group_id": group_ids.get(course.group_external_id),
        }

    def person_values(person: RosterPerson) -> dict[str, Any]:
        columns = ("given_name", "infix", "family_name")
        values = {column: getattr(person, column) for column in columns}
        # An empty sign-in name would lock somebody out who has one.
        known = {"email": person.email, "sign_in_name": person.sign_in_name}
        values |= {column: text for column, text in known.items() if text}
        return {**values, "left_on": None}  # somebody who had left is back

    # In the order of the references: a course needs the ids of its year, group and subject.
    years = {year.external_id: year_values(year) for year in roster.years}
    year_ids = _upsert(result, SchoolYear, "school year", years)
    groups = {group.external_id: group_values(group) for group in roster.groups}
    group_ids = _upsert(result, Group, "group", groups)
    subject_ids = _ensure_subjects(result, {course.subject_name for course in roster.courses})
    courses = {course.external_id: course_values(course) for course in roster.courses}
    course_ids = _upsert(result, Course, "course", courses)
    people = {person.external_id: person_values(person) for person in roster.people}
    person_ids = _upsert(result, Person, "person", people)
    return _RowIds(groups=group_ids, courses=course_ids, people=person_ids)


def _upsert(
    result: SyncResult,
    table: type[Any],
    label: str,
    values_by_external_id: Mapping[str, dict[str, Any]],
) -> dict[str, int]:
    """Add or change rows of one table; return the ids of all its rows that have an external id."""
    # Rows made by hand have no external id, and a roster never touches them.
    from_rosters = sa.select(table).where(table.external_id.is_not(None))
    rows = {row.external_id: row for row in session().scalars(from_rosters)}
    for external_id, values in values_by_external_id.items():
        row = rows.get(external_id)
        if row is None:
            row = rows[external_id] = table(external_id=external_id, **values)
            session().add(row)
            result.add("new", f"{label} {row.name}")
            continue
        previous_name = row.name
        different = [column for column in values if getattr(row, column) != values[column]]
        for column in different:
            setattr(row, column, values[column])
        if different:
            columns = ", ".join(sorted(different)).replace("_", " ")
            result.add("changed", f"{label} {previous_name}: {columns}")
    session().flush()
    return {external_id: row.id for external_id, row in rows.items()}


def _ensure_subjects(result: SyncResult, names: set[str]) -> dict[str, int]:
    """Add the subjects that are missing; return the ids of all of these, by name."""
    rows_by_code = {row.code: row for row in session().scalars(sa.select(Subject))}
    for name in sorted(names):
        if name.casefold() not in rows_by_code:
            row = rows_by_code[name.casefold()] = Subject(code=name.casefold(), name=name)
            session().add(row)
            result.add("new", f"subject {name}")
    session().flush()
    return {name: rows_by_code[name.casefold()].id for name in names}


def _mark_left(result: SyncResult, external_ids: set[str], *, on: date) -> None:
    """Mark everybody of an earlier roster who is not in this one; accounts made by hand stay."""
    from_rosters = sa.select(Person).where(Person.external_id.is_not(None))
    for person in session().scalars(from_rosters.where(Person.left_on.is_(None))):
        if person.external_id not in external_ids:
            person.left_on = on
            result.add("gone", f"person {person.name}: marked as having left")


def _sync_ties(
    result: SyncResult, kind: TieKind, roster: Roster, row_ids: _RowIds, *, on: date
) -> None:
    """Add, change and end the ties of one kind."""
    table, column = TIE_TABLES[kind]
    target_ids = row_ids.of_column(column)
    # A tie that has ended is history: somebody who returns gets a new one.
    not_ended = sa.select(table).where(sa.or_(table.ends_on.is_(None), table.ends_on > on))
    unmatched = {(row.person_id, getattr(row, column)): row for row in session().scalars(not_ended)}
    for tie in roster.ties:
        if tie.kind is kind:
            key = (row_ids.people[tie.person_external_id], target_ids[tie.target_external_id])
            _sync_tie(result, tie, unmatched.pop(key, None), key, on=on)
    person_names = {row_id: external_id for external_id, row_id in row_ids.people.items()}
    target_names = {row_id: external_id for external_id, row_id in target_ids.items()}
    for (person_id, target_id), row in unmatched.items():
        # A roster of one group says nothing about the rest of the school.
        is_in_scope = roster.scope.covers_tie(kind, target_names.get(target_id))
        if person_id in person_names and is_in_scope:
            # Ended by its date and not deleted, as every tie.
            row.ends_on = on
            result.add("gone", f"{kind} of {person_names[person_id]}: ended")


def _sync_tie(
    result: SyncResult, tie: RosterTie, row: Any | None, key: tuple[int, int], *, on: date
) -> None:
    """Add this tie, or change the days of its row; one that has ended already is not added."""
    label = f"{tie.kind} of {tie.person_external_id} in {tie.target_external_id}"
    days = (tie.begins_on, tie.ends_on)
    if row is not None and (row.begins_on, row.ends_on) != days:
        row.begins_on, row.ends_on = days
        result.add("changed", f"{label}: its days")
    if row is None and (tie.ends_on is None or tie.ends_on > on):
        table, column = TIE_TABLES[tie.kind]
        person_id, target_id = key
        ends = {"person_id": person_id, column: target_id}
        # A guardianship begins with unknown custody, and so opens nothing yet.
        session().add(table(begins_on=tie.begins_on, ends_on=tie.ends_on, **ends))
        result.add("new", label)
