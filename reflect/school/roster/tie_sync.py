"""Bring the ties of a roster's school years in line with it; none is deleted."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school import ties
from reflect.school.people import Course, Group, SchoolYear
from reflect.school.roster.model import Roster, RosterTie, TieKind
from reflect.school.roster.period import Period
from reflect.school.roster.result import SyncResult

# By the kind of a RosterTie: its table, and the column of what the person is tied to.
TIE_TABLES: dict[TieKind, tuple[type[Any], str]] = {
    TieKind.MEMBERSHIP:   (ties.Membership,   "group_id"),
    TieKind.MENTORING:    (ties.Mentoring,    "group_id"),
    TieKind.ENROLMENT:    (ties.Enrolment,    "course_id"),
    TieKind.TEACHING:     (ties.Teaching,     "course_id"),
    TieKind.GUARDIANSHIP: (ties.Guardianship, "student_id"),
}  # fmt: skip
_CLASS_TABLES: dict[str, type[Group | Course]] = {"group_id": Group, "course_id": Course}

_Days = tuple[date, date | None]
_Key = tuple[int, int]  # the ids of the person and of what they are tied to


class TieSync:
    """Syncs the ties of a roster; `ids_by_column` are row ids by external id."""

    def __init__(
        self,
        result: SyncResult,
        roster: Roster,
        ids_by_column: Mapping[str, Mapping[str, int]],
        years: list[SchoolYear],
        period: Period,
    ) -> None:
        self.result = result
        self.roster = roster
        self.ids_by_column = ids_by_column
        self.period = period
        self.today = period.today
        self._years_by_target = {
            column: self._load_years(column, years) for column in _CLASS_TABLES
        }
        self._names_by_column = {
            column: {row_id: name for name, row_id in row_ids.items()}
            for column, row_ids in ids_by_column.items()
        }

    def _load_years(self, column: str, years: list[SchoolYear]) -> dict[int, SchoolYear]:
        """Return the year of every group, or course, of these years, by id."""
        table = _CLASS_TABLES[column]
        years_by_id = {year.id: year for year in years}
        rows = session().execute(
            sa.select(table.id, table.year_id).where(table.year_id.in_(years_by_id))
        )
        return {row_id: years_by_id[year_id] for row_id, year_id in rows}

    def sync(self, kind: TieKind) -> None:
        """Add, change and end the ties of one kind."""
        # A guardianship is of no school year, and an old roster says nothing of today.
        if kind is TieKind.GUARDIANSHIP and self.period.is_over:
            return
        _, column = TIE_TABLES[kind]
        target_ids = self.ids_by_column[column]
        rows_by_key = self._load_rows(kind)
        self.result.ties.running += sum(
            self._is_running(row) and self._is_in_scope(kind, row)
            for rows in rows_by_key.values()
            for row in rows
        )
        of_kind = [tie for tie in self.roster.ties if tie.kind is kind]
        for key, listed in self._by_key(of_kind, target_ids).items():
            unmatched = rows_by_key.get(key, [])
            for tie, row in self._match(listed, unmatched, target_id=key[1]):
                self._sync_tie(tie, row, key)
        for rows in rows_by_key.values():
            for row in filter(self._is_running, rows):
                self._end_unlisted(kind, row)

    def _by_key(
        self, listed: Iterable[RosterTie], target_ids: Mapping[str, int]
    ) -> dict[_Key, list[RosterTie]]:
        person_ids = self.ids_by_column["student_id"]
        by_key: dict[_Key, list[RosterTie]] = {}
        for tie in listed:
            key = (person_ids[tie.person_external_id], target_ids[tie.target_external_id])
            by_key.setdefault(key, []).append(tie)
        return by_key

    def _is_running(self, row: Any) -> bool:
        return row.ends_on is None or row.ends_on > self.today

    def _load_rows(self, kind: TieKind) -> dict[_Key, list[Any]]:
        """Return the ties of the roster's years, also those that have ended, by person and target.

        In the order in which they began.
        """
        table, column = TIE_TABLES[kind]
        rows_by_key: dict[_Key, list[Any]] = {}
        for row in session().scalars(sa.select(table).order_by(table.begins_on, table.id)):
            target_id = getattr(row, column)
            if column not in _CLASS_TABLES or target_id in self._years_by_target[column]:
                rows_by_key.setdefault((row.person_id, target_id), []).append(row)
        return rows_by_key

    def _match(
        self, listed: list[RosterTie], rows: list[Any], *, target_id: int
    ) -> list[tuple[RosterTie, Any | None]]:
        """Return each tie of one person and target with its row, and take that from `rows`.

        Somebody who left a class and came back has two ties, and each keeps its own row: the one
        that begins on the same day, else one that still runs. A tie that has ended is history, and
        somebody who returns gets a new one. One that an import ended today is taken up again: the
        file before was a wrong one.
        """
        pairs = list[tuple[RosterTie, Any | None]]()
        # What still holds takes a running row before what is over by now.
        in_order = sorted(listed, key=lambda tie: (self._is_over(tie), tie.begins_on or date.min))
        without_row = list[RosterTie]()
        for tie in in_order:
            begins_on, _ = self._days_of(tie, None, target_id=target_id)
            dated = tie.begins_on is not None
            row = next((row for row in rows if dated and row.begins_on == begins_on), None)
            if row is None:
                without_row.append(tie)
            else:
                rows.remove(row)
                pairs.append((tie, row))
        for tie in without_row:
            row = next((row for row in rows if self._may_be_row_of(tie, row)), None)
            if row is not None:
                rows.remove(row)
            pairs.append((tie, row))
        return pairs

    def _is_over(self, tie: RosterTie) -> bool:
        return tie.ends_on is not None and tie.ends_on <= self.today

    def _may_be_row_of(self, tie: RosterTie, row: Any) -> bool:
        """Return whether a row with another first day may be that of this tie."""
        if self._is_running(row) or row.ends_on == self.today:
            return True
        # The days of what is over were corrected.
        return (
            self._is_over(tie)
            and tie.begins_on is not None
            and tie.begins_on < row.ends_on
            and row.begins_on < (tie.ends_on or row.ends_on)
        )

    def _is_in_scope(self, kind: TieKind, row: Any) -> bool:
        """Return whether the roster would list this tie if it still held."""
        _, column = TIE_TABLES[kind]
        target_name = self._names_by_column[column].get(getattr(row, column))
        # A roster of one group says nothing about the rest of the school.
        is_covered = self.roster.scope.covers_tie(kind, target_name)
        return is_covered and row.person_id in self._names_by_column["student_id"]

    def _sync_tie(self, tie: RosterTie, row: Any | None, key: _Key) -> None:
        """Add this tie, or change the days of its row."""
        label = f"{tie.kind} of {tie.person_external_id} in {tie.target_external_id}"
        begins_on, ends_on = self._days_of(tie, row, target_id=key[1])
        if ends_on is not None and ends_on <= begins_on:
            # It was over before it could begin, or is of no day of its school year.
            if row is not None and self._is_running(row):
                self._end_unlisted(tie.kind, row)
            return
        if row is not None and (row.begins_on, row.ends_on) != (begins_on, ends_on):
            self._change_days(row, (begins_on, ends_on))
            self.result.add("changed", f"{label}: its days")
        if row is None and (not self._is_over(tie) or self._is_history(tie, target_id=key[1])):
            table, column = TIE_TABLES[tie.kind]
            person_id, target_id = key
            ends = {"person_id": person_id, column: target_id}
            # A guardianship begins with unknown custody, and so opens nothing yet.
            session().add(table(begins_on=begins_on, ends_on=ends_on, **ends))
            self.result.add("new", label)

    def _is_history(self, tie: RosterTie, *, target_id: int) -> bool:
        """Return whether a tie that is over is kept all the same: the roster has both its days."""
        _, column = TIE_TABLES[tie.kind]
        year = self._years_by_target.get(column, {}).get(target_id)
        return tie.begins_on is not None and year is not None and year.ends_on > self.today

    def _days_of(self, tie: RosterTie, row: Any | None, *, target_id: int) -> _Days:
        """Return the days of a tie, within its school year."""
        if tie.kind is TieKind.GUARDIANSHIP:
            return self._days_of_guardianship(tie, row)
        _, column = TIE_TABLES[tie.kind]
        year = self._years_by_target[column][target_id]
        ends_on = min(tie.ends_on or year.ends_on, year.ends_on)
        if tie.begins_on is not None:
            return max(tie.begins_on, year.begins_on), ends_on
        # Without a day of its own it keeps the day on which it began.
        if row is not None and year.begins_on <= row.begins_on <= self.today:
            return row.begins_on, ends_on
        return max(year.begins_on, self.today), ends_on

    def _days_of_guardianship(self, tie: RosterTie, row: Any | None) -> _Days:
        begins_on = tie.begins_on or self.period.takes_effect_on
        if row is None:
            return begins_on, tie.ends_on
        # The roster of a later year ended it, and this one is not about that year.
        is_ended_later = row.ends_on is not None and row.ends_on >= self.period.next_begins_on
        return min(row.begins_on, begins_on), row.ends_on if is_ended_later else tie.ends_on

    def _change_days(self, row: Any, days: _Days) -> None:
        begins_on, ends_on = days
        # The day of the import, or the first day of a tie that is still to begin.
        day = max(self.today, row.begins_on)
        has_ended = begins_on > day or (ends_on is not None and ends_on <= day)
        row.begins_on, row.ends_on = begins_on, ends_on
        self.result.ties.ended += has_ended

    def _end_unlisted(self, kind: TieKind, row: Any) -> None:
        """End a tie that the roster lacks: by its date and not deleted, as every tie."""
        if not self._is_in_scope(kind, row):
            return
        ends_on = self.today
        if kind is TieKind.GUARDIANSHIP:
            # One that begins in a later year is not the business of this roster.
            if row.begins_on >= self.period.next_begins_on:
                return
            ends_on = self.period.takes_effect_on
        ends_on = max(ends_on, row.begins_on)
        if row.ends_on is not None and row.ends_on <= ends_on:
            return
        row.ends_on = ends_on
        self.result.ties.ended += 1
        name = self._names_by_column["student_id"][row.person_id]
        self.result.add("gone", f"{kind} of {name}: ended")
