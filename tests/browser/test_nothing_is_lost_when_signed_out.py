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
