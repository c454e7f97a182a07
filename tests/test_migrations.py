"""A database of an earlier release is upgraded with everything in it, on SQLite and on PostgreSQL.

tests/data/releases keeps one of each release; see tests/make_release_database.py.
"""

import gzip
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from reflect import clock
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.base import Base
from reflect.db.engine import db
from reflect.db.session import commit, session
from reflect.reports.report import Report, Revision, Voice
from reflect.school.people import Person
from tests.cast import NOW, Cast
from tests.conftest import DATABASE_KINDS, CheckedClient, isolated_settings
from tests.make_release_database import RELEASES, make, read_everything

VERSIONS = sorted(path.name.removesuffix(".sql.gz") for path in RELEASES.glob("*.sql.gz"))
# What tables of earlier releases are called today.
TABLES = {
    "opening": "section_grant",
    "phrase": "snippet",
    "reading": "access_log",
    "reading_along": "review_request",
    "sign_in": "user_session",
    "step_taken": "state_change",
    "take_along": "export_job",
}
# Words that a step has put in the place of others, on purpose.
WORDS = {"between": "request_note"}


@dataclass
class OldDatabase:
    """An application whose database an earlier release has filled, and that database as SQL."""

    app: Flask
    version: str
    sql: str

    @contextmanager
    def upgraded(self):
        """Upgrade the database, and be in the context of the application."""
        with self.app.app_context():
            migrate.upgrade()
            yield
            session().rollback()

    def contents(self):
        """Return what everybody read, in the words of the earlier release."""
        return json.loads(gzip.decompress((RELEASES / f"{self.version}.json.gz").read_bytes()))

    def rows(self):
        """Return the rows as the earlier release wrote them, by table and in order of their ids."""
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(self.sql)
            tables = [name for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
                if name != "alembic_version"]  # fmt: skip
            return {
                table: connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2').fetchall()
                for table in tables
            }


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(params=DATABASE_KINDS)
def old_database(request, version, tmp_path, new_postgres_database):
    """A database of `version`, as an installation finds it when it starts the code of today."""
    sql = gzip.decompress((RELEASES / f"{version}.sql.gz").read_bytes()).decode()
    environment = {}
    if request.param == "postgresql":
        environment["REFLECT_DATABASE"] = new_postgres_database()
    else:
        with closing(sqlite3.connect(tmp_path / "reflect.sqlite3")) as connection:
            connection.executescript(sql)
    app = create_app(isolated_settings(tmp_path, **environment))
    if environment:
        with app.app_context():
            _load_into_postgres(sql)
    yield OldDatabase(app, version, sql)
    with app.app_context():
        db.engine.dispose()


def _load_into_postgres(sql):
    """Bring an empty PostgreSQL to the step that `sql` was written at, and insert its rows."""
    migrate.upgrade(to=re.search(r"""INTO "alembic_version" .*\('(\w+)'\)""", sql)[1])
    with db.engine.connect().execution_options(no_parameters=True) as connection:
        for statement in _statements(sql):
            if statement.startswith("INSERT") and '"alembic_version"' not in statement:
                connection.exec_driver_sql(statement)
        inspector = sa.inspect(connection)
        for table in inspector.get_table_names():
            if "id" in {column["name"] for column in inspector.get_columns(table)}:
                # The rows brought their ids; the next one comes after them.
                sequence = f"""pg_get_serial_sequence('"{table}"', 'id')"""
                connection.exec_driver_sql(f'SELECT setval({sequence}, max(id)) FROM "{table}"')
        connection.commit()


def _statements(sql):
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _plain(value):
    """Return a value in one form for both databases."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def _values(row):
    return Counter(value for value in map(_plain, row) if value is not None)


def _rows_now(table):
    return session().execute(sa.text(f'SELECT * FROM "{table}" ORDER BY 1, 2')).all()


def test_every_row_and_every_word_is_still_there(old_database):
    with old_database.upgraded():
        for old_table, old_rows in old_database.rows().items():
            table = TABLES.get(old_table, old_table)
            rows = _rows_now(table)
            assert len(rows) == len(old_rows) > 0, table
            for old_row, row in zip(old_rows, rows, strict=True):
                expected = _values(WORDS.get(value, value) for value in old_row)
                assert not expected - _values(row), f"{old_table} is {table}"


# What a record of an export has that one of an earlier release had not (docs/export.md).
ADDED_TO_RECORDS = {"lost_evidence"}
ADDED_TO_HISTORY = {"part", "purpose", "link"}


def _by_the_day(at):
    """Return the day of an instant: since 1.3 others' acts are told by the part of the day."""
    return at and clock.local_date(datetime.fromisoformat(at), zone="Europe/Amsterdam").isoformat()


def _history_as_before(report):
    lists = {
        name: [
            {
                key: _by_the_day(value) if key == "at" else value
                for key, value in entry.items()
                if key not in ADDED_TO_HISTORY
            }
            for entry in report[name]
        ]
        for name in ("steps", "readings")
    }
    return {**report, **lists, "answered_at": _by_the_day(report["answered_at"])}


def _without_additions(contents):
    """Return what people read, without what was added to the format of a record since."""
    records = {
        name: {
            **{key: value for key, value in record.items() if key != "version"},
            "reports": [
                {
                    key: value
                    for key, value in _history_as_before(report).items()
                    if key not in ADDED_TO_RECORDS
                }
                for report in record["reports"]
            ],
        }
        for name, record in contents["records"].items()
    }
    return {**contents, "records": records}


def test_everybody_reads_what_they_read_before(old_database):
    with old_database.upgraded():
        people = dict(session().execute(sa.select(Person.sign_in_name, Person.id)).all())
        cast = Cast(people, group=0, other_group=0, course=0, other_course=0, round=0, forms={})
        assert _without_additions(read_everything(cast)) == _without_additions(
            old_database.contents()
        )


def test_a_student_signs_in_reads_and_writes_on(old_database, clock):
    with old_database.upgraded():
        number = session().scalars(sa.select(Report.id).filter_by(state="returned")).one()
    browser = CheckedClient(old_database.app).sign_in("noor")
    assert "Mooi uitgelegd." in browser.get(f"/verslagen/{number}").words
    page = browser.get(f"/verslagen/{number}/schrijven")
    fields = {"version": page.field("version"), "fout--text": "Na de nieuwe versie."}
    browser.post(f"/verslagen/{number}/schrijven", fields)
    assert "Na de nieuwe versie." in browser.get(f"/verslagen/{number}").words


def test_the_id_of_a_revision_never_comes_back(old_database):
    """A report names a revision by its id: it must not name another one when the last is erased."""
    with old_database.app.app_context():
        session().execute(sa.text({
            "sqlite": "UPDATE sqlite_sequence SET seq = 1000 WHERE name = 'revision'",
            "postgresql": "SELECT setval(pg_get_serial_sequence('revision', 'id'), 1000)",
        }[db.engine.dialect.name]))  # fmt: skip
        commit()
    with old_database.upgraded():
        values = {"report_id": 1, "voice": Voice.STUDENT, "section": "fout", "content": {}}
        new_id = session().scalar(
            sa.insert(Revision).returning(Revision.id),
            {**values, "by_id": 1, "written_at": NOW, "is_conflict": False},
        )
        assert new_id == 1001


def test_tables_and_names_are_as_the_code_has_them(old_database):
    with old_database.upgraded():
        connection = session().connection()
        assert not compare_metadata(MigrationContext.configure(connection), Base.metadata)
        inspector = sa.inspect(connection)
        for table in Base.metadata.sorted_tables:
            expected = {one.name for one in (*table.constraints, *table.indexes)}
            found = _names_in(inspector, table.name)
            if connection.dialect.name == "sqlite" and table.name == "revision":
                # AUTOINCREMENT, and a reference that was added to the table, have no name there.
                expected -= {"pk_revision", "fk_revision_settled_conflict_id"}
            assert found == expected, table.name
        (where,) = (index["dialect_options"][f"{connection.dialect.name}_where"]
                    for index in inspector.get_indexes("release")
                    if index["name"] == "uq_release_report_id")  # fmt: skip
        assert "failed_at" in str(where)


def _names_in(inspector, table):
    found = [
        inspector.get_pk_constraint(table),
        *inspector.get_foreign_keys(table),
        *inspector.get_unique_constraints(table),
        *inspector.get_indexes(table),
    ]
    return {one["name"] for one in found} - {None}


def test_what_is_kept_of_the_next_release_has_rows_in_every_table(tmp_path, clock):
    sql, _ = make(tmp_path)
    for table in Base.metadata.tables:
        assert f'INSERT INTO "{table}"' in sql, table
