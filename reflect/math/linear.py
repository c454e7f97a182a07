"""Write a formula on one line of plain characters, for copying and searching on paper."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as tree

# What needs no brackets in a fraction, a power or a root: one number, one name, or one sign.
_SINGLE = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\W")
# A keyboard has one dash, and no signs that stand for nothing.
_PLAIN_CHARACTERS = str.maketrans({"\u2212": "-"} | dict.fromkeys("\u2061\u2062\u2063\u200b"))


def to_linear(row: tree.Element) -> str:
    """Return a formula such as (a+b)/2; `row` is MathML as `mathml_row` makes it."""
    return " ".join(_write(row).translate(_PLAIN_CHARACTERS).split())


def _write(element: tree.Element) -> str:
    children = [_write(child) for child in element]
    if element.tag in _WRITERS:
        return _WRITERS[element.tag](*children)
    return (element.text or "") + "".join(children)


def _bracket(text: str) -> str:
    text = text.strip()
    return text if _SINGLE.fullmatch(text) else f"({text})"


def _upper(base: str, upper: str) -> str:
    return f"{base}^{_bracket(upper)}"


def _lower(base: str, lower: str) -> str:
    return f"{base}_{_bracket(lower)}"


def _lower_and_upper(base: str, lower: str, upper: str) -> str:
    return f"{base}_{_bracket(lower)}^{_bracket(upper)}"


_WRITERS: dict[str, Callable[..., str]] = {
    "mfrac":      lambda top, bottom: f"{_bracket(top)}/{_bracket(bottom)}",
    "msqrt":      lambda *children: f"√{_bracket(''.join(children))}",
    "mroot":      lambda radicand, degree: f"{_bracket(degree)}√{_bracket(radicand)}",
    "mover":      _upper,
    "msup":       _upper,
    "munder":     _lower,
    "msub":       _lower,
    "munderover": _lower_and_upper,
    "msubsup":    _lower_and_upper,
    "mspace":     lambda: " ",
    "mtr":        lambda *cells: f"{', '.join(cells)}; ",
    "mtable":     lambda *rows: "".join(rows).removesuffix("; "),
}  # fmt: skip
