"""Pictures: any photo or drawing becomes an upright sRGB JPEG on white that holds its pixels and nothing else."""

import io

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import Resampling, Transpose

from reflect.media.kinds import MADE, Kind, Limits, MediaRefused, Refitted, Why

# Named, so that Pillow never goes looking for more plugins than these.
PLUGINS = (AvifImagePlugin, BmpImagePlugin, GifImagePlugin, JpegImagePlugin,
           PngImagePlugin, TiffImagePlugin, WebPImagePlugin)  # fmt: skip
SCREEN, PRINT = 82, 78
# The edges of letters and lines suffer most in JPEG, so what was drawn keeps all its colour and more of its detail.
DRAWN, DRAWN_BONUS = {"PNG", "GIF", "BMP"}, 8
_ORIENTATION = 0x0112
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# Phones embed a small JPEG; it may show what was cut from the picture since. One thread: each takes address space.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def refit(data: bytes, *, format: str, limits: Limits) -> Refitted:
    """Make this picture anew; of an animation, the first image. Raises MediaRefused, and what Pillow raises."""
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own bound warns first; ours stands in _opened
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, loaded by the server of forks, wants it otherwise
    with _opened(data, format=format, limits=limits) as opened:
        picture = _plain(opened, side=limits.long_side)
    small = picture.copy()
    small.thumbnail((limits.print_side, limits.print_side), Resampling.LANCZOS)
    mime, extension = MADE[Kind.PICTURE]
    screen, paper = _jpeg(picture, quality=SCREEN, format=format), _jpeg(small, quality=PRINT, format=format)
    darkest = min(small.convert("L").tobytes())
    return Refitted(Kind.PICTURE, mime, extension, screen, paper, *picture.size, darkest)


def _opened(data: bytes, *, format: str, limits: Limits) -> Image.Image:
    """Open it, which reads its size but no pixel yet."""
    if format == "WEBP" and _webp_canvas(data) > limits.pixels:
        raise MediaRefused(Why.TOO_MANY_PIXELS)
    image = Image.open(io.BytesIO(data), formats=[format])
    if image.width * image.height > limits.pixels:
        raise MediaRefused(Why.TOO_MANY_PIXELS)
    return image


def _webp_canvas(data: bytes) -> int:
    """The pixels of an extended WebP: Pillow would make room for them on opening."""
    if data[12:16] != b"VP8X":
        return 0
    return (int.from_bytes(data[24:27], "little") + 1) * (int.from_bytes(data[27:30], "little") + 1)


def _plain(opened: Image.Image, *, side: int) -> Image.Image:
    profile = opened.info.get("icc_profile")
    opened.draft(None, _twice_what_fits(opened.size, side=side))  # a large JPEG is decoded at half or a quarter
    opened.load()
    turn = UPRIGHT.get(_orientation(opened))
    image = _deep(opened)
    image.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=2.0)
    image = _srgb(_on_white(image), profile=profile)
    return image.transpose(turn) if turn is not None else image


def _twice_what_fits(size: tuple[int, int], *, side: int) -> tuple[int, int]:
    scale = min(1.0, 2 * side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged EXIF is no reason to refuse a photo that can be seen
        return 1


def _deep(image: Image.Image) -> Image.Image:
    """Palettes and bits cannot be shrunk smoothly; 16 bits of grey would be cut off, not scaled."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.copy() if image.mode in {"L", "RGB", "CMYK"} else image.convert("L" if image.mode in "1F" else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _srgb(image: Image.Image, *, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            made = None  # a profile that does not fit its picture: the colours as they are will do
        image = made or image
    return image.convert("RGB")


def _jpeg(image: Image.Image, *, quality: int, format: str) -> bytes:
    drawn = format in DRAWN
    image.info.clear()  # Pillow would write the comment that it read
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality + DRAWN_BONUS * drawn, subsampling=0 if drawn else 2,
               optimize=True, progressive=True, exif=b"", icc_profile=None)  # fmt: skip
    return out.getvalue()
