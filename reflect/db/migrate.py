"""Migrations: the database is brought up to date, step by step, before anything else uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from reflect import paths
from reflect.db.engine import creating_allowed, db


def alembic_config() -> Config:
    """Return Alembic's configuration, which names the folder of the steps."""
    result = Config()
    # Alembic reads its options with configparser, for which a single % begins a placeholder.
    result.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    return result


def head_revision() -> str | None:
    """Return the name of the last step."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def upgrade(to: str = "head") -> None:
    """Take every step that this database has not taken yet, in one transaction.

    `to` is the name of the last step to take. Raises RuntimeError, and changes nothing, when a
    step left a row on SQLite that refers to nothing.
    """
    with (
        creating_allowed(),
        db.engine.connect() as connection,
        _foreign_keys_off(connection),
        connection.begin(),
    ):
        revision_before = _current_revision(connection)
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        # The check reads every row, so it is left out at the many starts that had nothing to do.
        if _current_revision(connection) != revision_before:
            _check_foreign_keys(connection)


def _current_revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """Let a step on SQLite copy, drop and rename a table that others refer to.

    With foreign keys on, dropping it counts as deleting its rows. SQLite only switches outside of
    a transaction (https://sqlite.org/lang_altertable.html#otheralter), hence past SQLAlchemy.
    """
    driver_connection = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver_connection is None:
        yield
        return
    driver_connection.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver_connection.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if dangling:
            tables = ", ".join(sorted({row[0] for row in dangling}))
            raise RuntimeError(f"a migration left rows that refer to nothing, in: {tables}")
