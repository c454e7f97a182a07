"""What people type, in a real browser: long formulas, tables and lists keep the page its width."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.writing_page import TIMEOUT_MS, WritingPage

TYPED = r"""Dus $-3(2x-4)+5(x+1)=-6x+12+5x+5=-x+17$ en $x=-3$, $3\times4$, $1,25$ met $(-1)^n$.

Zonder gelijk: $a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x$.

$$a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x=-\frac{1}{2}$$

- 5 + 3 = -2
- 3x = 12

2) x=3

""" + "\n".join("\t".join(f"{column}{row} en meer woorden" for column in "abcdef") for row in "12")

# How far two neighbours in a formula are apart, in pixels: the sign in it, and what is behind it.
GAP = """(sign) => {
  const operator = [...document.querySelectorAll(".preview mo")]
    .findLast((one) => one.textContent === sign);
  const range = document.createRange();
  range.selectNodeContents(operator);
  const behind = operator.nextElementSibling.getBoundingClientRect();
  return behind.left - range.getBoundingClientRect().right;
}"""


@pytest.fixture
def preview(visitor):
    """Return a function that opens a preview of TYPED on a screen of this size."""

    def open_preview(size):
        at = WritingPage(visitor, "noor", size=size)
        at.field.fill(TYPED)
        at.field.locator("xpath=..").locator("[data-tool=preview]").click()
        at.page.locator(".preview table").wait_for(timeout=TIMEOUT_MS)
        return at

    return open_preview


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_whatever_is_typed_the_page_keeps_its_width(preview, size):
    at = preview(size)
    at.visitor.check_page()
    edge = at.page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('.preview, .preview *')]"
        ".filter((one) => !one.closest('.long-formula *, .table-box *'))"
        ".map((one) => one.getBoundingClientRect().right))"
    )
    assert edge <= size["width"]
    scrolling = at.page.locator(".preview math.long-formula").last
    assert scrolling.get_attribute("tabindex") == "0"
    assert at.page.evaluate(GAP, "−") < at.page.evaluate(GAP, "×")


def test_a_long_formula_goes_on_behind_a_relation_on_a_phone(preview):
    page = preview(PHONE).page
    parts = page.locator(".preview .formula-parts > math")
    tops = {box["y"] for box in (part.bounding_box() for part in parts.all())}
    assert len(tops) > 1
    label = page.locator(".preview .formula-parts").first.get_attribute("aria-label")
    assert label.startswith("min 3 haakje openen 2 x")
