"""Contrast: what is printed in a colour of the school can be read, on a printer without colours too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.paper import contrast

colours = st.tuples(*[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("#000", "#fff", 21), ("#777777", "#ffffff", 4.48), ("#ffff00", "#ffffff", 1.07), ("#0000ff", "#ffffff", 8.59),
     ("#808080", "#000000", 5.32), ("#123456", "#123456", 1)],
)  # fmt: skip
def test_contrast_is_that_of_wcag(one, other, apart):
    assert contrast.apart(contrast.colour(one), contrast.colour(other)) == pytest.approx(apart, abs=0.005)


@given(colours)
def test_any_colour_becomes_dark_enough_and_no_darker_than_it_must(wanted):
    for least in (contrast.READ, contrast.LINE):
        taken = contrast.dark_enough(wanted, least=least)
        assert contrast.apart(taken) >= least
        if contrast.apart(wanted) >= least:
            assert taken == wanted
        else:
            assert contrast.apart(taken) < least + 0.2
            assert all(dark <= light for dark, light in zip(taken, wanted, strict=True))
        grey = (round(0.2126 * taken[0] + 0.7152 * taken[1] + 0.0722 * taken[2]),) * 3
        assert contrast.apart(grey) > 4.5 or least == contrast.LINE, "a printer without colours keeps it dark"
