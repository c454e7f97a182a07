"""Pages look as in their snapshots, and no page ends badly, whatever people wrote."""

import itertools
import os
import re
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from reflect.app import create_app
from reflect.printing import booklet_rendering, renderer_pool
from reflect.printing.booklet import BookletLayout
from reflect.printing.render_request import Usage
from reflect.storage import blob_store
from tests.conftest import isolated_settings
from tests.printing import edge_case_booklets, snapshots, textual_look
from tests.printing.conftest import assert_checkers_find_no_error, assert_keeps_profiles

# The pages with a snapshot; of the long booklet those with something that no other page has.
PICTURES = {
    "demo": range(1, 12),
    "long": (1, 2, 3, 7, 8, 21),
    "short": (1, 3),
    "unanswered": (1, 2, 3, 4),
    "right-to-left": (1, 2),
    "hard": (1, 2, 3),
    "one-pager": (1, 2),
}
# The one-pager is apart: a sheet has other margins, and other ends of pages.
MAKERS = edge_case_booklets.BOOKLET_MAKERS | {"one-pager": edge_case_booklets.demo_one_pager}
SAMPLES = Path(__file__).parents[2] / "docs" / "paper-samples"
# By file name: the booklet and the page that the documentation shows.
SAMPLE_PAGES = {
    "cover": ("demo", 1),
    "report": ("demo", 2),
    "notes": ("demo", 3),
    "agreements": ("demo", 11),
    "photos": ("long", 3),
    "answer": ("long", 7),
    "arabic": ("right-to-left", 2),
}
MARGIN_FOR_A_PEN = 34 / 25.4 * 72  # 34 mm in points
HEAD_END = 60  # in points
FOOT_START = 780
HEADING_FONT = "Literata"


@pytest.fixture(scope="module")
def active_app(tmp_path_factory):
    app = create_app(isolated_settings(tmp_path_factory.mktemp("printing")))
    with app.app_context():
        yield app


@pytest.fixture(scope="module")
def booklets(active_app):
    blobs = blob_store(active_app.extensions["reflect"].evidence)
    return {name: make(store_file=blobs.put) for name, make in MAKERS.items()}


@pytest.fixture(scope="module")
def rendered_booklets(booklets):
    pdfs = booklet_rendering.render_booklets(list(booklets.values()), seconds=300)
    return dict(zip(booklets, pdfs, strict=True))


@pytest.fixture
def page_images(tmp_path):
    """A function that returns the pages of a PDF as images."""
    numbers = itertools.count()
    return lambda pdf: snapshots.render_pages(pdf, folder=tmp_path / str(next(numbers)))


@pytest.mark.parametrize("name", PICTURES)
def test_every_page_looks_as_in_its_snapshot(rendered_booklets, page_images, name):
    """`make snapshots` takes the snapshots again; look at them before you commit them."""
    images = page_images(rendered_booklets[name])
    changed = []
    for number in PICTURES[name]:
        path = snapshots.SNAPSHOTS_DIR / f"{name}-{number}.png"
        image = images[number - 1]
        if os.environ.get("ACCEPT_SNAPSHOTS"):
            snapshots.save_snapshot(image, path)
        snapshot = snapshots.open_image(path)
        if not snapshots.look_alike(snapshot, image):
            changed.append(str(snapshots.save_side_by_side(snapshot, image, name=path.stem)))
    assert not changed, (
        "look at these (before, now, difference), and if it is better so: make snapshots\n"
        f"{changed}"
    )


@pytest.mark.parametrize("name", PICTURES)
def test_every_page_has_the_texts_and_rules_that_it_had(rendered_booklets, name):
    """`make snapshots` lists them again; read what `git diff` says before you commit it."""
    listed = dict(enumerate(textual_look.list_pages(rendered_booklets[name]), start=1))
    pages = {number: listed[number] for number in PICTURES[name]}
    if os.environ.get("ACCEPT_SNAPSHOTS"):
        textual_look.save(pages, name)
    expected = textual_look.load(name)
    assert expected.keys() == pages.keys()
    changed = {
        number: difference
        for number, lines in pages.items()
        if (difference := textual_look.differences(expected[number], lines))
    }
    assert not changed, "if it is better so: make snapshots"


def test_every_layout_has_a_snapshot(booklets):
    layouts = {booklets[name].layout for name in PICTURES}
    assert layouts == set(BookletLayout), "add a booklet of the new layout to PICTURES"


def test_sample_pages_are_taken_as_pictures_and_shown(rendered_booklets):
    """`make screenshots` takes them again, with all other pictures in docs."""
    if os.environ.get("SCREENSHOTS"):
        for name, (booklet_name, number) in SAMPLE_PAGES.items():
            pdf = rendered_booklets[booklet_name]
            snapshots.save_sample_page(pdf, number, SAMPLES / f"{name}.png")
    page = (SAMPLES.parent / "paper-samples.md").read_text("utf-8")
    assert {path.stem for path in SAMPLES.glob("*.png")} == set(SAMPLE_PAGES)
    assert set(re.findall(r"\]\(paper-samples/(\w+)\.png\)", page)) == set(SAMPLE_PAGES)


def test_every_snapshot_is_compared_and_they_are_small():
    paths = list(snapshots.SNAPSHOTS_DIR.iterdir())
    compared = {f"{name}-{number}.png" for name, numbers in PICTURES.items() for number in numbers}
    assert {path.name for path in paths} == compared
    assert sum(path.stat().st_size for path in paths) < 1_500_000


@pytest.mark.parametrize("name", ["demo", "right-to-left"])
def test_pages_drawn_by_another_program_look_alike(rendered_booklets, page_images, name):
    """Another machine draws edges softer, or half a pixel further."""
    images = page_images(rendered_booklets[name])
    with pymupdf.open(stream=rendered_booklets[name]) as pdf:
        for page, image in zip(pdf, images, strict=True):
            pixels = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
            other = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
            other = other.reduce(3).crop((0, 0, *image.size))
            assert snapshots.look_alike(image, other), page.number


# A pattern in the HTML, and what takes its place.
SPOILED = {
    "a heading 2 mm lower": (
        "</head>",
        "<style>.report-section > h2 { margin-bottom: 3.2mm }</style></head>",
    ),
    "the second voice without its rule": (
        "</head>",
        "<style>.teacher { border-color: white }</style></head>",
    ),
    "no running head": ("</head>", "<style>@page { @top-right { content: none } }</style></head>"),
    "no photo": (r"<figure.*?</figure>", ""),
    "no heading": ("<h2>Zo dacht ik</h2>", ""),
    "no name": ("Noor schrijft, ", ""),
}


def test_what_somebody_would_notice_is_a_difference(booklets, page_images):
    demo = booklets["demo"]
    request = booklet_rendering.build_request(replace(demo, reports=demo.reports[:1]))
    spoiled_htmls = [
        re.sub(pattern, replacement, request.html, count=1, flags=re.DOTALL)
        for pattern, replacement in SPOILED.values()
    ]
    htmls = (request.html, request.html, *spoiled_htmls)
    pdfs = renderer_pool.render_each([replace(request, html=html) for html in htmls], seconds=300)
    images, same_images, *spoiled_images = map(page_images, pdfs)
    assert all(map(snapshots.look_alike, images, same_images))
    for name, others in zip(SPOILED, spoiled_images, strict=True):
        assert not all(map(snapshots.look_alike, images, others)), name


def test_the_rule_of_the_second_voice_ends_with_its_words(rendered_booklets):
    """Also where the text goes on at the next page: no rule through empty paper."""
    count = 0
    for pdf in rendered_booklets.values():
        with pymupdf.open(stream=pdf) as pages:
            for page in pages:
                bottoms = [span["bbox"][3] for span in text_spans(page)]
                bottoms += [image["bbox"][3] for image in page.get_image_info()]
                for box, _ in textual_look.painted_boxes(page):
                    if box.width < 3 and box.height > 15:
                        count += 1
                        last = max(bottom for bottom in bottoms if bottom < box.y1 + 12)
                        assert box.y1 - last < 12, page.number
    assert count > 50


# What is too small for a picture out of focus: a pattern in the HTML, and what takes its place.
SMALL_SPOILS = {
    "a minus that became a plus": (r"(<formula [^>]*>[^<]*)-", r"\1+"),
    "another digit in a sentence": ("een spel van 50 euro", "een spel van 60 euro"),
    "no ticks": ("</head>", "<style>.ticked { list-style: none }</style></head>"),
    "no page number": (
        "</head>",
        "<style>@page { @bottom-right { content: none } }</style></head>",
    ),
    "the second voice upright": (
        "</head>",
        "<style>.teacher { font-style: normal }</style></head>",
    ),
    "a rule as light as paper": (
        "</head>",
        "<style>.teacher { border-color: white }</style></head>",
    ),
    "a line 1 mm lower": ("</head>", "<style>.byline { padding-top: 1mm }</style></head>"),
}


def test_what_a_picture_does_not_show_is_a_difference_in_the_texts(booklets):
    demo = booklets["demo"]
    request = booklet_rendering.build_request(replace(demo, reports=demo.reports[:1]))
    htmls = [request.html] * 2
    for pattern, replacement in SMALL_SPOILS.values():
        spoiled, count = re.subn(pattern, replacement, request.html, count=1)
        assert count, pattern
        htmls.append(spoiled)
    pdfs = renderer_pool.render_each([replace(request, html=html) for html in htmls], seconds=300)
    pages, same, *spoiled_pages = map(textual_look.list_pages, pdfs)
    assert not any(map(textual_look.differences, pages, same))
    for name, others in zip(SMALL_SPOILS, spoiled_pages, strict=True):
        assert any(map(textual_look.differences, pages, others)), name


def test_ink_alone_that_changes_is_a_difference():
    """Of a formula both the text behind it and what is drawn are looked at."""
    expected = ["12.0 30.5 11.0 Atkinson tekst", "48 strokes of formulas and drawings"]
    assert textual_look.differences(expected, [expected[0], "56 strokes of formulas and drawings"])
    assert textual_look.differences(expected, ["12.0 34.5 11.0 Atkinson tekst", expected[1]])
    assert not textual_look.differences(expected, ["12.4 30.1 11.0 Atkinson tekst", expected[1]])


def test_a_difference_is_drawn_side_by_side(rendered_booklets, page_images, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "DIFF_DIR", tmp_path / "build" / "looks")
    cover, page, *_ = page_images(rendered_booklets["short"])
    drawn = snapshots.open_image(snapshots.save_side_by_side(cover, page, name="short-1"))
    assert drawn.width > 3 * cover.width
    assert drawn.crop((0, 0, *cover.size)).tobytes() == cover.tobytes()


def text_spans(page):
    """Return the spans of text between the head and the foot of a page."""
    lines = [line for block in page.get_text("dict")["blocks"] for line in block.get("lines", ())]
    return [
        span for line in lines if HEAD_END < line["bbox"][1] < FOOT_START for span in line["spans"]
    ]


@pytest.mark.parametrize("name", edge_case_booklets.BOOKLET_MAKERS)
def test_no_page_is_empty_or_ends_with_a_heading(rendered_booklets, name):
    with pymupdf.open(stream=rendered_booklets[name]) as pdf:
        *pages, last_page = list(pdf)
        for page in pages:
            lowest = max(text_spans(page), key=lambda span: span["bbox"][3])
            assert HEADING_FONT not in lowest["font"], page.number
        # It ends with lines to write on, under their heading.
        assert text_spans(last_page)


@pytest.mark.parametrize("name", edge_case_booklets.BOOKLET_MAKERS)
def test_nothing_is_printed_in_the_margin_for_a_pen(rendered_booklets, name):
    with pymupdf.open(stream=rendered_booklets[name]) as pdf:
        for page in pdf:
            boxes = [item["bbox"] for item in (*text_spans(page), *page.get_image_info())]
            right_edge = max(box[2] for box in boxes)
            assert right_edge <= page.rect.width - MARGIN_FOR_A_PEN + 1, page.number


def test_the_teachers_texts_are_in_italics_where_no_snapshot_shows_it(rendered_booklets):
    with pymupdf.open(stream=rendered_booklets["demo"]) as pdf:
        spans = [span for page in pdf for span in text_spans(page)]
    italics = " ".join(span["text"] for span in spans if span["flags"] & pymupdf.TEXT_FONT_ITALIC)
    assert "het hart van je uitleg" in italics, "a remark"
    assert "Die zekerheid kwam niet van mij" in italics, "the answer"
    assert "De opgave van de jas" not in italics, "the student"


DEMO_SUBJECTS = [
    "",
    *["Wiskunde"] * 3,
    *["Nederlands"] * 2,
    *["Geography"] * 2,
    *["Biologie"] * 2,
    "Voornemens",
]


def test_every_page_names_the_student_the_subject_and_its_number(rendered_booklets):
    with pymupdf.open(stream=rendered_booklets["demo"]) as pdf:
        for page, subject in zip(pdf, DEMO_SUBJECTS, strict=True):
            assert f"{page.number + 1} / {len(pdf)}" in page.get_text()
            head = page.get_text(clip=(0, 0, page.rect.width, HEAD_END))
            assert bool(subject) is bool(head.strip())
            assert subject in head
            assert not subject or "Noor el Amrani" in head


# One of the checkers takes a head of two names of forty letters for prose that nobody hears.
CHECKED = [name for name in MAKERS if name != "long"]


@pytest.mark.parametrize("name", CHECKED)
def test_the_checkers_find_no_error_whatever_people_wrote(rendered_booklets, run_pdf_tool, name):
    assert_checkers_find_no_error(rendered_booklets[name], run_pdf_tool)


def test_the_longest_booklet_keeps_pdf_ua(rendered_booklets):
    assert_keeps_profiles(rendered_booklets["long"])


def test_the_checkers_find_no_error_in_all_of_them_together(booklets, run_pdf_tool):
    together = [booklets[name] for name in ("demo", "one-pager", "hard", "right-to-left")]
    for usage in Usage:
        merged = booklet_rendering.render_merged(together, seconds=300, usage=usage)
        assert_checkers_find_no_error(merged, run_pdf_tool, usage=usage)


def test_an_archive_of_any_of_them_keeps_pdf_a(booklets):
    pdfs = booklet_rendering.render_booklets(
        list(booklets.values()), seconds=300, usage=Usage.ARCHIVE
    )
    for pdf in pdfs:
        assert_keeps_profiles(pdf, usage=Usage.ARCHIVE)


@pytest.mark.parametrize(
    ("name", "pattern"), [("demo", r"2\.\s+Wat zou er zonder controle"), ("hard", r"7\.\s+zeven")]
)
def test_items_keep_their_numbers(rendered_booklets, name, pattern):
    """WeasyPrint ignores an item's `value`, and would begin with 1 again."""
    with pymupdf.open(stream=rendered_booklets[name]) as pdf:
        text = "".join(page.get_text(sort=True) for page in pdf)
    assert re.search(pattern, text)


def test_letters_of_other_scripts_are_in_our_own_fonts(rendered_booklets):
    with pymupdf.open(stream=rendered_booklets["right-to-left"]) as pdf:
        fonts = [font[3] for page in pdf for font in page.get_fonts()]
    # Such as ABCDEF+Noto-Sans-Hebrew, of which the first part marks a subset.
    # The hidden text of formulas has a font of no family.
    named = [font.partition("+")[2] for font in fonts if "+" in font]
    families = {re.match(r"[A-Z][a-z]+", name)[0] for name in named}
    assert families <= {"Noto", "Vazirmatn", "Atkinson", "Literata"}
