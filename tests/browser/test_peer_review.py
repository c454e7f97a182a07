"""A peer review in a real browser: no note is lost, and the page stays where a choice was made."""

import re

import pytest
from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import PHONE, click_and_wait

TIMEOUT_MS = 60_000
NOTE = "Is dit niet te streng?"


@pytest.fixture
def review_page(visitor):
    """The page on which the trainee reads along, and the desk of the answer that it is about."""
    teacher = visitor().sign_in("dewit")
    page = teacher.page
    page.goto("/lesgroepen/2")
    page.goto(page.locator("a[href$='/beantwoorden']").last.get_attribute("href"))
    page.wait_for_function("() => document.querySelector('.toolbar')")
    open_note(page).fill(NOTE)
    page.get_by_label("Welke collega?").select_option("Tom Lindeman")
    click_and_wait(page.get_by_role("button", name="Vragen om mee te lezen"))
    expect(page.get_by_text("Gevraagd. Je collega vindt het")).to_be_in_viewport(timeout=TIMEOUT_MS)
    teacher.check_page()
    trainee = visitor(PHONE).sign_in("lindeman")
    trainee.page.goto(trainee.page.locator("a[href^='/meelezen/']").last.get_attribute("href"))
    trainee.page.wait_for_function("() => document.querySelector('.toolbar')")
    trainee.check_page()
    yield trainee, teacher
    page.reload()
    click_and_wait(page.get_by_role("button", name="Zo is het genoeg"))
    expect(page.get_by_text("Wat je collega voorstelde")).to_be_visible(timeout=TIMEOUT_MS)


def suggest(trainee, name, words):
    trainee.page.locator(f"[name='{name}']").fill(words)
    expect(trainee.page.locator("#save-status")).to_have_text(
        re.compile("Bewaard om"), timeout=TIMEOUT_MS
    )


def open_note(page):
    page.locator("#along").evaluate("one => (one.open = true)")
    return page.get_by_label("Wat wil je weten?")


def test_a_word_to_a_colleague_waits_on_the_device_when_the_network_is_gone_and_the_page_closed(
    visitor,
):
    teacher = visitor().sign_in("dewit")
    page = teacher.page
    page.goto("/lesgroepen/2")
    path = page.locator("a[href$='/beantwoorden']").last.get_attribute("href")
    page.goto(path)
    page.wait_for_function("() => document.querySelector('.toolbar')")
    teacher.context.set_offline(True)
    open_note(page).fill(NOTE)
    expect(page.locator("#save-status")).to_have_text(
        re.compile("wacht op dit apparaat"), timeout=TIMEOUT_MS
    )
    other = teacher.context.new_page()
    page.close()
    teacher.context.set_offline(False)
    other.goto(path)
    expect(other.get_by_label("Wat wil je weten?")).to_have_value(NOTE, timeout=TIMEOUT_MS)
    other.wait_for_function("() => Object.keys(localStorage).length === 0")
    teacher.page = other
    teacher.console_errors.clear()  # of the network that was gone
    teacher.check_page()


@pytest.mark.parametrize(
    ("with_scripts", "wish"),
    [(True, "decline"), (True, "accept"), (False, "decline"), (False, "accept")],
)
def test_after_a_choice_about_a_suggestion_its_field_has_the_focus(
    review_page, chromium, server, with_scripts, wish
):
    trainee, teacher = review_page
    suggest(trainee, "overall--next", f"Maak som 12 en leg hem uit, {wish} {with_scripts}.")
    context = chromium.new_context(
        viewport=PHONE, locale="nl-NL", base_url=server, java_script_enabled=with_scripts
    )
    page = context.new_page()
    page.goto("/inloggen")
    page.get_by_label("Naam om mee in te loggen").fill("dewit")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
    page.goto(teacher.page.url)
    page.locator(f"#overall :is(button[value^='{wish}:'])").last.click()
    page.wait_for_url("**/beantwoorden#overall--next")
    field = page.locator("[name='overall--next']")
    expect(field).to_be_focused(timeout=TIMEOUT_MS)
    expect(field).to_be_in_viewport()
    notice = page.get_by_text(
        "Overgenomen: het is nu jouw tekst" if wish == "accept" else "Niet overgenomen. Je vindt"
    )
    expect(notice).to_be_in_viewport()
    context.close()
