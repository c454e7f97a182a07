"""A school's logo: any picture or drawing that somebody puts there is printed well, or refused with a sentence."""

import io
import time

import pytest
from PIL import Image

from reflect.paper import design, drawing, press
from reflect.paper.design import HOUSE
from reflect.paper.drawing import Unfit
from reflect.paper.manuscript import Manuscript
from tests.press.test_design import BITMAPS, GOOD, SVG, folder, picture, put, wear

__all__ = ["folder"]


@pytest.mark.parametrize("what", BITMAPS)
def test_a_bitmap_of_any_shape_stays_within_its_frame_and_sharp(folder, what):
    made, notes = put(folder, png=BITMAPS[what])
    width, height = made.logo.large
    assert 0 < width <= 70
    assert 0 < height <= 26
    with Image.open(io.BytesIO(made.logo.content)) as small:
        assert small.format == "JPEG"
        assert max(small.size) <= 1000
        assert small.width / (width / 25.4) >= 149, "dots to an inch"
    assert bool(notes) is (what in ("tiny", "wide", "tall")), notes


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"GIF89a nothing", "is damaged"), (b"what is this", "no SVG, PNG or JPEG"),
     (picture(400, 300)[:200], "is damaged"), (picture(400, 300, ink=(250, 250, 250)), "too light"),
     (b"%PDF-1.4 x", "damaged")],
)  # fmt: skip
def test_a_logo_that_is_none_is_said_and_the_pages_come_without_it(folder, content, said):
    made, (note,) = put(folder, 'main = "#123456"', png=content)
    assert said in note
    assert made.logo is None
    assert made.main == "#123456"


def test_a_logo_of_a_gigabyte_is_not_even_read(folder):
    with (folder / "logo.png").open("wb") as file:
        file.truncate(1024**3)
    made, (note,) = design.read(folder)
    assert "larger than 10 MB" in note
    assert made == HOUSE


def test_a_drawing_is_written_anew_with_only_shapes_in_it(folder):
    hidden = SVG.format(
        '<title>x</title><script>alert(1)</script><metadata><rdf xmlns="u:x"/></metadata><sodipodi:x xmlns:sodipodi="u:s"/>'
        '<g id="a" onload="alert(2)" inkscape:label="y" xmlns:inkscape="u:i"><path d="M 0 0 L 9 9" stroke="#000"/></g>'
        '<style>.b { fill: #123456 }</style><use xlink:href="#a" x="3"/><circle class="b" r="4"/>'
        '<linearGradient id="l"><stop offset="0" stop-color="#111"/></linearGradient><rect fill="url(#l)" width="3" height="3"/>'
    )
    made, notes = put(folder, svg=hidden)
    text = made.logo.content.decode()
    assert not notes
    assert not any(word in text for word in ("script", "alert", "metadata", "sodipodi", "inkscape", "onload", "xlink"))
    assert all(word in text for word in ("<path", "<use", "<style", "url(#l)", 'viewBox="0 0 30 20"'))
    assert drawing.cleaned(text.encode())[0].decode() == text


HOSTILE = {
    "an address": '<image href="{canary}/x.png" width="3" height="3"/>',
    "an address by xlink": '<use xlink:href="{canary}/x.svg#a"/>',
    "a file": '<use href="file:///etc/passwd"/>',
    "a style": '<rect width="3" height="3" style="fill: url({canary}/f)"/>',
    "a style with signs": '<rect width="3" height="3" style="fill: u\\rl({canary}/f)"/>',
    "a sheet": "<style>@import '{canary}/a.css';</style>",
    "a font": "<style>@font-face {{ src: url({canary}/f) }}</style>",
    "a colour": '<rect width="3" height="3" fill="url({canary}/f#g)"/>',
    "letters": "<text>De Vlinder</text>",
    "a page within": "<foreignObject><p>x</p></foreignObject>",
    "a filter": '<filter id="f"><feTurbulence/></filter><rect filter="url(#f)" width="9" height="9"/>',
    "a copy of itself": '<g id="a"><use href="#a"/></g>',
    "copies in a circle": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "copies of copies": '<path id="a0" d="M0 0"/>' + "".join(
        f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 9)),
    "very many shapes": '<path d="M0 0"/>' * 6000,
    "very deep": "<g>" * 100 + "</g>" * 100,
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_drawing_is_refused_with_a_sentence_and_asks_nobody(folder, canary, what):
    began = time.monotonic()
    inside = HOSTILE[what].replace("{{", "{").replace("}}", "}").replace("{canary}", canary)
    made, (note,) = put(folder, svg=SVG.format(inside))
    assert time.monotonic() - began < 10
    assert note.startswith("logo.svg ")
    assert made == HOUSE


@pytest.mark.parametrize(
    "content",
    [b"<svg", b"<html><body>x</body></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", GOOD.encode("utf-16"),
     b"<!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>" + GOOD.encode(), b"<svg>" + b"x" * 400_000,
     GOOD.replace("0 0 30 20", "0 0 0 20").encode(), GOOD.replace("0 0 30 20", "0 0 nan inf").encode()],
)  # fmt: skip
def test_what_is_no_drawing_is_refused(content):
    with pytest.raises(Unfit):
        drawing.cleaned(content)


def test_a_logo_that_passes_but_stops_the_press_is_left_out(folder, monkeypatch):
    """The last defence: a design is tried on before it is worn."""
    plain = press.printed

    def fails(manuscripts, **more):
        stopping = Manuscript("<html lang=nl><title>x</title><body><img src='x:y' alt=x>")
        return plain((stopping if "logo" in page.pictures else page for page in manuscripts), **more)

    monkeypatch.setattr(press, "printed", fails)
    made, (note,) = wear(folder, 'main = "#123456"', svg=GOOD)
    assert "cannot be printed" in note
    assert made.logo is None
    assert made.main == "#123456"
