"""Turn LaTeX into safe MathML with a spoken name; for paper see reflect.math.svg."""

import re
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from xml.etree import ElementTree as tree

from latex2mathml.converter import Converter
from markupsafe import escape

from reflect.bounds.byte_cache import byte_cached
from reflect.i18n import INTERFACE_LANGUAGES, SOURCE_LANGUAGE, per_language
from reflect.math.spacing import set_spacing, split_at_relations
from reflect.math.speech import ROW_GAP, to_speech

# Bounds on time, since the libraries take seconds for a formula that is nested deeply (decision
# 9).
MAX_FORMULA_LENGTH = 500  # characters
MAX_BRACES = 12
MAX_DEPTH = 40

_MAX_UNBROKEN_CHARACTERS = 24  # as wide as the text on a phone

# Lists of what is allowed: latex2mathml lets `href` pass, and unescapes a script in \text
# (decision 9).
_ALLOWED_ELEMENTS = frozenset(
    [
        "menclose",
        "mfrac",
        "mi",
        "mn",
        "mo",
        "mover",
        "mpadded",
        "mroot",
        "mrow",
        "ms",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
        "mtr",
        "munder",
        "munderover",
    ]
)
_ALLOWED_ATTRIBUTES = frozenset(
    [
        "accent",
        "accentunder",
        "columnalign",
        "columnlines",
        "columnspacing",
        "displaystyle",
        "fence",
        "form",
        "height",
        "largeop",
        "linethickness",
        "lspace",
        "mathvariant",
        "movablelimits",
        "notation",
        "rowlines",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "width",
    ]
)
_CHILD_COUNTS = {
    "mfrac": 2,
    "mover": 2,
    "mroot": 2,
    "msub": 2,
    "msubsup": 3,
    "msup": 2,
    "munder": 2,
    "munderover": 3,
}
_ESCAPED_CHAR = re.compile(r"\\.", re.DOTALL)
_SAFE_VALUE = re.compile(r"(?:(?:[a-z-]+|[+-]?\d?(?:\.\d+)?(?:em|ex|px|pt)?)(?: |$))+")
_ACCENTS = {"^": "\u02c6", "~": "\u02dc"}

# Commands that define others (and so can explode), and that would make part of a formula vanish.
_FORBIDDEN_COMMANDS = re.compile(
    r"\\(?:\w*newcommand|\w*newenvironment|[egx]?def|let|Declare|mathchoice|href|style|\w*color"
    r"|class|rule|verb|\w*phantom)"
)
_TEXT_COMMAND = r"\\(?:text\w*|mbox|hbox)\s*\{[^}]*\}"
_COMMA_OR_PERCENT = re.compile(rf"{_TEXT_COMMAND}|\\.|(?<=\d),(?=\d)|%")
# Two letters or more, but not the last word: that may be a unit, or a line piece AB.
_PROSE_WORD = re.compile(r"(?<!\S)[^\W\d_]{2,}(?=\s+\S)")
FUNCTION_NAMES = frozenset(("cos", "ln", "log", "max", "min", "mod", "sin", "tan"))
# What has one of these signs is a formula, whatever words it has.
FORMULA_SIGNS = r"\^_={}+<>"


class DisplayMode(StrEnum):
    """The values are those of MathML's attribute `display`."""

    INLINE = "inline"
    BLOCK = "block"


class Notation(StrEnum):
    """What a formula was typed between: dollar signs, or the brackets of LaTeX."""

    DOLLARS = "dollars"
    BRACKETS = "brackets"


_DELIMITERS = {
    (Notation.DOLLARS, DisplayMode.INLINE):  ("$", "$"),
    (Notation.DOLLARS, DisplayMode.BLOCK):   ("$$", "$$"),
    (Notation.BRACKETS, DisplayMode.INLINE): (r"\(", r"\)"),
    (Notation.BRACKETS, DisplayMode.BLOCK):  (r"\[", r"\]"),
}  # fmt: skip


class UnsupportedFormula(Exception):
    """The LaTeX cannot be shown as a formula."""


@dataclass(frozen=True)
class Formula:
    latex: str
    display: DisplayMode
    notation: Notation = Notation.DOLLARS

    @property
    def source(self) -> str:
        """Return the formula as it was typed, with the signs around it."""
        before, after = _DELIMITERS[self.notation, self.display]
        return f"{before}{self.latex}{after}"


def is_prose(between_dollars: str) -> bool:
    """Return whether this is a sentence between two amounts of money, as in "$5 or 10$"."""
    if not set(FORMULA_SIGNS).isdisjoint(between_dollars):
        return False
    words = _PROSE_WORD.findall(between_dollars)
    return any(word.lower() not in FUNCTION_NAMES for word in words)


_HINT = re.compile(r'<small class="formula-hint">.*?</small>')
_NOT_A_FORMULA = per_language(
    "reflect/math/mathml.py: _NOT_A_FORMULA",
    INTERFACE_LANGUAGES,
    {
        "nl": "zo getypt; dit is nog geen formule",
        "en": "as it was typed; this is not a formula yet",
    },
)


def source_html(formula: Formula) -> str:
    """Return the source as HTML."""
    return f'<code class="formula-as-typed">{escape(formula.source)}</code>'


def source_html_with_hint(formula: Formula, *, language: str) -> str:
    """Return the source as HTML, with a hint that it cannot be shown as a formula."""
    hint = _NOT_A_FORMULA.get(language, _NOT_A_FORMULA[SOURCE_LANGUAGE])
    return f'{source_html(formula)}<small class="formula-hint"> ({hint})</small>'


def without_hints(html: str) -> str:
    """Return HTML without these hints: they help who types, and nobody who reads a booklet."""
    return _HINT.sub("", html)


@byte_cached(max_bytes=2_000_000)
def to_mathml(formula: Formula, *, language: str) -> str:
    """Return MathML with an accessible name in `language` and the LaTeX as its annotation.

    It has no style. A long one in a sentence is in parts, so that a line may end before each of its
    relations. What cannot be shown gives the source with a hint.
    """
    try:
        row = mathml_row(formula)
    except Exception:  # the library fails in many ways on half a formula
        return source_html_with_hint(formula, language=language)
    label = to_speech(formula.latex, language=language)
    parts = [row]
    if formula.display is DisplayMode.INLINE and _is_long(row):
        parts = split_at_relations(row)
    maths = [_math_element(part, formula) for part in parts]
    # The LaTeX of the whole formula is in the first part alone.
    annotation = tree.SubElement(maths[0][0], "annotation", {"encoding": "application/x-tex"})
    annotation.text = formula.latex
    whole = maths[0]
    if len(maths) > 1:
        whole = tree.Element("span", {"class": "formula-parts", "role": "math"})
        for math in maths:
            # The whole is read, so none of its parts is a stop of its own.
            math.set("aria-hidden", "true")
            math.attrib.pop("tabindex", None)
            whole.append(math)
    whole.set("aria-label", label)
    if formula.notation is Notation.BRACKETS:
        whole.set("data-notation", formula.notation)
    return tree.tostring(whole, encoding="unicode", short_empty_elements=False)


def _math_element(row: tree.Element, formula: Formula) -> tree.Element:
    math = tree.Element("math", {"display": formula.display})
    if _is_long(row):
        # It scrolls where the page is narrow, by keyboard too.
        math.attrib |= {"class": "long-formula", "tabindex": "0"}
    tree.SubElement(math, "semantics").append(row)
    return math


def _is_long(row: tree.Element) -> bool:
    return len("".join(row.itertext())) > _MAX_UNBROKEN_CHARACTERS


def to_svg_placeholder(formula: Formula, *, language: str) -> str:
    """Return a placeholder that reflect.math.svg.draw_formulas replaces by a picture.

    Drawing takes long, so only the child process that renders the PDF does it.
    """
    attributes = f'lang="{language}" place="{formula.display}"'
    if formula.notation is Notation.BRACKETS:
        attributes += f' notation="{formula.notation}"'
    return f"<formula {attributes}>{escape(formula.latex)}</formula>"


def mathml_row(formula: Formula) -> tree.Element:
    """Return the MathML row, made of allowed elements, attributes and text only.

    Raises UnsupportedFormula, or whatever the library raises.
    """
    latex = formula.latex
    if len(latex) > MAX_FORMULA_LENGTH or _FORBIDDEN_COMMANDS.search(latex):
        raise UnsupportedFormula
    if not 0 <= _brace_depth(latex) <= MAX_BRACES:
        raise UnsupportedFormula
    # In LaTeX a comma is followed by a space, and a percent sign begins a comment.
    replacements = {",": "{,}", "%": r"\%"}
    latex = _COMMA_OR_PERCENT.sub(lambda match: replacements.get(match[0], match[0]), latex)
    latex = (
        ROW_GAP.sub("", latex).replace("{aligned}", "{align*}").replace("{gathered}", "{matrix}")
    )
    raw = Converter(display=formula.display).convert_to_element(latex)
    row = _sanitize(raw[0], depth=0)
    # Where nothing can be seen of a formula, what was typed is shown: no words may disappear.
    if not "".join(row.itertext()).strip():
        raise UnsupportedFormula
    set_spacing(row)
    return row


def _brace_depth(latex: str) -> int:
    """Return how deep braces are nested, or -1 when one is unpaired: the library drops those."""
    depth = deepest = 0
    for char in _ESCAPED_CHAR.sub("", latex):
        depth += {"{": 1, "}": -1}.get(char, 0)
        deepest = max(deepest, depth)
        if depth < 0:
            return -1
    return deepest if depth == 0 else -1


def _sanitize(raw: tree.Element, *, depth: int) -> tree.Element:
    if raw.tag not in _ALLOWED_ELEMENTS or depth > MAX_DEPTH:
        raise UnsupportedFormula
    element = tree.Element(raw.tag, _safe_attributes(raw))
    if raw.text:
        # The library writes signs as entities, and a command that it does not know as it is.
        element.text = unescape(raw.text)
        if element.text.startswith("\\") and element.text != "\\":
            raise UnsupportedFormula
    element.extend(_sanitize(child, depth=depth + 1) for child in raw)
    if len(element) != _CHILD_COUNTS.get(raw.tag, len(element)):
        raise UnsupportedFormula  # half a fraction, of which the other half was not typed yet
    if raw.tag == "mover" and element[-1].text in _ACCENTS:
        element[-1].text = _ACCENTS[element[-1].text]
    # A row of one only costs drawing time, except that it removes the space around a comma.
    if raw.tag == "mrow" and len(element) == 1 and element[0].tag != "mo":
        return element[0]
    return element


def _safe_attributes(raw: tree.Element) -> dict[str, str]:
    allowed = {name: raw.attrib[name] for name in raw.attrib if name in _ALLOWED_ATTRIBUTES}
    return {name: value for name, value in allowed.items() if _SAFE_VALUE.fullmatch(value)}
