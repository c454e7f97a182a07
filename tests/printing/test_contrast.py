"""The contrast of colours is that of WCAG."""

import pytest

from reflect.printing.branding import contrast


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
