"""Compare pages with snapshots of them, small grey images, as somebody at arm's length would."""

import io
import subprocess
from pathlib import Path

import pymupdf
from PIL import Image, ImageChops, ImageFilter

SNAPSHOTS_DIR = Path(__file__).parent / "images"
DIFF_DIR = Path(__file__).parents[2] / "build" / "snapshots"
_DPI = 50
# Pages are drawn at three times that size first, so that no glyph snaps to a pixel.
_SUPERSAMPLING = 3
_SHADE_STEP = 17  # between the sixteen shades of a snapshot
# Measured: glyphs drawn by another program differ by 20 at most, a page moved by half a pixel by
# 27, and a page moved by 2 mm by 73 and more.
_BLUR = 3
_TOLERANCE = 30


def render_pages(pdf: bytes, *, folder: Path) -> list[Image.Image]:
    """Return every page of a PDF as a small grey image."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pages.pdf"
    path.write_bytes(pdf)
    resolution = str(_DPI * _SUPERSAMPLING)
    command = ["pdftoppm", "-r", resolution, "-gray", str(path), str(folder / "page")]
    subprocess.run(command, check=True)
    return [open_image(path).reduce(_SUPERSAMPLING) for path in sorted(folder.glob("page-*.pgm"))]


def open_image(path: Path) -> Image.Image:
    """Return an image, with its file closed."""
    return Image.open(io.BytesIO(path.read_bytes()))


def save_sample_page(pdf: bytes, number: int, path: Path) -> None:
    """Save one page for the documentation: in colour, larger, and still a small file."""
    with pymupdf.open(stream=pdf) as pages:
        pixels = pages[number - 1].get_pixmap(dpi=75, colorspace=pymupdf.csRGB)
    page = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    path.parent.mkdir(exist_ok=True)
    few_colours = page.quantize(48, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few_colours.save(path, optimize=True)


def blurred_difference(first: Image.Image, second: Image.Image) -> Image.Image:
    """Return where two pages differ when they are blurred; black where they do not."""
    blurred = (page.convert("L").filter(ImageFilter.BoxBlur(_BLUR)) for page in (first, second))
    return ImageChops.difference(*blurred)


def max_difference(first: Image.Image, second: Image.Image) -> int:
    """Return how much two pages differ at most, in shades of 255."""
    if first.size != second.size:
        return 255
    return int(blurred_difference(first, second).getextrema()[1])


def look_alike(first: Image.Image, second: Image.Image) -> bool:
    return max_difference(first, second) <= _TOLERANCE


def save_snapshot(page: Image.Image, path: Path) -> None:
    """Save what a page has to look like from now on."""
    path.parent.mkdir(exist_ok=True)
    reduce_shades(page).save(path, optimize=True)


def reduce_shades(page: Image.Image) -> Image.Image:
    """Return a page in few shades, so that its file is small."""
    indices = page.convert("L").point([round(shade / _SHADE_STEP) for shade in range(256)])
    few = Image.frombytes("P", page.size, indices.tobytes())
    few.putpalette([shade for step in range(16) for shade in [step * _SHADE_STEP] * 3])
    return few


def save_side_by_side(expected: Image.Image, actual: Image.Image, *, name: str) -> Path:
    """Save the snapshot, the page and, dark on white, their difference; return the path."""
    width = max(expected.width, actual.width)
    height = max(expected.height, actual.height)
    sheet = Image.new("L", (width * 3 + 40, height), 200)
    panels = [expected.convert("L"), actual.convert("L")]
    if expected.size == actual.size:
        difference = blurred_difference(expected, actual)
        panels.append(difference.point(lambda shade: max(0, 255 - shade * 8)))
    for column, page in enumerate(panels):
        sheet.paste(page, (column * (width + 20), 0))
    DIFF_DIR.mkdir(parents=True, exist_ok=True)
    path = DIFF_DIR / f"{name}.png"
    sheet.save(path)
    return path
