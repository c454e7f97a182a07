"""The answer desk in a real browser: side by side, by keyboard, with hints, for many at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, click_and_wait

TIMEOUT_MS = 60_000
SMALL_DESK = {"width": 1024, "height": 800}


@pytest.fixture
def answer_desk(visitor):
    """Ms de Wit at the first report that waits in Wiskunde 2b."""

    def sit_down(size=DESKTOP, index=0):
        teacher = visitor(size).sign_in("dewit")
        page = teacher.page
        click_and_wait(page.get_by_role("link", name="Wiskunde 2b"))
        teacher.check_page("course" if size == DESKTOP else None)
        page.goto(page.locator("a[href$='/beantwoorden']").nth(index).get_attribute("href"))
        page.wait_for_function("() => document.querySelector('.toolbar')")
        return teacher

    return sit_down


@pytest.mark.parametrize("size", [PHONE, SMALL_DESK, DESKTOP], ids=["phone", "1024", "desk"])
def test_words_and_answer_stand_side_by_side_where_there_is_room(answer_desk, size):
    teacher = answer_desk(size)
    teacher.check_page("answering" if size == DESKTOP else None)
    section = teacher.page.locator(".answer-form .report-section:has(textarea)")
    words = section.locator(".voice.student").first.bounding_box()
    answer = section.locator(".voice.teacher").first.bounding_box()
    if size == PHONE:
        assert answer["y"] >= words["y"] + words["height"]
    else:
        assert answer["x"] >= words["x"] + words["width"]


def test_kind_hints_come_after_keeping_and_take_nothing_away(answer_desk):
    teacher = answer_desk(index=1)
    page = teacher.page
    field = page.locator("[name='overall--seen']")
    field.fill("Je hebt een 7,5 gehaald voor deze toets.")
    hint = page.locator("[data-hints='overall--seen'] li").first
    expect(hint).to_contain_text("Dit lijkt op een cijfer", timeout=TIMEOUT_MS)
    teacher.check_page()
    field.fill("Je legt elke stap uit.")
    expect(page.locator("[data-hints='overall--seen'] li")).to_have_count(0, timeout=TIMEOUT_MS)
    expect(field).to_have_value("Je legt elke stap uit.")
    page.reload()
    expect(field).to_have_value("Je legt elke stap uit.")


def test_from_report_to_report_and_field_to_field_by_keyboard_alone(answer_desk):
    teacher = answer_desk()
    page = teacher.page
    first = page.url
    page.keyboard.press("Alt+ArrowDown")
    focused = "document.activeElement.name"
    name = page.evaluate(focused)
    assert name
    assert name.endswith("--text")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Met het toetsenbord, zonder te wachten.")
    page.keyboard.press("Alt+ArrowDown")
    assert page.evaluate(focused) != name
    page.keyboard.press("Alt+ArrowUp")
    assert page.evaluate(focused) == name
    page.keyboard.press("Control+Enter")
    assert page.evaluate("document.activeElement.value") == "answer"
    page.keyboard.press("Alt+PageDown")
    page.wait_for_url(lambda url: url != first, timeout=TIMEOUT_MS)
    page.wait_for_function("() => document.querySelector('.toolbar')")
    page.keyboard.press("Alt+PageUp")
    page.wait_for_url(first, timeout=TIMEOUT_MS)
    expect(page.locator(f"[name='{name}']")).to_have_value(
        "Met het toetsenbord, zonder te wachten."
    )


def test_many_at_once_are_planned_confirmed_and_taken_back(answer_desk):
    teacher = answer_desk(PHONE)
    page = teacher.page
    page.locator("[name='overall--next']").fill("Maak drie sommen met haakjes.")
    expect(page.locator("#save-status")).to_have_text(re.compile(r"Bewaard om"), timeout=TIMEOUT_MS)
    click_and_wait(page.get_by_role("link", name="Geef het op een moment dat jij kiest"))
    page.wait_for_url("**/geven**")
    teacher.check_page("giving-phone")
    page.get_by_label("Allemaal op één moment").check()
    click_and_wait(page.get_by_role("button", name="Kijk nog één keer"))
    expect(page.get_by_role("heading", name="Klopt dit?")).to_be_visible()
    teacher.check_page()
    click_and_wait(page.get_by_role("button", name="Ja, geef het"))
    expect(page.locator(".planned-releases h2").first).to_contain_text("Gaat")
    teacher.check_page()
    click_and_wait(page.get_by_role("button", name=re.compile("^Terugnemen")).first)
    expect(page.get_by_text("Er is niets gegeven")).to_be_visible()
