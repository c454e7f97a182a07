"""What a rendering child gets: the pages of one student, and limits on time and memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Usage(StrEnum):
    """What the pages are for: paper, or an archive that must open them in fifty years (PDF/A)."""

    PRINT = "print"
    ARCHIVE = "archive"


@dataclass(frozen=True)
class RenderRequest:
    """Pages as HTML, with formulas still to be drawn.

    `pictures`: JPEG or SVG, by the key in their address, `picture:key`.
    `shorter_htmls`: the same with fewer and fewer words. Of these and `html`, the first that fits
    on `max_pages` is rendered.
    """

    html: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    usage: Usage = Usage.PRINT
    shorter_htmls: tuple[str, ...] = ()
    max_pages: int = 0

    @property
    def size_bytes(self) -> int:
        """The size of all HTML and pictures together; a character counts as one byte."""
        return sum(map(len, (self.html, *self.shorter_htmls, *self.pictures.values())))


@dataclass(frozen=True)
class RenderLimits:
    """How much rendering one student's pages may take; `seconds` also limits processor time."""

    seconds: float = 60
    memory_bytes: int = 1024**3
    max_input_bytes: int = 64 * 1024**2


DEFAULT_LIMITS = RenderLimits()
