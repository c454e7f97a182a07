"""Transcode any photo or drawing to an upright sRGB JPEG, without metadata."""

import io
import math

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import Resampling, Transpose

from reflect.media.cut_jpeg import load_cut_jpeg
from reflect.media.ground import flatten
from reflect.media.kinds import MIME_AND_EXTENSION, MediaKind, SafeFile
from reflect.media.limits import MediaLimits, MediaRejected, RejectReason
from reflect.media.png_chunks import MAX_PROFILE_BYTES, essential_png

# Imported here, so that Pillow never looks for more plugins than these.
PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
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
_DNG_VERSION, _SUBFILE_TYPE, _REDUCED = 50706, 254, 1  # tags of TIFF
_JPEG_FORMATS = {"JPEG", "MPO"}
_LONGEST_RATIO = 60  # a longer picture is a thread on every screen
_REDUCING_GAP = 2.0
_BAND_ROWS = 64
_MAX_OPTIMIZED_PIXELS = 4_000_000
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
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
    if format_name == "PNG":
        data = essential_png(data)
    with _open_picture(data, format_name=format_name, limits=limits) as source:
        picture = _to_upright_srgb(source, data=data, limits=limits)
    print_size = _print_size(picture.size, limits=limits)
    print_picture = picture.resize(print_size, Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
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
    by_format = {"JPEG": limits.max_jpeg_pixels, "WEBP": limits.max_webp_pixels}
    max_pixels = by_format.get(format_name, limits.max_pixels)
    if format_name == "WEBP" and _webp_canvas_pixels(data) > max_pixels:
        raise MediaRejected(RejectReason.TOO_MANY_PIXELS)
    image = Image.open(io.BytesIO(data), formats=[format_name])
    if image.width * image.height > max_pixels:
        raise MediaRejected(RejectReason.TOO_MANY_PIXELS)
    if format_name == "TIFF":
        _reject_other_tiff(image)
    return image


def _reject_other_tiff(image: Image.Image) -> None:
    """Reject what would be kept as something less: a scan of several pages, a camera's raw file.

    The first picture in a raw file is a thumbnail.
    """
    tags = getattr(image, "tag_v2", {})
    if _DNG_VERSION in tags or tags.get(_SUBFILE_TYPE, 0) & _REDUCED:
        raise MediaRejected(RejectReason.OTHER_PICTURE)
    if getattr(image, "n_frames", 1) > 1:
        raise MediaRejected(RejectReason.MANY_PAGES)


def _webp_canvas_pixels(data: bytes) -> int:
    """Return the pixels of an extended WebP, which Pillow allocates on opening; 0 for any other."""
    if data[12:16] != b"VP8X":
        return 0
    width = int.from_bytes(data[24:27], "little") + 1
    height = int.from_bytes(data[27:30], "little") + 1
    return width * height


def _screen_size(size: tuple[int, int], *, limits: MediaLimits) -> tuple[int, int]:
    """Return the size for the screen. Raises MediaRejected where nothing could be read on it."""
    if max(size) > _LONGEST_RATIO * min(size):
        raise MediaRejected(RejectReason.THREAD)
    return _bounded_size(
        size,
        long_side=limits.screen_side,
        short_side=limits.screen_short_side,
        pixels=limits.screen_pixels,
    )


def _print_size(size: tuple[int, int], *, limits: MediaLimits) -> tuple[int, int]:
    return _bounded_size(
        size,
        long_side=limits.print_side,
        short_side=limits.print_short_side,
        pixels=limits.print_pixels,
    )


def _bounded_size(
    size: tuple[int, int], *, long_side: int, short_side: int, pixels: int
) -> tuple[int, int]:
    """Return a size of the same shape, never larger.

    By the longer side alone, a long screenshot would become too narrow to read.
    """
    width, height = size
    by_side = max(long_side / max(size), short_side / min(size))
    scale = min(1.0, by_side, math.sqrt(pixels / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _to_upright_srgb(source: Image.Image, *, data: bytes, limits: MediaLimits) -> Image.Image:
    # Taken here, since the conversions below may lose it.
    profile = source.info.get("icc_profile")
    size = _screen_size(source.size, limits=limits)
    loaded = _load(source, data=data, size=size)
    transpose = TRANSPOSE_BY_ORIENTATION.get(_orientation(source))
    # What was missing at the end is no part of the shape.
    size = _screen_size(loaded.size, limits=limits)
    # Made small before its colours are converted and it is turned, since both take time per pixel.
    image = _reduce(loaded, size=size)
    if image.size != size:
        image = image.resize(size, Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
    if image.mode == "RGBA":
        image = flatten(image, grounds=limits.grounds)
    image = _to_srgb(image, profile=profile)
    return image.transpose(transpose) if transpose is not None else image


def _load(source: Image.Image, *, data: bytes, size: tuple[int, int]) -> Image.Image:
    """Return the image with its pixels; a large JPEG decoded at a part of its size."""
    draft_size = (min(2 * size[0], source.width), min(2 * size[1], source.height))
    source.draft(None, draft_size)
    try:
        source.load()
    except OSError:
        if source.format not in _JPEG_FORMATS:
            raise
        return load_cut_jpeg(data, draft_size=draft_size)
    return source


def _reduce(image: Image.Image, *, size: tuple[int, int]) -> Image.Image:
    """Return the image in a mode that can be scaled smoothly, near to a size that is much smaller.

    In bands, for a copy of all its pixels could take more memory than a child has.
    """
    factor = min(int(image.width / size[0] / 2), int(image.height / size[1] / 2))
    if factor < 2:
        return _to_resizable_mode(image)
    out: Image.Image | None = None
    for top in range(0, image.height, factor * _BAND_ROWS):
        bottom = min(image.height, top + factor * _BAND_ROWS)
        band = _to_resizable_mode(image.crop((0, top, image.width, bottom))).reduce(factor)
        if out is None:
            out = Image.new(band.mode, (band.width, -(-image.height // factor)))
        out.paste(band, (0, top // factor))
    return out or _to_resizable_mode(image)


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
        return image
    return image.convert("L" if image.mode in {"1", "F"} else "RGB")


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
    # Both take several times as long, which a long screenshot has no time for.
    is_quick = image.width * image.height <= _MAX_OPTIMIZED_PIXELS
    image.info.clear()  # or Pillow would write the comment that it read
    out = io.BytesIO()
    image.save(
        out,
        "JPEG",
        quality=quality + (LOSSLESS_QUALITY_BONUS if is_lossless else 0),
        subsampling=0 if is_lossless else 2,
        optimize=is_quick,
        progressive=is_quick,
        exif=b"",
        icc_profile=None,
    )
    return out.getvalue()
