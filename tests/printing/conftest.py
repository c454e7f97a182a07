"""Booklets of the cast, tools to inspect a PDF, and a server that no page may reach."""

import http.server
import io
import subprocess
import sys
import threading
from dataclasses import replace

import page as page_validation
import pikepdf
import pytest
from PIL import Image

from reflect.access.view_models import EvidenceView
from reflect.db.session import session
from reflect.math import svg
from reflect.media.kinds import MediaKind
from reflect.printing import booklet_builder, booklet_rendering
from reflect.printing.render_request import Usage
from reflect.reports.evidence import print_blob_name
from reflect.school.queries import NamedRef
from reflect.storage import blob_store
from tests.cast import NOW
from tests.conftest import report_in_state

PHOTO = "a" * 22
PHOTO_WITHOUT_CAPTION = "b" * 22
CHECKED_PROFILES = {Usage.PRINT: ("ua1",), Usage.ARCHIVE: ("ua1", "3a")}


@pytest.fixture
def cast_booklets(app, cast):
    """The booklets of Noor (a Dutch report with two photos, and an English one) and of Sam."""
    with app.app_context():
        report_in_state(cast, "closed", student="noor", course=cast.course, at=NOW)
        report_in_state(cast, "answered", student="sam", course=cast.course, at=NOW)
        noor, sam = build_booklets(cast)
        session().rollback()  # nobody prints in a transaction
        picture = io.BytesIO()
        Image.effect_noise((400, 300), 40).convert("RGB").save(picture, "JPEG")
        blobs = blob_store(app.extensions["reflect"].evidence)
        for key in (PHOTO, PHOTO_WITHOUT_CAPTION):
            blobs.put(print_blob_name(key), picture.getvalue())
        dutch = _with_photos(noor.reports[0])
        english = _in_english(noor.reports[0])
        yield [replace(noor, reports=(dutch, english)), sam]


def build_booklets(cast):
    """Return the booklets of the group as its mentor prints them."""
    group = NamedRef(cast.group, "2b", "Klas 2b")
    mentor = cast.actor("smit")
    return booklet_builder.build_for_group(
        group, round_id=cast.round, school="Lyceum", by=mentor, at=NOW
    )


def _with_photos(report):
    first, *others = report.sections
    evidence_fields = {
        "evidence": f"{PHOTO} {PHOTO_WITHOUT_CAPTION}",
        f"caption.{PHOTO}": "Mijn getallenlijn",
    }
    content = {**first.student_content, **evidence_fields}
    return replace(
        report,
        sections=(replace(first, student_content=content), *others),
        evidence_by_key={
            key: EvidenceView(key, MediaKind.PICTURE, "image/jpeg", 400, 300)
            for key in (PHOTO, PHOTO_WITHOUT_CAPTION)
        },
    )


def _in_english(report):
    first_text = next(view for view in report.sections if "text" in view.student_content)
    section_view = replace(
        first_text,
        section=replace(first_text.section, prompt="What did I learn?"),
        student_content={"text": "A balance: $2x+3=11$."},
        teacher_text="Well explained.",
    )
    return replace(
        report, id=report.id + 1000, subject="Biology", language="en", sections=(section_view,)
    )


@pytest.fixture
def run_pdf_tool(tmp_path):
    """A function that runs a tool on a PDF; its path takes the place of "PDF" in the command."""

    def run(pdf, *command):
        path = tmp_path / "some.pdf"
        path.write_bytes(pdf)
        words = [str(path) if word == "PDF" else word for word in command]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    return run


def assert_keeps_profiles(pdf, *, usage=Usage.PRINT):
    """Check a file by the rules of veraPDF."""
    for profile in CHECKED_PROFILES[usage]:
        failures = page_validation.validate_pdf_bytes(pdf, profile=profile).failures
        assert not failures, [(failure.rule_id, failure.message) for failure in failures]


def assert_checkers_find_no_error(pdf, run_pdf_tool, *, usage=Usage.PRINT):
    """Check the file's structure, and whether it keeps PDF/UA and, for an archive, PDF/A-3a."""
    assert_keeps_profiles(pdf, usage=usage)
    for command in (
        ("qpdf", "--check", "PDF"),
        (sys.executable, "-m", "outloud.cli", "--quiet", "PDF"),
        (sys.executable, "-m", "pdfua", "check", "PDF"),
    ):
        result = run_pdf_tool(pdf, *command)
        assert result.returncode == 0, result.stdout + result.stderr


def open_pdf(pdf):
    return pikepdf.open(io.BytesIO(pdf))


class Canary(http.server.BaseHTTPRequestHandler):
    """A handler that remembers which paths were asked for."""

    def do_GET(self):
        self.server.requested_paths.append(self.path)
        self.send_error(404)


@pytest.fixture
def canary():
    """The address of a local server; the test fails when anybody asks it for something."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Canary)
    server.requested_paths = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    assert not server.requested_paths


def print_html(booklet):
    """Return a booklet's HTML with its formulas drawn, as a rendering child draws them."""
    return svg.draw_formulas(booklet_rendering.build_request(booklet).html)
