"""Phrases and suggestions in a real browser: by keyboard, by hand, and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import DESKTOP, PHONE, click_and_wait

TIMEOUT_MS = 60_000


class Answering:
    """A teacher's desk with the report that waits longest, and one field of it."""

    def __init__(self, visitor, name, course, *, size=DESKTOP):
        self.visitor = visitor(size).sign_in(name)
        self.page = self.visitor.page
        click_and_wait(self.page.get_by_role("link", name=course))
        self.page.goto(self.page.locator("a[href$='/beantwoorden']").last.get_attribute("href"))
        self.address = self.page.url
        self.open()

    def open(self):
        self.page.goto(self.address)
        self.page.wait_for_function("() => document.querySelector('.toolbar [data-tool=phrases]')")
        self.field = self.page.locator("textarea[name='overall--next']")
        self.field.fill("")
        self.list = self.page.get_by_role("listbox", name="Zinnen")
        self.name = self.page.locator("#phrase-panel").get_attribute("data-name")

    def expect_saved(self):
        expect(self.page.locator("#save-status")).to_have_text(
            re.compile(r"Bewaard om \d\d:\d\d"), timeout=TIMEOUT_MS
        )


@pytest.fixture
def answering(visitor):
    return lambda name="dewit", course="Wiskunde 3a", **options: Answering(
        visitor, name, course, **options
    )


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_slash_opens_the_list_typing_filters_and_enter_writes_the_phrase(answering, size):
    at = answering(size=size)
    at.field.press_sequentially("Lees dit. /")
    expect(at.list.get_by_role("option")).not_to_have_count(0)
    at.visitor.check_page(f"phrases-{'phone' if size == PHONE else 'desk'}")
    at.field.press_sequentially("misging")
    expect(at.list.get_by_role("option")).to_have_count(1)
    marked = at.field.get_attribute("aria-activedescendant")
    expect(at.page.locator(f"#{marked}")).to_have_attribute("aria-selected", "true")
    at.field.press("Enter")
    wanted = (
        f"Lees dit. Je schrijft wat je dacht toen het misging, {at.name}. Daar kun je verder mee."
    )
    expect(at.field).to_have_value(wanted)
    expect(at.list).to_have_count(0)
    at.expect_saved()
    at.field.press("Control+z")
    assert at.field.input_value() != wanted, "undo takes the phrase back"
    expect(at.field).to_have_value(re.compile(r"^Lees dit\. "))
    at.page.reload()
    expect(at.page.locator("textarea[name='overall--next']")).to_have_value(
        re.compile(r"^Lees dit\. ")
    )


def test_arrows_go_round_and_escape_leaves_the_slash_as_it_was_typed(answering):
    at = answering()
    at.field.press_sequentially("/")
    first = at.field.get_attribute("aria-activedescendant")
    at.field.press("ArrowDown")
    assert at.field.get_attribute("aria-activedescendant") != first
    at.field.press("ArrowUp")
    at.field.press("ArrowUp")
    assert at.field.get_attribute("aria-activedescendant") != first, (
        "from the first it goes to the last"
    )
    at.field.press("Escape")
    expect(at.field).to_have_value("/")
    expect(at.list).to_have_count(0)
    assert at.field.evaluate("field => document.activeElement === field")


@pytest.mark.parametrize("way", ["End", "ArrowRight", "click"])
def test_a_caret_that_goes_elsewhere_closes_the_list_and_enter_is_a_new_line(answering, way):
    at = answering()
    at.field.fill("Eerst  en dan al het andere.")
    at.field.evaluate("field => field.setSelectionRange(6, 6)")
    at.field.press_sequentially("/")
    expect(at.list).to_be_visible()
    if way == "click":
        at.field.click(position={"x": 250, "y": 20})
    else:
        at.field.press(way)
    expect(at.list).to_have_count(0)
    at.field.press("Enter")
    assert at.field.input_value().replace("\n", "") == "Eerst / en dan al het andere."


def test_the_button_takes_its_slash_back_also_when_the_caret_went_elsewhere(answering):
    at = answering()
    at.field.fill("Eerst  en dan al het andere.")
    at.field.evaluate("field => field.setSelectionRange(6, 6)")
    at.field.locator("xpath=..").locator("[data-tool=phrases]").click()
    expect(at.list).to_be_visible()
    at.field.press("End")
    expect(at.list).to_have_count(0)
    expect(at.field).to_have_value("Eerst  en dan al het andere.")
    at.field.press_sequentially("!")
    expect(at.field).to_have_value("Eerst  en dan al het andere.!")


@pytest.mark.parametrize("text", ["en/of", "1 / 2 = 0,5", "x\n/zzz"])
def test_a_slash_that_means_something_else_stays_in_peace(answering, text):
    at = answering()
    at.field.press_sequentially(text)
    expect(at.list).to_have_count(0)
    expect(at.field).to_have_value(text)
    at.field.press("Enter")
    expect(at.field).to_have_value(f"{text}\n")


def test_the_button_lends_a_slash_and_takes_it_back(answering):
    at = answering()
    at.field.press_sequentially("Eerst.")
    tool = at.field.locator("xpath=..").locator("[data-tool=phrases]")
    tool.click()
    expect(at.list).to_be_visible()
    at.field.press("Escape")
    assert at.field.input_value().strip() == "Eerst."
    tool.click()
    at.list.get_by_role("option").nth(2).click()
    expect(at.field).to_have_value(
        "Eerst. Teken eerst de situatie, en schrijf daarna pas de vergelijking op."
    )


def test_a_goal_that_is_not_there_is_selected_to_be_filled_in(answering):
    at = answering("smit", "Nederlands 3a")
    at.page.goto("/zinnen")
    at.page.get_by_label("Je zin").fill("Bij {voornemen} zie ik dit.")
    click_and_wait(at.page.get_by_role("button", name="Deze zin bewaren"))
    at.visitor.check_page("own-phrases")
    at.open()
    at.page.evaluate(
        "document.querySelectorAll('#phrase-panel .phrase')"
        ".forEach(one => one.textContent = 'Bij {voornemen} zie ik dit.')"
    )
    at.field.press_sequentially("/")
    at.field.press("Enter")
    at.field.press_sequentially("je plan")
    expect(at.field).to_have_value("Bij je plan zie ik dit.")


def test_words_are_kept_as_a_phrase_for_everybody_without_the_name(answering):
    at = answering("yilmaz", "Geschiedenis 3a")
    tool = at.field.locator("xpath=..").locator("[data-tool=phrases]")
    at.field.click()
    tool.click()
    expect(at.page.get_by_role("status").filter(has_text="nog geen zinnen")).to_be_visible()
    at.field.fill(f"Dag {at.name}, wat viel je op?")
    at.field.press("Control+a")
    tool.click()
    expect(at.list.get_by_role("option")).to_have_count(1)
    at.visitor.check_page()
    at.field.press("Enter")
    expect(at.page.get_by_role("status").filter(has_text="Bewaard bij je zinnen")).to_be_visible(
        timeout=TIMEOUT_MS
    )
    expect(at.field).to_have_value(f"Dag {at.name}, wat viel je op?")
    at.page.goto("/zinnen")
    expect(at.page.locator(".phrase", has_text="Dag {naam}, wat viel je op?")).to_be_visible()


def test_without_scripts_the_phrases_stand_there_to_copy_and_can_be_kept(chromium, server):
    context = chromium.new_context(
        java_script_enabled=False, base_url=server, locale="nl-NL", viewport=PHONE
    )
    page = context.new_page()
    page.goto("/inloggen")
    page.get_by_label("Naam om mee in te loggen").fill("dewit")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
    click_and_wait(page.get_by_role("link", name="Wiskunde 3a"))
    click_and_wait(page.locator("a[href$='/beantwoorden']").last)
    page.locator(".phrase-panel summary").click()
    expect(page.locator(".phrase-panel")).to_contain_text("Daar kun je verder mee.")
    click_and_wait(page.locator(".phrase-panel").get_by_role("link", name="Mijn zinnen"))
    page.get_by_label("Je zin").fill("Zonder script bewaard.")
    click_and_wait(page.get_by_role("button", name="Deze zin bewaren"))
    expect(page.locator(".phrase", has_text="Zonder script bewaard.")).to_be_visible(
        timeout=TIMEOUT_MS
    )
    context.close()


def test_a_colleague_suggests_and_the_teacher_takes_it_over(visitor):
    tom = visitor(PHONE).sign_in("lindeman")
    click_and_wait(tom.page.locator("a[href^='/meelezen/']"))
    tom.check_page("reading-along")
    number = tom.page.url.rsplit("/", 1)[1]
    field = tom.page.locator("textarea[name='overall--next']")
    field.fill("Reken er drie na met een tekening.")
    expect(tom.page.locator("#save-status")).to_have_text(
        re.compile("Bewaard om"), timeout=TIMEOUT_MS
    )
    tom.page.reload()
    expect(field).to_have_value("Reken er drie na met een tekening.")
    teacher = visitor(DESKTOP).sign_in("dewit")
    page = teacher.page
    click_and_wait(page.get_by_role("link", name="Wiskunde 2b"))
    addresses = [
        link.get_attribute("href") for link in page.locator("a[href$='/beantwoorden']").all()
    ]
    for address in addresses:
        page.goto(address)
        if page.locator(".suggestion").count():
            break
    teacher.check_page("suggestions")
    page.locator("textarea[name='overall--aim']").fill("Getypt, nog niet bewaard.")
    box = page.get_by_role("group", name="Voorstel van Tom Lindeman").filter(
        has_text="Reken er drie na"
    )
    box.get_by_role("button", name="Overnemen", exact=True).click()
    expect(page.locator("textarea[name='overall--next']")).to_have_value(
        "Reken er drie na met een tekening.", timeout=TIMEOUT_MS
    )
    expect(page.locator("textarea[name='overall--aim']")).to_have_value("Getypt, nog niet bewaard.")
    teacher.check_page()
    page.locator("textarea[name='overall--appreciate']").fill("Ook getypt.")
    page.get_by_role("button", name="Niet overnemen").first.click()
    expect(page.get_by_text("Niet overgenomen, van Tom Lindeman").first).to_be_visible(
        timeout=TIMEOUT_MS
    )
    tom.page.goto(f"/meelezen/{number}")
    click_and_wait(tom.page.get_by_role("button", name="Klaar"))
    tom.check_page()
    expect(tom.page.locator("a[href^='/meelezen/']")).to_have_count(0)
