"""The logo: a school's own picture, made anew as every picture is, with the size that it gets on paper."""

from dataclasses import dataclass
from pathlib import Path

from reflect.media import refit
from reflect.media.kinds import Kind, Limits, MediaRefused, Why
from reflect.paper import drawing
from reflect.paper.drawing import Unfit

NAMES = ("logo.svg", "logo.png", "logo.jpg", "logo.jpeg")
MOST_BYTES = 10 * 1024**2
TOO_LARGE = "is larger than 10 MB. Make it smaller; a thousand pixels wide is plenty"
_LIMITS = Limits(bytes_in=MOST_BYTES, print_side=1000, seconds=10)
_SHARPEST, _MM = 150, 25.4  # a photo's dots are never spread wider than 150 to an inch
_LIGHTEST = 235  # of 255: a logo without anything darker cannot be seen on white paper
_SAYS = {
    Why.EMPTY: "is empty. Save it again",
    Why.TOO_LARGE: TOO_LARGE,
    Why.TOO_MANY_PIXELS: "has too many pixels. Make it smaller; a thousand pixels wide is plenty",
    Why.UNKNOWN: "is no SVG, PNG or JPEG. Open it in your drawing program and save it as one of these",
    Why.TOO_SLOW: "takes too long to read. Save it as PNG and call it logo.png",
}


@dataclass(frozen=True)
class Logo:
    """An SVG or a JPEG on white, as the press takes it; `width` and `height` are those of the picture, in px."""

    content: bytes
    width: float
    height: float

    @property
    def is_drawn(self) -> bool:
        return self.content.startswith(b"<svg")

    @property
    def large(self) -> tuple[float, float]:
        """Give its measures in mm on a cover."""
        return self.fitted(70, 26)

    @property
    def compact(self) -> tuple[float, float]:
        """Give its measures in mm on the one-sheet."""
        return self.fitted(44, 13)

    def fitted(self, width: float, height: float) -> tuple[float, float]:
        """Give its measures in mm within a frame; a photo of few pixels stays small, so that it stays sharp."""
        scale = min(width / self.width, height / self.height)
        if not self.is_drawn:
            scale = min(scale, _MM / _SHARPEST)
        return round(self.width * scale, 2), round(self.height * scale, 2)


def find(folder: Path) -> Path | None:
    """Give the file with the logo, if there is one."""
    return next((path for name in NAMES if (path := folder / name).is_file()), None)


def made(content: bytes) -> Logo:
    """Make a logo of a file's bytes. Raises Unfit with the reason."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Logo(*drawing.cleaned(content))
    try:
        photo = refit.refit(content, limits=_LIMITS)
    except MediaRefused as no:
        raise Unfit(_SAYS.get(no.why, "is damaged. Open it in your drawing program and save it again")) from None
    if photo.kind is not Kind.PICTURE:
        raise Unfit(_SAYS[Why.UNKNOWN])
    if photo.darkest > _LIGHTEST:
        raise Unfit("is too light to be seen on white paper. Take the one for a light background")
    share = min(1, _LIMITS.print_side / max(photo.width, photo.height))
    return Logo(photo.print, photo.width * share, photo.height * share)
