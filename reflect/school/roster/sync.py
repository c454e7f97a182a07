"""Bring the school in line with a roster: add, change and end-date rows, and delete none.

A roster is about its own school years alone (docs/decisions/0037). The groups, courses and ties of
other years stay as they are, whenever it is imported.
"""

from collections.abc import Hashable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.school.roster.model import (
    Issue,
    Roster,
    RosterCourse,
    RosterErrors,
    RosterGroup,
    RosterPerson,
    RosterYear,
    TieKind,
)
from reflect.school.roster.period import Period, make_period
from reflect.school.roster.result import EndCount, SyncResult
from reflect.school.roster.tie_sync import TIE_TABLES, TieSync
from reflect.school.ties import LEAVER_PERIOD

__all__ = ["TIE_TABLES", "SyncResult", "sync_roster"]


_Key = TypeVar("_Key", bound=Hashable)


def sync_roster(roster: Roster, *, on: date, leaver: timedelta = LEAVER_PERIOD) -> SyncResult:
    """Bring the school in line with the roster as of this day; the caller commits or rolls back.

    What the roster lacks is ended within its scope and its school years alone. Raises RosterErrors
    when a sign-in name or a code is taken. `result.ensure_meant` refuses what ends too much.
    """
    # First, while nothing is changed.
    _check_sign_in_names(roster, on=on, leaver=leaver)
    result = SyncResult()
    _RowSync(result, roster, on=on).run()
    session().flush()
    return result


def _check_sign_in_names(roster: Roster, *, on: date, leaver: timedelta) -> None:
    """Raise RosterErrors for names of others: one of the two could not sign in."""
    wanted = {person.sign_in_name: person.external_id for person in roster.people}
    listed_ids = {person.external_id for person in roster.people}
    issues = []
    for holder in session().scalars(sa.select(Person).where(Person.sign_in_name.is_not(None))):
        name = holder.sign_in_name
        if name not in wanted or wanted[name] == holder.external_id:
            continue
        if holder.external_id is None:
            message = f"the username {name} is taken by an account made by hand"
            issues.append(Issue(roster.source, None, message))
        elif holder.has_left(on=on - leaver):
            holder.sign_in_name = None
        # Two people of the file may exchange their names.
        elif holder.external_id not in listed_ids:
            message = f"the username {name} is that of {holder.name}, who is not in this file"
            issues.append(Issue(roster.source, None, message))
    if issues:
        raise RosterErrors(issues)


class _RowSync:
    """Syncs the rows of a roster, and then the ties between them."""

    def __init__(self, result: SyncResult, roster: Roster, *, on: date) -> None:
        self.result = result
        self.roster = roster
        self.on = on

    def run(self) -> None:
        years = self._sync_years()
        listed = [years[year.external_id] for year in self.roster.listed_years()]
        if not listed:
            raise RosterErrors([Issue(self.roster.source, None, "it names no school year")])
        group_ids = self._sync_groups(years, listed)
        course_ids = self._sync_courses(years, listed, group_ids)
        # Not before the years have their days of this roster.
        period = make_period(listed, today=self.on)
        person_ids = self._sync_people(period)
        if self.roster.scope.is_whole_school and not period.is_over:
            self._mark_left(period)
        ids_by_column = {
            "group_id": group_ids,
            "course_id": course_ids,
            "student_id": person_ids,
        }
        ties = TieSync(self.result, self.roster, ids_by_column, listed, period)
        for kind in TieKind:
            ties.sync(kind)

    def _sync_years(self) -> dict[str, SchoolYear]:
        def values_of(year: RosterYear) -> dict[str, Any]:
            return {"name": year.name, "begins_on": year.begins_on, "ends_on": year.ends_on}

        rows = _rows_by_external_id(sa.select(SchoolYear))
        values = {year.external_id: values_of(year) for year in self.roster.years}
        return _upsert(self.result, SchoolYear, "school year", values, rows)

    def _sync_groups(
        self, years: Mapping[str, SchoolYear], listed: list[SchoolYear]
    ) -> dict[str, int]:
        def values_of(group: RosterGroup) -> dict[str, Any]:
            year_id = years[group.year_external_id].id
            return {"code": group.code, "name": group.name, "year_id": year_id}

        values = {group.external_id: values_of(group) for group in self.roster.groups}
        return self._sync_classes(Group, "group", values, listed)

    def _sync_courses(
        self,
        years: Mapping[str, SchoolYear],
        listed: list[SchoolYear],
        group_ids: Mapping[str, int],
    ) -> dict[str, int]:
        subject_names = {course.subject_name for course in self.roster.courses}
        subject_ids = _ensure_subjects(self.result, subject_names)

        def values_of(course: RosterCourse) -> dict[str, Any]:
            return {
                "code": course.code,
                "name": course.name,
                "subject_id": subject_ids[course.subject_name],
                "year_id": years[course.year_external_id].id,
                "group_id": group_ids.get(course.group_external_id),
            }

        values = {course.external_id: values_of(course) for course in self.roster.courses}
        return self._sync_classes(Course, "course", values, listed)

    def _sync_classes(
        self,
        table: type[Group | Course],
        label: str,
        values: Mapping[str, dict[str, Any]],
        listed: list[SchoolYear],
    ) -> dict[str, int]:
        """Sync groups or courses; return the ids of those of the listed years, by external id."""
        year_ids = [year.id for year in listed]
        of_years: sa.Select[Any] = sa.select(table).where(table.year_id.in_(year_ids))
        present: list[Group | Course] = list(session().scalars(of_years))
        self._adopt_by_code(label, values, present)
        rows = {
            row.external_id: row
            for row in present
            # The id of a class of one listed year may be used again in another.
            if row.external_id and _year_of(row, values) == row.year_id
        }
        _make_room(rows, values, "code", lambda row: f"~{row.id}")
        return _ids_of(_upsert(self.result, table, label, values, rows))

    def _adopt_by_code(
        self, label: str, values: Mapping[str, dict[str, Any]], present: Iterable[Group | Course]
    ) -> None:
        """Give a class of which the file has the code, in its year, under a new id that new id.

        Raises RosterErrors where it was made by hand: a roster never touches such a one.
        """
        ids_by_code = {
            (each["year_id"], each["code"]): external_id for external_id, each in values.items()
        }
        known = {(row.year_id, row.external_id) for row in present}
        for row in present:
            new_id = ids_by_code.get((row.year_id, row.code))
            if new_id is None or row.external_id in values or (row.year_id, new_id) in known:
                continue
            if row.external_id is None:
                message = f"the {label} {row.code} was made by hand in this year"
                raise RosterErrors([Issue("classes.csv", None, message)])
            row.external_id = new_id
            self.result.add("changed", f"{label} {row.name}: external id")

    def _sync_people(self, period: Period) -> dict[str, int]:
        rows = _rows_by_external_id(sa.select(Person))
        self.result.people = EndCount(
            running=sum(not row.has_left(on=period.takes_effect_on) for row in rows.values())
        )
        values = {
            person.external_id: _person_values(person, rows.get(person.external_id), period)
            for person in self.roster.people
        }
        _make_room(rows, values, "sign_in_name", lambda row: None)
        return _ids_of(_upsert(self.result, Person, "person", values, rows))

    def _mark_left(self, period: Period) -> None:
        """Mark everybody of an earlier roster who is not in this one; accounts made by hand stay.

        From the first day of the roster on. Whoever the roster of a later year lists stays too.
        """
        leaves_on = period.takes_effect_on
        listed_ids = {person.external_id for person in self.roster.people}
        for external_id, person in _rows_by_external_id(sa.select(Person)).items():
            is_of_later_year = person.listed_until and person.listed_until > period.ends_on
            if external_id in listed_ids or is_of_later_year:
                continue
            if person.has_left(on=leaves_on):
                continue
            person.left_on = leaves_on
            person.listed_until = min(person.listed_until or leaves_on, leaves_on)
            self.result.people.ended += 1
            when = "marked as having left" if leaves_on <= self.on else f"leaves on {leaves_on}"
            self.result.add("gone", f"person {person.name}: {when}")


def _year_of(row: Group | Course, values: Mapping[str, dict[str, Any]]) -> int:
    """Return the year in which the file has the class with this row's id, else the row's own."""
    year_id: int = values.get(row.external_id or "", {}).get("year_id", row.year_id)
    return year_id


def _person_values(person: RosterPerson, row: Person | None, period: Period) -> dict[str, Any]:
    """Return the columns of a person of the roster; `row` is the present one."""
    if period.is_over and row is not None:
        return {}  # what an old roster says of somebody is not of today
    columns = ("given_name", "infix", "family_name")
    values = {column: getattr(person, column) for column in columns}
    # An empty sign-in name would lock somebody out who has one.
    known = {"email": person.email, "sign_in_name": person.sign_in_name}
    values |= {column: text for column, text in known.items() if text}
    listed_before = row.listed_until if row else None
    values["listed_until"] = max(listed_before or period.ends_on, period.ends_on)
    if period.is_over:
        return {**values, "left_on": period.ends_on}
    left_on = row.left_on if row else None
    # It is the roster of a later year that lacks them, and they are here until then.
    leaves_later = left_on is not None and left_on >= period.next_begins_on
    # Else somebody who had left is back.
    return {**values, "left_on": left_on if leaves_later else None}


def _rows_by_external_id(statement: sa.Select[Any]) -> dict[str, Any]:
    """Return the rows that a roster brought; those made by hand have no external id."""
    return {row.external_id: row for row in session().scalars(statement) if row.external_id}


def _ids_of(rows: Mapping[_Key, Any]) -> dict[_Key, int]:
    return {key: row.id for key, row in rows.items()}


def _make_room(
    rows: Mapping[Any, Any], values: Mapping[Any, dict[str, Any]], column: str, placeholder: Any
) -> None:
    """Clear a unique column of the rows where it changes: two of them may exchange their words."""
    changing = [
        row
        for key, row in rows.items()
        if getattr(row, column)
        and values.get(key, {}).get(column) not in (None, getattr(row, column))
    ]
    for row in changing:
        setattr(row, column, placeholder(row))
    if changing:
        session().flush()


# What a roster keeps for itself, and nobody needs to read.
_UNLISTED_COLUMNS = {"listed_until"}


def _upsert(
    result: SyncResult,
    table: type[Any],
    label: str,
    values_by_external_id: Mapping[str, dict[str, Any]],
    rows: dict[str, Any],
) -> dict[str, Any]:
    """Add or change rows of one table; return them with the present ones, by external id."""
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
        shown = sorted(set(different) - _UNLISTED_COLUMNS)
        if shown:
            columns = ", ".join(shown).replace("_", " ")
            result.add("changed", f"{label} {previous_name}: {columns}")
    session().flush()
    return rows


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
