"""How large an uploaded file may be, and for which reasons one is rejected.

Which formats are accepted: reflect/media/decoders.py, by the signatures of their content.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """What a transparent picture is laid on; the first on which its ink is seen is chosen."""

    WHITE = "white"
    DARK = "dark"
    GRAY = "gray"  # where some of the ink is light and some is dark


@dataclass(frozen=True)
class MediaLimits:
    """How large an uploaded file may be, and what transcoding it may take; sides in pixels.

    A picture keeps a longer side of `screen_side`, or a shorter one of `screen_short_side` where
    that is more, within `screen_pixels`; for paper the same with `print_`. `grounds`: on which
    colours a transparent picture may be laid.
    """

    max_bytes: int = 20 * 1024**2
    max_pixels: int = 125_000_000
    max_jpeg_pixels: int = 250_000_000  # these are reduced while they are decoded
    max_webp_pixels: int = 60_000_000  # these take twice the memory of others
    screen_side: int = 1600
    screen_short_side: int = 1080
    screen_pixels: int = 16_000_000
    print_side: int = 1000
    print_short_side: int = 640
    print_pixels: int = 9_000_000
    grounds: tuple[Ground, ...] = tuple(Ground)
    max_sound_seconds: int = 300
    max_pages: int = 30
    max_page_bytes: int = 64 * 1024**2  # of instructions to draw one page, repeated ones included
    max_page_pixels: int = 500_000_000  # of all pictures on one page
    max_cpu_seconds: float = 20  # 3 for the largest picture; this one decides
    timeout_seconds: float = 120  # of waiting: that the machine is busy is no fault of the photo
    max_memory_bytes: int = 3 * 1024**3 // 2


DEFAULT_MEDIA_LIMITS = MediaLimits()


class RejectReason(StrEnum):
    """Why a file is rejected; reflect/web has the sentence for the person who uploaded it."""

    EMPTY = "empty"
    TOO_LARGE = "too large"  # in bytes
    UNKNOWN = "unknown"  # by its content, whatever its name
    OTHER_PICTURE = "other picture"  # a picture of a format that nothing here decodes
    OTHER_DOCUMENT = "other document"  # of a word processor, a spreadsheet, slides
    OTHER_SOUND = "other sound"
    FILM = "film"
    TOO_MANY_PIXELS = "too many pixels"
    THREAD = "thread"  # a picture so long that nothing of it could be read
    INVISIBLE = "invisible"  # a picture that is transparent all over
    MANY_PAGES = "many pages"  # a picture that has several
    TOO_LONG = "too long"  # in seconds of sound or pages of a document
    ENCRYPTED = "encrypted"
    BROKEN = "broken"  # of a known kind, but it cannot be read to its end
    INCOMPLETE = "incomplete"  # a picture of which a part did not come along
    NOT_PAGES = "not pages"  # a PDF that shows its content in other ways than on its pages
    TOO_HEAVY = "too heavy"  # a PDF whose pages take far more to draw than to send
    TOO_SLOW = "too slow"  # took more time or memory than a file may


class MediaRejected(Exception):
    """An uploaded file that cannot be used, with the reason."""

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
