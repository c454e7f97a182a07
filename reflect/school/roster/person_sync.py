"""Bring the people of the school in line with a roster, and find whose sign-in name is taken."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.people import Person
from reflect.school.roster.model import Issue, Roster, RosterPerson
from reflect.school.roster.period import Period
from reflect.school.roster.result import EndCount, SyncResult
from reflect.school.roster.upsert import ids_of, make_room, rows_by_external_id, upsert


class PersonSync:
    """Syncs the people of a roster with those of the school."""

    def __init__(self, roster: Roster, period: Period, *, leaver: timedelta) -> None:
        self.roster = roster
        self.period = period
        self.leaver = leaver
        self.rows = rows_by_external_id(sa.select(Person))
        self.values = {
            person.external_id: _person_values(person, self.rows.get(person.external_id), period)
            for person in roster.people
        }

    def conflicts(self) -> list[Issue]:
        """Return an issue for each sign-in name of somebody else: one of two could not sign in.

        The name of somebody who left, and cannot sign in any more, is given on.
        """
        # Somebody who has a name now, and of whom the roster does not say another one.
        holders = {
            row.sign_in_name: row
            for row in session().scalars(sa.select(Person).where(Person.sign_in_name.is_not(None)))
            if self._wanted_name(row.external_id) in (None, row.sign_in_name)
        }
        issues = list[Issue]()
        with_other_ids = 0
        for person in self.roster.people:
            holder = holders.get(self._wanted_name(person.external_id))
            if holder is None or holder.external_id == person.external_id:
                continue
            if self._has_given_up_name(holder):
                holder.sign_in_name = None
                continue
            with_other_ids += holder.external_id is not None
            whose = self._whose(holder)
            message = f"the username {person.sign_in_name} is {whose}: {person.external_id}"
            # A roster that was made of another one names its own file, and no line of it.
            is_of_source = person.origin is not None and person.origin.file == self.roster.source
            origin = person.origin if is_of_source else None
            issues.append(self.roster.issue(origin, message))
        if with_other_ids * 2 > len(self.roster.people):
            message = f"{with_other_ids} usernames are those of people with other ids: "
            message += "was it made by another system, or did everybody get a new sourcedId?"
            issues.insert(0, Issue(self.roster.source, None, message))
        return issues

    def _wanted_name(self, external_id: str | None) -> str | None:
        name: str | None = self.values.get(external_id or "", {}).get("sign_in_name")
        return name

    def _has_given_up_name(self, holder: Person) -> bool:
        """Return whether this person has left for so long that they cannot sign in any more."""
        today = self.period.today
        has_left = holder.has_left(on=today - self.leaver)
        return has_left and holder.external_id is not None and holder.external_id not in self.values

    def _whose(self, holder: Person) -> str:
        if holder.external_id is None:
            return "taken by an account made by hand"
        whose = f"that of {holder.name} ({holder.external_id}), "
        if holder.external_id in self.values:
            return whose + "whose own line does not give another one"
        return whose + "who is not in this file"

    def sync(self, result: SyncResult) -> dict[str, int]:
        """Add and change the people of the roster; return the ids of all, by external id."""
        result.people = EndCount(
            running=sum(
                not row.has_left(on=self.period.takes_effect_on) for row in self.rows.values()
            )
        )
        # What somebody who left has given up is free before another one gets it.
        session().flush()
        make_room(self.rows, self.values, "sign_in_name", lambda row: None)
        was_open = {key for key, row in self.rows.items() if row.may_sign_in}
        rows = upsert(result, Person, "person", self.values, self.rows)
        result.locked_out = [rows[key].id for key in was_open if not rows[key].may_sign_in]
        return ids_of(rows)

    def mark_left(self, result: SyncResult) -> None:
        """Mark everybody of an earlier roster who is not in this one; accounts made by hand stay.

        From the first day of the roster on. Whoever the roster of a later year lists stays too.
        """
        for person in self._not_listed():
            leaves_on = self.period.takes_effect_on
            person.left_on = leaves_on
            person.listed_until = min(person.listed_until or leaves_on, leaves_on)
            result.people.ended += 1
            is_now = leaves_on <= self.period.today
            when = "marked as having left" if is_now else f"leaves on {leaves_on}"
            result.add("gone", f"person {person.name}: {when}")

    def _not_listed(self) -> Iterator[Person]:
        for external_id, person in self.rows.items():
            until = person.listed_until
            is_of_later_year = until is not None and until > self.period.ends_on
            if external_id in self.values or is_of_later_year:
                continue
            if not person.has_left(on=self.period.takes_effect_on):
                yield person


def _person_values(person: RosterPerson, row: Person | None, period: Period) -> dict[str, Any]:
    """Return the columns of a person of the roster; `row` is the present one."""
    if period.is_over and row is not None:
        return {}  # what an old roster says of somebody is not of today
    columns = ("given_name", "infix", "family_name")
    values = {column: getattr(person, column) for column in columns}
    # An empty sign-in name would lock somebody out who has one.
    known = {"email": person.email, "sign_in_name": person.sign_in_name}
    values |= {column: text for column, text in known.items() if text}
    if person.may_sign_in is not None:
        values["may_sign_in"] = person.may_sign_in
    listed_before = row.listed_until if row else None
    values["listed_until"] = max(listed_before or period.ends_on, period.ends_on)
    if period.is_over:
        return {**values, "left_on": period.ends_on}
    left_on = row.left_on if row else None
    # It is the roster of a later year that lacks them, and they are here until then.
    leaves_later = left_on is not None and left_on >= period.next_begins_on
    # Else somebody who had left is back.
    return {**values, "left_on": left_on if leaves_later else None}
