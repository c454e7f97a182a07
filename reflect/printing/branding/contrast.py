"""The contrast of colours on white paper, by WCAG 2.2."""

import re

# WCAG 2.2, success criterion 1.4.6 (enhanced contrast of text).
MIN_TEXT_CONTRAST = 7.0
MIN_LINE_CONTRAST = 4.5  # of a thin line that has a meaning
MIN_SHAPE_CONTRAST = 1.05  # of pure yellow; a shape of less cannot be seen
WHITE = (255, 255, 255)
_COLOUR_PATTERN = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)

Colour = tuple[int, int, int]


def parse_colour(text: str) -> Colour:
    """Return red, green and blue of a colour such as #1d4f5f or #15f. Raises ValueError."""
    match = _COLOUR_PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def to_css(colour: Colour) -> str:
    """Return a colour such as #1d4f5f."""
    return "#" + bytes(colour).hex()


def contrast_ratio(first: Colour, second: Colour = WHITE) -> float:
    """Return the contrast of two colours, from 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_relative_luminance(first), _relative_luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def _relative_luminance(colour: Colour) -> float:
    """Return the relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear_channel(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear_channel(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
