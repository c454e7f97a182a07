"""A picture becomes an upright JPEG of a limited size, with its pixels and nothing else."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin
from PIL.Image import Transpose

from reflect.media.jpeg_in_pdf import strip_metadata
from reflect.media.kinds import MediaKind
from reflect.media.limits import RejectReason
from reflect.media.transcode import to_safe_file
from tests.media.sample_files import (
    BLUE,
    GREEN,
    HIDDEN_ADDRESS,
    HIDDEN_AUTHOR,
    RED,
    WHITE,
    colours_match,
    corner_colours,
    encode_image,
    exif_with_location,
    four_colour_image,
    reject_reason,
    zip_with_text,
)

JPEG_FRAME_INFO = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
PROGRESSIVE_INFO = {"progressive", "progression"}


def open_image(content):
    return Image.open(io.BytesIO(content))


def test_a_photo_loses_where_it_was_taken_and_is_upright():
    uploaded = encode_image(
        four_colour_image(),
        "JPEG",
        quality=95,
        exif=exif_with_location(6),
        comment=HIDDEN_AUTHOR,
        xmp=b"<x>" + HIDDEN_ADDRESS + b"</x>",
    )
    assert HIDDEN_ADDRESS in uploaded
    safe = to_safe_file(uploaded)
    assert (safe.kind, safe.mime, safe.extension) == (MediaKind.PICTURE, "image/jpeg", "jpg")
    assert (safe.width, safe.height) == (300, 400)
    for jpeg in (safe.content, safe.print_jpeg):
        assert colours_match(corner_colours(jpeg), [BLUE, RED, WHITE, GREEN])
        assert jpeg == strip_metadata(jpeg), "no EXIF, XMP, profile, thumbnail or comment"
        image = open_image(jpeg)
        assert not image.getexif()
        assert set(image.info) <= JPEG_FRAME_INFO | PROGRESSIVE_INFO
        assert HIDDEN_ADDRESS not in jpeg
        assert HIDDEN_AUTHOR not in jpeg


# How a camera stores an upright picture, by the orientation that it writes in the EXIF.
STORED_BY_ORIENTATION = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


@pytest.mark.parametrize(
    ("orientation", "format_name"), [*((number, "JPEG") for number in range(1, 9)), (6, "TIFF")]
)
def test_every_way_to_hold_a_phone_becomes_upright(orientation, format_name):
    image = four_colour_image()
    if orientation in STORED_BY_ORIENTATION:
        image = image.transpose(STORED_BY_ORIENTATION[orientation])
    exif = exif_with_location(orientation)
    safe = to_safe_file(encode_image(image, format_name, exif=exif))
    assert (safe.width, safe.height) == (400, 300)
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("format_name", ["HEIF", "AVIF", "WEBP", "PNG", "GIF", "BMP", "TIFF"])
def test_a_picture_of_every_format_becomes_a_jpeg_without_a_place(format_name):
    options = {} if format_name in {"GIF", "BMP"} else {"exif": exif_with_location()}
    uploaded = encode_image(four_colour_image(), format_name, **options)
    assert not options or HIDDEN_AUTHOR in uploaded
    safe = to_safe_file(uploaded)
    assert (safe.kind, safe.width, safe.height) == (MediaKind.PICTURE, 400, 300)
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])
    for secret in (HIDDEN_ADDRESS, HIDDEN_AUTHOR):
        assert secret not in safe.content + safe.print_jpeg


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "RGBA"])
def test_a_picture_in_every_colour_mode_can_be_seen(mode):
    gray = 255 if mode == "1" else 128
    if mode == "I;16":
        image = Image.frombytes("I;16", (20, 20), struct.pack("<H", 0x8000) * 400)
    else:
        image = Image.new("L", (20, 20), gray).convert(mode)
    uploaded = encode_image(image, "TIFF" if mode == "CMYK" else "PNG")
    safe_image = open_image(to_safe_file(uploaded).content).convert("L")
    assert abs(safe_image.getpixel((10, 10)) - gray) < 16


def test_a_large_photo_is_scaled_for_the_screen_and_smaller_for_paper():
    safe = to_safe_file(encode_image(four_colour_image((4000, 3000)), "JPEG"))
    assert (safe.width, safe.height) == (1600, 1200)
    assert open_image(safe.content).size == (1600, 1200)
    assert open_image(safe.print_jpeg).size == (1000, 750)
    assert colours_match(corner_colours(safe.print_jpeg), [RED, GREEN, BLUE, WHITE])


def test_what_is_transparent_becomes_white():
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 20, 20))
    safe = to_safe_file(encode_image(image, "PNG"))
    assert colours_match(corner_colours(safe.content), [RED, WHITE, WHITE, WHITE])
    indexed = image.convert("P")
    transparent_index = indexed.getpixel((39, 39))
    safe = to_safe_file(encode_image(indexed, "PNG", transparency=transparent_index))
    assert colours_match(corner_colours(safe.content)[2:], [WHITE, WHITE])


@pytest.mark.parametrize("format_name", ["GIF", "WEBP"])
def test_of_an_animation_the_first_image_stays(format_name):
    first = Image.new("RGB", (60, 40), RED)
    others = [Image.new("RGB", (60, 40), BLUE) for _ in range(5)]
    animation = encode_image(first, format_name, save_all=True, append_images=others, duration=50)
    assert colours_match(corner_colours(to_safe_file(animation).content), [RED] * 4)


def test_the_lines_of_a_drawing_stay_readable():
    drawing = Image.new("RGB", (800, 600), WHITE)
    pen = ImageDraw.Draw(drawing)
    for x in range(0, 800, 8):
        pen.line((x, 0, x, 599), fill=RED)
    safe_image = open_image(to_safe_file(encode_image(drawing, "PNG")).content)
    assert safe_image.getpixel((400, 300))[1] < 90, "a line of one pixel keeps its colour"
    assert min(safe_image.getpixel((404, 300))) > 225


def test_colours_are_those_of_the_profile_and_a_wrong_profile_does_no_harm():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"no profile", profile[:200]):
        safe = to_safe_file(encode_image(four_colour_image(), "JPEG", icc_profile=icc))
        assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])
        assert "icc_profile" not in open_image(safe.content).info
    gray_image = four_colour_image().convert("L")
    assert to_safe_file(encode_image(gray_image, "JPEG", icc_profile=profile)).width == 400


def png_that_claims(width, height):
    def chunk(name, body):
        checksum = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def webp_that_claims(width, height):
    def chunk(name, body):
        return name + struct.pack("<I", len(body)) + body

    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBP" + chunk(b"VP8X", b"\x02\0\0\0" + size) + chunk(b"ANIM", b"\0" * 6)
    return chunk(b"RIFF", body)


def test_a_picture_with_too_many_pixels_is_rejected_by_its_size():
    many_gray_pixels = encode_image(Image.new("L", (12_000, 11_000)), "PNG")
    assert reject_reason(png_that_claims(100_000, 100_000)) is RejectReason.TOO_MANY_PIXELS
    assert reject_reason(webp_that_claims(16_383, 16_383)) is RejectReason.TOO_MANY_PIXELS
    assert reject_reason(many_gray_pixels) is RejectReason.TOO_MANY_PIXELS


def test_a_picture_with_just_not_too_many_pixels_fits_in_the_memory():
    image = Image.new("RGBA", (13_200, 9400), (*RED, 255))
    safe = to_safe_file(encode_image(image, "PNG", compress_level=1))
    assert (safe.width, safe.height) == (1600, 1139)


@pytest.mark.parametrize(
    ("format_name", "reason"),
    [
        ("JPEG", RejectReason.INCOMPLETE),
        ("PNG", RejectReason.INCOMPLETE),
        ("GIF", RejectReason.INCOMPLETE),
        ("TIFF", RejectReason.INCOMPLETE),
        ("BMP", RejectReason.INCOMPLETE),
        ("WEBP", RejectReason.BROKEN),
        ("HEIF", RejectReason.BROKEN),
        ("AVIF", RejectReason.BROKEN),
    ],
)
def test_half_a_picture_is_refused_with_the_reason(format_name, reason):
    uploaded = encode_image(Image.effect_noise((300, 300), 90).convert("RGB"), format_name)
    assert reject_reason(uploaded[: len(uploaded) // 2]) is reason


@pytest.mark.parametrize(
    "tail", [zip_with_text(), b"<script>alert('tail')</script>"], ids=["zip", "script"]
)
def test_what_is_hidden_after_a_picture_is_removed(tail):
    safe = to_safe_file(encode_image(four_colour_image(), "JPEG") + tail)
    for hidden in (b"PK\3\4", b"verborgen", b"<script"):
        assert hidden not in safe.content + safe.print_jpeg


def test_what_is_hidden_in_a_comment_is_removed():
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "<script>alert('chunk')</script>")
    uploaded = encode_image(four_colour_image(), "PNG", pnginfo=comment)
    assert b"<script" not in to_safe_file(uploaded).content
