"""The house as a test meets it: real SQLite, the cast, a frozen clock, and `as_("noor").get(...)`."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from reflect import clock as house_clock
from reflect import migrate, settings
from reflect.app import create_app
from reflect.report import report as reports
from reflect.report import writing
from reflect.report.life import Verb
from reflect.report.report import CLOSING, Report
from reflect.store import db, keep, session
from reflect.trust import read
from reflect.vault import vault
from tests import cast as people
from tests.page import Page, check

TEXTS = {
    "begrijp": {"text": "Bij een vergelijking haal je links en rechts hetzelfde weg: $2x+3=11$ geeft $x=4$."},
    "fout": {"text": "Ik dacht dat $-3^2$ gelijk is aan $9$."},
    "gevoel": {"text": "Geheim: ik was zenuwachtig."},
    "brief": {"text": "Brief: mag ik iets vragen?"},
    "stap": {"step": "Elke dag een som", "moment": "na het eten", "help": "Sam", "notice": "ik ga sneller"},
}
ANSWER = {
    "begrijp": {"text": "Mooi uitgelegd."},
    "overall": {"seen": "Ik zie dat je het uitlegt.", "question": "En nu?"},
}
LAST = {CLOSING: {"word": "Ik ga het proberen.", "a.goal": "Haakjes schrijven", "a.notice": "geen minfouten"}}


def house_settings(folder, **more):
    """Settings that look at nothing of the machine they run on."""
    nothing = folder / "reflect.env"
    nothing.touch()
    return settings.read({"REFLECT_DATA": str(folder), "REFLECT_SETTINGS": str(nothing), **more})


class OneHouse:
    """The application, made once, since its routes, pages and statements take longer to make ready than most tests take.

    It finds its data behind a link, which a test points at a folder of its own.
    """

    def __init__(self, folder):
        self.link = folder / "here"
        self.link.symlink_to(folder)
        read, data = house_settings(folder), str(folder)
        self.app = create_app(replace(
            read, data=self.link, **{name: getattr(read, name).replace(data, str(self.link))
                                     for name in ("database", "queue", "evidence")}))  # fmt: skip
        self.app.testing = True

    def move_to(self, folder):
        """Let go of the data that it had, and take those in this folder."""
        with self.app.app_context():
            db.engine.dispose()
        vault.cache_clear()  # it knows where the link led
        self.link.unlink()
        self.link.symlink_to(folder)
        return self.app


@pytest.fixture(scope="session")
def one_house(tmp_path_factory):
    return OneHouse(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """The cast's school, made once; every test works on its own copy."""
    folder = tmp_path_factory.mktemp("cast")
    app = create_app(house_settings(folder))
    with app.app_context():
        migrate.up_to_date()
        cast = people.settle()
        session().close()
        db.engine.dispose()  # the last connection to close puts everything into the one file that tests copy
    return folder, cast


@pytest.fixture
def app(made_once, one_house, tmp_path):
    shutil.copy(made_once[0] / "reflect.sqlite3", tmp_path)
    (tmp_path / "reflect.env").touch()
    shutil.copy(one_house.link.parent / "secret", tmp_path)
    yield one_house.move_to(tmp_path)
    one_house.move_to(one_house.link.parent)


@pytest.fixture
def cast(made_once):
    return made_once[1]


@pytest.fixture
def clock():
    """The frozen clock: Tuesday 24 November 2026, ten in the morning in Amsterdam; `move_to` and `shift` move it."""
    with time_machine.travel(people.NOW, tick=False) as traveller:
        yield traveller


class Browser:
    """One person's browser without scripts: every page it fetches is checked."""

    def __init__(self, app):
        self.client = app.test_client()
        self.page = None

    def get(self, path, *, status=200, **options):
        return self._shown(self.client.get(path, **options), status)

    def post(self, path, fields=None, *, status=200, on=None, follow=True):
        """Send a form as the page `on` (or the one last seen) would: with its token."""
        page = check(self.client.get(on).text) if on else self.page
        token = page.field("csrf_token") if page else ""
        answer = self.client.post(path, data={"csrf_token": token, **(fields or {})}, follow_redirects=follow)
        return self._shown(answer, status)

    def _shown(self, answer, status):
        assert answer.status_code == status, f"{answer.status_code} {answer.request.path}\n{answer.text[:2000]}"
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            self.page = check(answer.text)
            return self.page
        return answer

    def sign_in(self, name):
        self.get("/inloggen")
        self.post("/inloggen", {"name": name, "password": people.PASSWORD})
        return self


@pytest.fixture
def as_(app, clock):
    """Give the browser of a member of the cast, signed in; the same one each time."""
    browsers = {}

    def browser(name):
        if name not in browsers:
            browsers[name] = Browser(app)
            if name != "nobody":
                browsers[name].sign_in(name)
        return browsers[name]

    return browser


@pytest.fixture
def told(app, cast, clock):
    """Bring a report of Noor (or another student) to a state, through the verbs, a minute apart."""

    def tell(state="draft", *, student="noor", course=None):
        with app.app_context():
            report = live(cast, state, student=student, course=course or cast.course, at=house_clock.now())
            keep()
            number = report.id
            session().close()
            return number

    return tell


STORIES = {
    "draft": (),
    "handed_in": ("hand_in",),
    "returned": ("hand_in", "ask_on"),
    "answered": ("hand_in", "answer"),
    "closed": ("hand_in", "answer", "close"),
    "reopened": ("hand_in", "answer", "close", "reopen"),
}


def live(cast, state, *, student, course, at) -> Report:
    """Write a report and take the steps that lead to this state; for whoever is in an app context."""
    me, teacher = cast.me(student), cast.me("dewit" if course == cast.course else "bakker")
    report = reports.begin(cast.round, course_id=course, by=me, at=at - timedelta(hours=9))
    _write(report, Verb.WRITE, TEXTS, by=me, at=at - timedelta(hours=8))
    for number, step in enumerate(STORIES[state]):
        when = at - timedelta(hours=7 - number)
        by = teacher if step in ("ask_on", "answer") else me
        if by is teacher:
            read.read(report.id, by=teacher, at=when)
            _write(report, Verb.WRITE_ANSWER, ANSWER, by=teacher, at=when)
        if step == "close":
            _write(report, Verb.WRITE_CLOSING, LAST, by=me, at=when)
        reason = {"reason": "Ik weet nu meer."} if step == "reopen" else {}
        getattr(report, step)(by=by, at=when, **reason)
    return report


def _write(report, verb, words, *, by, at):
    writing.save(report, words, verb=verb, version=2**62, key=None, by=by, at=at)


__all__ = ["Browser", "Page"]
