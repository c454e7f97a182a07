"""Turn LaTeX into safe MathML with a spoken name; for paper see reflect.math.svg."""

import re
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from xml.etree import ElementTree as tree
from xml.sax.saxutils import escape as escape_xml

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
_IN_ATTRIBUTE = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}
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
# Most formulas of a school are a row of pieces, of which each knows of the others only whether an
# operand stands before it: 3x^2 + \frac{1}{2} = 5. The library takes as long for a new row of such
# pieces as for new pieces.
_UNIT = "in|mm|cm|pt|em|ex|pc|bp|dd|cc|sp|mu"  # with a number before it, a length to the library
_NUMBER = rf"[0-9]++(?:[.,][0-9]++)?+(?!\s*(?:{_UNIT}))"
_GROUP = r"\{[A-Za-z0-9+\- ]{1,20}\}"
_PIECE = re.compile(
    rf"""
    (?: [A-Za-z)] | {_NUMBER} ) (?: [_^] (?:[A-Za-z0-9]|{_GROUP}|\\circ(?![A-Za-z])) )?+
    | \\frac{_GROUP}{_GROUP}
    | \\sqrt{_GROUP}
    | \\(?:cdot|times|div|pm|leq?|geq?|neq?|approx|pi|alpha|beta|gamma|delta|circ)(?![A-Za-z])
    | [-+=<>(:]
    """,
    re.VERBOSE,
)
_ROW_OF_PIECES = re.compile(rf"\s*+(?:(?:{_PIECE.pattern})\s*+)++", re.VERBOSE)
_PLAIN_NUMBER = re.compile(r"[0-9.,]+")
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


def to_mathml(formula: Formula, *, language: str) -> str:
    """Return MathML with an accessible name in `language` and the LaTeX as its annotation.

    It has no style. A long one in a sentence is in parts, so that a line may end before each of its
    relations. What cannot be shown gives the source with a hint.
    """
    row_html = _row_of_pieces(formula)
    if row_html is None:
        return _whole_to_mathml(formula, language=language)
    label = escape_xml(to_speech(formula.latex, language=language), _IN_ATTRIBUTE)
    is_brackets = formula.notation is Notation.BRACKETS
    notation = f' data-notation="{formula.notation}"' if is_brackets else ""
    return (
        f'<math display="{formula.display}" aria-label="{label}"{notation}><semantics>{row_html}'
        f'<annotation encoding="application/x-tex">{escape_xml(formula.latex)}</annotation>'
        "</semantics></math>"
    )


def _row_of_pieces(formula: Formula) -> str | None:
    """Return the row as MathML, put together from pieces, or None where it is more than that."""
    latex = formula.latex
    if len(latex) > MAX_FORMULA_LENGTH or not _ROW_OF_PIECES.fullmatch(latex):
        return None
    row_html, text, is_operand_before = "", "", False
    pieces = _PIECE.findall(latex)
    for piece in pieces:
        if _PLAIN_NUMBER.fullmatch(piece):  # there are more numbers than a cache can hold
            drawn = _Piece(f"<mn>{piece}</mn>", piece, is_operand=True)
        else:
            drawn = _draw_piece(piece, formula.display, is_operand_before=is_operand_before)
        row_html += drawn.html
        text += drawn.text
        is_operand_before = drawn.is_operand
    if len(pieces) == 1 or not text.strip() or len(text) > _MAX_UNBROKEN_CHARACTERS:
        return None
    return f"<mrow>{row_html}</mrow>"


@dataclass(frozen=True)
class _Piece:
    """A piece of a row as MathML, and whether it is an operand for the sign that follows."""

    html: str
    text: str
    is_operand: bool


@byte_cached(max_bytes=1_000_000)
def _draw_piece(latex: str, display: DisplayMode, *, is_operand_before: bool) -> _Piece:
    row = tree.Element("mrow")
    before = int(is_operand_before)
    if is_operand_before:
        tree.SubElement(row, "mi").text = "x"
    row.extend(_sanitize(child, depth=1) for child in _library_row(latex, display))
    follower = tree.SubElement(row, "mo")
    follower.text = "+"
    set_spacing(row)
    drawn = row[before:-1]
    return _Piece(
        "".join(map(_to_html, drawn)),
        "".join("".join(element.itertext()) for element in drawn),
        is_operand=follower.get("form") == "infix",
    )


def _to_html(element: tree.Element) -> str:
    return tree.tostring(element, encoding="unicode", short_empty_elements=False)


@byte_cached(max_bytes=2_000_000)
def _whole_to_mathml(formula: Formula, *, language: str) -> str:
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
    return _to_html(whole)


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
    row = _sanitize(_library_row(latex, formula.display), depth=0)
    # Where nothing can be seen of a formula, what was typed is shown: no words may disappear.
    if not "".join(row.itertext()).strip():
        raise UnsupportedFormula
    set_spacing(row)
    return row


def _library_row(latex: str, display: DisplayMode) -> tree.Element:
    """Return the row that the library makes, with whatever it lets pass."""
    # In LaTeX a comma is followed by a space, and a percent sign begins a comment.
    replacements = {",": "{,}", "%": r"\%"}
    latex = _COMMA_OR_PERCENT.sub(lambda match: replacements.get(match[0], match[0]), latex)
    latex = (
        ROW_GAP.sub("", latex).replace("{aligned}", "{align*}").replace("{gathered}", "{matrix}")
    )
    return Converter(display=display).convert_to_element(latex)[0]


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
