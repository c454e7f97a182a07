"""Cut a long picture over strips on paper: made to fit on a page it would be a thread."""

import math
from dataclasses import dataclass

_COLUMN_MM = 71.0  # two strips are beside each other, as two photos are
_COLUMN_HEIGHT_MM = 190.0
_PAGE_WIDTH_MM = 150.0
_ROW_HEIGHT_MM = 38.0
# A line of words that is cut at the end of a strip stands whole at the beginning of the next.
_OVERLAP_MM = 6.0
_TALL_RATIO = 1.7  # height by width; as a photo of a page it would be less than 5 cm wide
_WIDE_RATIO = 6.0  # width by height; a panorama of a phone is 4 or 5
_PHOTO_HEIGHT_MM = 80.0  # of one that is not cut (print.css)
_MM_PER_PIXEL = 25.4 / 96  # of CSS; a small picture is not made larger than this


@dataclass(frozen=True)
class Strip:
    """A part of a picture: its size in mm, and its place from 0 (left or top) to 100 per cent."""

    width: float
    height: float
    left: float = 0
    top: float = 0

    @property
    def css(self) -> str:
        """The part of the picture to be drawn, as declarations for its <img>."""
        return (
            f"width:{self.width:.2f}mm;height:{self.height:.2f}mm;"
            f"object-fit:cover;object-position:{self.left:.3f}% {self.top:.3f}%"
        )


def picture_strips(width: int, height: int) -> tuple[Strip, ...]:
    """Return the strips of a picture of this size in px; none where it fits as a photo does."""
    if height > _TALL_RATIO * width > 0:
        column = min(_COLUMN_MM, width * _MM_PER_PIXEL)
        total = column * height / width
        if total <= _PHOTO_HEIGHT_MM:
            return ()
        length, places = _cut(total, longest=_COLUMN_HEIGHT_MM)
        return tuple(Strip(column, length, top=place) for place in places)
    if width > _WIDE_RATIO * height > 0:
        row = min(_ROW_HEIGHT_MM, height * _MM_PER_PIXEL)
        total = row * width / height
        if total <= _PAGE_WIDTH_MM:
            return ()
        length, places = _cut(total, longest=_PAGE_WIDTH_MM)
        return tuple(Strip(length, row, left=place) for place in places)
    return ()


def _cut(total: float, *, longest: float) -> tuple[float, list[float]]:
    """Return the length of each part, and where it is in the whole, from 0 to 100."""
    count = max(1, math.ceil((total - _OVERLAP_MM) / (longest - _OVERLAP_MM)))
    length = (total + (count - 1) * _OVERLAP_MM) / count
    return length, [100 * index / max(1, count - 1) for index in range(count)]
