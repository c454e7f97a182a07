"""Nothing is lost when a session ends, and nobody else reads it on that device."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import click_and_wait
from tests.browser.writing_page import TIMEOUT_MS, WritingPage, age_sessions, sign_in


@pytest.fixture
def open_writing_page(visitor):
    return lambda name, **options: WritingPage(visitor, name, **options)


def test_a_session_warns_two_minutes_before_and_one_can_stay(open_writing_page, demo_server):
    at = open_writing_page("eva")
    age_sessions(demo_server, "eva", seconds_left=110)
    at.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    warning = at.page.locator("#session-warning")
    expect(warning).to_be_visible(timeout=TIMEOUT_MS)
    at.visitor.check_page("session-warning")
    warning.get_by_role("button", name="Ik ben er nog").click()
    expect(warning).to_be_hidden(timeout=TIMEOUT_MS)
    at.type("Ik ben er nog.")
    at.expect_saved()


def test_words_typed_after_the_session_ended_wait_for_the_same_person_alone(
    open_writing_page, demo_server
):
    at = open_writing_page("eva")
    at.type("Vooraf. ")
    at.expect_saved()
    age_sessions(demo_server, "eva", seconds_left=-60)
    at.type("Na het einde getypt.")
    at.page.wait_for_url(re.compile("/inloggen"), timeout=TIMEOUT_MS)
    assert "Na het einde" not in at.local_storage()
    sign_in(at.page, "tess")
    assert "Na het einde" not in at.page.content()
    at.page.goto(at.address)
    assert "Na het einde" not in at.page.content()
    at.page.goto("/")
    click_and_wait(at.page.get_by_role("button", name="Uitloggen"))
    at.page.goto(at.address)
    sign_in(at.page, "eva")
    at.expect_text("Na het einde getypt.")


def test_signing_out_in_another_tab_puts_the_words_away_until_the_writer_is_back(open_writing_page):
    at = open_writing_page("bram")
    other = at.context.new_page()
    other.goto("/")
    click_and_wait(other.get_by_role("button", name="Uitloggen"))
    expect(other).to_have_url(re.compile("/inloggen"))
    at.type("Terwijl ik ergens anders uitlogde.")
    at.page.wait_for_url(re.compile("/inloggen"), timeout=TIMEOUT_MS)
    assert "Terwijl" not in at.local_storage()
    sign_in(at.page, "bram")
    at.expect_text("Terwijl ik ergens anders uitlogde.")


def test_what_was_kept_leaves_nothing_on_a_shared_computer(open_writing_page):
    at = open_writing_page("bram")
    at.type("Op de schoolcomputer.")
    click_and_wait(at.page.get_by_role("button", name="Uitloggen"))
    expect(at.page).to_have_url(re.compile("/inloggen"), timeout=TIMEOUT_MS)
    assert at.local_storage() == "[]"
    at.page.go_back()
    assert "Op de schoolcomputer" not in at.page.content()
    sign_in(at.page, "bram")
    at.page.goto(at.address)
    at.expect_text("Op de schoolcomputer.")


def sign_out_everywhere(page):
    page.get_by_role("button", name="Overal uitloggen").click()


def test_signing_out_everywhere_sends_what_waits_and_then_clears_this_device(open_writing_page):
    at = open_writing_page("bram")
    at.context.route("**/schrijven", lambda route: route.abort())
    at.type("Net voor het overal uitloggen.")
    at.expect_stored_locally()
    at.context.unroute_all()
    at.close_abruptly()
    account = at.context.new_page()
    account.goto("/mijn")
    sign_out_everywhere(account)
    account.wait_for_url(re.compile("/inloggen"), timeout=TIMEOUT_MS)
    assert account.evaluate("localStorage.length") == 0
    assert account.context.cookies() == [] or "reflect-device" not in {
        cookie["name"] for cookie in account.context.cookies()
    }
    account.goto(f"/inloggen?verder={at.address}")
    sign_in(account, "bram")
    at.open(account).expect_text("Net voor het overal uitloggen.")


def test_signing_out_everywhere_keeps_and_names_what_cannot_be_sent(open_writing_page):
    at = open_writing_page("bram")
    at.context.route("**/schrijven", lambda route: route.abort())
    at.type("Dit kon niet weg.")
    at.expect_stored_locally()
    account = at.context.new_page()
    account.goto("/mijn")
    at.close_abruptly()
    sign_out_everywhere(account)
    notice = account.get_by_text("Op dit apparaat wachten nog woorden")
    expect(notice).to_be_visible(timeout=TIMEOUT_MS)
    assert account.url.endswith("/mijn"), "nothing has ended yet"
    at.page = account
    at.visitor.page = account
    at.visitor.console_errors.clear()  # of the saves that could not be sent
    at.visitor.check_page("words-wait")
    sign_out_everywhere(account)
    account.wait_for_url(re.compile("/inloggen"), timeout=TIMEOUT_MS)
    assert account.evaluate("localStorage.length") == 1
    at.context.unroute_all()
    account.goto(f"/inloggen?verder={at.address}")
    sign_in(account, "bram")
    at.open(account).expect_text("Dit kon niet weg.")
