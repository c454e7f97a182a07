"""Lay a transparent picture on a ground on which its ink is seen: JPEG has no transparency."""

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter

from reflect.media.limits import Ground, MediaRejected, RejectReason

_GROUND_GRAYS = {Ground.WHITE: 255, Ground.DARK: 27, Ground.GRAY: 118}
_LEAST_ALPHA = 64
_LEAST_CONTRAST = 3.0  # of what is no text, by WCAG 2.2
_MOST_FAINT = 0.05  # of the edges: a few light dots are no reason to leave white


def flatten(image: Image.Image, *, grounds: Sequence[Ground]) -> Image.Image:
    """Return an RGBA image without transparency. Raises MediaRejected where nothing is seen."""
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return image.convert("RGB")
    gray = _GROUND_GRAYS[_choose_ground(image, alpha, grounds=grounds)]
    flat = Image.new("RGB", image.size, (gray, gray, gray))
    flat.paste(image, mask=alpha)
    return flat


def _choose_ground(image: Image.Image, alpha: Image.Image, *, grounds: Sequence[Ground]) -> Ground:
    ink = alpha.point(lambda value: 255 if value >= _LEAST_ALPHA else 0)
    if not ink.getbbox():
        raise MediaRejected(RejectReason.INVISIBLE)
    # What touches the ground counts, and not what is inside: a white box with a black line around
    # it is seen on white.
    edges = ImageChops.subtract(ink, ink.filter(ImageFilter.MinFilter(3)))
    histogram = image.convert("L").histogram(edges if edges.getbbox() else ink)
    faint = {ground: _faint_share(histogram, _GROUND_GRAYS[ground]) for ground in grounds}
    if faint[grounds[0]] <= _MOST_FAINT:
        return grounds[0]
    return min(grounds, key=lambda ground: round(faint[ground], 2))


def _faint_share(histogram: Sequence[int], ground: int) -> float:
    """Return which share of these greys can hardly be told from the ground, from 0 to 1."""
    faint = sum(
        count for gray, count in enumerate(histogram) if _contrast(gray, ground) < _LEAST_CONTRAST
    )
    return faint / max(1, sum(histogram))


def _contrast(gray: int, other: int) -> float:
    darker, lighter = sorted((_luminance(gray), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(gray: int) -> float:
    """Return the relative luminance of a grey in sRGB, from 0 to 1 (WCAG 2.2)."""
    share = gray / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
