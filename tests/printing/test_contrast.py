"""A school's colours are dark enough to be read, also from a printer without colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.printing.branding import contrast

colours = st.tuples(*[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000", "#fff", 21),
        ("#777777", "#ffffff", 4.48),
        ("#ffff00", "#ffffff", 1.07),
        ("#0000ff", "#ffffff", 8.59),
        ("#808080", "#000000", 5.32),
        ("#123456", "#123456", 1),
    ],
)
def test_contrast_is_that_of_wcag(first, second, ratio):
    parsed = [contrast.parse_colour(colour) for colour in (first, second)]
    assert contrast.contrast_ratio(*parsed) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("minimum", [contrast.MIN_TEXT_CONTRAST, contrast.MIN_LINE_CONTRAST])
@given(colour=colours)
def test_any_colour_becomes_dark_enough_and_no_darker_than_it_must(minimum, colour):
    darkened = contrast.darken_to_contrast(colour, minimum=minimum)
    assert contrast.contrast_ratio(darkened) >= minimum
    if contrast.contrast_ratio(colour) >= minimum:
        assert darkened == colour
    else:
        assert contrast.contrast_ratio(darkened) < minimum + 0.2
        assert all(dark <= light for dark, light in zip(darkened, colour, strict=True))


@given(colours)
def test_a_colour_for_text_stays_dark_on_a_printer_without_colours(colour):
    red, green, blue = contrast.darken_to_contrast(colour, minimum=contrast.MIN_TEXT_CONTRAST)
    gray = round(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    assert contrast.contrast_ratio((gray, gray, gray)) > 4.5
