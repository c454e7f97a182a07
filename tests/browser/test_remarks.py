"""Remarks in a real browser: on selected words, after an edit, by keyboard, without scripts."""

import re

import pytest
from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import DESKTOP, PHONE, click_and_wait
from tests.browser.writing_page import TIMEOUT_MS

# Takes the words from `first` up to and including `last` of a text, as a mouse or a finger would.
SELECT = """(root, [first, last]) => {
  const find = (words) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const at = node.data.indexOf(words);
      if (at >= 0) return [node, at];
    }
  };
  const range = document.createRange();
  range.setStart(...find(first));
  const [end, at] = find(last);
  range.setEnd(end, at + last.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""

# Takes a part of the first formula with text behind it, and the word that follows.
TOUCH = """(root) => {
  const math = [...root.querySelectorAll("math")]
    .find((one) => /\\w/.test(one.nextSibling?.data ?? ""));
  const range = document.createRange();
  range.setStart(document.createTreeWalker(math, NodeFilter.SHOW_TEXT).nextNode(), 0);
  range.setEnd(math.nextSibling, math.nextSibling.data.search(/\\w/) + 1);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""

PLAIN = """(root) => {
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (!node.parentElement.closest("math")) found.push(node.data);
  return found.join("|");
}"""

WAITING = """select report.id, person.sign_in_name, teacher.sign_in_name from report
  join person on person.id = report.student_id
  join teaching on teaching.course_id = report.course_id
  join person as teacher on teacher.id = teaching.person_id
  join course on course.id = report.course_id join round on round.id = report.round_id
  where report.state = 'handed_in' and round.name = 'Winter' and course.code = '2b.wiskunde'
    and teacher.sign_in_name = 'dewit'
  order by report.id"""


class AnswerDesk:
    """A mathematics report that waits for its teacher; each test has another one (`which`)."""

    def __init__(self, visitor, server, which, *, size=DESKTOP):
        self.number, self.student, self.teacher = server.run_sql(WAITING)[which]
        self.address = f"/verslagen/{self.number}/beantwoorden"
        self.visitor = visitor(size).sign_in(self.teacher)
        self.page = self.visitor.page
        self.open()

    def open(self):
        self.page.goto(self.address)
        self.page.wait_for_function("() => document.querySelector('.toolbar')")
        self.section = self.page.locator("#fout")
        self.text = self.section.locator("[data-field=text]")

    def select(self, first, last=None):
        self.text.evaluate(SELECT, [first, last or first])

    def expect_saved(self):
        expect(self.page.locator("#save-status")).to_have_text(
            re.compile(r"Bewaard om \d\d:\d\d"), timeout=TIMEOUT_MS
        )

    def words(self):
        """Two words in a row that stand once in this text, outside formulas."""
        return re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", self.text.evaluate(PLAIN))[0]


@pytest.fixture
def answer_desk(visitor, demo_server):
    return lambda which, **options: AnswerDesk(visitor, demo_server, which, **options)


def test_select_write_and_find_it_back(answer_desk):
    at = answer_desk(0)
    words = at.words()
    at.select(words)
    at.page.get_by_role("button", name="Kanttekening", exact=True).click()
    box = at.section.locator(".remark-box")
    expect(box.locator("textarea")).to_be_focused()
    expect(at.text.locator("mark")).to_have_text(words)
    at.page.keyboard.type("Hoe kwam je daarop?")
    at.expect_saved()
    at.visitor.check_page("remark-desk")
    at.open()
    expect(at.text.locator("mark")).to_have_text(words)
    expect(at.section.locator(".remark-box textarea")).to_have_value("Hoe kwam je daarop?")
    expect(at.section.get_by_role("link", name="kanttekening 1", exact=True)).to_have_text("1")
    at.section.get_by_label("Haal deze kanttekening weg").check()
    at.expect_saved()
    at.open()
    expect(at.text.locator("mark")).to_have_count(0)


def test_a_selection_that_touches_a_formula_takes_all_of_it(answer_desk):
    at = answer_desk(1)
    at.text.evaluate(TOUCH)
    at.page.keyboard.press("Alt+r")
    expect(at.text.locator("mark math")).to_have_count(1)
    at.page.keyboard.type("Deze som.")
    at.expect_saved()
    marked = at.text.locator("mark").all_inner_texts()
    at.open()
    expect(at.text.locator("mark math")).to_have_count(1)
    assert "".join(at.text.locator("mark").all_inner_texts()).split() == "".join(marked).split()


def test_by_keyboard_alone(answer_desk):
    at = answer_desk(2)
    at.section.locator("textarea").first.focus()
    at.page.keyboard.press("Alt+r")
    expect(at.section.get_by_label("Welke woorden?")).to_be_focused()
    words = at.words()
    at.page.keyboard.type(words)
    at.page.keyboard.press("Tab")
    at.page.keyboard.type("Met het toetsenbord.")
    at.expect_saved()
    at.visitor.check_page()
    at.open()
    expect(at.text.locator("mark")).to_have_text(words)


def test_on_a_phone_the_whole_way_until_the_words_are_gone(answer_desk, visitor):
    at = answer_desk(3, size=PHONE)
    words = at.words()
    at.select(words)
    at.page.get_by_role("button", name="Kanttekening", exact=True).click()
    at.page.keyboard.type("Vertel hier meer over.")
    at.expect_saved()
    at.visitor.check_page()
    at.page.get_by_label("Mijn vraag aan jou").fill("Wat bedoel je?")
    click_and_wait(at.page.get_by_role("button", name="Doorvragen en teruggeven"))
    at.page.wait_for_url(lambda address: not address.endswith(at.address))
    student = visitor(PHONE).sign_in(at.student)
    student.page.goto(f"/verslagen/{at.number}/schrijven")
    note = student.page.locator("#fout .remarks")
    expect(note).to_contain_text("Vertel hier meer over.")
    student.check_page("remark-writing")
    field = student.page.locator("textarea[name='fout--text']")
    before = field.input_value()
    field.fill(f"Eerst iets anders. {before}")
    expect(student.page.locator("#save-status")).to_have_text(
        re.compile("Bewaard om"), timeout=TIMEOUT_MS
    )
    student.page.goto(f"/verslagen/{at.number}")
    expect(student.page.locator("#fout mark")).to_have_text(words)
    student.check_page("remark-reading")
    student.page.get_by_role("link", name="kanttekening 1", exact=True).click()
    expect(student.page.locator(".remarks li:target")).to_be_in_viewport()
    student.page.goto(f"/verslagen/{at.number}/schrijven")
    field.fill("Nu staat hier heel wat anders.")
    expect(student.page.locator("#save-status")).to_have_text(
        re.compile("Bewaard om"), timeout=TIMEOUT_MS
    )
    student.page.goto(f"/verslagen/{at.number}")
    expect(student.page.locator("#fout")).to_contain_text("woorden die er nu niet meer staan")
    student.check_page()


def test_beside_the_words_where_there_is_room_and_under_them_where_there_is_not(
    visitor, demo_server
):
    number, name = demo_server.run_sql("""select report.id, person.sign_in_name from report
      join person on person.id = report.student_id
      join revision on revision.report_id = report.id and revision.section like 'remark.%'
      where report.state = 'closed' limit 1""")[0]
    for size in (PHONE, {"width": 1024, "height": 800}, DESKTOP):
        reader = visitor(size).sign_in(name)
        reader.page.goto(f"/verslagen/{number}")
        text = (
            reader.page.locator(".annotated:has(mark)").first.locator("> div").first.bounding_box()
        )
        note = reader.page.locator(".annotated:has(mark)").first.locator(".remarks").bounding_box()
        if size is PHONE:
            assert note["y"] >= text["y"] + text["height"] - 1
        else:
            assert note["x"] >= text["x"] + text["width"]
            assert abs(note["y"] - text["y"]) < 5
        reader.check_page("remark-margin" if size is DESKTOP else None)


def test_without_scripts(chromium, server, demo_server):
    number, _, teacher = demo_server.run_sql(WAITING)[4]
    context = chromium.new_context(
        viewport=DESKTOP, locale="nl-NL", base_url=server, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/inloggen")
    page.get_by_label("Naam om mee in te loggen").fill(teacher)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
    page.goto(f"/verslagen/{number}/beantwoorden")
    section = page.locator("#fout")
    words = " ".join(section.locator("[data-field=text]").inner_text().split()[:3])
    section.get_by_text("Kanttekening bij een passage").click()
    section.get_by_label("Welke woorden?").fill("woorden die er niet staan")
    section.get_by_label("Je kanttekening daarbij").fill("Zonder script.")
    click_and_wait(page.get_by_role("button", name="Bewaren"))
    expect(page.locator(".error-summary")).to_contain_text(
        "Deze woorden staan zo niet in de tekst."
    )
    section.get_by_label("Welke woorden?").first.fill(words)
    click_and_wait(page.get_by_role("button", name="Bewaren"))
    expect(section.locator("mark").first).to_be_visible()
    expect(section.locator(".remark-box textarea")).to_have_value("Zonder script.")
    context.close()


# Makes up keys with as many dashes as a key can have.
DASHES = """() => {
  crypto.getRandomValues = (bytes) => {
    bytes.forEach((_, at) => (bytes[at] = [0xfb, 0xef, 0xbe][at % 3]));
    return bytes;
  };
}"""


def test_a_key_full_of_dashes_is_kept_and_a_hint_comes_under_a_new_remark(answer_desk):
    at = answer_desk(5)
    at.page.evaluate(DASHES)
    at.select(at.words())
    at.page.keyboard.press("Alt+r")
    box = at.section.locator(".remark-box[id*='----']")
    at.page.keyboard.type("Je hebt een 7,5 gehaald voor deze toets.")
    at.expect_saved()
    expect(box.locator(".hints li").first).to_contain_text(
        "Dit lijkt op een cijfer", timeout=TIMEOUT_MS
    )
    at.visitor.check_page("remark-hint")
    at.open()
    expect(box.locator("textarea")).to_have_value("Je hebt een 7,5 gehaald voor deze toets.")
