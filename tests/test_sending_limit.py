"""One person can send only so much: the rest waits, and nobody who types ever meets the bound."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from reflect import settings
from reflect.db.session import session
from reflect.school.sessions import UserSession
from reflect.text.markdown import MAX_TEXT_LENGTH
from reflect.web.sending_limit import REQUEST_COST, Rate, SendingLimit
from tests.cast import NOW, PASSWORD
from tests.conftest import CheckedClient
from tests.stories.test_a_student_writes import WRITE, begin, fields

DEFAULT = settings.Settings(
    **{
        field.name: field.metadata["parse"](field.metadata["default"])
        for field in settings.fields(settings.Settings)
    }
)
RATE = Rate(DEFAULT.sending_mb * 1_000_000, DEFAULT.sending_kb_per_second * 1_000)
NOOR = (1, "save")


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 30)), max_size=80))
def test_no_more_passes_than_the_burst_and_what_comes_back_and_one_request(requests):
    limit, rate, at, passed = SendingLimit(), Rate(10_000, 100), NOW, 0
    for cost, pause in requests:
        at += timedelta(seconds=pause)
        before = passed
        if limit.take(NOOR, cost, rate=rate, at=at) == 0:
            passed += cost
            assert before <= 10_000 + 100 * (at - NOW).total_seconds()


@given(st.integers(1, 50_000))
def test_who_waits_as_long_as_was_asked_is_let_through(cost):
    limit, rate = SendingLimit(), Rate(10_000, 100)
    assert limit.take(NOOR, 10_000 + cost, rate=rate, at=NOW) == 0
    wait = limit.take(NOOR, 1, rate=rate, at=NOW)
    assert wait > 0
    assert limit.take(NOOR, 1, rate=rate, at=NOW + timedelta(seconds=wait / 2)) > 0
    assert limit.take(NOOR, 1, rate=rate, at=NOW + timedelta(seconds=wait)) == 0


def test_a_clock_that_goes_back_takes_nothing_away():
    limit, rate = SendingLimit(), Rate(10_000, 100)
    limit.take(NOOR, 5_000, rate=rate, at=NOW)
    assert limit.take(NOOR, 1, rate=rate, at=NOW - timedelta(days=1)) == 0


def encoded_bytes(characters, bytes_each):
    """Give how long a text is on its way: two bytes of UTF-8 are six characters in a form."""
    return REQUEST_COST + characters * bytes_each


@pytest.mark.parametrize(
    ("characters", "bytes_each", "seconds"),
    [(MAX_TEXT_LENGTH, 1.2, 1.5), (8_000, 6, 1.5), (MAX_TEXT_LENGTH, 6, 8), (500, 12, 1.5)],
    ids=["longest text", "Arabic", "longest Arabic text", "emoji"],
)
def test_an_evening_of_typing_never_meets_it(characters, bytes_each, seconds):
    limit, cost = SendingLimit(), encoded_bytes(characters, bytes_each)
    for number in range(int(2 * 3600 / seconds)):
        at = NOW + timedelta(seconds=number * seconds)
        assert limit.take(NOOR, cost, rate=RATE, at=at) == 0


def test_a_device_that_was_offline_for_weeks_sends_all_it_has_at_once():
    limit = SendingLimit()
    for _report in range(14):
        cost = encoded_bytes(26 * 3_000, 6)  # all sections of the longest form
        assert limit.take(NOOR, cost, rate=RATE, at=NOW) == 0


def save(browser, page, number, text):
    sent = {**fields(page, **{"fout--text": text}), "save_key": f"p.{number}"}
    sent["csrf_token"] = page.field("csrf_token")
    return browser.client.post(WRITE.format(1), data=sent, headers={"Accept": "application/json"})


def save_until_refused(browser, page):
    for number in range(1, 300):
        answer = save(browser, page, number, f"{number} " + "é" * 19_000)
        if answer.status_code == 429:
            return answer
    raise AssertionError("it was never refused")


@pytest.fixture
def busy_noor(client_of, cast, change_settings):
    change_settings(sending_mb=1)
    noor, page = begin(client_of, cast)
    return noor, page, save_until_refused(noor, page)


def test_whoever_sends_too_much_is_told_when_to_try_again(busy_noor, clock):
    noor, page, answer = busy_noor
    assert answer.json["sentence"] == "Dat was heel veel in korte tijd."
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 10
    assert save(noor, page, 900, "nog steeds").status_code == 429
    clock.shift(timedelta(seconds=seconds))
    assert save(noor, page, 901, "nu wel").json["outcomes"] == {"fout": "written"}


def test_nobody_else_waits_for_it_and_reading_is_never_refused(busy_noor, client_of):
    noor, *_ = busy_noor
    noor.get(WRITE.format(1))
    noor.get("/")
    sam = client_of("sam")
    sam.get("/mijn")
    answer = sam.client.post(
        "/tonen", data={"csrf_token": sam.page.field("csrf_token"), "text": "x"}
    )
    assert answer.status_code == 200


def test_previews_have_an_allowance_of_their_own(busy_noor):
    noor, page, _ = busy_noor
    sent = {"csrf_token": page.field("csrf_token"), "text": "Nog te **zien**."}
    assert noor.client.post("/tonen", data=sent).status_code == 200


def test_without_scripts_every_word_comes_back_in_the_page(busy_noor, clock):
    noor, page, _ = busy_noor
    texts = {"fout--text": "Mijn hele verhaal & nog <meer>.", "fout--extra": "Ook dit telt mee."}
    shown = noor.post(WRITE.format(1), fields(page, **texts), status=429)
    assert "Dat was heel veel in korte tijd. Je raakt niets kwijt." in shown.words
    sent = {field["name"]: field.get("value") for field in shown.all("input") if "name" in field}
    assert {name: sent[name] for name in texts} == texts
    assert texts["fout--text"] in shown.words
    clock.shift(timedelta(minutes=1))
    assert "Mijn hele verhaal" in noor.post(WRITE.format(1), sent).html


PROTECTS_AN_ACCOUNT = [
    ("/inloggen", {"name": "noor", "password": PASSWORD}),
    ("/uitloggen", {}),
    ("/mijn/overal-uitloggen", {}),
    ("/mijn/inlogsessies/{session}/beeindigen", {}),
    ("/mijn/inlogsessies/beeindigen", {}),
    ("/mijn/wachtwoord", {"current": PASSWORD, "new": "drie rode fietsen"}),
]


@pytest.mark.parametrize(("path", "sent"), PROTECTS_AN_ACCOUNT)
def test_what_protects_an_account_is_never_refused(busy_noor, app, path, sent):
    """Whoever sends so much may be another one, with their password."""
    noor, page, _ = busy_noor
    CheckedClient(app).sign_in("noor")
    with app.app_context():
        number = session().scalar(sa.select(sa.func.max(UserSession.id)))
    sent = {"csrf_token": page.field("csrf_token"), **sent}
    answer = noor.client.post(path.format(session=number), data=sent)
    assert answer.status_code == 303, answer.text[:2000]
