"""The words of media: which kinds of file there are, how much of each is taken, and why one is refused."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
    DOCUMENT = "document"


class Why(StrEnum):
    """Why a file is refused; the screen has the sentence that the person reads."""

    EMPTY = "empty"
    TOO_LARGE = "too large"  # in bytes
    UNKNOWN = "unknown"  # by what is in it, whatever its name
    TOO_MANY_PIXELS = "too many pixels"
    TOO_LONG = "too long"  # seconds of sound, pages of a document
    ENCRYPTED = "encrypted"
    BROKEN = "broken"  # of a kind we know, but it cannot be read to its end
    TOO_SLOW = "too slow"  # asked more time or memory than a file may


# What a file of each kind becomes: its type on the web and the end of its name.
MADE = {
    Kind.PICTURE:  ("image/jpeg",      "jpg"),
    Kind.SOUND:    ("audio/mp4",       "m4a"),
    Kind.DOCUMENT: ("application/pdf", "pdf"),
}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How much a file may be and may ask; sizes in bytes, sides in pixels."""

    bytes_in: int = 20 * 1024**2
    pixels: int = 60_000_000
    long_side: int = 1600
    print_side: int = 1000
    seconds_of_sound: int = 300
    pages: int = 30
    seconds: float = 20
    memory: int = 3 * 1024**3 // 2


HOUSE_LIMITS = Limits()


@dataclass(frozen=True)
class Refitted:
    """A file made anew: `screen` is shown, played or downloaded; `print` is a smaller JPEG, of a picture only.

    `darkest` is the grey of the darkest dot of a picture, from 0 (black) to 255 (white).
    """

    kind: Kind
    mime: str
    extension: str
    screen: bytes
    print: bytes = b""
    width: int = 0
    height: int = 0
    darkest: int = 0


class MediaRefused(Exception):
    """This file cannot be attached; `why` says for which reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
