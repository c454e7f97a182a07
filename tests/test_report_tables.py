"""What belongs to a report: every table is listed, and in the export or left out for a reason."""

import importlib
from pathlib import Path

from reflect.db.base import Base
from reflect.db.session import session
from reflect.printing import export
from reflect.reports.report_tables import REPORT_TABLES
from tests.cast import NOW
from tests.conftest import report_in_state

TOP = Path(__file__).parent.parent


def all_tables():
    """Return the tables of every module that has one, also of those that no screen loads."""
    for path in (TOP / "reflect").rglob("*.py"):
        if "__tablename__" in path.read_text("utf-8"):
            module = path.relative_to(TOP).with_suffix("")
            importlib.import_module(".".join(module.parts))
    return Base.metadata.tables


def referred_tables(table):
    return {key.column.table.name for key in table.foreign_keys} - {table.name}


def test_every_table_that_refers_to_a_report_is_listed():
    tables = all_tables()
    belongings = {"report"}
    while True:
        more = {name for name, table in tables.items() if referred_tables(table) & belongings}
        if more <= belongings:
            break
        belongings |= more
    assert {table.name for table in REPORT_TABLES} == belongings - {"report"}, (
        "say in reflect/reports/report_tables.py where the export has its rows, or why not"
    )


def test_rows_can_be_deleted_in_the_order_of_the_list():
    tables = all_tables()
    names = [table.name for table in REPORT_TABLES]
    for position, name in enumerate(names):
        assert not referred_tables(tables[name]) & set(names[:position]), name


def test_a_table_is_in_the_export_or_there_is_a_reason(app, cast):
    for table in REPORT_TABLES:
        assert bool(table.export_key) is not bool(table.why_not), table.name
    with app.app_context():
        report_in_state(cast, "closed", student="noor", course=cast.course, at=NOW)
        student = cast.actor("noor")
        records = export.load_records(by=student, at=NOW)
        exported = export.to_json(records, school="School", by=student, at=NOW)
        session().rollback()
    export_keys = {table.export_key for table in REPORT_TABLES if table.export_key}
    assert export_keys <= set(exported["reports"][0])
