"""Transcode any photo or drawing to an upright sRGB JPEG on white, without metadata."""

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

from reflect.media.kinds import MIME_AND_EXTENSION, MediaKind, SafeFile
from reflect.media.limits import MediaLimits, MediaRejected, RejectReason

# Imported here, so that Pillow never looks for more plugins than these.
PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
SCREEN_QUALITY = 82
PRINT_QUALITY = 78
# These formats often hold drawings. JPEG blurs the edges of letters and lines, so what comes from
# them keeps all its colour and more detail.
LOSSLESS_FORMATS = {"PNG", "GIF", "BMP"}
LOSSLESS_QUALITY_BONUS = 8
_EXIF_ORIENTATION = 0x0112
TRANSPOSE_BY_ORIENTATION = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# A phone's thumbnail may show what was cut from the picture since, so none is read. One thread,
# since each takes address space, of which a child has little.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def transcode_picture(data: bytes, *, format_name: str, limits: MediaLimits) -> SafeFile:
    """Return this picture as a safe file; of an animation, the first image.

    Raises MediaRejected, and what Pillow raises.
    """
    Image.MAX_IMAGE_PIXELS = None  # Pillow would warn first; our own limit is in _open_picture
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint sets it, and one process may have both
    with _open_picture(data, format_name=format_name, limits=limits) as source:
        picture = _to_upright_srgb(source, side=limits.screen_side)
    print_picture = picture.copy()
    print_picture.thumbnail((limits.print_side, limits.print_side), Resampling.LANCZOS)
    mime, extension = MIME_AND_EXTENSION[MediaKind.PICTURE]
    return SafeFile(
        kind=MediaKind.PICTURE,
        mime=mime,
        extension=extension,
        content=_encode_jpeg(picture, quality=SCREEN_QUALITY, format_name=format_name),
        print_jpeg=_encode_jpeg(print_picture, quality=PRINT_QUALITY, format_name=format_name),
        width=picture.width,
        height=picture.height,
        darkest_gray=min(print_picture.convert("L").tobytes()),
    )


def _open_picture(data: bytes, *, format_name: str, limits: MediaLimits) -> Image.Image:
    """Return the picture with its size, but without its pixels yet. Raises MediaRejected."""
    if format_name == "WEBP" and _webp_canvas_pixels(data) > limits.max_pixels:
        raise MediaRejected(RejectReason.TOO_MANY_PIXELS)
    image = Image.open(io.BytesIO(data), formats=[format_name])
    if image.width * image.height > limits.max_pixels:
        raise MediaRejected(RejectReason.TOO_MANY_PIXELS)
    return image


def _webp_canvas_pixels(data: bytes) -> int:
    """Return the pixels of an extended WebP, which Pillow allocates on opening; 0 for any other."""
    if data[12:16] != b"VP8X":
        return 0
    width = int.from_bytes(data[24:27], "little") + 1
    height = int.from_bytes(data[27:30], "little") + 1
    return width * height


def _to_upright_srgb(source: Image.Image, *, side: int) -> Image.Image:
    # Taken here, since the conversions below may lose it.
    profile = source.info.get("icc_profile")
    # Decode a large JPEG at a half or a quarter of its size.
    source.draft(None, _draft_size(source.size, side=side))
    source.load()
    transpose = TRANSPOSE_BY_ORIENTATION.get(_orientation(source))
    image = _to_resizable_mode(source)
    # Made small before its colours are converted and it is turned, since both take time per pixel.
    image.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=2.0)
    image = _to_srgb(_flatten_on_white(image), profile=profile)
    return image.transpose(transpose) if transpose is not None else image


def _draft_size(size: tuple[int, int], *, side: int) -> tuple[int, int]:
    scale = min(1.0, 2 * side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:
        return 1  # damaged EXIF is no reason to reject a photo that can be seen


def _to_resizable_mode(image: Image.Image) -> Image.Image:
    """Return the image in a mode that can be scaled smoothly, which palettes and bits cannot."""
    if image.mode.startswith("I"):
        # 16 bits of grey: Pillow would cut them off, not scale them.
        return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in {"L", "RGB", "CMYK"}:
        return image.copy()
    return image.convert("L" if image.mode in {"1", "F"} else "RGB")


def _flatten_on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    # JPEG has no transparency, and paper is white.
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _to_srgb(image: Image.Image, *, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source_profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source_profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # the profile does not fit: keep the colours as they are
        image = converted or image
    return image.convert("RGB")


def _encode_jpeg(image: Image.Image, *, quality: int, format_name: str) -> bytes:
    is_lossless = format_name in LOSSLESS_FORMATS
    image.info.clear()  # or Pillow would write the comment that it read
    out = io.BytesIO()
    image.save(
        out,
        "JPEG",
        quality=quality + (LOSSLESS_QUALITY_BONUS if is_lossless else 0),
        subsampling=0 if is_lossless else 2,
        optimize=True,
        progressive=True,
        exif=b"",
        icc_profile=None,
    )
    return out.getvalue()
