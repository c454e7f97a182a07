"""Somebody signs in: who guesses has to wait, and nobody else does."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from reflect import clock as reflect_clock
from reflect.db.session import commit, session
from reflect.school import accounts, known_devices, passwords, throttle
from reflect.school.known_devices import KnownDevice
from reflect.school.people import Person
from reflect.school.throttle import SignInAttempt
from tests.cast import PASSWORD
from tests.conftest import DATABASE_KINDS, CheckedClient
from tests.page import check_page
from tests.test_server import until

FREE_TRIES = 4
WRONG = "fout"


@pytest.fixture(params=DATABASE_KINDS, scope="module")
def database_kind(request):
    return request.param


@pytest.fixture
def device(app, clock):
    """Return a function that gives a browser nobody has signed in with, at an address."""

    def new_device(address="192.0.2.1"):
        browser = CheckedClient(app)
        browser.client.environ_base["REMOTE_ADDR"] = address
        return browser

    return new_device


def try_to_sign_in(browser, name="noor", password=WRONG):
    """Return the answer to one try, of which a 303 is a success."""
    browser.get("/inloggen")
    fields = {"csrf_token": browser.page.field("csrf_token"), "name": name, "password": password}
    return browser.client.post("/inloggen", data=fields)


def guess(browser, times, name="noor"):
    return [try_to_sign_in(browser, name).status_code for _ in range(times)]


def is_signed_in(browser):
    return browser.client.get("/").status_code == 200


def in_database(app, work):
    with app.app_context():
        result = work()
        commit()
        session().close()
        return result


def test_a_slip_of_the_finger_costs_nothing(device):
    noor = device()
    assert guess(noor, FREE_TRIES - 1) == [422] * (FREE_TRIES - 1)
    assert try_to_sign_in(noor, password=PASSWORD).status_code == 303


def test_a_guesser_waits_longer_and_longer_and_a_minute_at_most(device, clock):
    guesser = device()
    assert guess(guesser, FREE_TRIES) == [422] * FREE_TRIES
    waits = []
    for _ in range(8):
        refused = try_to_sign_in(guesser)
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        assert f"Wacht {waits[-1]} seconden" in refused.text
        assert "waarop je al eens hebt ingelogd" in refused.text
        clock.shift(timedelta(seconds=waits[-1] - 1))
        assert try_to_sign_in(guesser).status_code == 429, "impatience makes no wait longer"
        clock.shift(timedelta(seconds=1))
        assert try_to_sign_in(guesser).status_code == 422
    assert waits == [8, 16, 32, 60, 60, 60, 60, 60]
    clock.shift(timedelta(seconds=60))
    assert try_to_sign_in(guesser, password=PASSWORD).status_code == 303, "never for ever"


def test_an_hour_later_it_is_as_if_there_had_been_no_try(device, clock):
    guesser = device()
    guess(guesser, 10)
    clock.shift(timedelta(hours=1, minutes=2))
    assert guess(guesser, FREE_TRIES + 1) == [422] * FREE_TRIES + [429]


def test_a_known_device_is_not_held_up_by_what_others_guess(device):
    own = device()
    assert try_to_sign_in(own, password=PASSWORD).status_code == 303
    own.get("/")
    own.post("/uitloggen")
    guesser = device()
    guess(guesser, 30)
    assert try_to_sign_in(device(), password=PASSWORD).status_code == 429, "an unknown one waits"
    assert try_to_sign_in(own).status_code == 422
    assert try_to_sign_in(own, password=PASSWORD).status_code == 303
    assert try_to_sign_in(guesser).status_code == 429, "the guesser waits on all the same"


def test_a_known_device_has_a_limit_of_its_own(device):
    own = device()
    try_to_sign_in(own, password=PASSWORD)
    assert guess(own, 10) == [422] * FREE_TRIES + [429] * (10 - FREE_TRIES)
    assert try_to_sign_in(device(), password=PASSWORD).status_code == 303


def test_a_device_of_one_person_is_not_known_for_another(device):
    shared = device()
    try_to_sign_in(shared, "sam", PASSWORD)
    guess(device(), 30)
    assert try_to_sign_in(shared, "noor", PASSWORD).status_code == 429


def test_a_made_up_device_is_not_known(device, app):
    guess(device(), 30)
    for made_up in ("", "x", "x" * 43):
        browser = device()
        browser.client.set_cookie("reflect-device", made_up)
        assert try_to_sign_in(browser, password=PASSWORD).status_code == 429


def test_a_device_is_remembered_by_a_cookie_that_no_script_reads(device, app):
    browser = device()
    answer = try_to_sign_in(browser, password=PASSWORD)
    (cookie,) = [
        one for one in answer.headers.getlist("Set-Cookie") if one.startswith("reflect-device=")
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = browser.client.get_cookie("reflect-device").value
    hashes = in_database(app, lambda: session().scalars(sa.select(KnownDevice.token_hash)).all())
    assert token not in hashes, "a thief of the database has no device"


@pytest.mark.slow
def test_no_person_has_more_devices_than_can_be_kept(device, app, cast):
    for _ in range(known_devices.MAX_DEVICES_PER_PERSON + 3):
        assert try_to_sign_in(device(), password=PASSWORD).status_code == 303
    mine = sa.select(sa.func.count()).where(KnownDevice.person_id == cast.people["noor"])
    count = in_database(app, lambda: session().scalar(mine))
    assert count == known_devices.MAX_DEVICES_PER_PERSON


@pytest.mark.slow
def test_made_up_names_from_the_schools_address_hold_up_nobody(device):
    known = device()
    try_to_sign_in(known, password=PASSWORD)
    guesser = device()
    guesser.get("/inloggen")
    token = guesser.page.field("csrf_token")
    for number in range(201):
        fields = {"csrf_token": token, "name": f"niemand{number}", "password": "fout"}
        assert guesser.client.post("/inloggen", data=fields).status_code == 422
    assert try_to_sign_in(known, password=PASSWORD).status_code == 303
    for name in ("noor", "sam", "dewit", "fatima", "beheer"):
        assert try_to_sign_in(device(), name, PASSWORD).status_code == 303


def test_a_made_up_name_is_answered_as_one_that_exists(device):
    answers = {name: guess(device(), 12, name) for name in ("noor", "dewit", "niemand")}
    assert len({tuple(statuses) for statuses in answers.values()}) == 1
    pages = [
        check_page(try_to_sign_in(device("192.0.2.9"), name).text).words
        for name in ("sam", "niemand-anders")
    ]
    assert pages[0] == pages[1]


def test_who_goes_on_guessing_in_one_place_leaves_room_in_another(device, clock):
    guesser = device("203.0.113.5")
    for _ in range(30):
        try_to_sign_in(guesser)
        clock.shift(timedelta(seconds=30))
    try_to_sign_in(guesser)
    clock.shift(timedelta(seconds=15))
    try_to_sign_in(guesser)
    assert try_to_sign_in(device("198.51.100.7"), password=PASSWORD).status_code == 303


def test_guesses_from_many_addresses_are_held_together(device):
    answers = [try_to_sign_in(device(f"2001:db8:{number}::1")).status_code for number in range(20)]
    assert answers == [422] * FREE_TRIES + [429] * 16
    machine = [device(f"2001:db8::{number:x}") for number in range(1, 9)]
    answers = [try_to_sign_in(one, "sam").status_code for one in machine]
    assert answers == [422] * FREE_TRIES + [429] * 4


def test_a_new_password_of_the_school_lifts_every_wait(device, app, cast):
    known = device()
    try_to_sign_in(known, password=PASSWORD)
    for browser in (known, device("203.0.113.5"), device()):
        guess(browser, 10)
    new = in_database(app, lambda: accounts.reset_password("noor", at=reflect_clock.now()))
    for browser in (known, device("203.0.113.5"), device()):
        assert try_to_sign_in(browser, password=new).status_code == 303


@pytest.mark.slow
def test_a_hundred_tries_at_one_moment_are_no_more_than_the_rule_allows(device, app):
    page = device()
    page.get("/inloggen")
    fields = {"csrf_token": page.page.field("csrf_token"), "name": "noor", "password": "fout"}
    cookie = page.client.get_cookie("reflect").value

    def attempt(_):
        client = app.test_client()
        client.set_cookie("reflect", cookie)
        return client.post("/inloggen", data=fields).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(attempt, range(100)))
    assert set(statuses) <= {422, 429, 503}
    assert 1 <= statuses.count(422) <= FREE_TRIES


def count_attempts():
    return session().scalar(sa.select(sa.func.count()).select_from(SignInAttempt))


@pytest.mark.slow
def test_made_up_names_do_not_fill_the_database(device, app, clock, monkeypatch):
    monkeypatch.setattr(throttle, "MAX_ROWS", 40)
    for number in range(60):
        try_to_sign_in(device(), f"niemand{number}")
        clock.shift(timedelta(seconds=1))
    assert in_database(app, count_attempts) <= 42
    clock.shift(timedelta(days=1))
    try_to_sign_in(device(), "een-ander")
    assert in_database(app, count_attempts) == 2


def test_no_name_and_no_address_is_stored(device, app):
    try_to_sign_in(device("203.0.113.77"), "geheime-naam")
    keys = in_database(app, lambda: session().scalars(sa.select(SignInAttempt.key)).all())
    assert len(keys) == 2
    assert not [key for key in keys if "geheime" in key or "203.0" in key]


def test_when_too_many_strangers_sign_in_those_who_are_known_still_can(device):
    known = device()
    try_to_sign_in(known, password=PASSWORD)
    with ExitStack() as stack:
        for _ in range(3):  # as three requests that wait for their password to be looked at
            stack.enter_context(passwords.STRANGERS_QUEUE.place())
        for name in ("sam", "niemand"):
            refused = try_to_sign_in(device(), name, PASSWORD)
            assert refused.status_code == 503
            assert "Retry-After" in refused.headers
            assert f'value="{name}"' in refused.text, "the name stays"
        assert try_to_sign_in(known, password=PASSWORD).status_code == 303
        assert try_to_sign_in(device(), "dewit", PASSWORD).status_code == 303
    assert try_to_sign_in(device(), "sam", PASSWORD).status_code == 303


def test_while_a_password_is_looked_at_others_save(device, app, client_of):
    noor = client_of("noor")
    noor.get("/mijn")
    stranger = device()
    answers = []
    with passwords.STRANGERS_QUEUE._turn:
        sign_in = Thread(
            target=lambda: answers.append(try_to_sign_in(stranger, "sam", PASSWORD).status_code)
        )
        sign_in.start()
        until(lambda: in_database(app, count_attempts))  # it is counted, and waits for its turn
        noor.post("/mijn", {"language": "nl", "font": "normal", "text_size": "large"})
        assert not answers
    sign_in.join()
    assert answers == [303]


def test_words_that_wait_with_the_form_stay_in_it_while_one_waits(device, make_report, client_of):
    number = make_report("draft")
    guess(device(), 10)
    stranger = device()
    stranger.get("/inloggen")
    texts = {"fout--text": "Dit had ik getypt.", "version": "0"}
    page = stranger.post(f"/verslagen/{number}/schrijven", texts, status=401)
    fields = {**texts, "name": "noor", "password": PASSWORD}
    page = stranger.post(f"/inloggen?verder=/verslagen/{number}/schrijven", fields, status=429)
    assert page.field("fout--text") == "Dit had ik getypt."
    assert "Dit had ik getypt." in page.words


def test_signing_in_anew_ends_the_session_before(device, app):
    browser, elsewhere = device(), device()
    try_to_sign_in(browser, password=PASSWORD)
    try_to_sign_in(elsewhere, password=PASSWORD)
    stolen = browser.client.get_cookie("reflect").value
    for name in ("noor", "sam"):
        assert try_to_sign_in(browser, name, PASSWORD).status_code == 303
        thief = app.test_client()
        thief.set_cookie("reflect", stolen)
        assert thief.get("/").status_code == 303
        stolen_before, stolen = stolen, browser.client.get_cookie("reflect").value
        assert stolen != stolen_before
    assert is_signed_in(elsewhere), "on another device one stays signed in"


def test_a_wrong_password_leaves_the_session_of_before(device):
    browser = device()
    try_to_sign_in(browser, password=PASSWORD)
    try_to_sign_in(browser, "sam")
    assert is_signed_in(browser)


COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "café-zoë-één") for form in ("NFC", "NFD"))


@pytest.mark.parametrize("hashed", [COMPOSED, DECOMPOSED], ids=["NFC", "NFD"])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED], ids=["NFC", "NFD"])
def test_a_password_is_the_same_on_a_mac_and_on_windows(device, app, cast, hashed, typed):
    """Also where an earlier release hashed it as the device had sent it."""

    def noor():
        return session().get(Person, cast.people["noor"])

    old_hash = passwords._hasher.hash(hashed)
    in_database(app, lambda: setattr(noor(), "password_hash", old_hash))
    assert try_to_sign_in(device(), password="cafe-zoe-een").status_code == 422
    assert try_to_sign_in(device(), password=typed).status_code == 303
    new_hash = in_database(app, lambda: noor().password_hash)
    assert passwords._hasher.verify(new_hash, COMPOSED)
    assert (new_hash == old_hash) is (hashed == COMPOSED)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_the_same_on_a_mac_and_on_windows(device, app, cast, form):
    stored = unicodedata.normalize("NFC", "zoë")
    in_database(
        app,
        lambda: setattr(session().get(Person, cast.people["noor"]), "sign_in_name", stored),
    )
    typed = unicodedata.normalize(form, " ZOË ")
    assert try_to_sign_in(device(), typed, PASSWORD).status_code == 303
    guesser = device("203.0.113.5")
    forms = [unicodedata.normalize(one, "Zoë") for one in ("NFC", "NFD") * 5]
    answers = [try_to_sign_in(guesser, name).status_code for name in forms]
    assert answers == [422] * FREE_TRIES + [429] * 6, "and it has one limit"
