"""A print has tagged pages in our own fonts, loads nothing from outside, and can be stopped."""

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
import time_machine

from reflect.access import report_loading
from reflect.db.session import session
from reflect.errors import PrintBlockedResource, PrintTimeout
from reflect.printing import booklet_rendering, renderer_pool
from reflect.reports import annotations, revisions
from reflect.reports.workflow import Action
from reflect.text.file_names import slugify
from reflect.text.print_html import text_to_print_html
from tests.cast import NOW
from tests.conftest import report_in_state
from tests.printing.conftest import (
    assert_checkers_find_no_error,
    build_booklets,
    open_pdf,
    print_html,
)


def html_page(body):
    return f"<html lang=nl><title>x</title><body>{body}"


def test_a_booklet_has_both_voices_goals_and_lines_to_write_on(cast_booklets, run_pdf_tool):
    pdf = booklet_rendering.render_one(cast_booklets[0], seconds=60)
    text = run_pdf_tool(pdf, "pdftotext", "-layout", "PDF", "-").stdout
    for words in (
        "Noor el Amrani",
        "Klas 2b",
        "vrijdag 11 december 2026",
        "Fatima Amrani",
        "haal je links en rechts",
        "Mooi uitgelegd.",
        "Marleen de Wit",
        "Haakjes schrijven",
        "Wij spreken af",
    ):
        assert words in text
    assert "Geheim" not in text
    assert "mag ik iets vragen" not in text
    assert "Hassan" not in text, "a parent without custody is not invited"


def test_every_font_is_embedded_and_ours(cast_booklets, run_pdf_tool):
    pdf = booklet_rendering.render_one(cast_booklets[0], seconds=60)
    _, _, *fonts = run_pdf_tool(pdf, "pdffonts", "PDF").stdout.splitlines()
    assert fonts
    for font in fonts:
        # The hidden text of formulas: a font without shapes, of which there is no subset.
        if "Type 3" in font:
            assert re.search(r"\byes no  yes\b", font), font
            continue
        assert re.search(r"\b(Atkinson|Literata|Noto-Sans-Math-Signs)", font), font
        assert re.search(r"\byes yes yes\b", font), f"embedded, subset and with its text: {font}"


def test_merged_booklets_begin_on_odd_pages_and_count_their_own_pages(cast_booklets, run_pdf_tool):
    merged = booklet_rendering.render_merged(cast_booklets, seconds=60)
    counts = [
        len(open_pdf(pdf).pages)
        for pdf in booklet_rendering.render_booklets(cast_booklets, seconds=60)
    ]
    pages = run_pdf_tool(merged, "pdftotext", "-layout", "PDF", "-").stdout.split("\f")
    first_pages = [index for index, page in enumerate(pages) if "voor het gesprek over" in page]
    assert len(first_pages) == len(cast_booklets)
    for first_page, count in zip(first_pages, counts, strict=True):
        assert first_page % 2 == 0
        for number, page in enumerate(pages[first_page : first_page + count], start=1):
            assert re.search(rf"\b{number} ?/ ?{count}\b", page)


def test_a_formula_is_a_vector_image_with_a_spoken_text(cast_booklets):
    html = print_html(cast_booklets[0])
    assert re.search(r'<img[^>]*alt="2 x plus 3 is gelijk aan 11"', html)
    assert "data:image/svg+xml" in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src='{canary}/x.png'>",
        "<img src='file:///etc/hostname'>",
        "<link rel=stylesheet href='{canary}/x.css'>",
        "<p style=\"background: url('{canary}/y.png')\">x",
        "<img src='../../etc/passwd'>",
        "<object data='{canary}/z.svg'></object>",
        "<link rel=attachment href='file:///etc/hostname'>",
        "<img src='fonts/%2e%2e/%2e%2e/setup.cfg'>",
        "<img src='data:text/html,<script>1</script>'>",
    ],
)
def test_a_page_that_loads_something_from_outside_stops_the_print(canary, hostile):
    page = html_page(hostile.format(canary=canary))
    with pytest.raises(PrintBlockedResource):
        renderer_pool.render_joined([page], seconds=60)


def test_what_students_write_never_becomes_a_request(canary):
    """The canary fails the test if it does."""
    text = (
        f"![x]({canary}/a.png) <img src={canary}/b.png>"
        f" $\\includegraphics{{{canary}/c}}$ [a]: {canary}/d"
    )
    html = text_to_print_html(text, language="nl")
    assert canary in html, "the addresses are there, as text"
    renderer_pool.render_joined([html_page(html)], seconds=60)


def test_a_print_that_takes_too_long_is_stopped():
    endless = html_page("<p>woord woord woord woord." * 60_000)
    with pytest.raises(PrintTimeout):
        renderer_pool.render_joined([endless], seconds=2)


def test_file_names_are_safe_and_differ(cast_booklets):
    noor, sam = cast_booklets
    names = booklet_rendering.file_names([noor, sam, noor])
    assert len({name for name in names if "sam" in name}) == 1
    assert all(re.fullmatch(r"[a-z0-9-]+\.pdf", name) for name in names)
    assert slugify("../../Zoë Łç/…") == "zoe-lc"
    content = booklet_rendering.zip_files({"a.pdf": b"x"})
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["a.pdf"]


def test_a_print_has_the_round_in_its_name_and_the_day_of_today(cast_booklets):
    noor, sam = cast_booklets
    (first, second, third) = booklet_rendering.file_names([noor, sam, noor])
    assert all(name.startswith(f"{slugify(noor.round)}-") for name in (first, second, third))
    assert first != third
    with time_machine.travel(datetime(2027, 2, 1, 23, 30, tzinfo=UTC), tick=False):
        content = booklet_rendering.zip_files({first: b"1", second: b"2"})
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist() == [first, second]
    # In Amsterdam it is the next day by then.
    assert {entry.date_time[:3] for entry in archive.infolist()} == {(2027, 2, 2)}


PASSAGE = {
    "section": "begrijp",
    "field": "text",
    "quote": "geeft $x=4$",
    "before": "",
    "after": "",
    "start": "60",
}
ANSWER_WITH_REMARK = {
    annotations.section_name("k" * 22): {**PASSAGE, "text": "Hoe weet je dat?"},
    "overall": {"seen": "Mooi."},
}


def answer_with_a_remark(cast):
    report = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    teacher = cast.actor("dewit")
    report_loading.load(report.id, by=teacher, at=NOW)
    revisions.save(
        report,
        ANSWER_WITH_REMARK,
        action=Action.WRITE_ANSWER,
        base_version=2**62,
        save_key=None,
        by=teacher,
        at=NOW,
    )
    report.answer(by=teacher, at=NOW)


def test_a_remark_is_a_number_in_the_text_and_a_note_below_it(app, cast, run_pdf_tool):
    with app.app_context():
        answer_with_a_remark(cast)
        booklet = build_booklets(cast)[0]
        html = print_html(booklet)
        session().rollback()
        pdf = booklet_rendering.render_one(booklet, seconds=60)
    assert re.search(
        r'geeft <img[^>]*></mark><sup class="remark-ref">'
        r'<a href="#remark.k+" aria-label="kanttekening 1">',
        html,
    )
    text = run_pdf_tool(pdf, "pdftotext", "-layout", "PDF", "-").stdout
    note = r"Kanttekeningen bij een passage\s+1\.\s+Hoe weet je dat\?\s+Marleen de Wit"
    assert re.search(note, text)
    assert_checkers_find_no_error(pdf, run_pdf_tool)
