"""The editor in a real browser: its toolbar, sentence starters, formulas, photos and sections."""

import io
import re
from urllib.parse import parse_qsl, unquote_plus

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, click_and_wait
from tests.browser.writing_page import TIMEOUT_MS, WritingPage


@pytest.fixture
def open_writing_page(visitor):
    return lambda name, **options: WritingPage(visitor, name, **options)


@pytest.fixture(scope="module")
def photo():
    """A drawn number line, as a phone would photograph it."""
    picture, made = Image.new("RGB", (1600, 900), "#f4ecd8"), io.BytesIO()
    pen = ImageDraw.Draw(picture)
    pen.line((100, 450, 1500, 450), fill="#333", width=8)
    for number in range(11):
        pen.line((100 + 140 * number, 410, 100 + 140 * number, 490), fill="#333", width=6)
        pen.text((80 + 140 * number, 510), str(number - 5), fill="#333", font_size=56)
    picture.save(made, "JPEG")
    return {"name": "getallenlijn.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def tool(at, name):
    return at.field.locator("xpath=..").locator(f"[data-tool={name}]")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_tools_help_and_plain_typing_stays_possible(open_writing_page, size):
    at = open_writing_page("sam", size=size)
    at.field.fill("een twee")
    at.field.press("Control+a")
    tool(at, "bold").click()
    expect(at.field).to_have_value("**een twee**")
    at.field.press("Control+z")
    expect(at.field).to_have_value("een twee")
    tool(at, "list").click()
    expect(at.field).to_have_value("- een twee")
    at.field.fill("*schuin* en $\\frac{1}{2}$")
    tool(at, "preview").click()
    pane = at.page.locator(".preview")
    expect(pane.locator("em")).to_have_text("schuin", timeout=TIMEOUT_MS)
    expect(pane.locator("mfrac")).to_have_count(1)
    at.field.press("End")
    at.type(" en verder")
    expect(pane).to_contain_text("en verder", timeout=TIMEOUT_MS)
    at.expect_saved()
    at.visitor.check_page(f"editor-{'phone' if size == PHONE else 'desk'}")


def test_the_tools_are_one_stop_for_the_keyboard_with_arrows_between(open_writing_page):
    at = open_writing_page("sam")
    at.field.fill("woord")
    at.field.press("Control+a")
    at.field.press("Tab")
    focused = "document.activeElement.dataset.tool"
    assert at.page.evaluate(focused) == "bold"
    at.page.keyboard.press("ArrowRight")
    assert at.page.evaluate(focused) == "italic"
    at.page.keyboard.press("Enter")
    expect(at.field).to_have_value("*woord*")


def test_a_starter_comes_where_the_caret_is(open_writing_page):
    at = open_writing_page("sam")
    section = at.field.locator("xpath=ancestor::section")
    section.locator("summary").first.click()
    starter = section.locator(".starter").first
    words = re.sub(r"[\s.…]+$", "", starter.inner_text())
    at.field.fill("Eerst. Laatst.")
    at.field.evaluate("field => field.setSelectionRange(6, 6)")
    starter.click()
    expect(at.field).to_have_value(f"Eerst. {words}  Laatst.")
    at.expect_saved()
    at.open()  # where nobody has been yet there is no caret: then it comes at the end
    section.locator("summary").first.click()
    starter.click()
    expect(at.field).to_have_value(f"Eerst. {words}  Laatst. {words} ")


def test_a_formula_is_made_without_latex_and_by_keyboard_alone(open_writing_page):
    at = open_writing_page("sam")
    at.field.fill("De helft van een kwadraat:")
    at.field.press("Control+m")
    frame = at.page.frame_locator("dialog iframe")
    expect(frame.locator("math-field")).to_be_visible(timeout=TIMEOUT_MS)
    expect(frame.locator("#formula-status.is-busy")).to_have_count(0, timeout=TIMEOUT_MS)
    at.page.keyboard.type("1/2", delay=60)
    at.page.keyboard.press("ArrowRight")
    heard = frame.locator("#formula-live")
    expect(heard).to_have_text(re.compile("^uit de breuk; 1 gedeeld door 2; einde van de formule"))
    at.page.keyboard.type("x^2", delay=60)
    at.visitor.check_page("formula-desk")
    expect(heard).to_have_text(re.compile("^1 gedeeld door 2 x kwadraat"), timeout=TIMEOUT_MS)
    at.page.keyboard.press("Enter")
    expect(at.field).to_have_value(
        re.compile(re.escape("kwadraat: $\\frac{1}{2}x^{2}$")), timeout=TIMEOUT_MS
    )
    assert at.field.evaluate("field => document.activeElement === field")
    expect(at.page.locator(".preview mfrac")).to_have_count(1, timeout=TIMEOUT_MS)
    at.field.press("Control+m")
    expect(frame.locator("math-field")).to_be_visible(timeout=TIMEOUT_MS)
    expect(frame.locator("#formula-status.is-busy")).to_have_count(0, timeout=TIMEOUT_MS)
    at.page.keyboard.press("Escape")
    expect(at.page.locator("dialog")).to_have_count(0)
    assert at.field.input_value().count("$") == 2
    at.context.set_offline(True)
    at.field.press("Control+m")
    expect(at.page.locator(".js-no-formula")).to_contain_text(
        "$\\frac{1}{2}$ is een half", timeout=TIMEOUT_MS
    )
    expect(at.field).to_be_focused()


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_photo_comes_by_choosing_dropping_and_pasting_and_keeps_its_caption(
    open_writing_page, photo, way
):
    at = open_writing_page({"choose": "tess", "drop": "milan", "paste": "lotte"}[way], size=PHONE)
    home = at.field.locator("xpath=ancestor::section").locator(".evidence")
    if way == "choose":
        home.locator(".add-file summary").click()
        home.locator("input[type=file]").set_input_files(photo)
    else:
        at.field.evaluate(GIVE, {"bytes": list(photo["buffer"]), "way": way})
    piece = home.locator("figure.evidence-item")
    expect(piece).to_be_visible(timeout=TIMEOUT_MS)
    caption = piece.get_by_label("Wat zien we hier?")
    expect(caption).to_be_focused()
    caption.fill("Een getallenlijn van min vijf tot vijf")
    at.expect_saved()
    piece.locator("img").scroll_into_view_if_needed()
    at.page.wait_for_function(
        "() => document.querySelector('figure.evidence-item img').naturalWidth > 0"
    )
    at.visitor.check_page("photo-phone" if way == "choose" else None)
    at.page.reload()
    expect(at.page.get_by_label("Wat zien we hier?")).to_have_value(
        "Een getallenlijn van min vijf tot vijf"
    )


def test_a_caption_goes_along_with_its_section_whatever_dashes_are_in_the_key_of_its_photo(
    open_writing_page, photo
):
    at, dashes = open_writing_page("bram"), "-Ab--caption-Cd---Ef--"
    home = at.field.locator("xpath=ancestor::section").locator(".evidence")

    def called_so(route):
        answer = route.fetch()
        route.fulfill(
            response=answer, body=re.sub(r"caption\.[\w-]{22}", f"caption.{dashes}", answer.text())
        )

    at.page.route("**/bewijs", called_so)
    home.locator(".add-file summary").click()
    home.locator("input[type=file]").set_input_files(photo)
    caption = home.locator("figure.evidence-item").get_by_label("Wat zien we hier?")
    with at.page.expect_request(
        lambda sent: "Een rechte lijn" in unquote_plus(sent.post_data or "")
    ) as found:
        caption.fill("Een rechte lijn")
    sent = dict(parse_qsl(found.value.post_data, keep_blank_values=True))
    text = at.field.get_attribute("name")
    assert {text, f"{text.removesuffix('text')}caption.{dashes}"} <= set(sent)


GIVE = """(field, { bytes, way }) => {
  const file = new File([new Uint8Array(bytes)], "lijn.jpg", { type: "image/jpeg" });
  const data = new DataTransfer();
  data.items.add(file);
  const event = way === "drop"
    ? new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data })
    : new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data });
  field.dispatchEvent(event);
}"""


def test_a_dropped_connection_sends_the_photo_again_and_makes_no_second_copy(
    open_writing_page, photo, demo_server
):
    at = open_writing_page("eva")
    home = at.field.locator("xpath=ancestor::section").locator(".evidence")

    def count():
        return demo_server.run_sql("select count(*) from evidence")[0][0]

    before = count()
    at.page.route("**/bewijs", lambda route: (route.fetch(), route.abort()), times=1)
    home.locator(".add-file summary").click()
    at.context.set_offline(True)
    home.locator("input[type=file]").set_input_files(photo)
    expect(home.locator(".sending")).to_contain_text("Geen verbinding", timeout=TIMEOUT_MS)
    at.context.set_offline(False)
    expect(home.locator("figure.evidence-item")).to_have_count(1, timeout=30_000)
    assert count() == before + 1, "the answer got lost, the photo had arrived"


def test_a_photo_under_way_takes_no_caret_outlives_a_silence_and_is_waited_for(
    open_writing_page, photo
):
    at = open_writing_page("eva", index=1)
    at.page.clock.install()
    home, held = at.field.locator("xpath=ancestor::section").locator(".evidence"), []
    at.page.route("**/bewijs", lambda route: held.append(route))

    def let_through(which):
        for _ in range(100):
            if len(held) > which:
                break
            at.page.wait_for_timeout(
                100
            )  # the browser has begun to send; we are told of it a moment later
        held[which].fulfill(response=held[which].fetch())

    home.locator(".add-file summary").click()
    home.locator("input[type=file]").set_input_files(photo)
    expect(home.locator(".sending progress")).to_be_visible(timeout=TIMEOUT_MS)
    at.type("Intussen schrijf ik door.")
    at.page.clock.run_for(40_000)  # nothing gets through: it is sent again
    let_through(1)
    expect(home.locator("figure.evidence-item")).to_have_count(1, timeout=TIMEOUT_MS)
    expect(at.field).to_be_focused()
    home.locator("input[type=file]").set_input_files(photo)
    expect(home.locator(".sending progress")).to_be_visible(timeout=TIMEOUT_MS)
    at.page.get_by_role("button", name="Bekijken en inleveren").click()
    expect(home.locator(".sending")).to_contain_text("gaat de pagina verder", timeout=TIMEOUT_MS)
    let_through(2)
    at.page.wait_for_url("**/inleveren")
    expect(at.page.locator("img[src*='/bewijs/']")).to_have_count(2)


def test_a_refused_file_says_why_and_the_words_go_on(open_writing_page):
    at = open_writing_page("eva")
    home = at.field.locator("xpath=ancestor::section").locator(".evidence")
    home.locator(".add-file summary").click()
    home.locator("input[type=file]").set_input_files(
        {"name": "a.exe", "mimeType": "image/jpeg", "buffer": b"MZ"}
    )
    expect(home.locator(".sending")).to_contain_text("geen foto, geluid of pdf", timeout=TIMEOUT_MS)
    at.type("Toch verder.")
    at.expect_saved()
    at.visitor.console_errors.clear()  # the browser itself notes the refusal
    at.visitor.check_page()


def test_a_section_at_a_time_keeps_words_on_the_way(open_writing_page):
    at = open_writing_page("bram", size=PHONE)
    click_and_wait(at.page.get_by_role("button", name="Eén onderdeel tegelijk"))
    at.page.wait_for_function("() => document.querySelector('.toolbar')")
    at.visitor.check_page("one-section-phone")
    at.page.goto(f"{at.address}?deel=geleerd")
    area = at.page.locator("textarea").first
    name, words = area.get_attribute("name"), "Snel door naar het volgende."
    area.fill(words)
    click_and_wait(at.page.get_by_role("button", name="Volgende"))
    at.page.wait_for_url(re.compile("deel=trots"))
    click_and_wait(at.page.get_by_role("button", name="Vorige"))
    expect(at.page.locator(f"[name='{name}']")).to_have_value(words)
    click_and_wait(at.page.get_by_role("button", name="Alles op één pagina"))
    expect(at.page.locator("section.section").nth(2)).to_be_visible()


def test_a_whole_report_by_keyboard_alone(open_writing_page):
    at = open_writing_page("noor", index=1)
    page = at.page
    page.goto(at.address)
    page.wait_for_function("() => document.querySelector('.toolbar')")

    def tab_to(matches):
        for _ in range(250):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({matches!r})"):
                return
        raise AssertionError(f"the Tab key does not lead to {matches}")

    tab_to("textarea")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Met het toetsenbord.")
    tab_to("button[value=hand_in]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/inleveren"))
    at.visitor.check_page()
    tab_to("form.actions button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ingeleverd. Je docent")).to_be_visible(timeout=TIMEOUT_MS)


@pytest.mark.parametrize("page", ["schrijven", "versies", "inleveren"])
def test_large_letters_another_font_and_double_zoom_fit_a_phone(open_writing_page, page):
    at = open_writing_page("milan", size=PHONE)
    at.page.goto("/mijn")
    at.page.get_by_label("OpenDyslexic").check()
    at.page.get_by_label("Groot").check()
    click_and_wait(at.page.get_by_role("button", name="Bewaren"))
    at.page.goto(at.address.replace("schrijven", page))
    at.visitor.check_page(f"large-{page}" if page == "schrijven" else None)
    at.page.set_viewport_size({"width": 640, "height": 450})  # 1280 px at 200 %
    at.visitor.check_page()


def test_the_growth_path_is_calm_on_a_phone_and_a_desk(visitor):
    for size in (PHONE, DESKTOP):
        reader = visitor(size).sign_in("noor")
        click_and_wait(reader.page.get_by_role("link", name="Mijn groeipad"))
        expect(reader.page.locator("svg.path-line").first).to_be_attached()
        reader.check_page("path-phone" if size == PHONE else None)
