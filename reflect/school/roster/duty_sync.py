"""Bring the duties that rosters gave in line with a roster; those given by hand stay."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.roster.model import Roster
from reflect.school.roster.period import Period
from reflect.school.roster.result import SyncResult
from reflect.school.ties import Duty, DutyKind

_Key = tuple[int, DutyKind]


def sync_duties(
    result: SyncResult, roster: Roster, person_ids: Mapping[str, int], period: Period
) -> None:
    """Give the duties of a roster, and end those of an earlier one that it lacks.

    What an old roster says is not of today.
    """
    if period.is_over:
        return
    names = {person_id: external_id for external_id, person_id in person_ids.items()}
    wanted = _wanted(roster, person_ids, period)
    present = _present(period.today)
    for key, (begins_on, ends_on) in wanted.items():
        row = present.get(key)
        person_id, duty = key
        label = f"duty of {names[person_id]}: {duty}"
        if row is None:
            session().add(
                Duty(
                    person_id=person_id,
                    duty=duty,
                    begins_on=begins_on,
                    ends_on=ends_on,
                    from_roster=True,
                )
            )
            result.add("new", label)
        elif row.from_roster and _change_days(row, min(begins_on, row.begins_on), ends_on):
            result.add("changed", f"{label}: its days")
    if roster.scope.is_whole_school:
        for key in present.keys() - wanted.keys():
            if _end(present[key], period):
                result.add("gone", f"duty of {names.get(key[0], key[0])}: {key[1]}")


def _change_days(row: Duty, begins_on: date, ends_on: date | None) -> bool:
    """Change the days of a duty, and return whether they were others."""
    before = row.begins_on, row.ends_on
    row.begins_on, row.ends_on = begins_on, ends_on
    return before != (begins_on, ends_on)


def _end(row: Duty, period: Period) -> bool:
    """End a duty that the roster lacks, and return whether that changes anything."""
    ends_on = max(period.takes_effect_on, row.begins_on)
    has_ended = row.ends_on is not None and row.ends_on <= ends_on
    # One that begins in a later year is not the business of this roster.
    if not row.from_roster or has_ended or row.begins_on >= period.next_begins_on:
        return False
    row.ends_on = ends_on
    return True


def _wanted(
    roster: Roster, person_ids: Mapping[str, int], period: Period
) -> dict[_Key, tuple[date, date | None]]:
    """Return from when to when the roster gives each duty, without what is over by now."""
    wanted: dict[_Key, tuple[date, date | None]] = {}
    for each in roster.duties:
        key = (person_ids[each.person_external_id], each.duty)
        begins_on = max(each.begins_on or period.takes_effect_on, period.takes_effect_on)
        if each.ends_on is not None and each.ends_on <= begins_on:
            continue
        # Of two roles of one person that come to the same duty, from the first to the last day.
        known = wanted.get(key, (begins_on, each.ends_on))
        ends_on = max(known[1], each.ends_on) if known[1] and each.ends_on else None
        wanted[key] = (min(known[0], begins_on), ends_on)
    return wanted


def _present(today: date) -> dict[_Key, Duty]:
    """Return the duties that have not ended, by person and duty: one by hand before others."""
    not_ended = sa.or_(Duty.ends_on.is_(None), Duty.ends_on > today)
    rows = session().scalars(
        sa.select(Duty).where(not_ended).order_by(Duty.from_roster.desc(), Duty.id)
    )
    return {(row.person_id, row.duty): row for row in rows}
