"""A school begins with nothing but a roster: passwords, custody, a first round, and somebody writes."""

import pytest

from reflect import migrate, places
from reflect.__main__ import main
from reflect.app import create_app
from reflect.store import db
from tests import rosters
from tests.conftest import Browser, house_settings


@pytest.fixture
def house(tmp_path, monkeypatch, clock):
    (tmp_path / "school.zip").write_bytes(rosters.made())
    settings = house_settings(tmp_path)
    monkeypatch.setenv("REFLECT_DATA", str(tmp_path))
    monkeypatch.setenv("REFLECT_SETTINGS", str(tmp_path / "reflect.env"))
    app = create_app(settings)
    with app.app_context():
        migrate.up_to_date()
    assert main(["import", "roster", str(tmp_path / "school.zip")]) == 0
    yield app
    with app.app_context():
        db.engine.dispose()


def password_of(name, capsys):
    capsys.readouterr()
    assert main(["password", name]) == 0
    return capsys.readouterr().out.strip().rsplit(" ", 1)[1]


def sign_in(app, name, password):
    browser = Browser(app)
    browser.get("/inloggen")
    browser.post("/inloggen", {"name": name, "password": password})
    return browser


ROUND = ["round", "Herfst", "--opens", "2026-11-02", "--hand-in", "2026-11-27", "--form"]


def test_from_a_roster_to_a_first_report(house, capsys):
    assert main([*ROUND, str(places.FORMS / "wiskunde-periode.nl.md")]) == 0
    noor = sign_in(house, "noor", password_of("noor", capsys))
    assert "Begin met Wiskunde" in noor.page.html
    assert main(["custody", "fatima", "noor", "yes"]) == 0
    fatima = sign_in(house, "fatima", password_of("fatima", capsys))
    assert "Noor heeft nog niets gedeeld" in fatima.page.words


def test_a_password_is_chosen_anew_and_an_easy_one_is_refused(house, capsys):
    given = password_of("noor", capsys)
    noor = sign_in(house, "noor", given)
    for easy in ("kort", "wachtwoord", "Noor Amrani 12", "aaaaaaaaaaaa"):
        noor.get("/mijn")
        noor.post("/mijn/wachtwoord", {"current": given, "new": easy}, status=422)
    noor.post("/mijn/wachtwoord", {"current": "mis", "new": "drie rode fietsen"}, status=422)
    assert "veranderd" in noor.post("/mijn/wachtwoord", {"current": given, "new": "drie rode fietsen"}).words
    sign_in(house, "noor", "drie rode fietsen")


def test_a_new_password_ends_the_sessions_of_the_old_one(house, capsys):
    noor = sign_in(house, "noor", password_of("noor", capsys))
    password_of("noor", capsys)
    assert noor.client.get("/").status_code == 303


def test_what_cannot_be_done_is_said(house, capsys):
    assert main(["password", "niemand"]) == 1
    assert main(["custody", "smit", "noor", "yes"]) == 1
    assert main([*ROUND, "geen-formulier.md"]) == 2
