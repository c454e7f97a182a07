"""Photos in a real browser: in their own shape, kept until they are asked for, and read whole."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.writing_page import TIMEOUT_MS, WritingPage


@pytest.fixture
def open_writing_page(visitor):
    return lambda name, **options: WritingPage(visitor, name, **options)


def picture_file(*size):
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, "PNG")
    return {"name": "foto.png", "mimeType": "image/png", "buffer": out.getvalue()}


def evidence_of(at):
    return at.field.locator("xpath=ancestor::section").locator(".evidence")


def choose(home, files):
    if not home.locator("input[type=file]").is_visible():
        home.locator(".add-file summary").click()
    home.locator("input[type=file]").set_input_files(files)


def loaded_picture(home):
    picture = home.locator("figure.evidence-item img").last
    expect(picture).to_be_visible(timeout=TIMEOUT_MS)
    picture.scroll_into_view_if_needed()
    picture.evaluate("image => image.decode()")
    return picture


SHAPES = {"portrait": (900, 1200), "landscape": (1600, 1200), "phone": (1080, 2400)}


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("size", SHAPES.values(), ids=SHAPES)
def test_a_photo_has_its_own_shape_and_all_its_colour_while_one_writes(
    open_writing_page, screen, size
):
    at = open_writing_page("tess", size=screen)
    home = evidence_of(at)
    choose(home, picture_file(*size))
    picture = loaded_picture(home)
    box = picture.evaluate("image => [image.clientWidth, image.clientHeight]")
    assert box[0] / box[1] == pytest.approx(size[0] / size[1], rel=0.02), "no box beside it"
    assert picture.evaluate("image => getComputedStyle(image).opacity") == "1"
    picture.locator("xpath=ancestor::figure").get_by_label("Dit hoort bij mijn tekst").uncheck()
    assert picture.evaluate("image => getComputedStyle(image).opacity") == "0.4"
    assert at.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_long_screenshot_is_read_by_scrolling_also_with_the_keyboard(open_writing_page):
    at = open_writing_page("milan", size=PHONE)
    home = evidence_of(at)
    choose(home, picture_file(1080, 12_000))
    picture = loaded_picture(home)
    assert picture.evaluate("image => image.clientWidth") >= 300
    box = home.locator(".long-picture").last
    box.focus()
    before = box.evaluate("box => box.scrollTop")
    box.press("PageDown")
    box.press("PageDown")
    at.page.wait_for_function("() => document.activeElement.scrollTop > 100")
    assert before == 0
    assert at.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    at.visitor.check_page("long-picture-phone")


def test_a_photo_is_not_fetched_again_at_the_next_visit(open_writing_page):
    at = open_writing_page("lotte")
    home = evidence_of(at)
    choose(home, picture_file(800, 600))
    loaded_picture(home)
    home.locator("figure.evidence-item").last.get_by_label("Wat zien we hier?").fill("Een vlak")
    at.expect_saved()
    sizes = []
    at.page.on(
        "requestfinished",
        lambda request: (
            "/bewijs/" in request.url and sizes.append(request.sizes()["responseBodySize"])
        ),
    )
    at.open()
    loaded_picture(evidence_of(at))
    at.page.wait_for_load_state("networkidle")
    assert sizes
    assert max(sizes) < 100, "the server was asked, and sent no picture again"


def test_what_cannot_be_read_is_said_once_and_the_files_beside_it_arrive(
    open_writing_page, tmp_path
):
    """A folder, or a file that is gone, would else be sent again and again."""
    at = open_writing_page("bram")
    home = evidence_of(at)
    gone = tmp_path / ("weg" * 60 + "\u202egpj.jpg")
    there = tmp_path / "foto.png"
    for path in (gone, there):
        path.write_bytes(picture_file(400, 300)["buffer"])

    def lose(route):
        gone.unlink(missing_ok=True)
        route.continue_()

    at.page.route("**/evidence.js*", lose)
    before = home.locator("figure.evidence-item").count()
    # As many as can be dropped; a browser test cannot drop a file that is on the disk.
    home.locator("input[type=file]").evaluate("input => { input.multiple = true; }")
    choose(home, [gone, there])
    error = home.locator(".sending .error")
    expect(error).to_contain_text("Dit is een map", timeout=TIMEOUT_MS)
    expect(error).to_contain_text("…")
    expect(home.locator(".sending")).to_contain_text("Het staat erbij", timeout=2 * TIMEOUT_MS)
    expect(home.locator("figure.evidence-item")).to_have_count(before + 1)
    assert "\u202e" not in error.inner_text()
    assert len(error.inner_text()) < 200
    at.visitor.console_errors.clear()
    at.visitor.check_page()
