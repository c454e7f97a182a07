"""A school's own paper: whatever stands in its files, what is read can be read, and everybody's pages come out."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from reflect import places
from reflect.demo import sample
from reflect.media import refit
from reflect.paper import booklets, bundle, contrast, design, dress, press
from reflect.paper.booklet import Shape
from reflect.paper.design import FILE, FOLDER, HOUSE
from reflect.paper.manuscript import Use
from reflect.paper.pieces import count
from reflect.school.lists import Named
from reflect.store import session
from tests.cast import NOW, TODAY
from tests.conftest import live
from tests.press.conftest import opened, pages
from tests.press.test_tags import tagged

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 30 20">{}</svg>'
GOOD = SVG.format('<rect width="30" height="20" fill="#123456"/>')


@pytest.fixture
def folder(app):
    """The school's folder for its paper, in an app's context."""
    made = app.extensions["reflect"].data / FOLDER
    made.mkdir()
    with app.app_context():
        yield made


def put(folder, told="", **logos):
    """Put a design down and read it."""
    (folder / FILE).write_text(told, "utf-8")
    for ending, content in logos.items():
        (folder / f"logo.{ending}").write_bytes(content if isinstance(content, bytes) else content.encode())
    return design.read(folder)


def wear(folder, told="", **logos):
    """Put a design down, read it, and try it on."""
    put(folder, told, **logos)
    return dress.tried_on(folder, school="De Vlinder")


def picture(width, height, *, mode="RGB", ground="white", ink="navy", format="PNG"):
    made = Image.new(mode, (width, height), ground)
    ImageDraw.Draw(made).rectangle((0, 0, width // 2, height // 2), fill=ink)
    into = io.BytesIO()
    made.save(into, format)
    return into.getvalue()


BITMAPS = {
    "huge": picture(5000, 4000), "tiny": picture(12, 9), "wide": picture(3000, 60), "tall": picture(40, 2000),
    "transparent": picture(400, 300, mode="RGBA", ground=(0, 0, 0, 0)), "grey": picture(400, 300, mode="L", ink=30),
    "a photo": picture(1200, 800, format="JPEG"),
}  # fmt: skip


# Colours


def test_a_colour_that_is_too_light_is_darkened_and_it_says_so(folder):
    made, (first, second) = put(folder, 'main = "#ffee00"\nsecond = "#9cf"\n')
    assert contrast.apart(contrast.colour(made.main)) >= 7
    assert contrast.apart(contrast.colour(made.second)) >= 4.5
    assert "#ffee00 is too light" in first
    assert made.main in first
    assert "a line" in second


# Files


WRONG = {
    "no TOML": ("main = #123", "cannot be read"),
    "an unknown name": ('kleur = "#123456"', "“kleur” is not known"),
    "no colour": ('main = "rood"', "is no colour"),
    "a number": ("main = 7", "is no colour"),
    "too many lines": (f"letterhead = {[f'regel {n}' for n in range(9)]}", "has 9 lines"),
    "an endless line": (f'letterhead = ["{"x" * 500}"]', "more than 45 letters"),
    "a line that is none": ("letterhead = [1]", "list of lines"),
    "a text that is no list": ('letterhead = "Straat 1"', "list of lines"),
    "an endless closing text": (f'[closing]\nnl = "{"woord " * 900}"', "longer than 500 letters"),
    "a closing text of many lines": ('[closing]\nnl = """' + "x\n" * 40 + '"""', "longer than 500 letters"),
    "an unknown language": ('[closing]\nfr = "Au revoir"', "for “fr”"),
    "one closing text for all": ('closing = "Dag"', "a text for each language"),
    "endless words for the logo": (f'logo_says = "{"x" * 1000}"', "one short sentence"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_a_sentence_and_there_the_house_stands(folder, what):
    told, said = WRONG[what]
    made, notes = put(folder, f'second = "#123456"\n{told}')
    assert any(said in note for note in notes), notes
    assert made.main == ""
    assert len(made.letterhead) <= design.MOST_LINES
    assert not made.closing
    if what != "no TOML":
        assert made.second == "#123456", "the rest of the file still counts"


def test_a_file_that_is_no_text_or_cannot_be_opened_is_said(folder):
    (folder / FILE).write_bytes(b"\xff\xfe\x00main")
    assert "not UTF-8" in design.read(folder)[1][0]
    (folder / FILE).write_text("#" * 200_000)
    assert "larger than" in design.read(folder)[1][0]
    (folder / FILE).unlink()
    assert design.read(folder) == (HOUSE, [])
    assert design.read(folder / "elsewhere") == (HOUSE, [])


def test_a_closing_text_that_takes_too_much_room_is_left_out(folder):
    tall = "1\\\\" * 60
    made, (note,) = wear(folder, f"[closing]\nnl = '''$$\\begin{{matrix}}{tall}\\end{{matrix}}$$'''")
    assert "too much room" in note
    assert not made.closing


# What is worn


def worn_pages(app, cast):
    live(cast, "closed", student="noor", course=cast.course, at=NOW)
    group = Named(cast.group, "2b", "Klas 2b")
    (noor,) = booklets.of_group(group, round_id=cast.round, school="Lyceum", by=cast.me("smit"), at=NOW)
    session().rollback()
    return noor


def test_a_change_of_the_design_lays_the_pages_out_anew(app, cast, folder):
    plain = worn_pages(app, cast)
    (folder / FILE).write_text('main = "#123456"\nletterhead = ["Wilgenlaan 12"]')
    dressed = worn_pages(app, cast)
    (folder / "logo.svg").write_text(GOOD)
    with_logo = worn_pages(app, cast)
    assert plain.design == HOUSE
    assert dressed.design.letterhead == ("Wilgenlaan 12",)
    assert with_logo.design.logo
    assert len({bundle.key(one, use=Use.PRINT) for one in (plain, dressed, with_logo)}) == 3
    assert "Wilgenlaan" in pages(dressed)
    assert worn_pages(app, cast) == with_logo


def test_a_wrong_file_stops_no_print_and_is_in_the_log(app, cast, folder, caplog):
    (folder / FILE).write_text("main = [[[")
    (folder / "logo.svg").write_text("<svg>")
    noor = worn_pages(app, cast)
    assert noor.design == HOUSE
    assert isinstance(bundle.one(noor, seconds=60), bytes)
    assert "paper.toml cannot be read" in caplog.text
    assert "logo.svg" in caplog.text


FULL = f"""
main = "#ffee00"
second = "#ffccff"
letterhead = {["W" * 45] * 6}
logo_says = "Een vlinder"
[closing]
nl = '''{"Dank je wel. " * 38}'''
"""


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("logo", [{"svg": GOOD}, {"png": BITMAPS["huge"]}])
def test_the_fullest_design_keeps_the_layout_and_the_checkers_find_no_error(app, folder, shop, shape, logo):
    made, _ = wear(folder, FULL, **logo)
    assert made.logo
    assert made.closing
    with app.test_request_context():
        pages = [
            sample.booklet(shape, design=one, school="De Vlinder", language="nl", day=TODAY) for one in (HOUSE, made)
        ]
        plain, dressed = press.apart([bundle.manuscript(one) for one in pages], seconds=120)
    assert count(plain) == count(dressed)
    with opened(dressed) as file:
        assert [str(figure.Alt) for figure, _ in tagged(file, "/Figure")] == ["Een vlinder"]
    for tool in (("outloud.cli", "--quiet", "PDF"), ("pdfua", "check", "PDF")):
        ran = shop(dressed, sys.executable, "-m", *tool)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert shop(dressed, "qpdf", "--check", "PDF").returncode == 0
    text = shop(dressed, "pdftotext", "-f", str(count(dressed)), "PDF", "-").stdout
    assert " ".join(text.split()).count("Dank je wel") == 38


def test_every_colour_of_the_pages_is_dark_enough(app, folder, shop, tmp_path):
    """Looked at in the PDF itself: each colour that letters are set in."""
    made, _ = wear(folder, FULL, svg=GOOD)
    with app.test_request_context():
        page = sample.booklet(Shape.SHEET, design=made, school="De Vlinder", language="nl", day=TODAY)
        (pdf,) = press.apart([bundle.manuscript(page)], seconds=60)
    found = set()
    with opened(pdf) as file:
        for one in file.pages:
            fill, stack = (0, 0, 0), []
            for operands, operator in pikepdf.parse_content_stream(one):
                match str(operator):
                    case "rg" | "sc" | "scn" if len(operands) == 3:
                        fill = tuple(round(float(value) * 255) for value in operands)
                    case "q":
                        stack.append(fill)
                    case "Q":
                        fill = stack.pop()
                    case "TJ":
                        found.add(fill)
    assert len(found) >= 3
    assert min(map(contrast.apart, found)) >= contrast.READ


def test_the_closing_text_comes_in_the_language_of_the_report_or_says_in_which_it_is():
    both = design.Design(closing={"nl": "Dag", "en": "Bye"})
    assert both.closing_in("en") == ("Bye", "en")
    assert design.Design(closing={"nl": "Dag"}).closing_in("en") == ("Dag", "nl")
    assert HOUSE.closing_in("en") == ("", "en")


# The command


def reflect(folder, *arguments):
    env = {"PATH": os.environ["PATH"], "REFLECT_DATA": str(folder), "REFLECT_SCHOOL": "De Vlinder"}
    command = [sys.executable, "-m", "reflect", *map(str, arguments)]
    top = Path(__file__).parent.parent.parent
    return subprocess.run(command, cwd=top, env=env, capture_output=True, text=True, check=False)


def test_the_command_begins_a_design_checks_it_and_prints_samples(tmp_path, shop):
    none = reflect(tmp_path, "paper", "--out", tmp_path / "out")
    assert none.returncode == 0, none.stderr
    assert "--begin" in none.stdout
    begun = reflect(tmp_path, "paper", "--begin")
    assert begun.returncode == 0, begun.stderr
    path = tmp_path / FOLDER / FILE
    assert "What stands behind a # is not read" in path.read_text()
    path.write_text(re.sub(r"^#(?=[a-z\[\]\" *]|$)(?! )", "", path.read_text(), flags=re.MULTILINE))
    (tmp_path / FOLDER / "logo.png").write_bytes(BITMAPS["transparent"])
    right = reflect(tmp_path, "paper")
    assert (right.returncode, right.stderr) == (0, ""), right.stderr
    assert "The logo is printed" in right.stdout
    for name in ("sample.pdf", "sample-sheet.pdf"):
        text = shop((tmp_path / FOLDER / name).read_bytes(), "pdftotext", "PDF", "-").stdout
        assert "Noor el Amrani" in text
        assert "De Vlinder" in text
    path.write_text('main = "geel"')
    wrong = reflect(tmp_path, "paper", "--begin")
    assert wrong.returncode == 2
    assert "stays as it is" in wrong.stderr
    wrong = reflect(tmp_path, "paper")
    assert wrong.returncode == 2
    assert "is no colour" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_the_demos_paper_is_right():
    made, notes = design.read(places.DEMO_PAPER)
    assert not notes
    assert made.logo
    assert set(made.closing) == {"nl", "en"}


def test_the_darkest_dot_of_a_picture_is_known():
    assert refit.refit(BITMAPS["a photo"]).darkest < 40
    assert refit.refit(picture(40, 40, ink="white")).darkest == 255
