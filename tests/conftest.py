"""What most tests use: the shared application, the cast, a frozen clock, and checked clients."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
import sqlalchemy as sa
import time_machine

from reflect import clock as reflect_clock
from reflect import settings
from reflect.access import report_loading
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.engine import db
from reflect.db.session import commit, refuse_slow_work_in_transactions, session
from reflect.reports import revisions
from reflect.reports.report import CLOSING, Report, start_report
from reflect.reports.workflow import Action
from reflect.storage import blob_store
from reflect.web import sending_limit
from tests import cast as people
from tests.page import ParsedPage, check_page
from tests.postgres import PostgresServer

# In every test: a press, a hash or a file inside a transaction that others wait for is an error.
refuse_slow_work_in_transactions()

# For a fixture `database_kind` of a module whose tests run on both.
DATABASE_KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))

TEXTS = {
    "begrijp": {
        "text": "Bij een vergelijking haal je links en rechts hetzelfde weg: $2x+3=11$ geeft $x=4$."
    },
    "fout": {"text": "Ik dacht dat $-3^2$ gelijk is aan $9$."},
    "gevoel": {"text": "Geheim: ik was zenuwachtig."},
    "brief": {"text": "Brief: mag ik iets vragen?"},
    "stap": {
        "step": "Elke dag een som",
        "moment": "na het eten",
        "help": "Sam",
        "notice": "ik ga sneller",
    },
}
ANSWER = {
    "begrijp": {"text": "Mooi uitgelegd."},
    "overall": {"seen": "Ik zie dat je het uitlegt.", "question": "En nu?"},
}
CLOSING_TEXTS = {
    CLOSING: {
        "word": "Ik ga het proberen.",
        "a.goal": "Haakjes schrijven",
        "a.notice": "geen minfouten",
    }
}


def isolated_settings(folder, **environment):
    """Settings that look at nothing of the machine they run on."""
    empty_file = folder / "reflect.env"
    empty_file.touch()
    return settings.load(
        {"REFLECT_DATA": str(folder), "REFLECT_SETTINGS": str(empty_file), **environment}
    )


def environment_without_settings():
    """Return the environment variables of this machine but for settings of Reflect."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REFLECT_")}


class SharedApp:
    """The application, made once, and the school of the cast that each test begins with.

    It takes longer to make its routes, templates and statements than to run most tests. A test
    has a folder of its own: the application finds it behind a link, and in it a copy of the
    database of the cast.
    """

    kind = "sqlite"
    environment: ClassVar = {}

    def __init__(self, folder):
        self.home = folder
        self.link = folder / "here"
        self.link.symlink_to(folder)
        settings_at_home = isolated_settings(folder, **self.environment)
        urls = {
            name: getattr(settings_at_home, name).replace(str(folder), str(self.link))
            for name in ("database", "queue", "evidence")
        }
        self.app = create_app(replace(settings_at_home, data=self.link, **urls))
        self.app.testing = True
        with self.app.app_context():
            migrate.upgrade()
            self.cast = people.create_cast()
        # The last connection to close leaves one file that can be copied.
        self._close_connections()

    def use_folder(self, folder):
        """Close the connections to the data used so far, and use those in this folder."""
        if self.link.readlink() != folder:
            self._close_connections()
            self.link.unlink()
            self.link.symlink_to(folder)
        return self.app

    def _close_connections(self):
        with self.app.app_context():
            db.engine.dispose()
        blob_store.cache_clear()  # it knows where the link led
        self.app.extensions[sending_limit.EXTENSION_KEY].clear()

    def copy(self, source, folder):
        """Copy the database in one folder to another folder, while nobody is connected to it."""
        if self.link.readlink() == source:
            self._close_connections()
        self._copy_database(source, folder)

    def _copy_database(self, source, folder):
        shutil.copy(source / "reflect.sqlite3", folder)

    def use_copy_of_cast(self, folder):
        """Put a school with the cast into an empty folder, and use it."""
        self.copy(self.home, folder)
        (folder / "reflect.env").touch()
        shutil.copy(self.home / "secret", folder)
        return self.use_folder(folder)

    def forget(self, folder):
        """Let go of a folder whose test is over."""
        self.use_folder(self.home)


class SharedPostgresApp(SharedApp):
    """The same on PostgreSQL, where each folder has a database of its own on one server."""

    kind = "postgresql"

    def __init__(self, folder, server):
        self.server = server
        self.database_name = self._name(folder)
        self.environment = {"REFLECT_DATABASE": server.create_database(self.database_name)}
        super().__init__(folder)
        with self.app.app_context():
            sa.event.listen(db.engine, "do_connect", self._connect_to_database)

    def use_folder(self, folder):
        app = super().use_folder(folder)
        self.database_name = self._name(folder)
        url = sa.make_url(self.environment["REFLECT_DATABASE"]).set(database=self.database_name)
        app.extensions["reflect"] = replace(
            app.extensions["reflect"], database=url.render_as_string(hide_password=False)
        )
        return app

    def _copy_database(self, source, folder):
        self.server.create_database(self._name(folder), template=self._name(source))

    def forget(self, folder):
        super().forget(folder)
        self.server.drop_database(self._name(folder))

    def _connect_to_database(self, _dialect, _record, _arguments, parameters):
        parameters["dbname"] = self.database_name

    @staticmethod
    def _name(folder):
        return f"reflect_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """Return a folder that all workers of pytest-xdist share in this session."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def demo_school(shared_folder):
    """Return the folder of a demo school that is made once, to copy."""
    folder = shared_folder / "demo-school"
    with (shared_folder / "demo-school.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = shared_folder / "demo-school-unfinished"
            subprocess.run(
                [sys.executable, "-m", "reflect", "demo", "--prepare-only"],
                env={**environment_without_settings(), "REFLECT_DATA": str(unfinished)},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_server():
    """Return a PostgreSQL server; it starts when the first database is asked for."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def new_postgres_database(postgres_server):
    """Return a function that makes an empty database for this test and returns its URL."""
    names = []

    def new_database():
        names.append(f"test_{len(names)}")
        return postgres_server.create_database(names[-1])

    yield new_database
    for name in names:
        postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def shared_apps(tmp_path_factory, postgres_server):
    """Return a function that gives the shared application on one kind of database."""
    made = {}

    def shared_app_on(kind):
        if kind not in made:
            folder = tmp_path_factory.mktemp(f"cast-{kind}")
            on_postgres = kind == "postgresql"
            made[kind] = (
                SharedPostgresApp(folder, postgres_server) if on_postgres else SharedApp(folder)
            )
        return made[kind]

    return shared_app_on


@pytest.fixture(scope="session")
def database_kind(request):
    """Return on which database a test runs.

    Where it makes a difference, a module has a fixture of this name for each of DATABASE_KINDS,
    or a test is parametrized with them.
    """
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def cast_database(shared_apps):
    """Return the folder of the SQLite database that tests copy, and the cast in it."""
    shared_app = shared_apps("sqlite")
    return shared_app.home, shared_app.cast


@pytest.fixture
def shared_app(shared_apps, database_kind):
    return shared_apps(database_kind)


@pytest.fixture
def app(shared_app, tmp_path):
    """Return the application with the school of the cast, which this test may change."""
    yield shared_app.use_copy_of_cast(tmp_path)
    shared_app.forget(tmp_path)


@pytest.fixture
def change_settings(app):
    """Return a function that changes settings of the application for this test."""
    settings_before = app.extensions["reflect"]

    def change(**values):
        app.extensions["reflect"] = replace(app.extensions["reflect"], **values)

    yield change
    app.extensions["reflect"] = settings_before


@pytest.fixture
def active_app(app):
    """The application with its context, for a test without requests; what it wrote is undone."""
    with app.app_context():
        yield app
        session().rollback()


@pytest.fixture
def cast(shared_app):
    return shared_app.cast


@pytest.fixture
def clock():
    """Freeze the clock on Tuesday 24 November 2026, ten in the morning in Amsterdam.

    `move_to` and `shift` move it.
    """
    with time_machine.travel(people.NOW, tick=False) as traveller:
        yield traveller


class CheckedClient:
    """One person's browser without scripts: every page it fetches is checked."""

    def __init__(self, app):
        self.client = app.test_client()
        self.page = None

    def get(self, path, *, status=200, **options):
        return self._checked(self.client.get(path, **options), status)

    def post(self, path, fields=None, *, status=200, on=None, follow=True):
        """Send a form as the page `on` (or the one last seen) would: with its token."""
        page = check_page(self.client.get(on).text) if on else self.page
        token = page.field("csrf_token") if page else ""
        answer = self.client.post(
            path, data={"csrf_token": token, **(fields or {})}, follow_redirects=follow
        )
        return self._checked(answer, status)

    def _checked(self, answer, status):
        assert answer.status_code == status, (
            f"{answer.status_code} {answer.request.path}\n{answer.text[:2000]}"
        )
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            self.page = check_page(answer.text)
            return self.page
        return answer

    def sign_in(self, name):
        self.get("/inloggen")
        self.post("/inloggen", {"name": name, "password": people.PASSWORD})
        return self


@pytest.fixture
def client_of(app, clock):
    """Return the browser of a member of the cast, signed in; the same one each time."""
    clients = {}

    def get_client(name):
        if name not in clients:
            clients[name] = CheckedClient(app)
            if name != "nobody":
                clients[name].sign_in(name)
        return clients[name]

    return get_client


@pytest.fixture
def make_report(app, cast, clock):
    """Bring a report of Noor (or another student) to a state, through the verbs, a minute apart."""

    def report_id_in_state(state="draft", *, student="noor", course=None):
        with app.app_context():
            report = report_in_state(
                cast, state, student=student, course=course or cast.course, at=reflect_clock.now()
            )
            commit()
            report_id = report.id
            session().close()
            return report_id

    return report_id_in_state


STEPS_TO_STATE = {
    "draft": (),
    "handed_in": ("hand_in",),
    "returned": ("hand_in", "return_with_question"),
    "answered": ("hand_in", "answer"),
    "closed": ("hand_in", "answer", "close"),
    "reopened": ("hand_in", "answer", "close", "reopen"),
}


def report_in_state(cast, state, *, student, course, at) -> Report:
    """Write a report and take the steps to this state, in an app context; return the report."""
    me = cast.actor(student)
    report = start_report(cast.round, course_id=course, by=me, at=at - timedelta(hours=9))
    save_texts(report, Action.WRITE, TEXTS, by=me, at=at - timedelta(hours=8))
    take_steps(report, cast, state, student=student, at=at)
    return report


def take_steps(report, cast, state, *, student, at):
    """Take the steps that lead from a draft to this state, each an hour after the one before."""
    me = cast.actor(student)
    teacher = cast.actor("dewit" if report.course_id == cast.course else "bakker")
    for number, method_name in enumerate(STEPS_TO_STATE[state]):
        when = at - timedelta(hours=7 - number)
        by = teacher if method_name in ("return_with_question", "answer") else me
        if by is teacher:
            report_loading.load(report.id, by=teacher, at=when)
            save_texts(report, Action.WRITE_ANSWER, ANSWER, by=teacher, at=when)
        if method_name == "close":
            save_texts(report, Action.WRITE_CLOSING, CLOSING_TEXTS, by=me, at=when)
        reason = {"reason": "Ik weet nu meer."} if method_name == "reopen" else {}
        getattr(report, method_name)(by=by, at=when, **reason)


# As a page's base version: it knows everything that was written before.
NEWEST = 2**62


def save_texts(report, action, texts, *, by, at, base_version=NEWEST, save_key=None):
    """Save texts as a page does, by default one that was loaded just now."""
    return revisions.save(
        report, texts, action=action, base_version=base_version, save_key=save_key, by=by, at=at
    )


__all__ = ["CheckedClient", "ParsedPage"]
