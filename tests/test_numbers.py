"""Numbers that a page sends as text: digits within bounds, and nothing else."""

import pytest

from reflect.text.numbers import parse_id, parse_natural


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), ("007", 7), ("999", 999)],
)
def test_digits_are_a_number(text, number):
    assert parse_natural(text, max_digits=3) == number


@pytest.mark.parametrize(
    "text", ["", " 7", "-7", "7.0", "1_0", "1000", "x", "²", "\u0667", "9" * 5000]
)
def test_anything_else_is_none(text):
    assert parse_natural(text, max_digits=3) is None


def test_an_id_fits_into_the_integers_of_both_databases():
    assert parse_id("9" * 9) == 999_999_999 < 2**31
    for text in (str(2**31), "9" * 10, str(2**63), "-1", "", "\u0661"):
        assert parse_id(text) == 0
