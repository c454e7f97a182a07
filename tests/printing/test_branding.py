"""Whatever a school puts into its branding, everybody's pages are printed and can be read."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from reflect import paths
from reflect.db.session import session
from reflect.demo import sample_booklet
from reflect.media import transcode
from reflect.printing import booklet_rendering, renderer_pool
from reflect.printing.booklet import BookletLayout
from reflect.printing.branding import active, config, contrast
from reflect.printing.branding.config import BRANDING_FILE, BRANDING_FOLDER, DEFAULT_BRANDING
from reflect.printing.pdf.reader import page_count
from reflect.printing.render_request import Usage
from tests.cast import NOW, TODAY
from tests.conftest import report_in_state
from tests.printing.conftest import (
    assert_checkers_find_no_error,
    build_booklets,
    open_pdf,
    print_html,
)
from tests.printing.test_pdf_tags import tagged

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' viewBox="0 0 30 20">{}</svg>'
)
GOOD_SVG = SVG.format('<rect width="30" height="20" fill="#123456"/>')


@pytest.fixture
def folder(app):
    """The folder of the school's branding, in an app's context."""
    branding_folder = app.extensions["reflect"].data / BRANDING_FOLDER
    branding_folder.mkdir()
    with app.app_context():
        yield branding_folder


def load(folder, toml="", **logos):
    """Write a branding file and logos, by the end of their names, and load the branding."""
    (folder / BRANDING_FILE).write_text(toml, "utf-8")
    for extension, content in logos.items():
        content_bytes = content if isinstance(content, bytes) else content.encode()
        (folder / f"logo.{extension}").write_bytes(content_bytes)
    return config.load_branding(folder)


def load_and_validate(folder, toml="", **logos):
    """Write a branding file and logos, and return the branding that can be printed."""
    load(folder, toml, **logos)
    return active.validate(folder, school="De Vlinder")


def encode_picture(width, height, *, mode="RGB", ground="white", ink="navy", format_name="PNG"):
    image = Image.new(mode, (width, height), ground)
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill=ink)
    out = io.BytesIO()
    image.save(out, format_name)
    return out.getvalue()


BITMAPS = {
    "huge": encode_picture(5000, 4000),
    "tiny": encode_picture(12, 9),
    "wide": encode_picture(3000, 60),
    "tall": encode_picture(40, 2000),
    "transparent": encode_picture(400, 300, mode="RGBA", ground=(0, 0, 0, 0)),
    "grey": encode_picture(400, 300, mode="L", ink=30),
    "a photo": encode_picture(1200, 800, format_name="JPEG"),
}


def test_a_light_colour_is_kept_for_shapes_and_the_words_are_in_ink(folder):
    """A yellow school stays yellow: made darker, its colour would be brown."""
    branding, (first, second) = load(folder, 'main = "#ffee00"\nsecond = "#9cf"\n')
    assert branding.css_variables == (
        "--school: #ffee00; --school-line: #99ccff;"
        " --school-line-width: 1.6mm; --school-line-gap: 3.3mm"
    )
    assert "titles are in ink" in first
    assert "wider" in second


def test_a_dark_colour_is_for_words_too(folder):
    branding, notes = load(folder, 'main = "#123456"\nsecond = "#654321"\n')
    assert branding.css_variables == (
        "--school: #123456; --school-ink: #123456; --school-line: #654321"
    )
    assert not notes


def test_a_colour_that_cannot_be_seen_on_white_is_not_used(folder):
    branding, notes = load(folder, 'main = "#fffffa"\nsecond = "#fff"\n')
    assert branding == DEFAULT_BRANDING
    assert all("cannot be seen" in note for note in notes)
    assert len(notes) == 2


def colours_of_shapes(page):
    """Return the colours in which a page fills or strokes anything."""
    return {
        tuple(round(float(value) * 255) for value in operands)
        for operands, operator in pikepdf.parse_content_stream(page)
        if str(operator) in ("rg", "RG", "sc", "SC", "scn", "SCN") and len(operands) == 3
    }


@pytest.mark.parametrize("layout", BookletLayout)
def test_a_yellow_school_prints_yellow(app, folder, layout):
    branding, _ = load_and_validate(folder, FULL_BRANDING, svg=GOOD_SVG)
    with open_pdf(render_sample(app, branding, layout)) as file:
        colours = set().union(*(colours_of_shapes(page) for page in file.pages))
    assert {(255, 238, 0), (255, 204, 255)} <= colours


MANY_LINES = "x\n" * 40
# The file, and what the note on it says.
WRONG_FILES = {
    "no TOML": ("main = #123", "cannot be read"),
    "an unknown name": ('kleur = "#123456"', "“kleur” is not known"),
    "no colour": ('main = "rood"', "is no colour"),
    "a number": ("main = 7", "is no colour"),
    "too many lines": (f"letterhead = {[f'regel {n}' for n in range(9)]}", "has 9 lines"),
    "an endless line": (f'letterhead = ["{"x" * 500}"]', "more than 45 letters"),
    "a line that is none": ("letterhead = [1]", "list of lines"),
    "a text that is no list": ('letterhead = "Straat 1"', "list of lines"),
    "an endless closing text": (f'[closing]\nnl = "{"woord " * 900}"', "longer than 500 letters"),
    "a closing text of many lines": (
        f'[closing]\nnl = """{MANY_LINES}"""',
        "longer than 500 letters",
    ),
    "an unknown language": ('[closing]\nfr = "Au revoir"', "for “fr”"),
    "one closing text for all": ('closing = "Dag"', "a text for each language"),
    "endless words for the logo": (f'logo_says = "{"x" * 1000}"', "one short sentence"),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_what_is_wrong_in_a_file_is_left_out_with_a_note(folder, what):
    wrong_line, expected_note = WRONG_FILES[what]
    branding, notes = load(folder, f'second = "#123456"\n{wrong_line}')
    assert any(expected_note in note for note in notes), notes
    assert branding.main == ""
    assert len(branding.letterhead) <= config.MAX_LETTERHEAD_LINES
    assert not branding.closing
    if what != "no TOML":
        assert branding.second == "#123456", "the rest of the file is still used"


def test_a_file_that_is_no_text_or_too_large_is_left_out_with_a_note(folder):
    (folder / BRANDING_FILE).write_bytes(b"\xff\xfe\x00main")
    assert "not UTF-8" in config.load_branding(folder)[1][0]
    (folder / BRANDING_FILE).write_text("#" * 200_000)
    assert "larger than" in config.load_branding(folder)[1][0]


def test_without_a_file_or_a_folder_the_branding_is_the_default(folder):
    assert config.load_branding(folder) == (DEFAULT_BRANDING, [])
    assert config.load_branding(folder / "elsewhere") == (DEFAULT_BRANDING, [])


def test_a_closing_text_that_takes_too_much_room_is_left_out(folder):
    sixty_rows = r"1\\" * 60
    tall_matrix = rf"$$\begin{{matrix}}{sixty_rows}\end{{matrix}}$$"
    branding, (note,) = load_and_validate(folder, f"[closing]\nnl = '''{tall_matrix}'''")
    assert "too much room" in note
    assert not branding.closing


def noors_booklet(cast):
    """Return the booklet of Noor with the branding as it is now."""
    active.prepare()
    report_in_state(cast, "closed", student="noor", course=cast.course, at=NOW)
    (booklet,) = build_booklets(cast)
    session().rollback()
    return booklet


def test_a_change_of_the_branding_renders_the_pages_again(cast, folder):
    plain = noors_booklet(cast)
    (folder / BRANDING_FILE).write_text('main = "#123456"\nletterhead = ["Wilgenlaan 12"]')
    branded = noors_booklet(cast)
    (folder / "logo.svg").write_text(GOOD_SVG)
    with_logo = noors_booklet(cast)
    assert plain.branding == DEFAULT_BRANDING
    assert branded.branding.letterhead == ("Wilgenlaan 12",)
    assert with_logo.branding.logo
    booklets = (plain, branded, with_logo)
    assert (
        len({booklet_rendering.booklet_key(booklet, usage=Usage.PRINT) for booklet in booklets})
        == 3
    )
    assert "Wilgenlaan" in print_html(branded)
    assert noors_booklet(cast) == with_logo


def test_a_wrong_file_stops_no_print_and_is_in_the_log(cast, folder, caplog):
    (folder / BRANDING_FILE).write_text("main = [[[")
    (folder / "logo.svg").write_text("<svg>")
    booklet = noors_booklet(cast)
    assert booklet.branding == DEFAULT_BRANDING
    assert isinstance(booklet_rendering.render_one(booklet, seconds=60), bytes)
    assert "paper.toml cannot be read" in caplog.text
    assert "logo.svg" in caplog.text


FULL_BRANDING = f"""
main = "#ffee00"
second = "#ffccff"
letterhead = {["W" * 45] * 6}
logo_says = "Een vlinder"
[closing]
nl = '''{"Dank je wel. " * 38}'''
"""


def render_sample(app, branding, layout):
    with app.test_request_context():
        booklet = sample_booklet.build_booklet(
            layout, branding=branding, school="De Vlinder", language="nl", day=TODAY
        )
        requests = [booklet_rendering.build_request(booklet)]
        (pdf,) = renderer_pool.render_each(requests, seconds=120)
    return pdf


@pytest.mark.parametrize("layout", BookletLayout)
@pytest.mark.parametrize("logo", [{"svg": GOOD_SVG}, {"png": BITMAPS["huge"]}], ids=["svg", "png"])
def test_the_fullest_branding_keeps_the_layout_and_the_checkers_find_no_error(
    app, folder, run_pdf_tool, layout, logo
):
    branding, _ = load_and_validate(folder, FULL_BRANDING, **logo)
    assert branding.logo
    assert branding.closing
    plain = render_sample(app, DEFAULT_BRANDING, layout)
    branded = render_sample(app, branding, layout)
    assert page_count(plain) == page_count(branded)
    with open_pdf(branded) as file:
        assert [str(figure.Alt) for figure, _ in tagged(file, "/Figure")] == ["Een vlinder"]
    assert_checkers_find_no_error(branded, run_pdf_tool)
    last_page = str(page_count(branded))
    text = run_pdf_tool(branded, "pdftotext", "-f", last_page, "PDF", "-").stdout
    assert " ".join(text.split()).count("Dank je wel") == 38


def colours_of_text(page):
    """Yield each colour in which text is drawn, as red, green and blue up to 255."""
    fill = (0, 0, 0)
    saved_fills = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "rg" | "sc" | "scn" if len(operands) == 3:
                fill = tuple(round(float(value) * 255) for value in operands)
            case "q":
                saved_fills.append(fill)
            case "Q":
                fill = saved_fills.pop()
            case "TJ":
                yield fill


def test_every_colour_of_text_in_the_pdf_is_dark_enough(app, folder):
    branding, _ = load_and_validate(folder, FULL_BRANDING, svg=GOOD_SVG)
    pdf = render_sample(app, branding, BookletLayout.ONE_PAGER)
    with open_pdf(pdf) as file:
        colours = {colour for page in file.pages for colour in colours_of_text(page)}
    assert len(colours) >= 2
    assert min(map(contrast.contrast_ratio, colours)) >= contrast.MIN_TEXT_CONTRAST


def test_the_closing_text_is_in_the_language_of_the_report_or_has_its_own():
    both = config.Branding(closing={"nl": "Dag", "en": "Bye"})
    dutch = config.Branding(closing={"nl": "Dag"})
    assert both.closing_in("en") == ("Bye", "en")
    assert dutch.closing_in("en") == ("Dag", "nl")
    assert DEFAULT_BRANDING.closing_in("en") == ("", "en")


def run_command(folder, *arguments):
    env = {"PATH": os.environ["PATH"], "REFLECT_DATA": str(folder), "REFLECT_SCHOOL": "De Vlinder"}
    command = [sys.executable, "-m", "reflect", "print", "samples", *map(str, arguments)]
    checkout = Path(__file__).parent.parent.parent
    return subprocess.run(
        command, cwd=checkout, env=env, capture_output=True, text=True, check=False
    )


def test_the_command_prints_samples_without_a_branding(tmp_path):
    result = run_command(tmp_path, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert "--begin" in result.stdout


def test_the_command_begins_a_branding_that_can_be_printed(tmp_path, run_pdf_tool):
    folder = tmp_path / BRANDING_FOLDER
    result = run_command(tmp_path, "--begin")
    assert result.returncode == 0, result.stderr
    example = (folder / BRANDING_FILE).read_text()
    assert "What stands behind a # is not read" in example
    use_examples = re.sub(r"^#(?=[a-z\[\]\" *]|$)(?! )", "", example, flags=re.MULTILINE)
    (folder / BRANDING_FILE).write_text(use_examples)
    (folder / "logo.png").write_bytes(BITMAPS["transparent"])
    result = run_command(tmp_path)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    assert "The logo is printed" in result.stdout
    for name in ("sample.pdf", "sample-sheet.pdf"):
        text = run_pdf_tool((folder / name).read_bytes(), "pdftotext", "PDF", "-").stdout
        assert "Noor el Amrani" in text
        assert "De Vlinder" in text


def test_the_command_reports_what_is_wrong_and_keeps_the_file(tmp_path):
    folder = tmp_path / BRANDING_FOLDER
    folder.mkdir()
    (folder / BRANDING_FILE).write_text('main = "geel"')
    result = run_command(tmp_path, "--begin")
    assert result.returncode == 2
    assert "stays as it is" in result.stderr
    result = run_command(tmp_path)
    assert result.returncode == 2
    assert "is no colour" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_branding_of_the_demo_has_no_errors():
    branding, notes = config.load_branding(paths.DEMO_BRANDING)
    assert not notes
    assert branding.logo
    assert set(branding.closing) == {"nl", "en"}


def test_the_darkest_pixel_of_a_picture_is_known():
    white = encode_picture(40, 40, ink="white")
    assert transcode.to_safe_file(BITMAPS["a photo"]).darkest_gray < 40
    assert transcode.to_safe_file(white).darkest_gray == 255
