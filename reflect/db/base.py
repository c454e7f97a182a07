"""The base class of every table, and the column types and names that all tables share."""

import enum
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase

# The longest word of an enum that a column holds, in characters.
_ENUM_LENGTH = 24


class Instant(sa.TypeDecorator[datetime]):
    """An aware datetime in Python, stored as UTC without an offset.

    Neither SQLite nor PostgreSQL's `timestamp` keeps an offset, so all rows need the same one.
    """

    impl = sa.DateTime
    # It has no state, so SQLAlchemy may cache a statement in which it occurs.
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC)


def _enum_values(enum_class: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in enum_class]


class Base(DeclarativeBase):
    """The base class of every table.

    An enum is stored as its word, and without a CHECK, so that a new word needs no migration.
    Constraints and indexes get their names from the convention below: a migration has to know
    them, and SQLite gives none by itself.
    """

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute itself
        datetime: Instant,
        enum.Enum: sa.Enum(
            enum.Enum, native_enum=False, length=_ENUM_LENGTH, values_callable=_enum_values
        ),
    }
