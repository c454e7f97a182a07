"""A school begins with a roster: passwords, custody, a first round, and somebody writes."""

import pytest

from reflect import paths
from reflect.app import create_app
from reflect.cli.root import main
from reflect.db import migrate
from reflect.db.engine import db
from tests import sample_rosters
from tests.conftest import CheckedClient, isolated_settings


@pytest.fixture
def imported_school(tmp_path, monkeypatch, clock, database_kind, new_postgres_database):
    (tmp_path / "school.zip").write_bytes(sample_rosters.build_roster_zip())
    environment = {}
    if database_kind == "postgresql":
        environment["REFLECT_DATABASE"] = new_postgres_database()
    app = create_app(isolated_settings(tmp_path, **environment))
    environment["REFLECT_DATA"] = str(tmp_path)
    environment["REFLECT_SETTINGS"] = str(tmp_path / "reflect.env")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with app.app_context():
        migrate.upgrade()
    assert main(["roster", "import", str(tmp_path / "school.zip")]) == 0
    yield app
    with app.app_context():
        db.engine.dispose()


def password_of(name, capsys):
    capsys.readouterr()
    assert main(["school", "password", name]) == 0
    return capsys.readouterr().out.strip().rsplit(" ", 1)[1]


def sign_in(app, name, password):
    browser = CheckedClient(app)
    browser.get("/inloggen")
    browser.post("/inloggen", {"name": name, "password": password})
    return browser


DAYS = ["--opens", "2026-11-02", "--hand-in", "2026-11-27"]
ROUND = ["school", "round", "Herfst", *DAYS, "--form"]


def test_from_a_roster_to_a_first_report(imported_school, capsys):
    assert main([*ROUND, str(paths.FORMS / "wiskunde-periode.nl.md")]) == 0
    noor = sign_in(imported_school, "noor", password_of("noor", capsys))
    assert "Begin met Wiskunde" in noor.page.html
    assert main(["school", "custody", "fatima", "noor", "yes"]) == 0
    fatima = sign_in(imported_school, "fatima", password_of("fatima", capsys))
    assert "Noor heeft nog niets gedeeld" in fatima.page.words


def test_a_password_is_chosen_anew_and_an_easy_one_is_refused(imported_school, capsys):
    given = password_of("noor", capsys)
    noor = sign_in(imported_school, "noor", given)
    for easy in ("kort", "wachtwoord", "Noor Amrani 12", "aaaaaaaaaaaa"):
        noor.get("/mijn")
        noor.post("/mijn/wachtwoord", {"current": given, "new": easy}, status=422)
    noor.post("/mijn/wachtwoord", {"current": "mis", "new": "drie rode fietsen"}, status=422)
    assert (
        "veranderd"
        in noor.post("/mijn/wachtwoord", {"current": given, "new": "drie rode fietsen"}).words
    )
    sign_in(imported_school, "noor", "drie rode fietsen")


def test_a_new_password_ends_the_sessions_of_the_old_one(imported_school, capsys):
    noor = sign_in(imported_school, "noor", password_of("noor", capsys))
    password_of("noor", capsys)
    assert noor.client.get("/").status_code == 303


def test_what_cannot_be_done_is_said(imported_school, capsys):
    assert main(["school", "password", "niemand"]) == 1
    assert main(["school", "custody", "smit", "noor", "yes"]) == 1
    assert main([*ROUND, "geen-formulier.md"]) == 2
