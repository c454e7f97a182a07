"""A full disk, a lost or closed folder, a database that is gone: 503, and no word is lost."""

import errno
import html
import os
import resource
import signal
import socket
import subprocess
import sys

import pytest
import sqlalchemy as sa

from reflect.app import create_app
from reflect.cli import failures
from reflect.db import migrate
from reflect.db.engine import db
from reflect.db.outages import outage
from reflect.errors import ServiceBusy, ServiceUnavailable
from tests.conftest import CheckedClient, environment_without_settings, isolated_settings
from tests.postgres import PostgresServer
from tests.stories.test_a_student_writes import begin, fields

WORDS = "Dit typte ik toen de schijf vol was."


@pytest.fixture
def draft(client_of, cast):
    """Return Noor's browser with her draft, and the fields of it with new words."""
    noor, page = begin(client_of, cast)
    data = fields(page, **{"fout--text": WORDS})
    return noor, {**data, "csrf_token": page.field("csrf_token")}


def check_outage(noor, data):
    path = "/verslagen/1/schrijven"
    answer = noor.client.post(path, data=data)
    assert answer.status_code == 503, answer.text[:2000]
    assert answer.headers["Retry-After"].isdecimal()
    assert WORDS in html.unescape(answer.text)
    assert 'lang="nl"' in answer.text[:100]
    answer = noor.client.post(path, data=data, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json["sentence"]


def database_file(app):
    with app.app_context():
        return db.engine.url.database


def test_the_disk_is_full(draft, app):
    noor, data = draft

    # As many pages as there are now, so that SQLite itself answers that there is no room.
    def fill(connection, _record):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    data["fout--text"] = f"{WORDS} {'vol ' * 4000}"
    with app.app_context():
        sa.event.listen(db.engine, "connect", fill)
        db.engine.dispose()
    try:
        check_outage(noor, data)
    finally:
        with app.app_context():
            sa.event.remove(db.engine, "connect", fill)
            db.engine.dispose()
    assert noor.client.post("/verslagen/1/schrijven", data=data).status_code == 303


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_the_database_is_gone_or_another_one(draft, app, change):
    """An open connection would go on with a file that nobody can find any more."""
    noor, data = draft
    path = database_file(app)
    os.rename(path, f"{path}-away")
    if change == "replaced":
        with open(path, "wb") as other:
            other.write(b"")
    check_outage(noor, data)
    assert change == "replaced" or not os.path.exists(path), "no empty one is made in silence"
    os.replace(f"{path}-away", path)
    assert noor.client.post("/verslagen/1/schrijven", data=data).status_code == 303


def test_a_stopped_postgresql_and_one_that_is_back(tmp_path):
    server = PostgresServer()
    app = create_app(isolated_settings(tmp_path, REFLECT_DATABASE=server.create_database("gone")))
    with app.app_context():
        migrate.upgrade()
    browser = CheckedClient(app)
    browser.get("/inloggen")
    assert app.test_client().get("/").status_code == 303
    server.close()
    for _ in range(2):
        data = {"name": "noor", "password": "x", "csrf_token": browser.page.field("csrf_token")}
        answer = browser.client.post("/inloggen", data={**data, "fout--text": WORDS})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"].isdecimal()
        assert WORDS in html.unescape(answer.text)
    with app.app_context():
        db.engine.dispose()


class _DriverError(Exception):
    """What a driver raises, with a message that says nothing and the code that counts."""


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("sqlite_errorcode", 5, ServiceBusy),
        ("sqlite_errorcode", 6 | 1 << 8, ServiceBusy),
        ("sqlite_errorcode", 13, ServiceUnavailable),
        ("sqlite_errorcode", 10 | 3 << 8, ServiceUnavailable),
        ("sqlite_errorcode", 14, ServiceUnavailable),
        ("sqlite_errorcode", 8 | 4 << 8, ServiceUnavailable),
        ("sqlite_errorcode", 1, None),
        ("sqlite_errorcode", 19, None),
        ("sqlstate", "40P01", ServiceBusy),
        ("sqlstate", "55P03", ServiceBusy),
        ("sqlstate", "53100", ServiceUnavailable),
        ("sqlstate", "57P03", ServiceUnavailable),
        ("sqlstate", "25006", ServiceUnavailable),
        ("sqlstate", "23505", None),
        ("sqlstate", "42P01", None),
        ("sqlstate", None, ServiceUnavailable),
    ],
)
def test_an_error_is_known_by_its_code_and_never_by_its_words(name, code, expected):
    original = _DriverError("database is locked")
    setattr(original, name, code)
    error = sa.exc.OperationalError("INSERT", {}, original)
    assert type(outage(error)) is (expected or type(None))


def test_other_errors_are_no_outage_whatever_they_say():
    for error in (RuntimeError("database is locked"), ValueError("disk full"), KeyError("x")):
        assert outage(error) is None
    assert isinstance(outage(OSError(28, "x")), ServiceUnavailable)
    assert isinstance(outage(PermissionError(13, "x")), ServiceUnavailable)


def start(folder, limit=None, user=None, **environment):
    """Return what `reflect serve` says on standard error, and its exit code."""
    result = subprocess.run(
        [sys.executable, "-m", "reflect", "serve"],
        env={**environment_without_settings(), "REFLECT_DATA": str(folder), **environment},
        preexec_fn=limit,
        user=user,
        capture_output=True,
        text=True,
        cwd=folder.parent,
        timeout=120,
        check=False,
    )
    return result.returncode, result.stderr.strip()


def check_sentence(result, *words):
    exit_code, said = result
    assert exit_code in (1, 2), said
    assert len(said.splitlines()) == 1, said
    assert "Traceback" not in said
    assert said.endswith((".", "?"))
    assert all(word in said for word in words), said


def test_it_says_why_it_cannot_start_on_a_full_disk(tmp_path):
    def tiny_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    check_sentence(start(tmp_path / "data", limit=tiny_files), "full")


def test_it_says_why_it_cannot_start_in_a_folder_that_is_closed_to_it(tmp_path):
    folder = tmp_path / "file" / "data"
    folder.parent.write_text("A file, and no folder.")
    check_sentence(start(tmp_path / "x", REFLECT_DATA=str(folder)), str(folder))


def test_it_says_so_where_it_may_read_and_not_write():
    error = PermissionError(errno.EACCES, "x", "/srv/reflect/secret")
    assert "may not write in /srv/reflect/secret" in failures.sentence_for(error)
    assert failures.sentence_for(RuntimeError("disk full")) is None


def test_it_says_why_it_cannot_start_without_its_database(tmp_path, postgres_server):
    url = "postgresql+psycopg://reflect:x@127.0.0.1:9/none"
    check_sentence(start(tmp_path / "a", REFLECT_DATABASE=url), "cannot be reached")
    there = postgres_server.create_database("for_serve")
    missing = there.replace("for_serve", "not_there")
    check_sentence(start(tmp_path / "b", REFLECT_DATABASE=missing), "REFLECT_DATABASE")
    check_sentence(start(tmp_path / "c", REFLECT_DATABASE="nonsense://x"), "REFLECT_DATABASE")
    postgres_server.drop_database("for_serve")


def test_it_says_why_it_cannot_start_at_a_port_in_use(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        check_sentence(start(tmp_path / "data", REFLECT_PORT=port), "REFLECT_PORT", port)


def test_it_says_why_it_cannot_start_with_a_file_that_is_no_database(tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "reflect.sqlite3").write_bytes(b"no database " * 1000)
    check_sentence(start(tmp_path / "data"), "backup")
