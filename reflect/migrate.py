"""Migrations: the database is brought up to date, step by step, before anything else uses it."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from reflect import places
from reflect.store import db


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(places.MIGRATIONS).replace("%", "%%"))
    return made


def up_to_date() -> None:
    """Take every step that this database has not taken yet, in one transaction."""
    with db.engine.begin() as connection:
        asked = config()
        asked.attributes["connection"] = connection
        command.upgrade(asked, "head")


def newest() -> str | None:
    """Give the name of the last step."""
    return ScriptDirectory.from_config(config()).get_current_head()
