"""The engine: the options for each kind of database, and the set-up of its connections."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from reflect.db.base import Base
from reflect.db.outages import DatabaseGone

# How long, in seconds, a connection waits for SQLite's one write lock. SQLite does not queue
# those that wait: with eight writers, five seconds were once not enough.
# On PostgreSQL it is how long a statement waits for a row that another one holds.
LOCK_TIMEOUT = 20
# In seconds; a server that nobody answers for would keep every request waiting for minutes.
_CONNECT_TIMEOUT = 5

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
        options["connect_args"] = {"timeout": LOCK_TIMEOUT}
        # With names, a value that a statement uses thirty times (a day, a person) is bound once.
        options["paramstyle"] = "named"
    else:
        options["connect_args"] = {"connect_timeout": _CONNECT_TIMEOUT}
        # Whoever names options in the address of the database sets this one there too.
        if "options=" not in database_url:
            # Who sees what is asked in one statement with many small conditions. PostgreSQL takes
            # it for a long one, and compiling it took seconds where running it takes milliseconds.
            options["connect_args"]["options"] = "-c jit=off"
    return options


def configure_sqlite(engine: sa.Engine, *, may_write: Callable[[], bool]) -> None:
    """Set up every connection of an SQLite engine, and how its transactions begin.

    `may_write` is asked at the begin of each transaction. One that may write takes the write lock
    at once (BEGIN IMMEDIATE): a transaction that reads first and asks for the lock later is refused
    without waiting when another one wrote in between. One that only reads sees a snapshot.
    """

    def begin(connection: sa.Connection) -> None:
        _check_file(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write() else "BEGIN")

    sa.event.listen(engine, "do_connect", _refuse_to_create)
    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", begin)


def configure_postgresql(engine: sa.Engine) -> None:
    """Let no statement of a PostgreSQL engine wait for another one for ever."""

    def set_lock_timeout(connection: Any, _: Any) -> None:
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
        connection.commit()

    sa.event.listen(engine, "connect", set_lock_timeout)


_may_create: ContextVar[bool] = ContextVar("may_create", default=False)


@contextmanager
def creating_allowed() -> Iterator[None]:
    """Let a connection make the file of an SQLite database; else a lost one is an error."""
    token = _may_create.set(True)
    try:
        yield
    finally:
        _may_create.reset(token)


def _refuse_to_create(_dialect: Any, _record: Any, arguments: Any, _parameters: Any) -> None:
    path = arguments[0]
    if path == ":memory:" or _may_create.get():
        return
    # SQLite would make an empty database in silence where the school's own has gone.
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        raise DatabaseGone


def _check_file(connection: sa.Connection) -> None:
    """Raise DatabaseGone when the file was removed or replaced since this connection opened it.

    The connection would go on with the file that nobody can find any more, and so lose words.
    """
    path, file_id = connection.info.get("file", ("", None))
    if not path:
        return
    try:
        status = os.stat(path)
    except FileNotFoundError:
        status = None
    if status is None or (status.st_dev, status.st_ino) != file_id:
        connection.invalidate()
        raise DatabaseGone


def _set_pragmas(connection: Any, record: Any) -> None:
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    if path:
        status = os.stat(path)
        record.info["file"] = path, (status.st_dev, status.st_ino)
    connection.isolation_level = None  # else sqlite3 begins transactions by itself
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def dispose_engine(app: Flask) -> None:
    """Forget the connections of the parent process; to be called in a child after a fork.

    They are not closed: a connection that is open in two processes belongs to the first.
    """
    with app.app_context():
        db.engine.dispose(close=False)
