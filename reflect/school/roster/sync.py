"""Bring the school in line with a roster: add, change and end-date rows, and delete none.

A roster is about its own school years alone (docs/decisions/0037). The groups, courses and ties of
other years stay as they are, whenever it is imported.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.people import Course, Group, SchoolYear, Subject
from reflect.school.roster.class_sync import ClassSync
from reflect.school.roster.duty_sync import sync_duties
from reflect.school.roster.model import (
    Issue,
    Roster,
    RosterCourse,
    RosterErrors,
    RosterYear,
    TieKind,
)
from reflect.school.roster.period import make_period
from reflect.school.roster.person_sync import PersonSync
from reflect.school.roster.result import SyncResult
from reflect.school.roster.tie_sync import TIE_TABLES, TieSync
from reflect.school.roster.upsert import rows_by_external_id, upsert
from reflect.school.ties import LEAVER_PERIOD

__all__ = ["TIE_TABLES", "SyncResult", "sync_roster"]


def sync_roster(roster: Roster, *, on: date, leaver: timedelta = LEAVER_PERIOD) -> SyncResult:
    """Bring the school in line with the roster as of this day; the caller commits or rolls back.

    What the roster lacks is ended within its scope and its school years alone. Raises RosterErrors
    when a sign-in name or a code is taken. `result.ensure_meant` refuses what ends too much.
    """
    result = SyncResult()
    _RowSync(result, roster, on=on, leaver=leaver).run()
    session().flush()
    return result


class _RowSync:
    """Syncs the rows of a roster, and then the ties between them."""

    def __init__(self, result: SyncResult, roster: Roster, *, on: date, leaver: timedelta) -> None:
        self.result = result
        self.roster = roster
        self.on = on
        self.leaver = leaver

    def run(self) -> None:
        years = self._sync_years()
        listed = [years[year.external_id] for year in self.roster.listed_years()]
        if not listed:
            raise RosterErrors([Issue(self.roster.source, None, "it names no school year")])
        # Not before the years have their days of this roster.
        period = make_period(listed, today=self.on)
        year_ids = {external_id: year.id for external_id, year in years.items()}
        groups = ClassSync(Group, self.roster, year_ids, listed)
        courses = ClassSync(Course, self.roster, year_ids, listed)
        people = PersonSync(self.roster, period, leaver=self.leaver)
        # All that is wrong at once, before a row is changed.
        issues = [*groups.conflicts(), *courses.conflicts(), *people.conflicts()]
        if issues:
            raise RosterErrors(issues)
        group_ids = groups.sync(self.result, self._group_values(year_ids))
        course_ids = courses.sync(self.result, self._course_values(year_ids, group_ids))
        person_ids = people.sync(self.result)
        if self.roster.scope.is_whole_school and not period.is_over:
            people.mark_left(self.result)
        ids_by_column = {
            "group_id": group_ids,
            "course_id": course_ids,
            "student_id": person_ids,
        }
        ties = TieSync(self.result, self.roster, ids_by_column, listed, period)
        for kind in TieKind:
            ties.sync(kind)
        sync_duties(self.result, self.roster, person_ids, period)

    def _sync_years(self) -> dict[str, SchoolYear]:
        def values_of(year: RosterYear) -> dict[str, Any]:
            return {"name": year.name, "begins_on": year.begins_on, "ends_on": year.ends_on}

        rows = rows_by_external_id(sa.select(SchoolYear))
        values = {year.external_id: values_of(year) for year in self.roster.years}
        return upsert(self.result, SchoolYear, "school year", values, rows)

    def _group_values(self, year_ids: Mapping[str, int]) -> dict[str, dict[str, Any]]:
        return {
            group.external_id: {
                "code": group.code,
                "name": group.name,
                "year_id": year_ids[group.year_external_id],
            }
            for group in self.roster.groups
        }

    def _course_values(
        self, year_ids: Mapping[str, int], group_ids: Mapping[str, int]
    ) -> dict[str, dict[str, Any]]:
        subject_names = {course.subject_name for course in self.roster.courses}
        subject_ids = _ensure_subjects(self.result, subject_names)

        def values_of(course: RosterCourse) -> dict[str, Any]:
            return {
                "code": course.code,
                "name": course.name,
                "subject_id": subject_ids[course.subject_name],
                "year_id": year_ids[course.year_external_id],
                "group_id": group_ids.get(course.group_external_id),
            }

        return {course.external_id: values_of(course) for course in self.roster.courses}


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
