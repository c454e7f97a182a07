"""A picture comes out as what is seen, upright and small enough; or it does not come in."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from reflect.media.jpeg import without_remarks
from reflect.media.kinds import Kind, Why
from reflect.media.refit import refit
from tests.media.files import (
    AUTHOR,
    BLUE,
    GREEN,
    PLACE,
    RED,
    WHITE,
    alike,
    archive,
    corners,
    quarters,
    saved,
    taken_there,
    why,
)


def test_a_photo_forgets_where_it_was_taken_and_stands_upright():
    sent = saved(quarters(), "JPEG", quality=95, exif=taken_there(6), comment=AUTHOR, xmp=b"<x>" + PLACE + b"</x>")
    assert PLACE in sent
    made = refit(sent)
    assert (made.kind, made.mime, made.extension) == (Kind.PICTURE, "image/jpeg", "jpg")
    assert (made.width, made.height) == (300, 400)
    for jpeg in (made.screen, made.print):
        assert alike(corners(jpeg), [BLUE, RED, WHITE, GREEN])
        assert jpeg == without_remarks(jpeg), "no EXIF, XMP, profile, thumbnail or comment"
        seen = Image.open(io.BytesIO(jpeg))
        assert not seen.getexif()
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert PLACE not in jpeg
        assert AUTHOR not in jpeg


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_to_hold_a_phone_comes_out_upright(orientation):
    turned = quarters()
    back = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270}  # fmt: skip
    if orientation > 1:
        turned = turned.transpose(back[orientation])
    for format in ("JPEG", "TIFF") if orientation == 6 else ("JPEG",):
        made = refit(saved(turned, format, exif=taken_there(orientation)))
        assert (made.width, made.height) == (400, 300)
        assert alike(corners(made.screen), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("format", ["HEIF", "AVIF", "WEBP", "PNG", "GIF", "BMP", "TIFF"])
def test_a_picture_of_every_kind_becomes_a_jpeg_that_knows_no_place(format):
    more = {} if format in {"GIF", "BMP"} else {"exif": taken_there()}
    sent = saved(quarters(), format, **more)
    assert more == {} or AUTHOR in sent
    made = refit(sent)
    assert (made.kind, made.width, made.height) == (Kind.PICTURE, 400, 300)
    assert alike(corners(made.screen), [RED, GREEN, BLUE, WHITE])
    assert not any(secret in made.screen + made.print for secret in (PLACE, AUTHOR))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "RGBA"])
def test_a_picture_in_every_kind_of_colour_can_be_seen(mode):
    if mode == "I;16":
        image = Image.frombytes("I;16", (20, 20), struct.pack("<H", 0x8000) * 400)
    else:
        image = Image.new("L", (20, 20), 128 if mode != "1" else 255).convert(mode)
    seen = Image.open(io.BytesIO(refit(saved(image, "TIFF" if mode == "CMYK" else "PNG")).screen)).convert("L")
    assert abs(seen.getpixel((10, 10)) - (255 if mode == "1" else 128)) < 16


def test_a_large_photo_is_shrunk_for_the_screen_and_more_for_paper():
    made = refit(saved(quarters((4000, 3000)), "JPEG"))
    assert (made.width, made.height) == (1600, 1200)
    assert Image.open(io.BytesIO(made.screen)).size == (1600, 1200)
    assert Image.open(io.BytesIO(made.print)).size == (1000, 750)
    assert alike(corners(made.print), [RED, GREEN, BLUE, WHITE])


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((*RED, 255), (0, 0, 20, 20))
    assert alike(corners(refit(saved(clear, "PNG")).screen), [RED, WHITE, WHITE, WHITE])
    indexed = clear.convert("P")
    assert alike(corners(refit(saved(indexed, "PNG", transparency=indexed.getpixel((39, 39)))).screen)[2:], [WHITE] * 2)


def test_of_a_moving_picture_the_first_image_stays():
    others = [Image.new("RGB", (60, 40), BLUE) for _ in range(5)]
    for format in ("GIF", "WEBP"):
        first = Image.new("RGB", (60, 40), RED)
        made = refit(saved(first, format, save_all=True, append_images=others, duration=50))
        assert alike(corners(made.screen), [RED] * 4)


def test_the_lines_of_a_drawing_stay_readable():
    drawing = Image.new("RGB", (800, 600), WHITE)
    pen = ImageDraw.Draw(drawing)
    for x in range(0, 800, 8):
        pen.line((x, 0, x, 599), fill=RED)
    seen = Image.open(io.BytesIO(refit(saved(drawing, "PNG")).screen))
    line, between = seen.getpixel((400, 300)), seen.getpixel((404, 300))
    assert line[1] < 90, "a line of one pixel keeps its colour"
    assert min(between) > 225


def test_colours_are_those_of_the_profile_and_a_wrong_profile_does_no_harm():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"no profile", profile[:200]):
        made = refit(saved(quarters(), "JPEG", icc_profile=icc))
        assert alike(corners(made.screen), [RED, GREEN, BLUE, WHITE])
        assert "icc_profile" not in Image.open(io.BytesIO(made.screen)).info
    assert refit(saved(quarters().convert("L"), "JPEG", icc_profile=profile)).width == 400


def png_that_claims(width, height):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def webp_that_claims(width, height):
    def chunk(name, body):
        return name + struct.pack("<I", len(body)) + body

    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBP" + chunk(b"VP8X", b"\x02\0\0\0" + size) + chunk(b"ANIM", b"\0" * 6)
    return chunk(b"RIFF", body)


def test_a_bomb_of_pixels_is_refused_before_it_goes_off():
    began = time.monotonic()
    assert why(png_that_claims(100_000, 100_000)) is Why.TOO_MANY_PIXELS
    assert why(webp_that_claims(16_383, 16_383)) is Why.TOO_MANY_PIXELS
    assert why(saved(Image.new("L", (9000, 8000)), "PNG")) is Why.TOO_MANY_PIXELS
    assert time.monotonic() - began < 15


def test_a_picture_of_just_not_too_many_pixels_fits_in_the_memory():
    made = refit(saved(Image.new("RGBA", (9000, 6600), (*RED, 255)), "PNG", compress_level=1))
    assert (made.width, made.height) == (1600, 1173)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_half_a_picture_is_broken(format):
    sent = saved(Image.effect_noise((300, 300), 90).convert("RGB"), format)
    assert why(sent[: len(sent) // 2]) is Why.BROKEN


def test_what_hides_behind_a_picture_is_left_behind():
    for tail in (archive(), b"<script>alert('tail')</script>"):
        made = refit(saved(quarters(), "JPEG") + tail)
        assert not any(piece in made.screen + made.print for piece in (b"PK\3\4", b"verborgen", b"<script"))
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "<script>alert('chunk')</script>")
    assert b"<script" not in refit(saved(quarters(), "PNG", pnginfo=hidden)).screen
