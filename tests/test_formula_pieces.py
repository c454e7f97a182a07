"""A formula that is put together from pieces is what is made of the whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reflect.math import mathml
from reflect.math.mathml import DisplayMode, Formula

PIECES = [
    "x", "a", "n", "i", "m", "1", "2", "12", "3.5", "2,5", ".", ",", ".000", "^", "_", "^2", "_1",
    "{", "}", "{2}", "{n+1}", "{-1}", "{ }", r"\frac{1}{2}", r"\frac{-1}{x}", r"\sqrt{2}",
    r"\sqrt{-x}", r"\sqrt{ }", r"\cdot ", r"\times", r"\div", r"\pm", r"\pi", r"\leq", r"\ne",
    r"\approx", r"\circ", r"^\circ", "+", "-", "=", "<", ">", "(", ")", ")^2", ":", " ", "\n",
    "sin", "in", "mm", "cm", "'", "!", "%", "\u0663", r"\frac12", r"\text{a b}", "&", "/", "|",
    "[", "]", r"\left(", r"\right)", '"', ";", r"\sin ", r"\sum", "−", "±",
]  # fmt: skip
# Pieces alone, so that the most of what is drawn is a row of them.
ROW_PIECES = [one for one in PIECES if mathml._ROW_OF_PIECES.fullmatch(one)]


@settings(max_examples=1500)
@given(
    some.one_of(
        some.lists(some.sampled_from(PIECES), min_size=1, max_size=9).map("".join),
        some.lists(some.sampled_from(ROW_PIECES), min_size=1, max_size=9).map("".join),
    ),
    some.sampled_from(DisplayMode),
    some.sampled_from(mathml.Notation),
)
def test_a_formula_put_together_from_pieces_is_what_is_made_of_the_whole(
    latex: str, display: DisplayMode, notation: mathml.Notation
) -> None:
    formula_ = Formula(latex, display, notation)
    assert mathml.to_mathml(formula_, language="nl") == mathml._whole_to_mathml(
        formula_, language="nl"
    )


@pytest.mark.parametrize(
    "latex",
    [
        "2x+3=11", "x^2 - 5x + 6 = 0", r"\frac{1}{2} \cdot 8 = 4", "2,5 < 3", r"x_1 = \sqrt{2}",
        "x=-3", "(x+1)^2", r"90^\circ - x",
    ],
)  # fmt: skip
def test_what_students_write_most_is_put_together_from_pieces(latex: str) -> None:
    assert mathml._row_of_pieces(Formula(latex, DisplayMode.INLINE)) is not None


def test_the_name_and_the_source_of_a_formula_are_escaped() -> None:
    for latex in ("a<b>c", '\\text{"<b>&}'):
        html = mathml.to_mathml(Formula(latex, DisplayMode.INLINE), language="nl")
        assert "<b>" not in html
