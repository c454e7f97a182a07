"""A long picture is cut over strips on paper: each line of it can be read, and none is lost."""

import io
import re
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image, ImageDraw

from reflect.access.view_models import EvidenceView
from reflect.media.kinds import MediaKind
from reflect.media.picture_size import PictureSize
from reflect.media.transcode import to_safe_file
from reflect.printing import booklet_rendering
from reflect.printing.picture_strips import picture_strips
from reflect.reports.evidence import print_blob_name
from reflect.storage import blob_store
from tests.printing.conftest import PHOTO, assert_checkers_find_no_error, print_html


@pytest.mark.parametrize(
    "size",
    [(1080, 12_000), (1080, 2400), (1440, 30_000), (300, 17_000), (12_000, 1080), (6000, 900)],
)  # fmt: skip
def test_the_strips_show_all_of_a_picture_at_one_scale_and_with_an_overlap(size):
    width, height = size
    strips = picture_strips(width, height)
    is_tall = height > width
    along = [strip.height if is_tall else strip.width for strip in strips]
    across = {strip.width if is_tall else strip.height for strip in strips}
    (scale,) = {mm / min(size) for mm in across}
    total = scale * max(size)
    assert all(length <= (190.01 if is_tall else 150.01) for length in along)
    places = [strip.top if is_tall else strip.left for strip in strips]
    starts = [place / 100 * (total - along[0]) for place in places]
    ends = [start + length for start, length in zip(starts, along, strict=True)]
    assert starts[0] == 0
    assert ends[-1] == pytest.approx(total)
    for end, start in zip(ends, starts[1:], strict=False):
        assert end - start == pytest.approx(6)


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1600), (1600, 360), (900, 1350), (1, 1)])
def test_an_ordinary_photo_is_not_cut(size):
    assert picture_strips(*size) == ()
    assert not PictureSize(*size).scrolls


@pytest.mark.parametrize("size", [(100, 300), (300, 60), (20, 200)])
def test_a_small_drawing_that_is_long_is_neither_cut_nor_blown_up(size):
    assert picture_strips(*size) == ()


@pytest.mark.parametrize("size", [(60, 1000), (1500, 60)])
def test_no_pixel_is_printed_larger_than_on_a_screen(size):
    for strip in picture_strips(*size):
        assert min(strip.width, strip.height) <= min(size) * 25.4 / 96


@pytest.mark.parametrize("size", [(1080, 12_000), (12_000, 1080)])
def test_on_a_screen_a_long_picture_is_as_wide_as_it_was_and_scrolls(size):
    shown = PictureSize(*size)
    assert shown.scrolls
    assert min(shown.shown) >= 288


def chat_photo():
    """Return a screenshot of a chat, 1080 by 9,000, with a number at every 100 px."""
    image = Image.new("RGB", (1080, 9000), "white")
    pen = ImageDraw.Draw(image)
    for top in range(0, 9000, 100):
        pen.rounded_rectangle((40 if top % 200 else 360, top + 8, 720, top + 92), 20, fill="#cde")
        pen.text((400, top + 20), f"Bericht {top // 100}", fill="black", font_size=48)
    out = io.BytesIO()
    image.save(out, "PNG")
    return to_safe_file(out.getvalue())


def with_long_photo(booklet, store):
    photo = chat_photo()
    store.put(print_blob_name(PHOTO), photo.print_jpeg)
    item = EvidenceView(PHOTO, MediaKind.PICTURE, photo.mime, photo.width, photo.height)
    report = replace(booklet.reports[0], evidence_by_key={PHOTO: item})
    return replace(booklet, reports=(report,))


def test_a_long_screenshot_is_printed_in_parts_that_say_so(app, cast_booklets, run_pdf_tool):
    store = blob_store(app.extensions["reflect"].evidence)
    booklet = with_long_photo(cast_booklets[0], store)
    html = print_html(booklet)
    assert html.count(f'src="picture:{PHOTO}"') == 4
    assert "deel 1 van 4" in html
    assert 'alt="Mijn getallenlijn, deel 1 van 4"' in html
    pdf = booklet_rendering.render_one(booklet, seconds=60)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = [page for page in document.pages if page.get_images()]
        assert len(pages) >= 2
        photos = {image.objgen for page in pages for image in page.get_images().values()}
        assert len(photos) == 1, "one picture in the file, however often it is drawn"
        contents = b"".join(page.Contents.read_bytes() for page in pages)
    assert len(re.findall(rb"/\w+ Do\b", contents)) == 4
    assert_checkers_find_no_error(pdf, run_pdf_tool)
