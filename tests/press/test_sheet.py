"""One sheet, two sides: always, whatever was written; every word on it is somebody's, and where it stops it says so."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from reflect import words
from reflect.demo import sample
from reflect.paper import bundle, press, sheet
from reflect.paper.booklet import Shape
from reflect.paper.design import HOUSE
from reflect.paper.excerpt import beginning
from reflect.paper.pieces import count
from reflect.report.grammar import Shape as Field
from reflect.school.people import Who
from reflect.trust.seen import Goal
from tests.cast import TODAY
from tests.press.conftest import opened
from tests.press.test_tags import elements, tagged

LONG = "Ik heb heel lang nagedacht over wat ik hier wil vertellen. " * 80
TEXTS = {
    "as people write": None,
    "nothing": "",
    "very long": LONG,
    "a word without end": "w" * 5000,
    "lines without end": "x\n" * 2000,
    "fractions in fractions": "$$\\frac{\\frac{1}{2}}{\\frac{3}{4}}$$ " * 40,
    "lists": "- een\n- twee\n\n1. drie\n2. vier\n\n> citaat\n\n" * 100,
}


@pytest.fixture
def noor(app):
    """The sheet of Noor with three subjects, in an app's context."""
    with app.test_request_context():
        yield sample.booklet(Shape.SHEET, design=HOUSE, school="De Vlinder", language="nl", day=TODAY)


def of(booklet, subjects, text=None):
    """Give a sheet with so many subjects, and the same text in everything that can be written."""
    reports = [
        replace(booklet.reports[number % 3], id=number + 1, subject=f"Vak {number + 1}") for number in range(subjects)
    ]
    return replace(booklet, reports=tuple(reports if text is None else (_filled(seen, text) for seen in reports)))


def _filled(seen, text):
    def fields(section):
        typed = (field for row in section.rows for field in row if field.shape in (Field.TEXT, Field.LINE))
        return {field.name: text for field in typed}

    said = tuple(replace(one, student=fields(one.section), teacher=text) for one in seen.said)
    return replace(
        seen, said=said, overall=dict.fromkeys(seen.overall, text), closing_word=text,
        goals=(Goal(text[:500], text[:500]),) * 3 if text else (),
    )  # fmt: skip


def printed(*booklets):
    return press.apart([bundle.manuscript(one) for one in booklets], seconds=300)


def read(pdf, shop, *more):
    return " ".join(shop(pdf, "pdftotext", *more, "PDF", "-").stdout.split())


@pytest.mark.parametrize("subjects", [1, 6, 12])
@pytest.mark.parametrize("what", TEXTS)
def test_it_is_two_pages_whatever_is_written(noor, shop, subjects, what):
    made = of(noor, subjects, TEXTS[what])
    (pdf,) = printed(made)
    assert count(pdf) == 2
    front, back = (read(pdf, shop, "-raw", "-f", str(page), "-l", str(page)) for page in (1, 2))
    assert "Noor el Amrani" in front
    assert "Wij spreken af" in back
    assert "Wij spreken af" not in front
    assert all(re.search(rf"\bVak {number + 1}\b", front) for number in range(subjects))
    if what == "very long":
        assert front.count("Ik heb heel lang nagedacht") >= subjects, "of each subject the student says something"
        assert front.count("…") > subjects
    if TEXTS[what] != "":
        assert front.count("lees verder in het verslag") == subjects + 1, "at each subject, and what the sign means"


@pytest.mark.parametrize(
    "name",
    [
        "نور الدين العمراني",
        "Wilhelmina van den Boogaard-Vandenbroeckestraeten",
        "Vandenbroeckestraeten" * 12,
        "Łukasz Ğül",
    ],
)
def test_any_name_fits(noor, name):
    who = Who(1, name, name.split()[0])
    made = replace(of(noor, 12, LONG), student=who, at_table=(name,) * 6, group="Klas 2b " * 8, round="Herfst " * 8)
    (pdf,) = printed(made)
    assert count(pdf) == 2


def test_forty_subjects_are_named_and_no_more(noor, shop):
    (pdf,) = printed(of(noor, 40, LONG))
    assert count(pdf) == 2
    assert "Noor schreef over: Vak 1, Vak 2" in read(pdf, shop)


def test_the_students_voice_comes_first_and_the_teachers_next_step_beside_it(noor, shop):
    (pdf,) = printed(replace(noor, reports=noor.reports[:1]))
    text = read(pdf, shop, "-raw")
    told = (
        "Dit heb ik geleerd",
        "Dit vond ik lastig",
        "Ik neem mij voor",
        "Jouw volgende stap",
        "Zet deze week een glas",
    )
    assert sorted(told, key=text.index) == list(told)
    assert "Nog onderweg: Aardrijkskunde" in text


def test_where_everything_of_a_report_is_here_nothing_says_to_read_on(noor):
    short = replace(_filled(noor.reports[0], "Kort."), goals=(Goal("Oefenen", "het lukt"),))
    said = tuple(replace(one, teacher="") for one in short.said)
    whole = replace(short, said=said, remarks=())
    one = replace(noor, reports=(whole,))
    assert sheet.choices(one)[0][0].whole
    assert not sheet.choices(replace(one, reports=(short,)))[0][0].whole, "the teacher answered a section too"
    assert not sheet.choices(replace(one, reports=(replace(whole, closing_word=LONG),)))[0][0].whole


def test_as_long_as_there_are_no_goals_the_plan_is_what_a_student_takes_on(noor):
    seen = replace(noor.reports[0], goals=())
    part = sheet.choices(replace(noor, reports=(seen,)))[0][0]
    assert [line.about for line in part.takes_on] == ["Mijn volgende stap"]


def test_what_is_shorter_is_tried_later(noor):
    for subjects in (1, 3, 12):
        made = of(noor, subjects, LONG)
        own = sheet.measure(made)
        heights = [sheet._height(parts, own) for parts in sheet.choices(made)]
        assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("subjects", [1, 6, 12])
def test_the_checkers_find_no_error_and_the_headings_are_in_order(noor, shop, subjects):
    (pdf,) = printed(of(noor, subjects))
    for tool in (("outloud.cli", "--quiet", "PDF"), ("pdfua", "check", "PDF")):
        ran = shop(pdf, sys.executable, "-m", *tool)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert shop(pdf, "qpdf", "--check", "PDF").returncode == 0
    with opened(pdf) as file:
        levels = [int(str(one.S)[2]) for one, _ in elements(file) if re.fullmatch("/H[1-6]", str(one.S))]
        assert levels[: subjects + 2] == [1, *[2] * subjects, 1]
        assert not tagged(file, "/Table", "/TD"), "columns are no table"


def test_each_language_is_said(noor):
    seen = replace(noor.reports[1], language="en")
    (pdf,) = printed(replace(noor, reports=(noor.reports[0], seen)))
    with opened(pdf) as file:
        assert {language for _, language in tagged(file, "/H2")} == {"nl", "en"}


def test_sheets_are_bound_side_by_side_and_have_a_name_of_their_own(made):
    sheets = [replace(one, shape=Shape.SHEET) for one in made]
    with opened(bundle.merged(sheets, seconds=120)) as file:
        assert [page.label for page in file.pages] == [
            "Noor el Amrani 1",
            "Noor el Amrani 2",
            "Sam Jansen 1",
            "Sam Jansen 2",
        ]
    assert not set(bundle.file_names(sheets)) & set(bundle.file_names(made))


def test_what_is_private_and_the_letter_are_not_on_it(made, shop):
    (pdf,) = printed(replace(made[1], shape=Shape.SHEET))
    text = read(pdf, shop)
    assert "haal je links en rechts" in text
    assert "Geheim" not in text
    assert "mag ik iets vragen" not in text


# The beginning of a text


written = st.text(alphabet=st.sampled_from("abc dE.!?…\n-*_$^x1é&<>\"'()·"), max_size=200)


@settings(max_examples=300)
@given(written, st.integers(1, 120))
def test_the_beginning_of_a_text_is_its_beginning_and_says_when_it_stops(text, letters):
    made, whole = beginning(text, letters=letters, language="nl"), beginning(text, letters=10_000, language="nl")
    assert whole.whole
    if made.whole:
        assert made.html == whole.html
    else:
        assert made.html.endswith("…")
        said = made.html.removesuffix("…").rstrip()
        assert whole.html.startswith(said), (made.html, whole.html)
        assert made.letters <= letters + 4 or "<formula" in made.html


def test_every_word_of_a_text_is_in_its_excerpt():
    text = "# Kop\n\nEen *zin* met `code`.\nEn een regel\n\n- punt\n- nog een\n\n3. drie\n4. vier\n\n> citaat $x^2$"
    made = beginning(text, letters=1000, language="nl")
    assert made.html == (
        "Kop · Een zin met code. En een regel · punt · nog een · 3. drie · 4. vier · citaat "
        '<formula lang="nl" place="inline">x^2</formula>'
    )
    assert set(words.plain(text).split()) - {"$x^2$", "x^2"} <= set(made.html.split())


@pytest.mark.parametrize(
    ("text", "letters", "said"),
    [("Eerst dit. Dan dat.", 12, "Eerst dit. …"), ("Eerst dit. Dan dat.", 20, "Eerst dit. Dan dat."),
     ("Een zin die te lang is.", 12, "Een zin die …"), ("w" * 50, 10, "wwwwwwwwww …"),
     ("Zie blz. 3 en verder. Klaar.", 23, "Zie blz. 3 en verder. …"), ("Hij zei: “Kom.” Ik kwam.", 17, "Hij zei: “Kom.” …"),
     ("", 10, ""), ("  \n ", 10, "")],
)  # fmt: skip
def test_it_ends_at_the_end_of_a_sentence_or_else_of_a_word(text, letters, said):
    assert str(beginning(text, letters=letters, language="nl").html).replace("\u00a0", " ") == said


def test_a_page_of_a_sheet_has_no_words_outside_the_paper(noor, tmp_path):
    """Looked at as a picture: nothing is drawn within 6 mm of an edge, where a printer cannot draw."""
    (pdf,) = printed(of(noor, 12, TEXTS["a word without end"]))
    path = tmp_path / "sheet.pdf"
    path.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "50", "-gray", "-png", str(path), str(tmp_path / "page")], check=True)
    from_edge = _from_edge([*sorted(tmp_path.glob("page*.png"))])
    assert min(from_edge) >= 6 / 25.4 * 50


def _from_edge(paths):
    for path in paths:
        with Image.open(path) as page:
            left, top, right, bottom = ImageOps.invert(page).getbbox()
            yield from (left, top, page.width - right, page.height - bottom)
