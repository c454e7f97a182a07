"""A formula typed in LaTeX: as MathML on a screen, with a spoken name; on paper it is a picture (`formula_picture`)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from html import unescape
from xml.etree import ElementTree as tree

from latex2mathml.converter import Converter
from markupsafe import escape

from reflect.spoken import spoken

MAX_LENGTH = 500
MAX_BRACES = 12
MAX_DEPTH = 40

_ELEMENTS = re.compile(
    r"menclose|mfrac|mi|mn|mo|mover|mpadded|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr"
    r"|munder|munderover"
)
_ATTRIBUTES = re.compile(
    r"accent|accentunder|columnalign|columnlines|columnspacing|displaystyle|fence|form|height|largeop|linethickness"
    r"|lspace|mathvariant|movablelimits|notation|rowlines|rowspacing|rspace|scriptlevel|separator|stretchy|width"
)
_PARTS = {
    "mfrac": 2, "mover": 2, "mroot": 2, "msub": 2, "msubsup": 3, "msup": 2, "munder": 2, "munderover": 3,
}  # fmt: skip
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_CALM = re.compile(r"(?:(?:[a-z-]+|[+-]?\d?(?:\.\d+)?(?:em|ex|px|pt)?)(?: |$))+")
_ACCENTS = {"^": "\u02c6", "~": "\u02dc"}

# Commands that define (and so can explode), or that would make part of what was typed disappear.
_REFUSED = re.compile(
    r"\\(?:\w*newcommand|\w*newenvironment|[egx]?def|let|Declare|mathchoice|href|style|\w*color|class|rule|verb|\w*phantom)"
)
_WORDS_INSIDE = r"\\(?:text\w*|mbox|hbox)\s*\{[^}]*\}"
_COMMA_OR_PERCENT = re.compile(rf"{_WORDS_INSIDE}|\\.|(?<=\d),(?=\d)|%")
_PROSE_WORD = re.compile(r"(?<!\S)[^\W\d_]{2,}(?=\s+\S)")  # not the last: that may be a unit, or a line piece AB
_FUNCTIONS = frozenset(("cos", "ln", "log", "max", "min", "mod", "sin", "tan"))


class Place(StrEnum):
    """Where a formula stands; the words are those of MathML."""

    INLINE = "inline"
    BLOCK = "block"


class Unclear(Exception):
    """This cannot be shown as a formula."""


@dataclass(frozen=True)
class Formula:
    latex: str
    place: Place

    @property
    def source(self) -> str:
        """Give it as it was typed, dollar signs included."""
        sign = "$$" if self.place is Place.BLOCK else "$"
        return f"{sign}{self.latex}{sign}"


def is_prose(between_dollars: str) -> bool:
    """Tell whether this is rather a sentence between two amounts of money, as in "$5 or 10$"."""
    words = [word for word in _PROSE_WORD.findall(between_dollars) if word.lower() not in _FUNCTIONS]
    return bool(words) and re.search(r"[\\^_={}+<>]", between_dollars) is None


_HINT = {"nl": "zo getypt; dit is nog geen formule", "en": "as it was typed; this is not a formula yet"}


def as_typed(formula: Formula) -> str:
    """Give the source as HTML."""
    return f'<code class="formula-as-typed">{escape(formula.source)}</code>'


def unclear(formula: Formula, *, language: str) -> str:
    """Give the source with a hint, for a formula that nothing can be made of."""
    return f'{as_typed(formula)}<small class="formula-hint"> ({_HINT.get(language, _HINT["en"])})</small>'


@lru_cache(maxsize=4096)
def on_screen(formula: Formula, *, language: str) -> str:
    """Give MathML with an accessible name in `language`; it carries the LaTeX along, and no style."""
    try:
        drawn = meaning_of(formula)
    except Exception:  # the library fails in many ways on half a formula
        return unclear(formula, language=language)
    math = tree.Element("math", {"display": formula.place, "aria-label": spoken(formula.latex, language=language)})
    meaning = tree.SubElement(math, "semantics")
    meaning.append(drawn)
    tree.SubElement(meaning, "annotation", {"encoding": "application/x-tex"}).text = formula.latex
    return tree.tostring(math, encoding="unicode", short_empty_elements=False)


def to_be_drawn(formula: Formula, *, language: str) -> str:
    """Give a mark that `formula_picture` makes a picture of: drawing takes long, and the press does it in a child."""
    return f'<formula lang="{language}" place="{formula.place}">{escape(formula.latex)}</formula>'


def meaning_of(formula: Formula) -> tree.Element:
    """Make the MathML row, built anew from allowed elements, attributes and text only."""
    latex = formula.latex
    if len(latex) > MAX_LENGTH or _REFUSED.search(latex) or not 0 <= _depth(latex) <= MAX_BRACES:
        raise Unclear
    latex = _COMMA_OR_PERCENT.sub(lambda found: {",": "{,}", "%": r"\%"}.get(found[0], found[0]), latex)
    latex = latex.replace("{aligned}", "{align*}")
    raw = Converter(display=formula.place).convert_to_element(latex)
    row = _rebuilt(raw[0], depth=0)
    if not "".join(row.itertext()).strip():
        raise Unclear
    return row


def _depth(latex: str) -> int:
    """Give how deep braces stand in braces; -1 when one has no other half, since the library leaves that out."""
    depth = deepest = 0
    for sign in _ESCAPED.sub("", latex):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        deepest = max(deepest, depth)
        if depth < 0:
            return -1
    return deepest if depth == 0 else -1


def _rebuilt(raw: tree.Element, *, depth: int) -> tree.Element:
    if _ELEMENTS.fullmatch(raw.tag) is None or depth > MAX_DEPTH:
        raise Unclear
    element = tree.Element(raw.tag)
    for name, value in raw.attrib.items():
        if _ATTRIBUTES.fullmatch(name) and _CALM.fullmatch(value):
            element.set(name, value)
    if raw.text:
        # The library writes signs as entities, and a command that it does not know as it is.
        element.text = unescape(raw.text)
        if element.text.startswith("\\") and element.text != "\\":
            raise Unclear
    element.extend(_rebuilt(child, depth=depth + 1) for child in raw)
    if len(element) != _PARTS.get(raw.tag, len(element)):
        raise Unclear  # half a fraction, of which the other half was not typed yet
    if raw.tag == "mover" and element[-1].text in _ACCENTS:
        element[-1].text = _ACCENTS[element[-1].text]
    # A row of one only costs the picture time, except that it takes the space from round a comma.
    return element[0] if raw.tag == "mrow" and len(element) == 1 and element[0].tag != "mo" else element
