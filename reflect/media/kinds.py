"""What an uploaded file becomes: its kind, and a safe file of that kind."""

from dataclasses import dataclass
from enum import StrEnum


class MediaKind(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
    DOCUMENT = "document"


# Of the safe file that a file of each kind becomes.
MIME_AND_EXTENSION = {
    MediaKind.PICTURE:  ("image/jpeg",      "jpg"),
    MediaKind.SOUND:    ("audio/mp4",       "m4a"),
    MediaKind.DOCUMENT: ("application/pdf", "pdf"),
}  # fmt: skip


@dataclass(frozen=True)
class SafeFile:
    """A transcoded file.

    `content` is shown, played or downloaded; a picture also has a smaller JPEG for the PDF, its
    size in px, and the grey of its darkest pixel, from 0 (black) to 255 (white).
    """

    kind: MediaKind
    mime: str
    extension: str
    content: bytes
    print_jpeg: bytes = b""
    width: int = 0
    height: int = 0
    darkest_gray: int = 0
