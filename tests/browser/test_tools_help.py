"""The tools fit a phone, and need no line."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, follow
from tests.browser.writer import SOON, Desk


@pytest.fixture
def desk(visitor):
    return lambda name, **options: Desk(visitor, name, **options)


def tool(at, name):
    return at.field.locator("xpath=..").locator(f"[data-tool={name}]")


ALL_THERE = """tools => {
  const home = tools.getBoundingClientRect();
  const area = tools.parentElement.querySelector("textarea");
  const { bottom } = area.getBoundingClientRect();
  const free = parseFloat(getComputedStyle(area).paddingBlockEnd);
  return [...tools.querySelectorAll("button")].flatMap((one) => {
    const { left, right, top, height } = one.getBoundingClientRect();
    const seen = left >= home.left && right <= home.right && one.scrollWidth <= one.clientWidth && height >= 44;
    return seen && top >= bottom - free - 1 && top + height <= bottom ? [] : [one.textContent];
  });
}"""


@pytest.mark.parametrize("font", ["Atkinson", "OpenDyslexic"])
def test_every_tool_is_there_on_a_phone_in_any_letters_and_language(desk, font):
    at = desk("milan", size=PHONE)
    at.visitor.choose_letters(font)
    for size in ("Gewoon", "Groot"):
        at.visitor.choose_letters(size)
        for language in ("English", "Nederlands"):
            follow(at.page.get_by_role("button", name=language))
            at.open()
            at.field.click()
            at.visitor.settle()
            hidden = at.field.locator("xpath=..").locator(".tools").evaluate(ALL_THERE)
            assert hidden == [], (font, size, language)
            at.visitor.look(f"tools-{font}-{size}-{language}")


def test_between_the_tools_one_still_reaches_the_field(desk):
    at = desk("sam")
    at.field.click()
    bar = at.field.locator("xpath=..").locator(".tools")
    expect(bar).to_be_visible()
    reached = bar.evaluate("""bar => {
      const { right, top, bottom } = bar.getBoundingClientRect();
      return document.elementFromPoint(right - 8, (top + bottom) / 2).tagName;
    }""")
    assert reached == "TEXTAREA"


def test_without_a_connection_the_preview_shows_the_words_as_they_were_typed(desk):
    at = desk("sam")
    words = "Een <b>en\n**twee** en $x$"
    at.field.fill(words)
    at.is_kept()
    at.context.set_offline(True)
    tool(at, "preview").click()
    pane = at.page.locator(".preview")
    expect(pane).to_have_text(words, timeout=SOON)
    assert pane.evaluate("pane => pane.innerText") == words, "also the lines are those of the field"
    at.context.set_offline(False)
    at.type(" drie")
    expect(pane.locator("strong")).to_have_text("twee", timeout=SOON)
    expect(pane).to_contain_text("drie")
    assert pane.evaluate("pane => getComputedStyle(pane).whiteSpace") == "normal"
