"""How paper looks: pages as small grey pictures, and whether two of them look the same to somebody at arm's length."""

import io
import subprocess
from pathlib import Path

import pymupdf
from PIL import Image, ImageChops, ImageFilter

KEPT = Path(__file__).parent / "looks"
DIFFERENT = Path(__file__).parents[2] / "build" / "looks"
_DOTS, _FINER = 50, 3  # an inch; drawn finer first, so that no letter snaps to a dot of the small picture
_STEP = 17  # between the sixteen shades that a kept picture has
# Measured: letters drawn by another program differ by 20 at most, a page that is half a dot aside by 27, a page that
# is 2 mm aside by 73 and more.
_BLUR, _TOLERANCE = 3, 30


def pages(pdf: bytes, *, folder: Path) -> list[Image.Image]:
    """Give every page of a PDF as a small grey picture."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pages.pdf").write_bytes(pdf)
    drawn = ["pdftoppm", "-r", str(_DOTS * _FINER), "-gray", str(folder / "pages.pdf"), str(folder / "page")]
    subprocess.run(drawn, check=True)
    return [opened(path).reduce(_FINER) for path in sorted(folder.glob("page-*.pgm"))]


def opened(path: Path) -> Image.Image:
    """Give a picture, with its file closed again."""
    return Image.open(io.BytesIO(path.read_bytes()))


def sample(pdf: bytes, number: int, path: Path) -> None:
    """Draw one page as people like to see it in a document: in colour, larger, and still a small file."""
    with pymupdf.open(stream=pdf) as pages:
        pixels = pages[number - 1].get_pixmap(dpi=75, colorspace=pymupdf.csRGB)
    page = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    path.parent.mkdir(exist_ok=True)
    page.quantize(48, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


def difference(one: Image.Image, other: Image.Image) -> Image.Image:
    """Give where two pages differ, out of focus: black is alike."""
    blurred = (page.convert("L").filter(ImageFilter.BoxBlur(_BLUR)) for page in (one, other))
    return ImageChops.difference(*blurred)


def far_apart(one: Image.Image, other: Image.Image) -> int:
    """Give how far apart two pages are where they differ most, in shades of 255."""
    return 255 if one.size != other.size else int(difference(one, other).getextrema()[1])


def same(one: Image.Image, other: Image.Image) -> bool:
    return far_apart(one, other) <= _TOLERANCE


def keep(page: Image.Image, path: Path) -> None:
    """Keep a page as what it has to look like from now on."""
    path.parent.mkdir(exist_ok=True)
    few_shades(page).save(path, optimize=True)


def few_shades(page: Image.Image) -> Image.Image:
    """Give a page in as many shades as a small file has room for."""
    indices = page.convert("L").point([round(shade / _STEP) for shade in range(256)])
    few = Image.frombytes("P", page.size, indices.tobytes())
    few.putpalette([shade for step in range(16) for shade in [step * _STEP] * 3])
    return few


def beside(was: Image.Image, now: Image.Image, *, name: str) -> Path:
    """Draw how it was, how it is and, dark on white, where that differs, side by side; give the file."""
    width, height = (max(was.size[way], now.size[way]) for way in (0, 1))
    sheet = Image.new("L", (width * 3 + 40, height), 200)
    shown = [was.convert("L"), now.convert("L")]
    if was.size == now.size:
        shown.append(difference(was, now).point(lambda shade: max(0, 255 - shade * 8)))
    for place, page in enumerate(shown):
        sheet.paste(page, (place * (width + 20), 0))
    DIFFERENT.mkdir(parents=True, exist_ok=True)
    path = DIFFERENT / f"{name}.png"
    sheet.save(path)
    return path
