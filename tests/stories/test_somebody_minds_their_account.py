"""Somebody changes their password, looks where they are signed in, and takes everything along."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.db.session import commit, session
from reflect.errors import PasswordChangedMeanwhile
from reflect.jobs import export_jobs
from reflect.school import accounts, sessions
from reflect.school.people import Person
from tests.cast import NOW, PASSWORD
from tests.conftest import DATABASE_KINDS, CheckedClient

NEW_PASSWORD = "drie rode fietsen"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
)
STRANGE = "Something/1.0 <b>bold</b>"


@pytest.fixture(params=DATABASE_KINDS, scope="module")
def database_kind(request):
    return request.param


@pytest.fixture
def noor_on(app, clock):
    """Return a function that signs Noor in with a new browser."""

    def sign_in(user_agent=FIREFOX):
        browser = CheckedClient(app)
        browser.client.environ_base["HTTP_USER_AGENT"] = user_agent
        return browser.sign_in("noor")

    return sign_in


def is_signed_in(browser):
    return browser.client.get("/").status_code == 200


def change(browser, current, new, *, status=200):
    browser.get("/mijn")
    return browser.post("/mijn/wachtwoord", {"current": current, "new": new}, status=status)


def test_a_new_password_ends_the_other_sessions_and_not_this_one(noor_on, app):
    here, there = noor_on(), noor_on()
    assert "Op je andere apparaten log je opnieuw in" in change(here, PASSWORD, NEW_PASSWORD).words
    assert is_signed_in(here)
    assert not is_signed_in(there)
    there.get("/inloggen")
    there.post("/inloggen", {"name": "noor", "password": PASSWORD}, status=422)
    there.post("/inloggen", {"name": "noor", "password": NEW_PASSWORD})
    assert is_signed_in(there)


def test_who_finds_an_open_screen_cannot_go_on_guessing(noor_on, clock):
    found = noor_on()
    for _ in range(4):
        page = change(found, "geraden", NEW_PASSWORD, status=422)
        assert "Dit is niet je huidige wachtwoord" in page.words
    page = change(found, PASSWORD, NEW_PASSWORD, status=429)
    assert "Wacht 8 seconden" in page.words
    clock.shift(timedelta(hours=2))
    found = noor_on()
    for _ in range(20):
        found.client.post("/mijn/wachtwoord", data=own_fields(found, "geraden", NEW_PASSWORD))
    refused = found.client.post("/mijn/wachtwoord", data=own_fields(found, PASSWORD, NEW_PASSWORD))
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60
    clock.shift(timedelta(seconds=60))
    change(found, PASSWORD, NEW_PASSWORD)


def own_fields(browser, current, new):
    browser.get("/mijn")
    return {"csrf_token": browser.page.field("csrf_token"), "current": current, "new": new}


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("kort", "te kort"),
        ("Welkom2026!", "Veel mensen hebben"),
        ("wachtwoord12", "Veel mensen hebben"),
        ("zaq12wsxcde3", "Veel mensen hebben"),
        ("vrolijke-noor-fietst", "‘Noor’ zit in dit wachtwoord"),
        ("N00R houdt van kaas", "‘Noor’ zit in dit wachtwoord"),
        ("ron-roon-roon-pindakaas", "‘Noor’ zit in dit wachtwoord"),
        ("groene inarma springt", "‘Amrani’ zit in dit wachtwoord"),
        ("lopend n.amrani1 eten", "‘Amrani’ zit in dit wachtwoord"),
        ("twee r3fl3ct lampen", "‘Reflect’ zit in dit wachtwoord"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(noor_on, new, sentence):
    noor = noor_on()
    assert sentence in change(noor, PASSWORD, new, status=422).words
    assert "Neem" in noor.page.words or "Laat" in noor.page.words, "and what to do"


def test_the_words_of_the_schools_name_and_the_user_name_are_refused(
    noor_on, app, change_settings, cast
):
    change_settings(school="Het Zandhoven College")
    noor = noor_on()
    with app.app_context():
        session().get(Person, cast.people["noor"]).sign_in_name = "ll20417"
        commit()
        session().close()
    for new in ("blauwe Zandhoven stoel", "nevohdnaz-kaasbroodje", "trein ll20417 gordijn"):
        assert "kent iedereen hier" in change(noor, PASSWORD, new, status=422).words


def test_a_password_that_is_refused_costs_no_try(noor_on):
    noor = noor_on()
    for _ in range(12):
        change(noor, PASSWORD, "Welkom2026!", status=422)
    change(noor, PASSWORD, NEW_PASSWORD)


def test_one_sees_where_one_is_signed_in_and_ends_it(noor_on):
    here, phone, school, strange = (noor_on(one) for one in (FIREFOX, IPHONE, EDGE, STRANGE))
    page = here.get("/mijn")
    for words in ("Firefox op Windows", "Safari op iPhone", "Edge op ChromeOS"):
        assert words in page.words
    assert "Een apparaat dat we niet herkennen" in page.words
    assert "bold" not in page.html
    assert "Firefox op Windows Sinds vandaag, dit apparaat, nu" in page.words
    assert page.words.count("dit apparaat, nu") == 1
    # The newest of the others comes first: the strange one.
    assert end_first(here).status_code == 303
    assert [is_signed_in(one) for one in (here, phone, school, strange)] == [True] * 3 + [False]
    here.get("/mijn")
    here.post("/mijn/inlogsessies/beeindigen")
    assert [is_signed_in(one) for one in (here, phone, school)] == [True, False, False]
    assert "Op alle andere apparaten uitloggen" not in here.get("/mijn").words


def end_first(browser, page=None):
    page = page or browser.get("/mijn")
    address = next(
        form["action"] for form in page.all("form") if "/inlogsessies/" in form.get("action", "")
    )
    return browser.client.post(address, data={"csrf_token": browser.page.field("csrf_token")})


def test_nobody_ends_the_session_of_somebody_else(noor_on, client_of):
    here, phone = noor_on(), noor_on(IPHONE)
    sam = client_of("sam")
    sam.get("/mijn")
    assert end_first(sam, here.get("/mijn")).status_code == 404
    assert is_signed_in(phone)
    assert "Safari" not in sam.get("/mijn").words


def test_a_session_that_ended_by_itself_is_not_listed(noor_on, clock):
    noor_on(IPHONE)
    clock.shift(timedelta(minutes=61))
    assert "iPhone" not in noor_on().get("/mijn").words


def test_signing_out_everywhere_clears_what_is_kept_here(noor_on):
    here, phone = noor_on(), noor_on(IPHONE)
    here.get("/mijn")
    answer = here.post("/mijn/overal-uitloggen", status=303, follow=False)
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_signed_in(here)
    assert not is_signed_in(phone)


def test_what_still_waits_here_is_not_cleared(noor_on):
    here = noor_on()
    here.get("/mijn")
    answer = here.post("/mijn/overal-uitloggen", {"waits": "yes"}, status=303, follow=False)
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies"'
    assert not is_signed_in(here)


@pytest.fixture
def pack(app):
    """Return a function that packs what was asked for, as the worker does."""

    def run_steps():
        with app.app_context():
            ((key, _),) = export_jobs.jobs_in_progress()
            for step in export_jobs.list_steps(key):
                export_jobs.run_step(key, step, settings=app.extensions["reflect"])
            session().close()
        return f"/meenemen/{key}"

    return run_steps


def test_taking_along_asks_for_the_password_again(noor_on, app, clock, pack, make_report):
    make_report("closed")
    noor = noor_on()
    clock.shift(timedelta(minutes=11))
    page = noor.get("/meenemen")
    assert page.field("password") == ""
    for fields in ({}, {"password": ""}, {"password": "geraden"}):
        noor.post("/meenemen", fields, status=422)
    with app.app_context():
        assert not export_jobs.jobs_in_progress()
        session().close()
    noor.post("/meenemen", {"password": PASSWORD})
    address = pack()
    assert address in noor.get("/meenemen").links()
    assert noor.client.get(address).mimetype == "application/zip"
    clock.shift(timedelta(minutes=11))
    assert address not in noor.get("/meenemen").links()
    refused = noor.client.get(address)
    assert refused.status_code == 303
    assert refused.headers["Location"] == "/meenemen"
    noor.post("/meenemen", {"password": PASSWORD, "do": "open"})
    assert address in noor.page.links()
    with app.app_context():
        assert not export_jobs.jobs_in_progress(), "opened, and not packed again"
        session().close()
    assert noor.client.get(address).mimetype == "application/zip"


def test_who_finds_an_open_screen_takes_nothing_along(noor_on, clock):
    found = noor_on()
    clock.shift(timedelta(minutes=11))
    found.get("/meenemen")
    answers = [
        found.client.post(
            "/meenemen",
            data={"csrf_token": found.page.field("csrf_token"), "password": "geraden"},
        ).status_code
        for _ in range(10)
    ]
    assert answers == [422] * 4 + [429] * 6
    assert found.post("/meenemen", {"password": PASSWORD}, status=429)


def test_the_password_of_one_session_opens_nothing_in_another(noor_on, clock, make_report):
    found, own = noor_on(), noor_on(IPHONE)
    clock.shift(timedelta(minutes=11))
    own.get("/meenemen")
    own.post("/meenemen", {"password": PASSWORD})
    found.get("/meenemen")
    found.post("/meenemen", status=422)


def test_a_password_that_was_changed_meanwhile_is_not_called_a_wrong_one(app, cast, clock):
    """Another window was first: what was typed here was right when it was sent."""
    with app.app_context():
        noor = session().get(Person, cast.people["noor"])
        token = sessions.begin_session(noor, browser=sessions.Browser("", ""), at=NOW)
        commit()
        limits = sessions.SessionLimits(timedelta(hours=1), timedelta(hours=8))
        active = sessions.find_active(token, limits=limits, at=NOW)
        before = active.person.password_hash
        # Past what this session has read, as another process does.
        changed = sa.update(Person).where(Person.id == noor.id).values(password_hash="another")
        session().execute(changed, execution_options={"synchronize_session": False})
        assert active.person.password_hash == before
        with pytest.raises(PasswordChangedMeanwhile):
            accounts.change_password(
                active, current=PASSWORD, new=NEW_PASSWORD, school="Reflect", at=NOW
            )
        session().close()


@pytest.mark.parametrize("field", ["current", "new"])
def test_a_password_that_is_too_long_is_told_so_at_its_own_field(noor_on, field):
    sent = {"current": PASSWORD, "new": NEW_PASSWORD} | {field: "lang " * 101}
    page = change(noor_on(), sent["current"], sent["new"], status=422)
    assert page.words.count("Een wachtwoord heeft hoogstens 500 tekens.") == 2, "above, and there"
    wrong = [one["id"] for one in page.all("input") if one.get("aria-invalid")]
    assert wrong == [field]
