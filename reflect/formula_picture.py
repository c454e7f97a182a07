"""A formula as a picture for paper; apart, since only the press's children draw, and what draws takes much memory."""

import base64
import re
from functools import lru_cache
from html import unescape
from xml.etree import ElementTree as tree

from markupsafe import Markup, escape
from ziamath.config import config
from ziamath.zmath import Math

from reflect import words
from reflect.formula import Formula, Place, meaning_of, unclear
from reflect.spoken import spoken

MAX_WEIGHT = 1_000

config.svg2 = False
config.precision = 2
_SIZE = 24.0  # what a picture is drawn at, in px; on paper its measures are in em
_MARGIN = 1.0
_WIDEST = 60.0  # em; shrunk to the width of a page, a wider one could not be read


def paper(text: str, *, language: str) -> Markup:
    """Give what a person typed as HTML for the PDF; formulas are pictures (data: addresses) with a spoken `alt`."""
    return Markup(drawn(words.for_press(text, language=language)))  # noqa: S704 - words made it safe, and we drew


@lru_cache(maxsize=2048)
def on_paper(formula: Formula, *, language: str) -> str:
    """Give a picture with its spoken name; measures in em, standing on the baseline."""
    try:
        math = tree.Element("math", {"display": formula.place})
        math.append(meaning_of(formula))
        if _weight(math) > MAX_WEIGHT:
            return unclear(formula, language=language)
        picture = Math(math, size=_SIZE, margin=_MARGIN)
        if any(picture.font.glyphindex(sign) == 0 for sign in "".join(math.itertext()) if not sign.isspace()):
            return unclear(formula, language=language)  # its font has no such letter, and would draw a box
        width, low = picture.getsize()[0] + 2 * _MARGIN, picture.getyofst() - _MARGIN
        if width > _WIDEST * _SIZE:
            return f'<code class="formula-as-typed">{escape(formula.latex)}</code>'
        svg = base64.b64encode(picture.svg().encode()).decode()
    except Exception:  # the libraries fail in many ways on half a formula
        return unclear(formula, language=language)
    name = escape(spoken(formula.latex, language=language))
    shape = "formula" if formula.place is Place.INLINE else "formula formula-block"
    style = f"width:{width / _SIZE:.3f}em;height:auto;max-width:100%;vertical-align:{low / _SIZE:.3f}em"
    return f'<img class="{shape}" alt="{name}" style="{style}" src="data:image/svg+xml;base64,{svg}">'


_WAITS = re.compile(r'<formula lang="(\w+)" place="(\w+)">([^<]*)</formula>')


def drawn(html: str) -> str:
    """Give HTML in which every formula that waited is a picture."""
    return _WAITS.sub(lambda found: on_paper(Formula(unescape(found[3]), Place(found[2])), language=found[1]), html)


def _weight(element: tree.Element) -> int:
    """Foretell how long drawing takes: the library draws a row or table twice, so rows in rows double and double."""
    return 1 + (2 if element.tag in ("mrow", "mtable") else 1) * sum(_weight(child) for child in element)
