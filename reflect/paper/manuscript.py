"""A manuscript: what goes to the press for one student, and how much of the machine that may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Use(StrEnum):
    """What the pages are for: paper on a table, or an archive that must open them in fifty years (PDF/A)."""

    PRINT = "print"
    ARCHIVE = "archive"


@dataclass(frozen=True)
class Manuscript:
    """Pages as HTML, formulas still to be drawn, with the pictures that they name as `picture:key` (JPEG or SVG).

    Where the pages may not be more than `most`, `shorter` says the same in ever fewer words: the first that fits is
    printed.
    """

    html: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    use: Use = Use.PRINT
    shorter: tuple[str, ...] = ()
    most: int = 0

    @property
    def size(self) -> int:
        """Give the bytes of words and pictures together."""
        return sum(map(len, (self.html, *self.shorter, *self.pictures.values())))


@dataclass(frozen=True)
class Limits:
    """How much one student's pages may ask: seconds, bytes of memory, bytes of words and pictures."""

    seconds: float = 60
    memory: int = 1024**3
    bytes_in: int = 64 * 1024**2


HOUSE_LIMITS = Limits()
