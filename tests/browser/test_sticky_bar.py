"""On a phone one slim bar stays in sight, and nothing moves when the toolbar appears."""

import re

import pytest
from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import PHONE, click_and_wait
from tests.browser.writing_page import WritingPage

TIMEOUT_MS = 60_000
STAYS = """y => { const there = document.elementFromPoint(8, innerHeight - y);
                  return Boolean(there?.closest("aside, .bottom-bar, .save-status")); }"""
SHIFTS = """new Promise((done) => {
  const found = [];
  new PerformanceObserver((list) => found.push(...list.getEntries().map((one) => one.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(found), 500);
})"""
ADDRESS = {"noor": "a[href$='/schrijven']", "dewit": "a[href$='/beantwoorden']"}


@pytest.fixture
def open_editor(visitor):
    def sit_down(name):
        one = visitor(PHONE).sign_in(name)
        if name == "dewit":
            one.page.goto("/lesgroepen/2")
        one.page.goto(one.page.locator(ADDRESS[name]).first.get_attribute("href"))
        one.page.wait_for_function("() => document.querySelector('.toolbar')")
        return one

    return sit_down


@pytest.mark.parametrize("name", ADDRESS)
def test_a_phone_keeps_its_height_for_what_is_written(open_editor, name):
    one = open_editor(name)
    page = one.page
    assert page.evaluate(SHIFTS) == [], "nothing moves when the scripts have come"
    assert page.evaluate(STAYS, 10), "the section nav is at the bottom"
    assert not page.evaluate(STAYS, 64), "and is one line"
    links = page.locator("aside a").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert min(links) >= 44
    page.locator("form[data-editor] textarea:not(.no-toolbar)").first.press_sequentially(
        "Nog een woord. "
    )
    expect(page.locator("#save-status")).to_have_text(re.compile("Bewaard om"), timeout=TIMEOUT_MS)
    expect(page.locator("#save-status")).to_be_in_viewport()
    one.check_page()
    page.locator(".bottom-bar .button").last.scroll_into_view_if_needed()
    buttons = page.locator(".bottom-bar .button").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert min(buttons) >= 44


@pytest.mark.parametrize("name", ADDRESS)
def test_without_scripts_the_buttons_are_the_one_line(chromium, server, name):
    context = chromium.new_context(
        viewport=PHONE, locale="nl-NL", base_url=server, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/inloggen")
    page.get_by_label("Naam om mee in te loggen").fill(name)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
    if name == "dewit":
        page.goto("/lesgroepen/2")
    page.goto(page.locator(ADDRESS[name]).first.get_attribute("href"))
    boxes = [one.bounding_box() for one in page.locator(".bottom-bar .button").all()]
    assert len({box["y"] for box in boxes}) == 1
    assert all(box["height"] >= 44 and box["y"] + box["height"] <= PHONE["height"] for box in boxes)
    context.close()


def test_section_by_section_the_page_begins_at_the_section_and_the_line_shows_it(open_editor):
    one = open_editor("noor")
    page = one.page
    way = page.get_by_role("button", name="Eén onderdeel tegelijk")
    if way.count():
        click_and_wait(way)
        page.wait_for_function("() => document.querySelector('.toolbar')")
    for _ in range(3):
        click_and_wait(page.get_by_role("button", name="Volgende"))
        expect(page.locator("form[data-editor] h2").first).to_be_in_viewport()
        expect(page.locator("h1")).not_to_be_in_viewport()
        expect(page.locator("aside [aria-current]")).to_be_in_viewport(ratio=1)
    click_and_wait(page.get_by_role("button", name="Alles op één pagina"))


def test_keeping_by_hand_leaves_the_page_where_it_is(visitor):
    at = WritingPage(visitor, "lotte", size=PHONE)
    at.type("Met de hand bewaard.")
    keep = at.page.get_by_role("button", name="Bewaren", exact=True)
    keep.scroll_into_view_if_needed()
    there = at.page.evaluate("scrollY")
    for _ in range(2):  # with words that wait, and when all is kept already
        keep.click()
        at.expect_saved()
        assert at.page.evaluate("scrollY") == there > 0
    at.page.reload()
    at.expect_text("Met de hand bewaard.")


def test_going_on_without_network_stays_on_the_page_and_says_why(visitor):
    at = WritingPage(visitor, "lotte", size=PHONE)
    click_and_wait(at.page.get_by_role("button", name="Eén onderdeel tegelijk"))
    at.context.set_offline(True)
    at.page.get_by_role("button", name="Volgende").click()
    expect(at.page.locator("#save-status")).to_have_text(
        re.compile("Je kunt hier gewoon verder schrijven")
    )
    at.context.set_offline(False)
    expect(at.page.locator("#save-status")).to_be_empty()
    click_and_wait(at.page.get_by_role("button", name="Volgende"))
    click_and_wait(at.page.get_by_role("button", name="Alles op één pagina"))
