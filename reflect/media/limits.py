"""How large an uploaded file may be, and for which reasons one is rejected.

Which formats are accepted: reflect/media/decoders.py, by the signatures of their content.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class MediaLimits:
    """How large an uploaded file may be, and what transcoding it may take; sides in pixels."""

    max_bytes: int = 20 * 1024**2
    max_pixels: int = 60_000_000
    screen_side: int = 1600
    print_side: int = 1000
    max_sound_seconds: int = 300
    max_pages: int = 30
    timeout_seconds: float = 20
    max_memory_bytes: int = 3 * 1024**3 // 2


DEFAULT_MEDIA_LIMITS = MediaLimits()


class RejectReason(StrEnum):
    """Why a file is rejected; reflect/web has the sentence for the person who uploaded it."""

    EMPTY = "empty"
    TOO_LARGE = "too large"  # in bytes
    UNKNOWN = "unknown"  # by its content, whatever its name
    TOO_MANY_PIXELS = "too many pixels"
    TOO_LONG = "too long"  # in seconds of sound or pages of a document
    ENCRYPTED = "encrypted"
    BROKEN = "broken"  # of a known kind, but it cannot be read to its end
    TOO_SLOW = "too slow"  # took more time or memory than a file may


class MediaRejected(Exception):
    """An uploaded file that cannot be used, with the reason."""

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
