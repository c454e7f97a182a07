"""How large a picture of some pixels is shown on a screen."""

from dataclasses import dataclass
from typing import Self

_SHOWN_HEIGHT = 576  # CSS px
_PHONE_WIDTH = 360  # of a screenshot of a phone: as large as it was there
_STRIP_HEIGHT = 288  # of a timeline, which is read from left to right
_PHONE_RATIO = 1.7  # height by width; a photo in portrait is 1.33 or 1.5
_LONG_RATIO = 2.5
_WIDE_RATIO = 5  # width by height


@dataclass(frozen=True)
class PictureSize:
    """The size of a picture in px; 0 by 0 for what is no picture."""

    width: int
    height: int

    @classmethod
    def parse(cls, dimensions: str) -> Self:
        """Return 1600 by 1200 for "1600x1200", and 0 by 0 for ""."""
        width, _, height = dimensions.partition("x")
        return cls(int(width), int(height)) if height else cls(0, 0)

    @property
    def scrolls(self) -> bool:
        """Whether a box shows it that scrolls: made to fit, it would be a thread."""
        return self.height > _LONG_RATIO * self.width or self.width > _WIDE_RATIO * self.height

    @property
    def shown(self) -> tuple[int, int]:
        """The width and height on a screen that has room for them, in CSS px."""
        if not self.width:
            return (0, 0)
        if self.height > _PHONE_RATIO * self.width:
            scale = _PHONE_WIDTH / self.width
        elif self.width > _WIDE_RATIO * self.height:
            scale = _STRIP_HEIGHT / self.height
        else:
            scale = _SHOWN_HEIGHT / self.height
        scale = min(1.0, scale)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))
