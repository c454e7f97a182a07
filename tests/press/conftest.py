"""Booklets of the cast with a bit of everything, tools to look into a PDF, and a canary that must not be asked."""

import http.server
import io
import subprocess
import threading
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image

from reflect import formula_picture
from reflect.media.kinds import Kind
from reflect.paper import booklets, bundle
from reflect.school.lists import Named
from reflect.store import session
from reflect.trust.seen import Piece
from reflect.vault import vault
from tests.cast import NOW
from tests.conftest import live

PHOTO = "a" * 22


@pytest.fixture
def made(app, cast):
    """The booklets of Noor (a Dutch report with a photo, and an English one) and of Sam."""
    with app.app_context():
        live(cast, "closed", student="noor", course=cast.course, at=NOW)
        live(cast, "answered", student="sam", course=cast.course, at=NOW)
        group = Named(cast.group, "2b", "Klas 2b")
        noor, sam = booklets.of_group(group, round_id=cast.round, school="Lyceum", by=cast.me("smit"), at=NOW)
        picture = io.BytesIO()
        Image.effect_noise((400, 300), 40).convert("RGB").save(picture, "JPEG")
        vault(app.extensions["reflect"].evidence).put(f"{PHOTO}.print.jpg", picture.getvalue())
        yield [replace(noor, reports=(_with_photo(noor.reports[0]), _in_english(noor.reports[0]))), sam]
        session().rollback()


def _with_photo(seen):
    said = {**seen.said[0].student, "evidence": PHOTO, f"caption.{PHOTO}": "Mijn getallenlijn"}
    return replace(
        seen, said=(replace(seen.said[0], student=said), *seen.said[1:]),
        pieces={PHOTO: Piece(PHOTO, Kind.PICTURE, "image/jpeg", 400, 300)},
    )  # fmt: skip


def _in_english(seen):
    one = next(said for said in seen.said if "text" in said.student)
    section = replace(one.section, prompt="What did I learn?")
    said = replace(one, section=section, student={"text": "A balance: $2x+3=11$."}, teacher="Well explained.")
    return replace(seen, id=seen.id + 1000, subject="Biology", language="en", said=(said,))


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


class Canary(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_error(404)


@pytest.fixture
def canary():
    """A server inside the house; after the test nobody may have asked it anything."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Canary)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    assert not server.asked


def pages(booklet):
    """Give a booklet as HTML with its formulas drawn, as the press's child draws it."""
    return formula_picture.drawn(bundle.manuscript(booklet).html)
