"""Migrations: the database is brought up to date, step by step, before anything else uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from reflect import paths
from reflect.db.engine import LOCK_TIMEOUT, creating_allowed, db

# Any number that no other program on this database locks.
_LOCK_KEY = 7_364_219_064
# How long a process waits for another one that takes the steps on SQLite, in milliseconds.
_TURN_TIMEOUT = 10 * 60 * 1000


class DatabaseIsNewer(Exception):
    """A later release has changed the tables: this one does not know them."""

    def __init__(self) -> None:
        super().__init__(
            "This database was used by a newer release of Reflect, so this one leaves it alone. "
            "Start the newer release, or put back the backup of before the upgrade."
        )


def alembic_config() -> Config:
    """Return Alembic's configuration, which names the folder of the steps."""
    result = Config()
    # Alembic reads its options with configparser, for which a single % begins a placeholder.
    result.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    return result


def upgrade(to: str = "head") -> None:
    """Take every step that this database has not taken yet, in one transaction.

    `to` is the name of the last step to take. Of several processes that start at once, on one
    machine or more, one takes the steps and the others wait. Raises DatabaseIsNewer, and
    RuntimeError when a step left a row on SQLite that refers to nothing; neither changes anything.
    """
    with (
        creating_allowed(),
        db.engine.connect() as connection,
        _foreign_keys_off(connection),
        connection.begin(),
    ):
        _wait_for_turn(connection)
        revision_before = _current_revision(connection)
        config = alembic_config()
        if not _is_known(config, revision_before):
            raise DatabaseIsNewer
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        # The check reads every row, so it is left out at the many starts that had nothing to do.
        if _current_revision(connection) != revision_before:
            _check_foreign_keys(connection)


def _wait_for_turn(connection: sa.Connection) -> None:
    """Let one process at a time take steps. On SQLite, BEGIN IMMEDIATE has waited already."""
    if connection.dialect.name == "postgresql":
        # Steps take as long as they take: whoever waits for them gives up no sooner.
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        # It ends with the transaction, and also when the process dies.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))


def _is_known(config: Config, revision: str | None) -> bool:
    steps = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    return revision is None or revision in steps


def _current_revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """Let a step on SQLite copy, drop and rename a table that others refer to, and wait its turn.

    With foreign keys on, dropping it counts as deleting its rows. SQLite only switches outside of
    a transaction (https://sqlite.org/lang_altertable.html#otheralter), hence past SQLAlchemy.
    """
    driver_connection = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver_connection is None:
        yield
        return
    driver_connection.execute("PRAGMA foreign_keys=OFF")
    driver_connection.execute(f"PRAGMA busy_timeout={_TURN_TIMEOUT}")
    try:
        yield
    finally:
        driver_connection.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT * 1000}")
        driver_connection.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if dangling:
            tables = ", ".join(sorted({row[0] for row in dangling}))
            raise RuntimeError(f"a migration left rows that refer to nothing, in: {tables}")
