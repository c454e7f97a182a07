"""A school's logo is printed well, whatever the file is, or left out with a note."""

import io

import pytest
from PIL import Image

from reflect.printing.branding import config, svg_sanitizer
from reflect.printing.branding.config import DEFAULT_BRANDING
from reflect.printing.branding.svg_sanitizer import UnusableLogo
from tests.printing.test_branding import (
    BITMAPS,
    GOOD_SVG,
    SVG,
    encode_picture,
    folder,
    load,
    load_and_validate,
)

__all__ = ["folder"]


@pytest.mark.parametrize("what", BITMAPS)
def test_a_bitmap_of_any_shape_stays_within_its_frame_and_sharp(folder, what):
    branding, notes = load(folder, png=BITMAPS[what])
    width, height = branding.logo.cover_size
    assert 0 < width <= 70
    assert 0 < height <= 26
    with Image.open(io.BytesIO(branding.logo.content)) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= 1000
        assert image.width / (width / 25.4) >= 149, "pixels per inch"
    assert bool(notes) is (what in ("tiny", "wide", "tall")), notes


@pytest.mark.parametrize(
    ("content", "expected_note"),
    [
        (b"", "is empty"),
        (b"GIF89a nothing", "is damaged"),
        (b"what is this", "no SVG, PNG or JPEG"),
        (encode_picture(400, 300)[:200], "is damaged"),
        (encode_picture(400, 300, ink=(250, 250, 250)), "too light"),
        (b"%PDF-1.4 x", "damaged"),
    ],
    ids=["empty", "GIF", "text", "half", "light", "PDF"],
)
def test_a_logo_that_cannot_be_used_is_left_out_with_a_note(folder, content, expected_note):
    branding, (note,) = load(folder, 'main = "#123456"', png=content)
    assert expected_note in note
    assert branding.logo is None
    assert branding.main == "#123456"


def test_a_logo_of_a_gigabyte_is_not_even_read(folder):
    with (folder / "logo.png").open("wb") as file:
        file.truncate(1024**3)
    branding, (note,) = config.load_branding(folder)
    assert "larger than 10 MB" in note
    assert branding == DEFAULT_BRANDING


SVG_WITH_MORE_THAN_SHAPES = SVG.format(
    "<title>x</title><script>alert(1)</script>"
    '<metadata><rdf xmlns="u:x"/></metadata><sodipodi:x xmlns:sodipodi="u:s"/>'
    '<g id="a" onload="alert(2)" inkscape:label="y" xmlns:inkscape="u:i">'
    '<path d="M 0 0 L 9 9" stroke="#000"/></g>'
    '<style>.b { fill: #123456 }</style><use xlink:href="#a" x="3"/><circle class="b" r="4"/>'
    '<linearGradient id="l"><stop offset="0" stop-color="#111"/></linearGradient>'
    '<rect fill="url(#l)" width="3" height="3"/>'
)


def test_an_svg_is_copied_with_only_shapes_in_it(folder):
    branding, notes = load(folder, svg=SVG_WITH_MORE_THAN_SHAPES)
    svg = branding.logo.content.decode()
    assert not notes
    for word in ("script", "alert", "metadata", "sodipodi", "inkscape", "onload", "xlink"):
        assert word not in svg
    for word in ("<path", "<use", "<style", "url(#l)", 'viewBox="0 0 30 20"'):
        assert word in svg
    assert svg_sanitizer.sanitize_svg(svg.encode())[0].decode() == svg


def nested_copies(depth):
    """Return groups of which each has ten copies of the one before it."""
    groups = ['<path id="a0" d="M0 0"/>']
    for number in range(1, depth):
        copies = f'<use href="#a{number - 1}"/>' * 10
        groups.append(f'<g id="a{number}">{copies}</g>')
    return "".join(groups)


# CANARY is the address of a server that nobody may ask for anything.
HOSTILE = {
    "an address": '<image href="CANARY/x.png" width="3" height="3"/>',
    "an address by xlink": '<use xlink:href="CANARY/x.svg#a"/>',
    "a file": '<use href="file:///etc/passwd"/>',
    "a style": '<rect width="3" height="3" style="fill: url(CANARY/f)"/>',
    "an escaped style": '<rect width="3" height="3" style="fill: u\\rl(CANARY/f)"/>',
    "a stylesheet": "<style>@import 'CANARY/a.css';</style>",
    "a font": "<style>@font-face { src: url(CANARY/f) }</style>",
    "a colour": '<rect width="3" height="3" fill="url(CANARY/f#g)"/>',
    "letters": "<text>De Vlinder</text>",
    "a page within": "<foreignObject><p>x</p></foreignObject>",
    "a filter": (
        '<filter id="f"><feTurbulence/></filter><rect filter="url(#f)" width="9" height="9"/>'
    ),
    "a copy of itself": '<g id="a"><use href="#a"/></g>',
    "copies in a circle": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "copies of copies": nested_copies(9),
    "very many shapes": '<path d="M0 0"/>' * 6000,
    "very deep": "<g>" * 100 + "</g>" * 100,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_svg_is_left_out_with_a_note_and_loads_nothing(folder, canary, what):
    svg = SVG.format(HOSTILE[what].replace("CANARY", canary))
    branding, (note,) = load(folder, svg=svg)
    assert note.startswith("logo.svg ")
    assert branding == DEFAULT_BRANDING


@pytest.mark.parametrize(
    "content",
    [
        b"<svg",
        b"<html><body>x</body></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        GOOD_SVG.encode("utf-16"),
        b"<!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>" + GOOD_SVG.encode(),
        b"<svg>" + b"x" * 400_000,
        GOOD_SVG.replace("0 0 30 20", "0 0 0 20").encode(),
        GOOD_SVG.replace("0 0 30 20", "0 0 nan inf").encode(),
    ],
    ids=["cut off", "HTML", "no size", "UTF-16", "entities", "large", "no width", "infinite"],
)
def test_what_is_no_svg_of_a_known_size_is_rejected(content):
    with pytest.raises(UnusableLogo):
        svg_sanitizer.sanitize_svg(content)


def test_a_logo_that_cannot_be_rendered_is_left_out(folder, change_settings):
    """The last defence: a page with the branding is rendered before the branding is used."""
    change_settings(print_student_mb=0.2)
    photo = io.BytesIO()
    Image.effect_noise((1000, 800), 90).convert("RGB").save(photo, "PNG")
    branding, (note,) = load_and_validate(folder, 'main = "#123456"', png=photo.getvalue())
    assert "cannot be printed" in note
    assert branding.logo is None
    assert branding.main == "#123456"
