"""The engine: the options for each kind of database, and the set-up of an SQLite connection."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from reflect.db.base import Base

# How long, in seconds, a connection waits for SQLite's one write lock. SQLite does not queue
# those that wait: with eight writers, five seconds were once not enough.
_LOCK_TIMEOUT = 20

# WAL: readers do not wait for the writer. FULL: what a page calls "kept" survives a power cut.
# foreign_keys: SQLite checks them only when each connection asks for it.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")

# Objects stay usable after a commit: `begin_write` commits in the middle of a request.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def engine_options(database_url: str) -> dict[str, Any]:
    """Return the keyword arguments of `sqlalchemy.create_engine` for this database."""
    # An error in a log must not carry what somebody wrote.
    options: dict[str, Any] = {"hide_parameters": True}
    if database_url.startswith("sqlite"):
        options["connect_args"] = {"timeout": _LOCK_TIMEOUT}
        # With names, a value that a statement uses thirty times (a day, a person) is bound once.
        options["paramstyle"] = "named"
    # Whoever names options in the address of the database sets this one there too.
    elif "options=" not in database_url:
        # Who sees what is asked in one statement with many small conditions. PostgreSQL takes it
        # for a long one, and compiling it took seconds where running it takes milliseconds.
        options["connect_args"] = {"options": "-c jit=off"}
    return options


def configure_sqlite(engine: sa.Engine, *, may_write: Callable[[], bool]) -> None:
    """Set up every connection of an SQLite engine, and how its transactions begin.

    `may_write` is asked at the begin of each transaction. One that may write takes the write lock
    at once (BEGIN IMMEDIATE): a transaction that reads first and asks for the lock later is refused
    without waiting when another one wrote in between. One that only reads sees a snapshot.
    """

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write() else "BEGIN")

    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", begin)


def _set_pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # else sqlite3 begins transactions by itself
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def dispose_engine(app: Flask) -> None:
    """Forget the connections of the parent process; to be called in a child after a fork.

    They are not closed: a connection that is open in two processes belongs to the first.
    """
    with app.app_context():
        db.engine.dispose(close=False)
