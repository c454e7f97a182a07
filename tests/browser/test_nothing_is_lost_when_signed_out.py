"""Nothing that somebody typed is lost when a session ends, and nobody else reads it on that device."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import follow
from tests.browser.writer import SOON, Desk, age, sign_in


@pytest.fixture
def desk(visitor):
    return lambda name, **options: Desk(visitor, name, **options)


def test_a_session_warns_two_minutes_before_and_one_can_stay(desk, house):
    at = desk("eva")
    age(house, "eva", seconds_left=110)
    at.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    warning = at.page.locator("#session")
    expect(warning).to_be_visible(timeout=SOON)
    at.visitor.look("session-warning")
    warning.get_by_role("button", name="Ik ben er nog").click()
    expect(warning).to_be_hidden(timeout=SOON)
    at.type("Ik ben er nog.")
    at.is_kept()


def test_words_typed_after_the_session_ended_wait_for_the_same_person_alone(desk, house):
    at = desk("eva")
    at.type("Vooraf. ")
    at.is_kept()
    age(house, "eva", seconds_left=-60)
    at.type("Na het einde getypt.")
    at.page.wait_for_url(re.compile("/inloggen"), timeout=SOON)
    assert "Na het einde" not in at.stored()
    sign_in(at.page, "tess")
    assert "Na het einde" not in at.page.content()
    at.page.goto(at.address)
    assert "Na het einde" not in at.page.content()
    at.page.goto("/")
    follow(at.page.get_by_role("button", name="Uitloggen"))
    at.page.goto(at.address)
    sign_in(at.page, "eva")
    at.shows("Na het einde getypt.")


def test_signing_out_in_another_tab_puts_the_words_away_until_the_writer_is_back(desk):
    at = desk("bram")
    other = at.context.new_page()
    other.goto("/")
    follow(other.get_by_role("button", name="Uitloggen"))
    expect(other).to_have_url(re.compile("/inloggen"))
    at.type("Terwijl ik ergens anders uitlogde.")
    at.page.wait_for_url(re.compile("/inloggen"), timeout=SOON)
    assert "Terwijl" not in at.stored()
    sign_in(at.page, "bram")
    at.shows("Terwijl ik ergens anders uitlogde.")


def test_what_was_kept_leaves_nothing_on_a_shared_computer(desk):
    at = desk("bram")
    at.type("Op de schoolcomputer.")
    follow(at.page.get_by_role("button", name="Uitloggen"))
    expect(at.page).to_have_url(re.compile("/inloggen"), timeout=SOON)
    assert at.stored() == "[]"
    at.page.go_back()
    assert "Op de schoolcomputer" not in at.page.content()
    sign_in(at.page, "bram")
    at.page.goto(at.address)
    at.shows("Op de schoolcomputer.")
