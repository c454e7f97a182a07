"""Pages by keyboard, without scripts, in the dark, in English, and with hostile words."""

import pytest
import time_machine
from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import DESKTOP, NO_PAGES, PHONE, click_and_wait
from tests.cast import NOW
from tests.route_table import EVERYBODY, ROWS, STATES

HOSTILE = (
    "<script>document.title='owned'</script> ![x](http://127.0.0.1:9/x.png)"
    " [a](javascript:alert(1)) <img src=x onerror=alert(1)>"
)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_every_reader_pass_axe_in_light_and_dark(visitor, size, scheme):
    for name in ("noor", "dewit", "smit", "fatima.noor", "winter"):
        reader = visitor(size, scheme).sign_in(name)
        addresses = {link.get_attribute("href") for link in reader.page.locator("main a").all()}
        for address in sorted(addresses)[:4]:
            reader.page.goto(address)
            reader.check_page()


@pytest.mark.parametrize("endpoint", [name for name, method in ROWS if method == "GET"])
def test_every_page_of_the_route_table_passes_axe(school_in_state, reader_in_school, endpoint):
    row = ROWS[endpoint, "GET"]
    state, name = next(
        (state, name) for state in STATES for name in EVERYBODY if row.status(name, state) == 200
    )
    school = school_in_state(state)
    with time_machine.travel(NOW, tick=False):
        response = school.request(name, "GET", row, row.path)
    is_page = response.mimetype == "text/html" and "<html" in response.text
    assert is_page == (endpoint not in NO_PAGES), "NO_PAGES is what axe cannot look at"
    if is_page:
        reader = reader_in_school(school, name)
        reader.page.goto(row.path.format(**school.ids))
        reader.check_page()


def test_one_can_sign_in_and_write_by_keyboard_alone(visitor):
    reader = visitor()
    page = reader.page
    page.goto("/inloggen")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#"), (
        "first comes the way to the content"
    )
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "name":
            break
    page.keyboard.type("sam")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hallo Sam")).to_be_visible()


def test_writing_works_without_scripts(chromium, server):
    context = chromium.new_context(
        java_script_enabled=False, base_url=server, locale="nl-NL", viewport=PHONE
    )
    page = context.new_page()
    page.goto("/inloggen")
    page.get_by_label("Naam om mee in te loggen").fill("eva")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
    page.goto(page.locator("a[href$='/schrijven']").first.get_attribute("href"))
    area = page.locator("textarea").first
    area.fill("Zonder script geschreven.")
    click_and_wait(page.get_by_role("button", name="Bewaren"))
    expect(page.locator("textarea").first).to_have_value("Zonder script geschreven.")
    context.close()


def test_hostile_words_run_nothing_and_ask_nothing(visitor):
    reader = visitor().sign_in("pim")
    page, asked = reader.page, []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.locator("a[href$='/schrijven']").first.get_attribute("href"))
    page.locator("textarea").first.fill(HOSTILE)
    click_and_wait(page.get_by_role("button", name="Bekijken en inleveren"))
    page.wait_for_url("**/inleveren")
    reader.check_page()
    assert "owned" not in page.title()
    assert "document.title" in page.locator("main").inner_text()
    assert not [url for url in asked if ":9/" in url]


def test_after_signing_out_the_way_back_shows_nothing(visitor):
    reader = visitor().sign_in("tess")
    page = reader.page
    click_and_wait(page.get_by_role("button", name="Uitloggen"))
    page.go_back()
    page.reload()
    assert "Tess" not in page.locator("body").inner_text()
