"""Files with the wrong name, an odd name or nothing in them: a sentence, and no word is lost."""

import io
import re
import unicodedata

import pytest
from PIL import Image

from reflect.errors import EvidenceRejected
from reflect.media.limits import RejectReason
from reflect.media.picture_size import PictureSize
from reflect.web.translations import translate_error
from tests.stories.test_a_student_shows_evidence import photo, send
from tests.stories.test_a_student_writes import WRITE, begin, fields


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("reason", RejectReason)
def test_each_refusal_says_what_is_wrong_and_what_to_do(app, reason, language):
    with app.test_request_context(headers={"Accept-Language": language}):
        message, hint = translate_error(EvidenceRejected(reason.value))
    for sentence in (message, hint):
        assert re.search(r"^[A-Z].*[.]$", sentence)
    english = EvidenceRejected(reason.value)
    assert (message == english.message) == (language == "en")


@pytest.mark.parametrize("name", ["som.pdf", "foto", "foto.heic", "lied.mp3", ".jpg", "a/b\\c.png"])
def test_a_photo_is_known_by_what_is_in_it_whatever_its_name_is(client_of, cast, name):
    noor, page = begin(client_of, cast)
    assert send(noor, page, name=name).status_code == 200


ODD_NAMES = {
    "300 letters": "s" * 300 + ".exe",
    "right to left": "foto\u202egpj.exe",
    "isolate": "\u2067\u2067foto.exe",
    "arabic": "صورة.exe",
    "lines": "een\ttwee.exe",
    "markup": "<b onclick=x>.exe",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_an_odd_name_leaves_the_sentence_about_its_file_as_it_is(client_of, cast, name):
    noor, page = begin(client_of, cast)
    sent = {"fout--text": "Woorden.", "fout--file": (io.BytesIO(b"MZ..."), name)}
    page = noor.post(WRITE.format(1), fields(page, **sent))
    assert "Woorden." in page.html
    error = page.html.split('id="fout-file-error"')[1].split("</span>")[0]
    shown = error.split(": Dit is geen foto")[0].split(">")[1]
    assert len(shown) <= 100
    assert "<b" not in shown
    marks = {char for char in shown if unicodedata.category(char) in {"Cc", "Cf"}}
    assert marks <= {"\u2068", "\u2069"}
    assert shown.count("\u2068") == shown.count("\u2069"), "a mark that begins ends too"
    assert ".exe" in shown


@pytest.mark.parametrize("name", ["leeg.jpg", "leeg.m4a", "leeg.pdf"])
def test_an_empty_file_is_said_to_be_empty(client_of, cast, name):
    noor, page = begin(client_of, cast)
    assert "leeg" in send(noor, page, b"", name=name).json["sentence"]
    sent = {"fout--text": "Woorden.", "fout--file": (io.BytesIO(b""), name)}
    page = noor.post(WRITE.format(1), fields(page, **sent))
    assert f"{name}: Dit bestand is leeg" in page.words
    assert "Woorden." in page.html


def test_a_long_screenshot_is_shown_in_a_box_that_scrolls_right_after_it_is_sent(client_of, cast):
    noor, page = begin(client_of, cast)
    out = io.BytesIO()
    Image.new("RGB", (1080, 12_000), "white").save(out, "PNG")
    html = send(noor, page, out.getvalue()).json["html"]
    assert 'class="long-picture"' in html
    assert 'width="360" height="4000"' in html
    ordinary = send(noor, page, photo(), upload="gewoon").json["html"]
    assert "long-picture" not in ordinary
    assert 'width="768" height="576"' in ordinary


@pytest.mark.parametrize("size", [(800, 600), (1200, 1600), (1080, 2400), (4320, 1080), (20, 10)])
def test_a_picture_is_shown_in_its_own_shape(size):
    width, height = PictureSize(*size).shown
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)
    assert width <= size[0]
