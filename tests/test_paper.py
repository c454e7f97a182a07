"""Paper: tagged pages in our own letters, an odd page for each student, nothing from outside, a print that can be stopped."""

import http.server
import io
import re
import subprocess
import sys
import threading
import zipfile

import pikepdf
import pytest

from reflect import formula_picture
from reflect.paper import booklets, bundle, press
from reflect.refusal import PrintAsksOutside, PrintTooLong
from reflect.report import remark, writing
from reflect.report.life import Verb
from reflect.school.lists import Named
from reflect.store import session
from reflect.trust import read
from tests.cast import NOW
from tests.conftest import live
from tests.press.conftest import pages


@pytest.fixture
def made(app, cast):
    """The booklets of Noor and Sam."""
    with app.app_context():
        live(cast, "closed", student="noor", course=cast.course, at=NOW)
        live(cast, "answered", student="sam", course=cast.course, at=NOW)
        group = Named(cast.group, "2b", "Klas 2b")
        yield booklets.of_group(group, round_id=cast.round, school="Lyceum", by=cast.me("smit"), at=NOW)
        session().rollback()


@pytest.fixture
def shop(tmp_path):
    """Run a tool on a PDF and give what it says."""

    def run(pdf, *tool):
        path = tmp_path / "some.pdf"
        path.write_bytes(pdf)
        command = [str(path) if part == "PDF" else part for part in tool]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def opened(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def test_the_pages_say_both_voices_the_goals_and_leave_lines_to_write_on(made, shop):
    text = shop(bundle.one(made[0], seconds=60), "pdftotext", "-layout", "PDF", "-").stdout
    for words in ("Noor el Amrani", "Klas 2b", "vrijdag 11 december 2026", "Fatima Amrani", "haal je links en rechts",
                  "Mooi uitgelegd.", "Marleen de Wit", "Haakjes schrijven", "Wij spreken af"):  # fmt: skip
        assert words in text
    assert "Geheim" not in text
    assert "mag ik iets vragen" not in text
    assert "Hassan" not in text, "somebody without custody is not at the table"


def test_a_pdf_is_tagged_and_the_checkers_find_no_error(made, shop):
    pdf = bundle.one(made[0], seconds=60)
    with opened(pdf) as file:
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang).startswith("nl")
    for tool in (["outloud", "--quiet", "PDF"], ["pdfua", "check", "PDF"]):
        ran = shop(pdf, sys.executable, "-m", *(("outloud.cli", *tool[1:]) if tool[0] == "outloud" else tool))
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert shop(pdf, "qpdf", "--check", "PDF").returncode == 0


def test_every_letter_is_embedded_and_ours(made, shop):
    listed = shop(bundle.one(made[0], seconds=60), "pdffonts", "PDF").stdout.splitlines()[2:]
    assert listed
    for line in listed:
        assert re.search(r"\b(Atkinson|Literata)", line), line
        assert re.search(r"\byes yes yes\b", line), f"embedded, subset and readable: {line}"


def test_a_merged_print_begins_each_student_on_an_odd_page_and_counts_per_student(made, shop):
    pdf = bundle.merged(made, seconds=60)
    alone = [len(opened(one).pages) for one in bundle.each(made, seconds=60)]
    pages = shop(pdf, "pdftotext", "-layout", "PDF", "-").stdout.split("\f")
    begins = [number for number, page in enumerate(pages, start=1) if "voor het gesprek over" in page]
    assert all(number % 2 == 1 for number in begins)
    assert len(begins) == len(made)
    for number, count in zip(begins, alone, strict=True):
        for place in range(count):
            assert re.search(rf"\b{place + 1} ?/ ?{count}\b", pages[number - 1 + place])
    with opened(pdf) as file:
        assert "/StructTreeRoot" in file.Root


def test_a_formula_is_a_sharp_picture_with_a_spoken_name(made):
    html = pages(made[0])
    assert re.search(r'<img[^>]*alt="2 x plus 3 is gelijk aan 11"', html)
    assert "data:image/svg+xml" in html


class Canary(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - one canary for the whole test

    def do_GET(self):
        Canary.asked.append(self.path)
        self.send_error(404)


@pytest.fixture
def canary():
    server = http.server.HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "hostile",
    ["<img src='{canary}/x.png'>", "<img src='file:///etc/hostname'>", "<link rel=stylesheet href='{canary}/x.css'>",
     "<p style=\"background: url('{canary}/y.png')\">x", "<img src='../../etc/passwd'>", "<object data='{canary}/z.svg'></object>",
     "<link rel=attachment href='file:///etc/hostname'>", "<img src='fonts/%2e%2e/%2e%2e/setup.cfg'>",
     "<img src='data:text/html,<script>1</script>'>"],
)  # fmt: skip
def test_a_page_that_asks_for_something_from_outside_stops_the_print(canary, hostile):
    with pytest.raises(PrintAsksOutside):
        press.joined([f"<html lang=nl><title>x</title><body>{hostile.format(canary=canary)}"], seconds=60)
    assert not Canary.asked


def test_what_students_wrote_can_never_become_a_request(app, cast, canary):
    with app.app_context():
        text = f"![x]({canary}/a.png) <img src={canary}/b.png> $\\includegraphics{{{canary}/c}}$ [a]: {canary}/d"
        assert canary in formula_picture.paper(text, language="nl"), "the words are there, as words"
        press.joined([f"<html lang=nl><title>x</title><body>{formula_picture.paper(text, language='nl')}"], seconds=60)
    assert not Canary.asked


def test_a_print_that_takes_too_long_is_stopped():
    endless = "<html lang=nl><title>x</title><body>" + "<p>woord woord woord woord." * 60_000
    with pytest.raises(PrintTooLong):
        press.joined([endless], seconds=2)


def test_file_names_are_safe_and_differ(made):
    names = bundle.file_names([made[0], made[1], made[0]])
    assert len({name for name in names if "sam" in name}) == 1
    assert all(re.fullmatch(r"[a-z0-9-]+\.pdf", name) for name in names)
    assert bundle.safe("../../Zoë Łç/…") == "zoe-c"
    content = bundle.zipped({"a.pdf": b"x"})
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["a.pdf"]


def test_a_remark_is_a_number_in_the_text_and_a_note_under_the_section_and_the_tags_stay_fine(app, cast, shop):
    with app.app_context():
        report, teacher = live(cast, "handed_in", student="noor", course=cast.course, at=NOW), cast.me("dewit")
        about = {
            "section": "begrijp",
            "field": "text",
            "quote": "geeft $x=4$",
            "before": "",
            "after": "",
            "start": "60",
        }
        answer = {remark.section_of("k" * 22): {**about, "text": "Hoe weet je dat?"}, "overall": {"seen": "Mooi."}}
        read.read(report.id, by=teacher, at=NOW)
        writing.save(report, answer, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=teacher, at=NOW)
        report.answer(by=teacher, at=NOW)
        group = Named(cast.group, "2b", "Klas 2b")
        booklet = booklets.of_group(group, round_id=cast.round, school="Lyceum", by=cast.me("smit"), at=NOW)[0]
        html = pages(booklet)
        pdf = bundle.one(booklet, seconds=60)
        session().rollback()
    assert re.search(
        r'geeft <img[^>]*></mark><sup class="remark-ref"><a href="#remark.k+" aria-label="kanttekening 1">', html
    )
    text = shop(pdf, "pdftotext", "-layout", "PDF", "-").stdout
    assert re.search(r"Kanttekeningen bij een passage\s+1\.\s+Hoe weet je dat\?\s+Marleen de Wit", text)
    for tool in (["outloud.cli", "--quiet", "PDF"], ["pdfua", "check", "PDF"]):
        ran = shop(pdf, sys.executable, "-m", *tool)
        assert ran.returncode == 0, ran.stdout + ran.stderr
