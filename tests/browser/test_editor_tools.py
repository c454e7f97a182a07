"""The toolbar knows the formula, the bold words and the list it is used in, and fits a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, click_and_wait
from tests.browser.writing_page import TIMEOUT_MS, WritingPage

# In these texts | is the caret; two of them hold what is selected.
WITH_CARETS = """({ value, selectionStart: from, selectionEnd: to }) =>
  [value.slice(0, from), ...(from === to ? [] : [value.slice(from, to)]), value.slice(to)]
    .join("|")"""

ON_A_FORMULA = [
    ("Dus $\\frac{1}|{2}$ is een half.", "\\frac{1}{2}", "Dus ${}$ is een half."),
    ("Eerst $a$, dan |$x^2| + 1$.", "x^2+1", "Eerst $a$, dan ${}$."),
    ("Zo:\n$$\nx^2|\n$$\nklaar", "x^2", "Zo:\n$${}$$\nklaar"),
    ("(|som $y$| hier)", "y", "(som ${}$ hier)"),
]
ON_NO_FORMULA = [
    "Van $5 en| $6 samen",
    "Kost \\$x| of \\$y",
    "Van $5 of| 10$ dan",
    "Zo `$x|$` dus",
    "En a$x|$ ook",
]

BOLD = [
    ("een |twee| drie", "een **|twee|** drie"),
    ("een |twee | drie", "een **|twee|**  drie"),
    ("een **vet|** drie", "een **vet**| drie"),
    ("**een** en **vet|**", "**een** en **vet**|"),
    ("een **|vet|** drie", "een |vet| drie"),
    ("een |**vet**| drie", "een |vet| drie"),
    ("een ***|beide|***", "een *|beide|*"),
    ("een |*schuin*|", "een **|*schuin*|**"),
    ("**een**| twee |**drie**", "**een** **|twee|** **drie**"),
    ("een |", "een **|**"),
    ("een **|**", "een |"),
    ("**een |twee|**", "**een **|twee|****"),
]
ITALIC = [
    ("een |twee| drie", "een *|twee|* drie"),
    ("een *schuin|* drie", "een *schuin*| drie"),
    ("een *|schuin|* drie", "een |schuin| drie"),
    ("een |*schuin*| drie", "een |schuin| drie"),
    ("een **|vet|** drie", "een ***|vet|*** drie"),
    ("een |**vet**| drie", "een *|**vet**|* drie"),
    ("een ***beide|***", "een ***beide*|**"),
    ("* een |twee|", "* een *|twee|*"),
]
LIST = [
    ("een\n|twee\ndrie| vier", "een\n\n- twee\n- drie| vier"),
    ("|- een\n- twee|", "een\ntwee|"),
    ("- een\n-| twee\nslot", "- een\n|twee\nslot"),
    ("- een\n|", "- een\n- |"),
    ("2. een\n|twee", "2. een\n3. |twee"),
    ("|een\n\ntwee\n|drie", "- een\n\n- twee|\ndrie"),
    ("een|", "- een|"),
    ("|3. een\ntwee|", "3. een\n4. twee|"),
    ("|\nslot", "- |\nslot"),
]
ENTER = [
    ("- een|", "- een\n- |"),
    ("- een|\nslot", "- een\n- |\nslot"),
    ("* een|", "* een\n* |"),
    ("    - een|", "    - een\n    - |"),
    ("9. een|", "9. een\n10. |"),
    ("- een\n- |", "- een\n\n|"),
    ("1. |", "|"),
    ("- ee|n", "- ee\n|n"),
    ("-5 graden|", "-5 graden\n|"),
    ("een|", "een\n|"),
]


@pytest.fixture
def open_writing_page(visitor):
    return lambda name, **options: WritingPage(visitor, name, **options)


def tool(at, name):
    return at.field.locator("xpath=..").locator(f"[data-tool={name}]")


def stand(at, text):
    at.field.fill(text.replace("|", ""))
    at.field.evaluate(
        "(field, range) => field.setSelectionRange(...range)",
        [text.index("|"), text.rindex("|") - (text.count("|") - 1)],
    )


def reads(at):
    return at.field.evaluate(WITH_CARETS)


def opened(at):
    at.field.press("Control+m")
    frame = at.page.frame_locator("dialog iframe")
    expect(frame.locator("#formula-status.is-busy")).to_have_count(0, timeout=TIMEOUT_MS)
    expect(frame.locator("math-field")).to_be_focused(timeout=TIMEOUT_MS)
    return frame.locator("math-field")


def test_the_formula_tool_opens_the_formula_it_stands_in_and_puts_it_back_whole(open_writing_page):
    at = open_writing_page("sam")
    for text, latex, after in ON_A_FORMULA:
        stand(at, text)
        field = opened(at)
        assert field.evaluate("field => field.value.replaceAll(' ', '')") == latex, text
        at.page.keyboard.press("End")
        at.page.keyboard.type("+7", delay=60)
        at.page.keyboard.press("Enter")
        expect(at.page.locator("dialog")).to_have_count(0, timeout=TIMEOUT_MS)
        before, behind = after.split("{}")
        made = at.field.input_value()
        assert made.startswith(before), made
        assert made.endswith(behind), made
        assert "+7" in made
        at.field.press("Control+z")
        expect(at.field).to_have_value(text.replace("|", ""))
    for text in ON_NO_FORMULA:
        stand(at, text)
        assert opened(at).evaluate("field => field.value") == "", text
        at.page.keyboard.press("Escape")
        expect(at.page.locator("dialog")).to_have_count(0, timeout=TIMEOUT_MS)
        assert reads(at) == text


@pytest.mark.parametrize(
    ("key", "table"), [("Control+b", BOLD), ("Control+i", ITALIC)], ids=["bold", "italic"]
)
def test_bold_and_italic_go_as_they_came(open_writing_page, key, table):
    at = open_writing_page("sam")
    for text, after in table:
        stand(at, text)
        at.field.press(key)
        assert reads(at) == after, text
        if at.field.input_value() != text.replace("|", ""):
            at.field.press("Control+z")
            expect(at.field).to_have_value(text.replace("|", ""))
    stand(at, "een |twee| drie")
    for _ in range(2):
        tool(at, "bold").click()
    assert reads(at) == "een |twee| drie"


def test_a_list_goes_on_by_itself_and_ends_when_it_is_empty(open_writing_page):
    at = open_writing_page("sam")
    for text, after in ENTER:
        stand(at, text)
        at.field.press("Enter")
        assert reads(at) == after, text
        at.field.press("Control+z")
        expect(at.field).to_have_value(text.replace("|", ""))
    stand(at, "- een|")
    at.field.press("Shift+Enter")
    assert reads(at) == "- een\n|"
    stand(at, "- een|")
    went = at.field.evaluate("""field => field.dispatchEvent(
        new KeyboardEvent("keydown",
            { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))""")
    assert went, "who composes a letter chooses it with this key"
    assert reads(at) == "- een|"
    stand(at, "|")
    at.type("Geleerd:\n\n- breuken\ndelen\n\nEn verder.")
    assert reads(at) == "Geleerd:\n\n- breuken\n- delen\n\nEn verder.|"
    at.expect_saved()


def test_the_list_tool_goes_on_with_a_list_and_takes_its_marks_away(open_writing_page):
    at = open_writing_page("sam")
    for text, after in LIST:
        stand(at, text)
        tool(at, "list").click()
        assert reads(at) == after, text
        at.field.press("Control+z")
        expect(at.field).to_have_value(text.replace("|", ""))


ALL_THERE = """tools => {
  const home = tools.getBoundingClientRect();
  const area = tools.parentElement.querySelector("textarea");
  const { bottom } = area.getBoundingClientRect();
  const free = parseFloat(getComputedStyle(area).paddingBlockEnd);
  return [...tools.querySelectorAll("button")].flatMap((one) => {
    const { left, right, top, height } = one.getBoundingClientRect();
    const inside = left >= home.left && right <= home.right;
    const seen = inside && one.scrollWidth <= one.clientWidth && height >= 44;
    return seen && top >= bottom - free - 1 && top + height <= bottom ? [] : [one.textContent];
  });
}"""


@pytest.mark.parametrize("font", ["Atkinson", "OpenDyslexic"])
def test_every_tool_is_there_on_a_phone_in_any_letters_and_language(open_writing_page, font):
    at = open_writing_page("milan", size=PHONE)
    at.visitor.choose_font(font)
    for size in ("Gewoon", "Groot"):
        at.visitor.choose_font(size)
        for language in ("English", "Nederlands"):
            click_and_wait(at.page.get_by_role("button", name=language))
            at.open()
            at.field.click()
            at.visitor.wait_for_paint()
            hidden = at.field.locator("xpath=..").locator(".toolbar").evaluate(ALL_THERE)
            assert hidden == [], (font, size, language)
            at.visitor.check_page(f"tools-{font}-{size}-{language}")


def test_between_the_tools_one_still_reaches_the_field(open_writing_page):
    at = open_writing_page("sam")
    at.field.click()
    bar = at.field.locator("xpath=..").locator(".toolbar")
    expect(bar).to_be_visible()
    reached = bar.evaluate("""bar => {
      const { right, top, bottom } = bar.getBoundingClientRect();
      return document.elementFromPoint(right - 8, (top + bottom) / 2).tagName;
    }""")
    assert reached == "TEXTAREA"


def test_without_a_connection_the_preview_shows_the_words_as_they_were_typed(open_writing_page):
    at = open_writing_page("sam")
    words = "Een <b>en\n**twee** en $x$"
    at.field.fill(words)
    at.expect_saved()
    at.context.set_offline(True)
    tool(at, "preview").click()
    pane = at.page.locator(".preview")
    expect(pane).to_have_text(words, timeout=TIMEOUT_MS)
    assert pane.evaluate("pane => pane.innerText") == words, "also the lines are those of the field"
    at.context.set_offline(False)
    at.type(" drie")
    expect(pane.locator("strong")).to_have_text("twee", timeout=TIMEOUT_MS)
    expect(pane).to_contain_text("drie")
    assert pane.evaluate("pane => getComputedStyle(pane).whiteSpace") == "normal"
