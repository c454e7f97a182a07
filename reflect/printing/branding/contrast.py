"""The contrast of colours by WCAG 2.2, and a colour made dark enough for white paper."""

import re

# WCAG 2.2, success criterion 1.4.6 (enhanced contrast of text).
MIN_TEXT_CONTRAST = 7.0
MIN_LINE_CONTRAST = 4.5  # of a line that has a meaning
WHITE = (255, 255, 255)
_COLOUR_PATTERN = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_DARKENING_STEPS = 512  # from black to the colour itself

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


def darken_to_contrast(colour: Colour, *, minimum: float) -> Colour:
    """Return the lightest colour of this hue, no lighter than this one, with this contrast."""
    # By halves: the contrast with white only grows as a colour gets darker.
    low = 0
    high = _DARKENING_STEPS
    while low < high:
        middle = (low + high + 1) // 2
        if contrast_ratio(_scale_channels(colour, middle)) >= minimum:
            low = middle
        else:
            high = middle - 1
    return _scale_channels(colour, low)


def _scale_channels(colour: Colour, share: int) -> Colour:
    red, green, blue = (channel * share // _DARKENING_STEPS for channel in colour)
    return red, green, blue


def _relative_luminance(colour: Colour) -> float:
    """Return the relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear_channel(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear_channel(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
