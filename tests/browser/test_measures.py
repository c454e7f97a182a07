"""Pages measured: targets, help at its field, a reader's own spacing, and what stays in sight."""

import re

import pytest
import time_machine
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, NO_PAGES, PHONE
from tests.browser.writing_page import TIMEOUT_MS
from tests.cast import NOW
from tests.route_table import EVERYBODY, ROWS, STATES

PAGES = [name for name, method in ROWS if method == "GET" and name not in NO_PAGES]
MIN_TARGET = 44  # CSS pixels
# Links that are an item of a list, or begin one; not those within a sentence.
SMALL_LINKS = """(minimum) => [...document.querySelectorAll("li a[href], nav a[href], dt a[href]")]
  .filter((link) => link.getClientRects().length && !link.closest(".booklet, .sr-only"))
  .filter((link) => {
    const item = link.closest("li, nav, dt");
    const words = (text) => (text.match(/[\\p{L}\\d]+/gu) ?? []).length;
    return words(item.textContent) - words(link.textContent) < 8 || item.matches(".item");
  })
  .map((link) => [link.getBoundingClientRect(), link.outerHTML.slice(0, 160)])
  .filter(([box]) => box.height < minimum - 0.5 || box.width < 24)
  .map(([box, html]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""
# What is said about a field stands where a screen reader looks for it.
LOOSE_HELP = """() => {
  const described = new Set([...document.querySelectorAll("[aria-describedby]")]
    .flatMap((field) => field.getAttribute("aria-describedby").split(" ")));
  return [...document.querySelectorAll(".help, .hint, .guide, .error, .hints[data-hints]")]
    .filter((help) => help.dataset.hints !== "" && getComputedStyle(help).display !== "none")
    .filter((help) => (help.closest("section, .section, form, .field") ?? document)
      .querySelector("input:not([type=hidden]), textarea, select, math-field"))
    .filter((help) => !described.has(help.id))
    .map((help) => help.outerHTML.slice(0, 160));
}"""
# As the success criterion on text spacing asks (WCAG 2.2, 1.4.12).
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important } p { margin-block-end: 2em !important }"""
# Tools, buttons and links that are cut off, or that lie outside of the screen.
CUT_OFF = """() => [...document.querySelectorAll("button, .toolbar button, a.button, summary")]
  .filter((tool) => tool.getClientRects().length && !tool.closest(".sr-only"))
  .filter((tool) => {
    const box = tool.getBoundingClientRect();
    const around = tool.closest(".toolbar")?.getBoundingClientRect();
    const isCut = around && (box.bottom > around.bottom + 1 || box.right > around.right + 1
      || box.top < around.top - 1);
    return isCut || box.right > innerWidth + 1 || tool.scrollWidth > tool.clientWidth + 1;
  })
  .map((tool) => tool.outerHTML.slice(0, 120))"""


@pytest.fixture
def open_page(school_in_state, reader_in_school):
    """Return a function that opens a page of the route table, for somebody who gets it."""

    def open_route(endpoint, size):
        row = ROWS[endpoint, "GET"]
        state, name = next(
            (state, name)
            for state in STATES
            for name in EVERYBODY
            if row.status(name, state) == 200
        )
        school = school_in_state(state)
        reader = reader_in_school(school, name, size)
        with time_machine.travel(NOW, tick=False):
            reader.page.goto(row.path.format(**school.ids))
        reader.wait_for_paint()
        return reader.page

    return open_route


@pytest.mark.parametrize("endpoint", PAGES)
def test_links_in_lists_can_be_hit_with_a_thumb_and_help_belongs_to_its_field(open_page, endpoint):
    page = open_page(endpoint, PHONE)
    assert page.evaluate(SMALL_LINKS, MIN_TARGET) == []
    assert page.evaluate(LOOSE_HELP) == []


@pytest.mark.parametrize("endpoint", PAGES)
def test_nothing_is_cut_off_with_a_readers_own_spacing(open_page, endpoint):
    page = open_page(endpoint, PHONE)
    page.evaluate(
        """(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]; }""",
        SPACING,
    )
    for area in page.locator("textarea:visible").all()[:3]:
        area.focus()
        assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(CUT_OFF) == []
    too_wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0


ADDRESS = {"noor": "a[href$='/schrijven']", "dewit": "a[href$='/beantwoorden']"}
# A desk at 200 % and 400 %, and a telephone on its side.
LOW_SCREENS = {"200 %": (640, 450), "400 %": (320, 225), "landscape": (740, 360)}


def open_editor(visitor, name, size):
    one = visitor(size).sign_in(name)
    if name == "dewit":
        one.page.goto("/lesgroepen/2")
    one.page.goto(one.page.locator(ADDRESS[name]).first.get_attribute("href"))
    one.page.wait_for_function("() => document.querySelector('.toolbar')")
    return one


@pytest.mark.parametrize("screen", LOW_SCREENS)
@pytest.mark.parametrize("name", ADDRESS)
def test_that_it_is_kept_stays_in_sight_on_a_low_screen(visitor, name, screen):
    width, height = LOW_SCREENS[screen]
    one = open_editor(visitor, name, {"width": width, "height": height})
    area = one.page.locator("form[data-editor] textarea:not(.no-toolbar)").first
    area.press_sequentially("Nog een woord. ")
    status = one.page.locator("#save-status")
    expect(status).to_have_text(re.compile("Bewaard om"), timeout=TIMEOUT_MS)
    expect(status).to_be_in_viewport(ratio=0.99)
    box = area.bounding_box()
    covered = status.bounding_box()
    assert covered["height"] <= height / 4
    assert box is not None
    one.check_page()


FRAME = """(field) => { const { borderTopColor, borderTopWidth } = getComputedStyle(field);
  return [borderTopColor, borderTopWidth]; }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wrong_field_has_a_frame_of_its_own(visitor, scheme):
    page = visitor(DESKTOP, scheme).page
    page.goto("/inloggen")
    right = page.locator("#name").evaluate(FRAME)
    page.get_by_role("button", name="Inloggen").click()
    page.locator("#errors").wait_for()
    wrong = page.locator("#name").evaluate(FRAME)
    assert wrong != right
    assert wrong[1] == "2px"
    assert wrong[0] == page.evaluate(
        """() => { const probe = document.createElement("i");
        probe.className = "notice"; document.body.append(probe);
        const { borderInlineStartColor } = getComputedStyle(probe); probe.remove();
        return borderInlineStartColor; }"""
    ), "the colour of what asks to be looked at"


def test_a_text_too_long_says_so_at_its_field(visitor):
    one = open_editor(visitor, "noor", DESKTOP)
    area = one.page.locator("form[data-editor] textarea:not(.no-toolbar)").first
    area.fill("woord " * 4000)
    message = one.page.locator(".js-too-long").first
    message.wait_for(timeout=TIMEOUT_MS)
    assert message.get_attribute("id") in area.get_attribute("aria-describedby").split()
    assert area.get_attribute("aria-invalid") == "true"
    area.fill("Kort genoeg.")
    expect(one.page.locator(".js-too-long")).to_have_count(0, timeout=TIMEOUT_MS)
    assert area.get_attribute("aria-invalid") is None
    assert "too-long" not in (area.get_attribute("aria-describedby") or "")
