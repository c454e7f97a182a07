"""Draw formulas as SVG pictures for paper.

A module of its own: only the child processes that render a PDF load it, for the library that
draws takes much memory.
"""

import base64
import re
from html import unescape
from xml.etree import ElementTree as tree

from markupsafe import escape
from ziamath.config import config
from ziamath.zmath import Math

from reflect.bounds.byte_cache import byte_cached
from reflect.math.linear import to_linear
from reflect.math.mathml import DisplayMode, Formula, Notation, mathml_row, source_html
from reflect.math.speech import to_speech

# ziamath takes seconds for a nested row of forty characters (decision 9).
MAX_DRAWING_COST = 1_000

config.svg2 = False
config.precision = 2
_FONT_SIZE_PX = 24.0  # while drawing; in the HTML the measures are in em
_MARGIN_PX = 1.0
_MAX_WIDTH_EM = 60.0  # a wider one, shrunk to the width of a page, could not be read


# Drawing takes some 30 ms for each formula (decision 3).
@byte_cached(max_bytes=8_000_000)
def to_img(formula: Formula, *, language: str) -> str:
    """Return an <img> with a spoken `alt`, sized in em and aligned to the baseline.

    `data-text` is the formula on one line, to copy and to search. What cannot be drawn gives the
    source, as it was typed: a hint on how to type it helps nobody on paper.
    """
    try:
        math = tree.Element("math", {"display": formula.display})
        math.append(mathml_row(formula))
        linear_text = escape(to_linear(math))
        if _drawing_cost(math) > MAX_DRAWING_COST:
            return source_html(formula)
        drawing = Math(math, size=_FONT_SIZE_PX, margin=_MARGIN_PX)
        # A character that the font lacks would be drawn as a box.
        characters = "".join("".join(math.itertext()).split())
        if any(drawing.font.glyphindex(character) == 0 for character in characters):
            return source_html(formula)
        width_em = (drawing.getsize()[0] + 2 * _MARGIN_PX) / _FONT_SIZE_PX
        baseline_em = (drawing.getyofst() - _MARGIN_PX) / _FONT_SIZE_PX
        if width_em > _MAX_WIDTH_EM:
            return source_html(formula)
        svg_base64 = base64.b64encode(drawing.svg().encode()).decode()
    except Exception:  # the libraries fail in many ways on half a formula
        return source_html(formula)
    css_class = "formula" if formula.display is DisplayMode.INLINE else "formula formula-block"
    alt_text = escape(to_speech(formula.latex, language=language))
    size = f"width:{width_em:.3f}em;height:auto;max-width:100%"
    style = f"{size};vertical-align:{baseline_em:.3f}em"
    source = f"data:image/svg+xml;base64,{svg_base64}"
    attributes = f'class="{css_class}" alt="{alt_text}" data-text="{linear_text}"'
    return f'<img {attributes} style="{style}" src="{source}">'


# As written by reflect.math.mathml.to_svg_placeholder.
_SVG_PLACEHOLDER = re.compile(
    r'<formula lang="(?P<language>\w+)" place="(?P<display>\w+)"'
    r'(?: notation="(?P<notation>\w+)")?>(?P<latex>[^<]*)</formula>'
)


def draw_formulas(html: str) -> str:
    """Return the HTML with a picture in place of each placeholder of a formula."""

    def draw(match: re.Match[str]) -> str:
        display, notation = DisplayMode(match["display"]), Notation(match["notation"] or "dollars")
        formula = Formula(unescape(match["latex"]), display, notation)
        return to_img(formula, language=match["language"])

    return _SVG_PLACEHOLDER.sub(draw, html)


def _drawing_cost(element: tree.Element) -> int:
    """Estimate how long drawing takes; 1 is one element.

    The library draws a row or a table twice, so that each row within a row doubles the time.
    """
    factor = 2 if element.tag in ("mrow", "mtable") else 1
    return 1 + factor * sum(_drawing_cost(child) for child in element)
