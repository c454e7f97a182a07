"""A one-pager has two pages whatever is written, and says where a text is shortened."""

import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from reflect.access.view_models import Goal
from reflect.demo import sample_booklet
from reflect.printing import booklet_rendering, one_pager, renderer_pool
from reflect.printing.booklet import BookletLayout
from reflect.printing.branding.config import DEFAULT_BRANDING
from reflect.printing.excerpt import beginning
from reflect.printing.pdf.reader import page_count
from reflect.school.people import PersonRef
from reflect.text import markdown
from tests.cast import TODAY
from tests.printing.conftest import assert_checkers_find_no_error, open_pdf
from tests.printing.test_pdf_tags import heading_levels, tagged

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
def noor_one_pager(app):
    """The one-pager of Noor with three subjects, in an app's context."""
    with app.test_request_context():
        yield sample_booklet.build_booklet(
            BookletLayout.ONE_PAGER,
            branding=DEFAULT_BRANDING,
            school="De Vlinder",
            language="nl",
            day=TODAY,
        )


def with_subjects(booklet, count, text=None):
    """Return a one-pager with this many subjects, and this text in everything that is written."""
    reports = [
        replace(booklet.reports[index % 3], id=index + 1, subject=f"Vak {index + 1}")
        for index in range(count)
    ]
    if text is not None:
        reports = [fill_report(report, text) for report in reports]
    return replace(booklet, reports=tuple(reports))


def fill_report(report, text):
    return replace(
        report,
        sections=tuple(
            replace(view, student_content=fill_fields(view.section, text), teacher_text=text)
            for view in report.sections
        ),
        overall=dict.fromkeys(report.overall, text),
        closing_word=text,
        goals=(Goal(text[:500], text[:500]),) * 3 if text else (),
    )


def fill_fields(section, text):
    return {field.name: text for field in section.fields if field.field_type.is_running_text}


def render(booklet):
    requests = [booklet_rendering.build_request(booklet)]
    (pdf,) = renderer_pool.render_each(requests, seconds=300)
    return pdf


def pdf_text(pdf, run_pdf_tool, *options):
    return " ".join(run_pdf_tool(pdf, "pdftotext", *options, "PDF", "-").stdout.split())


def page_text(pdf, run_pdf_tool, number):
    return pdf_text(pdf, run_pdf_tool, "-raw", "-f", str(number), "-l", str(number))


@pytest.mark.parametrize("subjects", [1, 6, 12])
@pytest.mark.parametrize("what", TEXTS)
def test_it_has_two_pages_whatever_is_written(noor_one_pager, run_pdf_tool, subjects, what):
    pdf = render(with_subjects(noor_one_pager, subjects, TEXTS[what]))
    assert page_count(pdf) == 2
    front = page_text(pdf, run_pdf_tool, 1)
    assert "Noor el Amrani" in front
    assert "Wij spreken af" in page_text(pdf, run_pdf_tool, 2)
    assert "Wij spreken af" not in front
    assert all(re.search(rf"\bVak {index + 1}\b", front) for index in range(subjects))
    if TEXTS[what] != "":
        # At each subject, and in the sentence that explains the ellipsis.
        assert front.count("lees verder in het verslag") == subjects + 1


@pytest.mark.parametrize("subjects", [1, 6, 12])
def test_of_each_subject_the_student_says_something(noor_one_pager, run_pdf_tool, subjects):
    pdf = render(with_subjects(noor_one_pager, subjects, LONG))
    front = page_text(pdf, run_pdf_tool, 1)
    assert front.count("Ik heb heel lang nagedacht") >= subjects
    assert front.count("…") > subjects


@pytest.mark.parametrize(
    "name",
    [
        "نور الدين العمراني",
        "Wilhelmina van den Boogaard-Vandenbroeckestraeten",
        "Vandenbroeckestraeten" * 12,
        "Łukasz Ğül",
    ],
)
def test_any_name_fits(noor_one_pager, name):
    booklet = replace(
        with_subjects(noor_one_pager, 12, LONG),
        student=PersonRef(1, name, name.split()[0]),
        attendees=(name,) * 6,
        group="Klas 2b " * 8,
        round="Herfst " * 8,
    )
    assert page_count(render(booklet)) == 2


def test_of_forty_subjects_only_the_names_are_printed(noor_one_pager, run_pdf_tool):
    pdf = render(with_subjects(noor_one_pager, 40, LONG))
    assert page_count(pdf) == 2
    assert "Noor schreef over: Vak 1, Vak 2" in pdf_text(pdf, run_pdf_tool)


def test_the_students_texts_come_before_the_teachers(noor_one_pager, run_pdf_tool):
    pdf = render(replace(noor_one_pager, reports=noor_one_pager.reports[:1]))
    text = pdf_text(pdf, run_pdf_tool, "-raw")
    in_order = [
        "Dit heb ik geleerd",
        "Dit vond ik lastig",
        "Ik neem mij voor",
        "Jouw volgende stap",
        "Zet deze week een glas",
    ]
    assert sorted(in_order, key=text.index) == in_order
    assert "Nog onderweg: Aardrijkskunde" in text


@pytest.fixture
def short_report(noor_one_pager):
    """A report of which everything fits on a one-pager."""
    report = fill_report(noor_one_pager.reports[0], "Kort.")
    return replace(
        report,
        goals=(Goal("Oefenen", "het lukt"),),
        sections=tuple(replace(view, teacher_text="") for view in report.sections),
        remarks=(),
    )


def first_part(booklet, report):
    """Return the only subject in the candidate with the most words."""
    ((part,), *_shorter) = one_pager.candidates(replace(booklet, reports=(report,)))
    return part


def test_a_subject_with_everything_in_it_does_not_say_to_read_on(noor_one_pager, short_report):
    assert first_part(noor_one_pager, short_report).is_complete


def test_a_subject_with_a_shortened_text_says_to_read_on(noor_one_pager, short_report):
    report = replace(short_report, closing_word=LONG)
    assert not first_part(noor_one_pager, report).is_complete


def test_a_subject_with_an_answer_to_a_section_says_to_read_on(noor_one_pager, short_report):
    first, *others = short_report.sections
    sections = (replace(first, teacher_text="Mooi."), *others)
    assert not first_part(noor_one_pager, replace(short_report, sections=sections)).is_complete


def test_without_goals_the_plan_takes_their_place(noor_one_pager):
    report = replace(noor_one_pager.reports[0], goals=())
    part = first_part(noor_one_pager, report)
    assert [line.label for line in part.goal_lines] == ["Mijn volgende stap"]


@pytest.mark.parametrize("subjects", [1, 3, 12])
def test_candidates_go_from_high_to_low(noor_one_pager, subjects):
    booklet = with_subjects(noor_one_pager, subjects, LONG)
    layout = one_pager.layout_for(booklet)
    heights = [
        one_pager._estimate_height_mm(parts, layout) for parts in one_pager.candidates(booklet)
    ]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("subjects", [1, 6, 12])
def test_the_checkers_find_no_error_and_the_headings_are_in_order(
    noor_one_pager, run_pdf_tool, subjects
):
    pdf = render(with_subjects(noor_one_pager, subjects))
    assert_checkers_find_no_error(pdf, run_pdf_tool)
    with open_pdf(pdf) as file:
        assert heading_levels(file)[: subjects + 2] == [1, *[2] * subjects, 1]
        assert not tagged(file, "/Table", "/TD"), "columns are no table"


def test_each_subject_has_its_language(noor_one_pager):
    dutch, other, *_ = noor_one_pager.reports
    english = replace(other, language="en")
    pdf = render(replace(noor_one_pager, reports=(dutch, english)))
    with open_pdf(pdf) as file:
        assert {language for _, language in tagged(file, "/H2")} == {"nl", "en"}


def test_one_pagers_are_merged_and_have_file_names_of_their_own(cast_booklets):
    one_pagers = [replace(booklet, layout=BookletLayout.ONE_PAGER) for booklet in cast_booklets]
    with open_pdf(booklet_rendering.render_merged(one_pagers, seconds=120)) as file:
        labels = [page.label for page in file.pages]
    assert labels == ["Noor el Amrani 1", "Noor el Amrani 2", "Sam Jansen 1", "Sam Jansen 2"]
    assert not set(booklet_rendering.file_names(one_pagers)) & set(
        booklet_rendering.file_names(cast_booklets)
    )


def test_private_sections_and_the_letter_are_not_on_it(cast_booklets, run_pdf_tool):
    pdf = render(replace(cast_booklets[1], layout=BookletLayout.ONE_PAGER))
    text = pdf_text(pdf, run_pdf_tool)
    assert "haal je links en rechts" in text
    assert "Geheim" not in text
    assert "mag ik iets vragen" not in text


def test_nothing_is_drawn_within_6_mm_of_an_edge(noor_one_pager, tmp_path):
    """Many printers cannot draw there."""
    path = tmp_path / "one-pager.pdf"
    path.write_bytes(render(with_subjects(noor_one_pager, 12, TEXTS["a word without end"])))
    command = ["pdftoppm", "-r", "50", "-gray", "-png", str(path), str(tmp_path / "page")]
    subprocess.run(command, check=True)
    distances = [
        distance for image in sorted(tmp_path.glob("page*.png")) for distance in edges(image)
    ]
    assert min(distances) >= 6 / 25.4 * 50


def edges(path):
    """Return the distances from the edges of a page to what is drawn on it, in px."""
    with Image.open(path) as page:
        left, top, right, bottom = ImageOps.invert(page).getbbox()
        return (left, top, page.width - right, page.height - bottom)


written = st.text(alphabet=st.sampled_from("abc dE.!?…\n-*_$^x1é&<>\"'()·"), max_size=200)


@settings(max_examples=300)
@given(written, st.integers(1, 120))
def test_an_excerpt_is_the_beginning_of_a_text_and_shows_where_it_stops(text, characters):
    excerpt = beginning(text, characters=characters, language="nl")
    whole = beginning(text, characters=10_000, language="nl")
    assert whole.is_complete
    if excerpt.is_complete:
        assert excerpt.html == whole.html
    else:
        assert excerpt.html.endswith("…")
        assert whole.html.startswith(excerpt.html.removesuffix("…").rstrip())
        assert excerpt.character_count <= characters + 4 or "<formula" in excerpt.html


TEXT_OF_EVERY_KIND = """# Kop

Een *zin* met `code`.
En een regel

- punt
- nog een

3. drie
4. vier

> citaat $x^2$"""


def test_every_word_of_a_text_is_in_its_excerpt():
    html = beginning(TEXT_OF_EVERY_KIND, characters=1000, language="nl").html
    assert html == (
        "Kop · Een zin met code. En een regel · – punt · – nog een · 3. drie · 4. vier · citaat "
        '<formula lang="nl" place="inline">x^2</formula>'
    )
    words = set(markdown.to_plain(TEXT_OF_EVERY_KIND).split()) - {"$x^2$", "x^2"}
    assert words <= set(html.split())


@pytest.mark.parametrize(
    ("text", "characters", "excerpt"),
    [
        ("Eerst dit. Dan dat.", 12, "Eerst dit. …"),
        ("Eerst dit. Dan dat.", 20, "Eerst dit. Dan dat."),
        ("Een zin die te lang is.", 12, "Een zin die …"),
        ("w" * 50, 10, "wwwwwwwwww …"),
        ("Zie blz. 3 en verder. Klaar.", 23, "Zie blz. 3 en verder. …"),
        ("Hij zei: “Kom.” Ik kwam.", 17, "Hij zei: “Kom.” …"),
        ("", 10, ""),
        ("  \n ", 10, ""),
    ],
)
def test_an_excerpt_ends_with_a_sentence_or_else_with_a_word(text, characters, excerpt):
    html = beginning(text, characters=characters, language="nl").html
    assert str(html).replace("\u00a0", " ") == excerpt


def test_an_excerpt_keeps_the_signs_of_items_and_the_cells_of_a_table():
    text = "- 5 + 3 = -2\n\n2) x=3\n\nnaam\tpunten\nJan\t7\n\n•\tfruit"
    html = beginning(text, characters=1000, language="nl").html
    assert html == "– 5 + 3 = -2 · 2) x=3 · naam · punten · Jan · 7 · fruit"
