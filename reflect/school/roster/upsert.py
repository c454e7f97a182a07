"""Add and change rows of one table by their external ids, and list each change."""

from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.roster.result import SyncResult

_Key = TypeVar("_Key", bound=Hashable)


def rows_by_external_id(statement: sa.Select[Any]) -> dict[str, Any]:
    """Return the rows that a roster brought; those made by hand have no external id."""
    return {row.external_id: row for row in session().scalars(statement) if row.external_id}


def ids_of(rows: Mapping[_Key, Any]) -> dict[_Key, int]:
    return {key: row.id for key, row in rows.items()}


def make_room(
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
_COLUMN_LABELS = {"may_sign_in": "whether they can sign in"}


def upsert(
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
            labels = [_COLUMN_LABELS.get(column, column) for column in shown]
            columns = ", ".join(labels).replace("_", " ")
            result.add("changed", f"{label} {previous_name}: {columns}")
    session().flush()
    return rows
