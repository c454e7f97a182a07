"""The five promises, and what keeps them: the schema, the templates, the log, the migrations."""

import importlib
import io
import json
import logging
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from reflect import logs, paths
from reflect.access import report_loading
from reflect.app import create_app
from reflect.db.base import Base
from reflect.db.engine import db
from reflect.db.session import session
from reflect.reports.report import Report, Revision
from tests.cast import NAMES, NOW, PASSWORD
from tests.conftest import TEXTS, CheckedClient, isolated_settings, report_in_state

_MARK_WORDS = re.compile(
    r"grade|score|mark(?!down)|rank|average|percent|rating|level|points?\b|streak|badge",
    re.IGNORECASE,
)


def test_no_column_can_hold_a_number_about_a_students_work():
    """Numbers in the schema are keys, or ids of a revision; nothing else counts."""
    revision_ids = {
        "teacher_sees_until_revision_id",
        "student_sees_until_revision_id",
        "home_sees_until_revision_id",
        "home_sees_student_until_revision_id",
        "visible_revision_id_before",
        "visible_revision_id_after",
    }
    # How much room the files of a piece take on a disk, which a quota bounds.
    room_of_files = {"evidence.stored_bytes"}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if f"{table.name}.{column.name}" in room_of_files:
                continue
            assert not _MARK_WORDS.search(column.name), f"{table.name}.{column.name}"
            if isinstance(column.type, sa.Integer | sa.Numeric):
                is_key = column.primary_key or column.foreign_keys or column.name in revision_ids
                assert is_key, f"{table.name}.{column.name} is a number that names nothing"


def test_no_template_does_arithmetic_or_counts_a_students_work():
    for path in paths.TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        if path.name == "print_job.html":
            # How far the printing is: a machine's work, not a student's.
            text = text.replace("<progress", "", 1)
        assert not re.search(r"\|\s*(sum|round)\b|<progress|<meter|\bwords?_?count\b", text), (
            path.name
        )


def test_every_enum_is_stored_as_a_word(app, cast):
    with app.app_context():
        report_in_state(cast, "answered", student="noor", course=cast.course, at=NOW)
        stored = (
            session()
            .execute(sa.text("select state from report union select voice from revision"))
            .scalars()
        )
        assert set(stored) == {"answered", "student", "teacher"}
        session().rollback()


def test_the_steps_of_the_database_lead_to_the_tables_in_the_code(app):
    importlib.import_module(
        "reflect.jobs.schedule"
    )  # a worker knows tables that no screen may ask for
    with app.app_context(), db.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        assert not found, "write a step in reflect/db/migrations/versions"


def test_nothing_written_is_lost_through_the_whole_life(app, cast):
    with app.app_context():
        report = report_in_state(cast, "reopened", student="noor", course=cast.course, at=NOW)
        kept = {
            text
            for row in session().scalars(sa.select(Revision).where(Revision.report_id == report.id))
            for text in row.content.values()
        }
        assert {text for content in TEXTS.values() for text in content.values()} <= kept
        session().rollback()


def test_every_reading_by_somebody_else_is_listed_for_the_student(client_of, make_report):
    number = make_report("answered")
    client_of("smit").get(f"/verslagen/{number}")
    listed = client_of("noor").get(f"/verslagen/{number}/gelezen").words
    assert "Marleen de Wit" in listed
    assert "Carla Smit" in listed
    assert "Noor el Amrani" not in listed.split("Wie heeft dit gelezen")[-1]


def test_reading_again_later_is_another_reading_and_within_one_sitting_it_is_not(
    client_of, make_report, clock
):
    number = make_report("answered")
    for minutes in (0, 10, 20):
        clock.shift(timedelta(minutes=minutes))
        client_of("smit").get(f"/verslagen/{number}")
    assert client_of("noor").get(f"/verslagen/{number}/gelezen").words.count("Carla Smit") == 2


def test_what_a_draft_says_appears_on_no_page_of_anybody_else(client_of, make_report, cast):
    number = make_report("draft")
    pages = [
        "/",
        f"/verslagen/{number}",
        f"/lesgroepen/{cast.course}",
        f"/mentorgroepen/{cast.group}",
    ]
    for name in NAMES:
        if name == "noor":
            continue
        for path in pages:
            response = client_of(name).client.get(path)
            assert "haal je links en rechts" not in response.text
            assert "Geheim" not in response.text


def test_the_log_holds_no_name_and_no_text(app, tmp_path):
    failing = create_app(isolated_settings(tmp_path))
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logs.JsonFormatter())
    logging.getLogger("reflect").addHandler(handler)

    @failing.before_request
    def break_down():
        raise RuntimeError(f"Noor el Amrani wrote {TEXTS['gevoel']['text']}")

    response = failing.test_client().get("/inloggen")
    with failing.app_context():
        db.engine.dispose()
    logging.getLogger("reflect").removeHandler(handler)
    assert response.status_code == 500
    event = json.loads(lines.getvalue().splitlines()[-1])
    assert event["kind"] == "RuntimeError"
    assert event["reference"] in response.text, "the page names the reference that the log has"
    for secret in ("Noor", "Amrani", "Geheim", PASSWORD):
        assert secret not in lines.getvalue()
        assert secret not in response.text


def test_a_page_that_fails_leaves_nothing_half_done(app, tmp_path, client_of, make_report):
    number, browser = make_report("draft"), client_of("noor")
    page = browser.get(f"/verslagen/{number}/schrijven")
    failing = create_app(isolated_settings(tmp_path))

    @failing.after_request
    def fall_over(response):
        raise OSError("the disk is full")

    client = failing.test_client()
    client.set_cookie("reflect", browser.client.get_cookie("reflect").value)
    fields = {
        "csrf_token": page.field("csrf_token"),
        "version": page.field("version"),
        "fout--text": "half",
    }
    assert client.post(f"/verslagen/{number}/schrijven", data=fields).status_code == 500
    assert "half" not in browser.get(f"/verslagen/{number}/versies").html
    with failing.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("minutes", "is_in"), [(59, True), (61, False)])
def test_a_session_ends_by_itself(client_of, clock, minutes, is_in):
    browser = client_of("noor")
    clock.shift(timedelta(minutes=minutes))
    response = browser.client.get("/")
    assert (response.status_code == 200) is is_in


def test_a_session_in_use_ends_after_ten_hours_all_the_same(client_of, clock):
    browser = client_of("noor")
    for _ in range(12):
        clock.shift(timedelta(minutes=49))
        browser.client.get("/")
    clock.shift(timedelta(minutes=49))
    assert browser.client.get("/").status_code == 303


def test_too_many_attempts_are_refused_kindly_also_for_names_that_nobody_has(client_of, clock):
    for name in ("noor", "niemand-met-deze-naam"):
        browser = CheckedClient(client_of("nobody").client.application)
        for _ in range(4):
            browser.get("/inloggen")
            browser.post("/inloggen", {"name": name, "password": "fout"}, status=422)
        page = browser.post("/inloggen", {"name": name, "password": PASSWORD}, status=429)
        assert "Wacht 8 seconden" in page.words
        assert "een apparaat waarop je al eens hebt ingelogd" in page.words.lower()


def test_after_signing_out_the_session_is_worth_nothing(client_of, app):
    browser = client_of("noor")
    browser.get("/")
    token = browser.client.get_cookie("reflect").value
    browser.post("/uitloggen")
    thief = app.test_client()
    thief.set_cookie("reflect", token)
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize(
    "address",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_signing_in_never_leads_out_of_the_house(client_of, address):
    browser = client_of("nobody")
    browser.get("/inloggen")
    response = browser.post(
        f"/inloggen?verder={address}",
        {"name": "noor", "password": PASSWORD},
        status=303,
        follow=False,
    )
    assert response.headers["Location"] == "/"


def test_a_report_seen_cannot_reach_the_database(app, cast):
    with app.app_context():
        report = report_in_state(cast, "answered", student="noor", course=cast.course, at=NOW)
        seen = report_loading.load(report.id, by=cast.actor("smit"), at=NOW)
        assert not any(isinstance(value, Base) for value in vars(seen).values())
        assert not isinstance(seen, Report)
        session().rollback()


@pytest.mark.parametrize(
    ("name", "message", "arguments", "logged"),
    [
        ("gunicorn.error", "Invalid request from ip=10.1.2.3: GET /x", (), "Invalid request…"),
        ("gunicorn.error", "Error handling request %s %s", ("GET", "/gedeeld/t"), None),
        ("gunicorn.error", "Worker (pid:%s) was sent %s!", (7, "SIGKILL!"), None),
        ("weasyprint", "Failed to load image at '%s': %s", ("picture:x", "Noor"), None),
        ("weasyprint", "Ignored `Noor: schreef` at 1:1", (), "Ignored … at 1:1"),
        ("dbos", "step failed for 2001:db8::1 in /srv/data/noor.txt", (), None),
        ("anything", "%(a)s", ({"a": "Noor"},), None),
    ],
)
def test_the_log_of_a_library_quotes_nobody(name, message, arguments, logged):
    record = logging.LogRecord(name, logging.WARNING, "", 1, message, arguments, None)
    event = json.loads(logs.JsonFormatter().format(record))["event"]
    assert logged is None or event == logged
    for told in ("10.1.2.3", "gedeeld", "SIGKILL!", "Noor", "noor", "picture", "2001:db8", "/srv"):
        assert told not in event


def test_our_own_log_is_written_as_it_is():
    record = logging.LogRecord("reflect.x", logging.INFO, "", 1, "a/b '%s'", ("c",), None)
    assert json.loads(logs.JsonFormatter().format(record))["event"] == "a/b 'c'"
