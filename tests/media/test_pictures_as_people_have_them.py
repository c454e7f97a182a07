"""Pictures as phones, apps and lost connections make them: kept readable, or refused."""

import io
import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageDraw, PngImagePlugin

from reflect.media.kinds import MediaKind
from reflect.media.limits import RejectReason
from reflect.media.transcode import to_safe_file
from tests.media.sample_files import (
    BLUE,
    GREEN,
    HIDDEN_ADDRESS,
    RED,
    WHITE,
    colours_match,
    corner_colours,
    encode_image,
    four_colour_image,
    reject_reason,
)

MEGABYTE = 1024**2


def open_image(content):
    return Image.open(io.BytesIO(content))


def png_chunk(name, body):
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum


def png_with(*chunks, image=None):
    """Return a PNG with these chunks behind its header."""
    png = encode_image(image or four_colour_image(), "PNG")
    return png[:33] + b"".join(chunks) + png[33:]


def large_text(name):
    words = HIDDEN_ADDRESS + b" " * (3 * MEGABYTE)
    compressed = zlib.compress(words)
    return {
        "tEXt": png_chunk(b"tEXt", b"Comment\0" + words),
        "zTXt": png_chunk(b"zTXt", b"Comment\0\0" + compressed),
        "iTXt": png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compressed),
        "iCCP": png_chunk(b"iCCP", b"scherm\0\0" + compressed),
        "eXIf": png_chunk(b"eXIf", b"MM\0\x2a" + words),
        "unknown": png_chunk(b"quIp", words),
    }[name]


@pytest.mark.parametrize("name", ["tEXt", "zTXt", "iTXt", "iCCP", "eXIf", "unknown"])
def test_a_png_with_megabytes_of_text_or_profile_is_a_picture(name):
    safe = to_safe_file(png_with(large_text(name)))
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])
    assert HIDDEN_ADDRESS not in safe.content + safe.print_jpeg


def test_what_a_png_says_about_itself_with_a_wrong_checksum_does_no_harm():
    damaged = bytearray(png_chunk(b"tEXt", b"Comment\0hoi"))
    damaged[-1] ^= 0xFF
    assert to_safe_file(png_with(bytes(damaged))).width == 400


def test_a_png_that_was_turned_and_has_a_profile_keeps_both():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    upright = to_safe_file(encode_image(four_colour_image(), "PNG", exif=exif))
    assert (upright.width, upright.height) == (300, 400)


# What is cut off at the end, in bytes; the last thousands are some rows of the picture.
def noisy_photo(**options):
    photo = Image.effect_noise((900, 1200), 60).convert("RGB")
    photo.paste(RED, (0, 0, 900, 400))
    return encode_image(photo, "JPEG", quality=85, **options)


def gray_rows(content):
    """Return how many rows at the bottom are the grey that a decoder puts where nothing is."""
    image = open_image(content).convert("RGB")
    rows = 0
    for y in range(image.height - 1, -1, -1):
        strip = image.crop((image.width - 32, y, image.width, y + 1))
        if any(high > 131 or low < 125 for low, high in strip.getextrema()):
            break
        rows += 1
    return rows


@pytest.mark.parametrize("lost", [1, 2, 20, 2000, 10_000])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["rows", "progressive"])
def test_a_jpeg_that_lacks_its_last_bytes_is_kept_without_a_grey_edge(lost, options):
    uploaded = noisy_photo(**options)
    safe = to_safe_file(uploaded[:-lost])
    assert safe.width == 900
    assert 1200 * 15 // 16 <= safe.height <= 1200
    assert gray_rows(safe.content) < 4
    assert colours_match(corner_colours(safe.content)[:2], [RED, RED])


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.85])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_of_which_a_part_is_missing_is_refused_and_says_so(kept, mode):
    photo = Image.effect_noise((900, 1200), 60).convert("RGB").convert(mode)
    uploaded = encode_image(photo, "JPEG", quality=85)
    assert reject_reason(uploaded[: int(len(uploaded) * kept)]) is RejectReason.INCOMPLETE


def test_of_a_progressive_jpeg_a_first_coarse_pass_is_not_taken_for_the_photo():
    uploaded = noisy_photo(progressive=True)
    assert reject_reason(uploaded[: len(uploaded) // 3]) is RejectReason.INCOMPLETE


@pytest.mark.parametrize("lost", [1, 8, 12, 16, 20])
def test_a_png_that_lacks_only_its_end_is_kept(lost):
    uploaded = encode_image(four_colour_image(), "PNG")
    assert to_safe_file(uploaded[:-lost]).height == 300


def test_a_photo_with_a_second_one_behind_it_is_the_first():
    out = io.BytesIO()
    four_colour_image().save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    safe = to_safe_file(out.getvalue())
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])
    assert open_image(safe.content).format == "JPEG"


def test_a_photo_whose_second_one_was_cut_off_is_the_first():
    out = io.BytesIO()
    second = Image.effect_noise((400, 300), 60)
    four_colour_image().save(out, "MPO", save_all=True, append_images=[second])
    uploaded = out.getvalue()
    safe = to_safe_file(uploaded[: len(uploaded) - 5000])
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])


def test_the_thumbnail_of_a_cut_photo_is_not_taken_for_its_scans():
    thumbnail = encode_image(Image.new("RGB", (80, 60)), "JPEG")
    exif = b"Exif\0\0" + thumbnail
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    photo = noisy_photo(progressive=True)
    uploaded = photo[:2] + segment + photo[2:]
    assert to_safe_file(uploaded).width == 900
    assert reject_reason(uploaded[: len(uploaded) // 3]) is RejectReason.INCOMPLETE


def test_a_photo_for_the_press_keeps_its_colours():
    safe = to_safe_file(encode_image(four_colour_image().convert("CMYK"), "JPEG", quality=95))
    assert open_image(safe.content).mode == "RGB"
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])


def test_a_png_of_sixteen_bits_a_colour_keeps_its_colours():
    row = b"".join(struct.pack(">HHH", 220 << 8, 30 << 8, 30 << 8) for _ in range(20))
    header = struct.pack(">IIBBBBB", 20, 20, 16, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + row) * 20)
    chunks = (b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")
    png = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)
    assert colours_match(corner_colours(to_safe_file(png).content), [RED] * 4)


PHONE_PHOTOS = {"48 MP": (8064, 6048), "63 MP": (9248, 6936), "108 MP": (12_000, 9000)}


@pytest.mark.parametrize("size", PHONE_PHOTOS.values(), ids=PHONE_PHOTOS)
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["rows", "progressive"])
def test_a_photo_of_as_many_pixels_as_a_phone_makes_is_reduced(size, options):
    photo = four_colour_image((size[0] // 8, size[1] // 8)).resize(size)
    safe = to_safe_file(encode_image(photo, "JPEG", quality=60, **options))
    assert (safe.width, safe.height) == (1600, 1200)
    assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_drawing_of_as_many_pixels_fits_in_the_memory(mode):
    image = four_colour_image((1200, 900))
    image = image.quantize(8) if mode == "P" else image.convert(mode)
    safe = to_safe_file(encode_image(image.resize((12_000, 9000)), "PNG", compress_level=1))
    assert (safe.width, safe.height) == (1600, 1200)
    if mode != "L":
        assert colours_match(corner_colours(safe.content), [RED, GREEN, BLUE, WHITE])


def chat_screenshot(size=(1080, 12_000)):
    """Return a screenshot of a chat: lines of 3 px, as thin as those of letters, 12 px apart."""
    image = Image.new("RGB", size, WHITE)
    pen = ImageDraw.Draw(image)
    for y in range(0, size[1], 12):
        pen.rectangle((0, y, size[0], y + 2), fill=(0, 0, 0))
    return image


def smallest_contrast(image):
    """Return by how much grey the lines differ from what is between them, where it is least."""
    column = image.convert("L").crop((image.width // 2, 0, image.width // 2 + 1, image.height))
    greys = column.tobytes()
    windows = (greys[start : start + 24] for start in range(0, len(greys) - 24, 24))
    return min(max(window) - min(window) for window in windows)


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(1080, 12_000), (1080, 2400), (1440, 9000), (720, 16_000)])
def test_a_long_screenshot_stays_readable_on_screen_and_on_paper(size, format_name):
    safe = to_safe_file(encode_image(chat_screenshot(size), format_name))
    assert safe.width >= min(size[0], 1080)
    assert abs(safe.height / safe.width - size[1] / size[0]) < 0.01
    assert smallest_contrast(open_image(safe.content)) > 100
    paper = open_image(safe.print_jpeg)
    assert paper.width >= 600
    assert smallest_contrast(paper) > 60


def test_a_wide_timeline_stays_readable():
    image = chat_screenshot((1080, 9000)).transpose(Image.Transpose.ROTATE_90)
    safe = to_safe_file(encode_image(image, "PNG"))
    assert (safe.width, safe.height) == (9000, 1080)
    assert open_image(safe.print_jpeg).height >= 600


def test_a_thread_of_pixels_that_nobody_can_read_is_refused():
    assert reject_reason(encode_image(Image.new("L", (3, 60_000)), "PNG")) is RejectReason.THREAD


INK = {
    "white": (255, 255, 255),
    "yellow": (255, 240, 120),
    "black": (0, 0, 0),
    "navy": (10, 20, 90),
}


def drawing(*inks, width=4):
    image = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for number, ink in enumerate(inks):
        top = 30 + 240 * number // len(inks)
        pen.line((20, top, 200, top + 40, 380, top + 10), fill=(*ink, 255), width=width)
    return image


def contrast(one, other):
    """Return the contrast of two colours by WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [part / 255 for part in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "inks",
    [("white",), ("yellow",), ("black",), ("navy",), ("white", "yellow"), ("white", "black"),
     ("navy", "yellow")],
    ids="+".join,
)  # fmt: skip
@pytest.mark.parametrize("make", ["PNG", "WEBP", "palette"])
def test_every_ink_on_a_transparent_ground_is_seen(inks, make):
    image = drawing(*(INK[name] for name in inks))
    uploaded = (
        encode_image(image.quantize(32), "PNG")
        if make == "palette"
        else encode_image(image, make, **({"lossless": True} if make == "WEBP" else {}))
    )
    for jpeg in (to_safe_file(uploaded).content, to_safe_file(uploaded).print_jpeg):
        seen = open_image(jpeg).convert("RGB")
        ground = seen.getpixel((2, 2))
        for number, _ in enumerate(inks):
            top = 30 + 240 * number // len(inks)
            assert contrast(seen.getpixel((199, top + 39)), ground) >= 3


def test_dark_ink_and_what_has_a_light_middle_keep_a_white_ground():
    image = drawing(INK["black"])
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 120, 390, 280), fill=(255, 255, 255, 255), outline=(0, 0, 0, 255), width=5)
    seen = open_image(to_safe_file(encode_image(image, "PNG")).content).convert("RGB")
    assert min(seen.getpixel((2, 2))) > 245


def test_a_picture_that_is_transparent_all_over_is_refused():
    empty = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    assert reject_reason(encode_image(empty, "PNG")) is RejectReason.INVISIBLE


def test_a_scan_of_several_pages_is_not_kept_as_its_first():
    pages = [Image.new("L", (60, 80), grey) for grey in (10, 200)]
    scan = encode_image(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert reject_reason(scan) is RejectReason.MANY_PAGES


def test_the_raw_file_of_a_camera_is_not_kept_as_its_thumbnail():
    raw = encode_image(four_colour_image((160, 120)), "TIFF", tiffinfo={50706: b"\1\4\0\0"})
    assert reject_reason(raw) is RejectReason.OTHER_PICTURE
    reduced = encode_image(four_colour_image((160, 120)), "TIFF", tiffinfo={254: 1})
    assert reject_reason(reduced) is RejectReason.OTHER_PICTURE


@pytest.mark.parametrize(
    "signature",
    [b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n", b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"],
    ids=["jxl", "jxl box", "jp2", "j2k"],
)
def test_a_format_that_we_cannot_read_is_known_as_a_picture(signature):
    assert reject_reason(signature + b"\0" * 100) is RejectReason.OTHER_PICTURE


def test_texts_in_a_png_are_dropped_before_they_are_unpacked():
    info = PngImagePlugin.PngInfo()
    for number in range(80):
        info.add_text(f"t{number}", "a" * 900_000, zip=True)
    safe = to_safe_file(encode_image(four_colour_image(), "PNG", pnginfo=info))
    assert safe.kind is MediaKind.PICTURE
