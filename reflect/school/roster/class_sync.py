"""Bring the groups, or the courses, of a roster's school years in line with it.

A code is unique within its year. Whatever a roster says of ids and codes, each class keeps its row
where it can be told which one it is, and a code is given on where its class is no longer listed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.people import Course, Group, SchoolYear
from reflect.school.roster.model import Issue, Roster, RosterCourse, RosterGroup
from reflect.school.roster.result import SyncResult
from reflect.school.roster.upsert import ids_of, make_room, upsert

_Key = tuple[int, str]  # a school year's id, and an external id or a code


class ClassSync:
    """Syncs the rows of one of the two tables; `year_ids` are by external id."""

    def __init__(
        self,
        table: type[Group | Course],
        roster: Roster,
        year_ids: Mapping[str, int],
        listed: list[SchoolYear],
    ) -> None:
        self.table = table
        self.label = "group" if table is Group else "course"
        self.roster = roster
        listed_ids = [year.id for year in listed]
        of_years: sa.Select[Any] = sa.select(table).where(table.year_id.in_(listed_ids))
        self.present: list[Group | Course] = list(session().scalars(of_years.order_by(table.id)))
        classes: tuple[RosterGroup | RosterCourse, ...]
        classes = roster.groups if table is Group else roster.courses
        self.wanted: dict[_Key, RosterGroup | RosterCourse] = {
            (year_ids[each.year_external_id], each.code): each for each in classes
        }
        wanted_ids = {(year_id, each.external_id) for (year_id, _), each in self.wanted.items()}
        # The id of a class of one listed year may be used again in another.
        self.rows = {
            row.external_id: row
            for row in self.present
            if row.external_id and (row.year_id, row.external_id) in wanted_ids
        }

    def _strangers(self) -> Iterator[tuple[Group | Course, RosterGroup | RosterCourse]]:
        """Yield each row that has a code which the roster gives to a class with another id."""
        for row in self.present:
            wanted = self.wanted.get((row.year_id, row.code))
            # One of the roster gets its own code there, and makes room.
            is_listed = row.external_id is not None and self.rows.get(row.external_id) is row
            if wanted is not None and not is_listed and wanted.external_id != row.external_id:
                yield row, wanted

    def conflicts(self) -> Iterator[Issue]:
        """Yield an issue for each code of a class that the roster may not touch."""
        for row, wanted in self._strangers():
            of_id = f"the code {wanted.code} of {wanted.external_id}"
            if row.external_id is None:
                message = f"{of_id} is that of a {self.label} made by hand in this year"
                yield self.roster.issue(wanted.origin, message)
            # A list of a part of the school does not say that another class is no more.
            elif not self.roster.scope.is_whole_school and wanted.external_id in self.rows:
                message = f"{of_id} is that of {row.external_id}, which is not in this file"
                yield self.roster.issue(wanted.origin, message)

    def sync(self, result: SyncResult, values: Mapping[str, dict[str, Any]]) -> dict[str, int]:
        """Add and change the classes; return the ids of those of the listed years."""
        for row, wanted in list(self._strangers()):
            if wanted.external_id in self.rows:
                self._give_up_code(row, result)
            else:
                # The same class under a new id.
                row.external_id = wanted.external_id
                self.rows[wanted.external_id] = row
                result.add("changed", f"{self.label} {row.name}: external id")
        session().flush()
        make_room(self.rows, values, "code", lambda row: f"~{row.id}")
        return ids_of(upsert(result, self.table, self.label, values, self.rows))

    def _give_up_code(self, row: Group | Course, result: SyncResult) -> None:
        """Rename a class that is no more, since another one of this year has its code now."""
        taken = {(each.year_id, each.code) for each in self.present} | set(self.wanted)
        code = f"{row.code} ({row.external_id})"
        while (row.year_id, code) in taken:
            code += "*"
        row.code = code
        result.add("changed", f"{self.label} {row.name}: code, since another one has it now")
