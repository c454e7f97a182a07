"""Contrast: how far two colours stand apart by WCAG's formula, and a colour made dark enough to be read on white."""

import re

READ, LINE = 7.0, 4.5  # at least, on white paper: of words, and of a line that means something
WHITE = (255, 255, 255)
_COLOUR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_FINE = 512  # steps from black to the colour itself

Colour = tuple[int, int, int]


def colour(written: str) -> Colour:
    """Read a colour such as #1d4f5f or #15f. Raises ValueError."""
    found = _COLOUR.fullmatch(written.strip())
    if found is None:
        raise ValueError(written)
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def written(of: Colour) -> str:
    """Write a colour as CSS does."""
    return "#" + bytes(of).hex()


def apart(one: Colour, other: Colour = WHITE) -> float:
    """Give the contrast of two colours, from 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def dark_enough(of: Colour, *, least: float) -> Colour:
    """Give the colour itself, or the lightest one of its hue that stands `least` apart from white paper."""
    low, high = 0, _FINE
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if apart(_darker(of, middle)) >= least else (low, middle - 1)
    return _darker(of, low)


def _darker(of: Colour, share: int) -> Colour:
    red, green, blue = (channel * share // _FINE for channel in of)
    return red, green, blue


def _luminance(of: Colour) -> float:
    """WCAG 2.2, relative luminance."""
    linear = [_linear(channel / 255) for channel in of]
    return sum(weight * light for weight, light in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
