"""A school's logo: sanitised as every picture is, with its size on paper."""

from dataclasses import dataclass
from pathlib import Path

from reflect.media import transcode
from reflect.media.kinds import MediaKind
from reflect.media.limits import Ground, MediaLimits, MediaRejected, RejectReason
from reflect.printing.branding import svg_sanitizer
from reflect.printing.branding.svg_sanitizer import UnusableLogo

LOGO_FILE_NAMES = ("logo.svg", "logo.png", "logo.jpg", "logo.jpeg")
MAX_LOGO_BYTES = 10 * 1024**2
TOO_LARGE_MESSAGE = "is larger than 10 MB. Make it smaller; a thousand pixels wide is plenty"
_MEDIA_LIMITS = MediaLimits(
    max_bytes=MAX_LOGO_BYTES,
    print_side=1000,
    print_short_side=0,
    max_cpu_seconds=10,
    timeout_seconds=60,
    grounds=(Ground.WHITE,),  # the paper is white
)
_MIN_DPI = 150  # a picture is never printed larger than this, so that it stays sharp
_MM_PER_INCH = 25.4
_LIGHTEST_VISIBLE = 235  # of 255: a logo without anything darker cannot be seen on white paper
_UNKNOWN_MESSAGE = (
    "is no SVG, PNG or JPEG. Open it in your drawing program and save it as one of these"
)
_MESSAGES = {
    RejectReason.EMPTY: "is empty. Save it again",
    RejectReason.TOO_LARGE: TOO_LARGE_MESSAGE,
    RejectReason.TOO_MANY_PIXELS: (
        "has too many pixels. Make it smaller; a thousand pixels wide is plenty"
    ),
    RejectReason.UNKNOWN: _UNKNOWN_MESSAGE,
    RejectReason.OTHER_PICTURE: _UNKNOWN_MESSAGE,
    RejectReason.OTHER_DOCUMENT: _UNKNOWN_MESSAGE,
    RejectReason.INVISIBLE: "is transparent all over. Save it with its colours",
    RejectReason.TOO_SLOW: "takes too long to read. Save it as PNG and call it logo.png",
}
_DAMAGED_MESSAGE = "is damaged. Open it in your drawing program and save it again"


@dataclass(frozen=True)
class Logo:
    """An SVG, or a JPEG on white; `width` and `height` in px."""

    content: bytes
    width: float
    height: float

    @property
    def is_svg(self) -> bool:
        return self.content.startswith(b"<svg")

    @property
    def cover_size(self) -> tuple[float, float]:
        """The width and height on a cover, in mm."""
        return self.fit_within(70, 26)

    @property
    def one_pager_size(self) -> tuple[float, float]:
        """The width and height on a one-pager, in mm."""
        return self.fit_within(44, 13)

    def fit_within(self, width: float, height: float) -> tuple[float, float]:
        """Return the size within a frame, in mm; a picture of few pixels stays small."""
        scale = min(width / self.width, height / self.height)
        if not self.is_svg:
            scale = min(scale, _MM_PER_INCH / _MIN_DPI)
        return round(self.width * scale, 2), round(self.height * scale, 2)


def find_logo_file(folder: Path) -> Path | None:
    """Return the path of the logo in this folder, if there is one."""
    return next((path for name in LOGO_FILE_NAMES if (path := folder / name).is_file()), None)


def logo_from_bytes(content: bytes) -> Logo:
    """Return the logo in a file's bytes. Raises UnusableLogo with the reason."""
    # After a byte order mark and white space an SVG begins with "<"; no PNG or JPEG does.
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Logo(*svg_sanitizer.sanitize_svg(content))
    try:
        # In a child process, as every upload: nothing of this file is decoded here.
        photo = transcode.to_safe_file(content, limits=_MEDIA_LIMITS)
    except MediaRejected as error:
        raise UnusableLogo(_MESSAGES.get(error.reason, _DAMAGED_MESSAGE)) from None
    if photo.kind is not MediaKind.PICTURE:
        raise UnusableLogo(_MESSAGES[RejectReason.UNKNOWN])
    if photo.darkest_gray > _LIGHTEST_VISIBLE:
        raise UnusableLogo(
            "is too light to be seen on white paper. Take the one for a light background"
        )
    scale = min(1, _MEDIA_LIMITS.print_side / max(photo.width, photo.height))
    return Logo(photo.print_jpeg, photo.width * scale, photo.height * scale)
