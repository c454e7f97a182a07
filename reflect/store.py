"""The database: one base class, UTC instants, words for enums, and one commit per request."""

import enum
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

import sqlalchemy as sa
from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import CursorResult, Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.selectable import TypedReturnsRows

_SAFE = ("GET", "HEAD", "OPTIONS")
_BUSY_SECONDS = 20  # SQLite's waiting is unfair: under eight writers five seconds was once not enough
_writing: ContextVar[bool] = ContextVar("writing", default=True)


class Instant(sa.TypeDecorator[datetime]):
    """An aware instant, kept as UTC."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC)


def _words(kinds: type[enum.Enum]) -> list[str]:
    return [str(kind.value) for kind in kinds]


class Base(DeclarativeBase):
    """What every table inherits: an enum is stored as its word, an instant as UTC, text as Unicode."""

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
        enum.Enum: sa.Enum(enum.Enum, native_enum=False, length=24, values_callable=_words),
    }


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def session() -> Session:
    """Give the session of this request or command."""
    return db.session()


_Columns = TypeVarTuple("_Columns")


def ask(statement: TypedReturnsRows[*_Columns], places: Mapping[str, object]) -> CursorResult[*_Columns]:
    """Ask for columns (not for rows of a table as objects), past the ORM: in half of its time.

    `statement` is built once and has places; it sees what was done so far, as any question of the session does.
    """
    here = session()
    if here.new or here.dirty or here.deleted:
        here.flush()
    return here.connection().execute(statement, places)


def only_read() -> None:
    """Begin as one who only reads, until `begin_writing`; for a process that mostly looks whether there is work."""
    _writing.set(False)


def is_writing() -> bool:
    """Say whether this request may write already, as any that is not a mere look does from its start."""
    return _writing.get()


def begin_writing() -> None:
    """Turn a request that only read so far into one that writes, before it reads what it will decide upon."""
    if not _writing.get():
        db.session.commit()
        _writing.set(True)


def keep() -> None:
    """Put everything on disk now; for commands. A request keeps what it did by itself, before it answers."""
    db.session.commit()


def undo() -> None:
    """Forget everything since the last `keep`; for commands. A request forgets what it did when it fails."""
    db.session.rollback()


def forget_connections(app: Flask) -> None:
    """After a fork: a connection belongs to the process that made it."""
    with app.app_context():
        db.engine.dispose(close=False)


class House(Flask):
    """A Flask in which a request is one unit: it is answered after the commit, and an exception undoes it."""

    def handle_user_exception(self, e: Exception) -> Any:
        db.session.rollback()
        return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Any:
        db.session.rollback()
        return super().handle_exception(e)


def attach(app: House, *, database: str) -> None:
    """Give `app` its database: a safe request reads in a snapshot, any other may write from its start."""
    app.config["SQLALCHEMY_DATABASE_URI"] = database
    options: dict[str, Any] = {"hide_parameters": True}  # an error in a log must not carry what somebody wrote
    if database.startswith("sqlite"):
        options["connect_args"] = {"timeout": _BUSY_SECONDS}
        options["paramstyle"] = "named"  # a day or a person that a statement names thirty times is made ready once
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    app.before_request(_open)
    app.after_request(_keep)
    app.teardown_request(_close)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sa.event.listen(db.engine, "connect", _set_up_sqlite)
            sa.event.listen(db.engine, "begin", _begin_sqlite)


def _open() -> None:
    _writing.set(request.method not in _SAFE)


def _keep(response: Response) -> Response:
    db.session.commit()
    return response


def _close(_: BaseException | None) -> None:
    _writing.set(True)


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the begin event below says how a transaction starts
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
