"""Put a LaTeX formula into Dutch or English words, for people who listen to a page."""

import re
from typing import Any

from reflect.i18n import SPEECH_LANGUAGES, per_language

# Of braces and arguments, into which the builder recurses. A deeper formula is read as LaTeX.
MAX_DEPTH = 30

# In each row of the tables below, which entry is for which language.
COLUMNS = per_language("reflect/math/speech.py: COLUMNS", SPEECH_LANGUAGES, {"nl": 0, "en": 1})

_SYMBOL = re.compile(
    r"(?P<silent>\\(?:left|right)(?![a-zA-Z])\s*\.?"
    r"|\\(?:displaystyle|limits|q?quad|hline|notag|nonumber)(?![a-zA-Z])|\\[,;:! ]|~)"
    r"|\\(?:text\w*|mathrm|operatorname|mbox|hbox)\s*\{(?P<words>[^{}\\]*)\}"
    r"|\\(?P<edge>begin|end)\s*\{(?P<environment>[a-zA-Z]+\*?)\}"
    r"|\\[a-zA-Z]+|\\.|\d+(?:(?:[.,]|\{,\})\d+)*|\S"
)

#                                    Dutch                           English
_SYMBOL_TABLE = {
    r"+":                          ("plus",                         "plus"),
    r"- −":                        ("min",                          "minus"),
    r"\pm ±":                      ("plus of min",                  "plus or minus"),
    r"\mp":                        ("min of plus",                  "minus or plus"),
    r"\cdot \times \ast * · ×":    ("keer",                         "times"),
    r"\div : ÷ /":                 ("gedeeld door",                 "divided by"),
    r"=":                          ("is gelijk aan",                "equals"),
    r"\ne \neq ≠":                 ("is niet gelijk aan",           "is not equal to"),
    r"\approx ≈":                  ("is ongeveer gelijk aan",       "is approximately equal to"),
    r"\equiv":                     ("is equivalent met",            "is equivalent to"),
    r"\sim":                       ("is gelijkvormig met",          "is similar to"),
    r"\cong":                      ("is congruent met",             "is congruent to"),
    r"\propto":                    ("is evenredig met",             "is proportional to"),
    r"< \lt":                      ("is kleiner dan",               "is less than"),
    r"> \gt":                      ("is groter dan",                "is greater than"),
    r"\le \leq \leqslant ≤":       ("is kleiner dan of gelijk aan", "is less than or equal to"),
    r"\ge \geq \geqslant ≥":       ("is groter dan of gelijk aan",  "is greater than or equal to"),
    r"( \lparen":                  ("haakje openen",                "open bracket"),
    r") \rparen":                  ("haakje sluiten",               "close bracket"),
    r"[ \lbrack":                  ("vierkant haakje openen",       "open square bracket"),
    r"] \rbrack":                  ("vierkant haakje sluiten",      "close square bracket"),
    r"\{ \lbrace":                 ("accolade openen",              "open brace"),
    r"\} \rbrace":                 ("accolade sluiten",             "close brace"),
    r"| \vert \lvert \rvert \mid": ("verticale streep",             "vertical bar"),
    r",":                          ("komma",                        "comma"),
    r";":                          ("puntkomma",                    "semicolon"),
    r".":                          ("punt",                         "point"),
    r"!":                          ("faculteit",                    "factorial"),
    r"\% %":                       ("procent",                      "percent"),
    r"' \prime":                   ("accent",                       "prime"),
    r"\circ \degree °":            ("graden",                       "degrees"),
    r"²":                          ("kwadraat",                     "squared"),
    r"³":                          ("tot de derde",                 "cubed"),
    r"\infty ∞":                   ("oneindig",                     "infinity"),
    r"\sum":                       ("som",                          "sum"),
    r"\prod":                      ("product",                      "product"),
    r"\int":                       ("integraal",                    "integral"),
    r"\lim":                       ("limiet",                       "limit"),
    r"\sin":                       ("sinus",                        "sine"),
    r"\cos":                       ("cosinus",                      "cosine"),
    r"\tan":                       ("tangens",                      "tangent"),
    r"\log":                       ("logaritme",                    "log"),
    r"\ln":                        ("natuurlijke logaritme",        "natural log"),
    r"\min":                       ("minimum",                      "minimum"),
    r"\max":                       ("maximum",                      "maximum"),
    r"\to \rightarrow →":          ("naar",                         "to"),
    r"\Rightarrow \implies ⇒":     ("dus",                          "implies"),
    r"\Leftrightarrow \iff ⇔":     ("dan en slechts dan als",       "if and only if"),
    r"\in ∈":                      ("is element van",               "is in"),
    r"\cup":                       ("verenigd met",                 "union"),
    r"\cap":                       ("doorsnede",                    "intersection"),
    r"\angle ∠":                   ("hoek",                         "angle"),
    r"\triangle":                  ("driehoek",                     "triangle"),
    r"\perp":                      ("staat loodrecht op",           "is perpendicular to"),
    r"\parallel":                  ("is evenwijdig met",            "is parallel to"),
    r"\ldots \dots \cdots …":      ("enzovoort",                    "and so on"),
    r"\euro €":                    ("euro",                         "euro"),
}  # fmt: skip
# For each language a template for arguments of one word each, and one that marks where longer
# arguments end: Dutch, then English.
_TEMPLATES = {
    "over":      (("{0} gedeeld door {1}",   "breuk {0} gedeeld door {1} einde breuk"),
                  ("{0} over {1}",           "fraction {0} over {1} end fraction")),
    "choose":    (("{0} boven {1}",          "binomiaal {0} boven {1} einde binomiaal"),
                  ("{0} choose {1}",         "binomial {0} choose {1} end binomial")),
    "root":      (("wortel {0}",             "wortel van {0} einde wortel"),
                  ("square root of {0}",     "square root of {0} end root")),
    "cube root": (("derdemachtswortel {0}",  "derdemachtswortel van {0} einde wortel"),
                  ("cube root of {0}",       "cube root of {0} end root")),
    "nth root":  (("wortel met index {0} van {1}", "wortel met index {0} van {1} einde wortel"),
                  ("root with index {0} of {1}", "root with index {0} of {1} end root")),
    "power":     (("tot de macht {0}",       "tot de macht {0} einde macht"),
                  ("to the power {0}",       "to the power {0} end power")),
    "index":     (("index {0}",              "index {0} einde index"),
                  ("sub {0}",                "sub {0} end sub")),
    "from":      (("van {0}",                "van {0}"),
                  ("from {0}",               "from {0}")),
    "up to":     (("tot {0}",                "tot {0}"),
                  ("to {0}",                 "to {0}")),
    "vector":    (("vector {0}",             "vector {0} einde vector"),
                  ("vector {0}",             "vector {0} end vector")),
    "line":      (("streep boven {0}",       "streep boven {0} einde streep"),
                  ("{0} bar",                "bar over {0} end bar")),
    "row":       (("rij {0}: {1}",           "rij {0}: {1}"),
                  ("row {0}: {1}",           "row {0}: {1}")),
    "line of":   (("regel {0}: {1}",         "regel {0}: {1}"),
                  ("line {0}: {1}",          "line {0}: {1}")),
    "cases":     (("accolade, {0}, einde accolade",) * 2,
                  ("brace, {0}, end brace",) * 2),
    "matrix":    (("matrix, {0}, einde matrix",) * 2,
                  ("matrix, {0}, end matrix",) * 2),
    "determinant": (("determinant, {0}, einde determinant",) * 2,
                    ("determinant, {0}, end determinant",) * 2),
    "table":     (("tabel, {0}, einde tabel",) * 2,
                  ("table, {0}, end table",) * 2),
    "lines":     (("{0}", "{0}"),
                  ("{0}", "{0}")),
    "hat":       (("{0} dakje",              "dakje boven {0} einde dakje"),
                  ("{0} hat",                "hat over {0} end hat")),
}  # fmt: skip

_COMMAND_TABLE = {
    r"\frac \dfrac \tfrac \cfrac":  "over",
    r"\binom \dbinom \tbinom":      "choose",
    r"\vec \overrightarrow":        "vector",
    r"\overline \bar":              "line",
    r"\hat \widehat":               "hat",
}  # fmt: skip

# LaTeX environments: what each is called, and what its rows are.
_ENVIRONMENT_TABLE = {
    "cases dcases rcases":                         ("cases",       "line of"),
    "matrix pmatrix bmatrix Bmatrix smallmatrix":  ("matrix",      "row"),
    "vmatrix Vmatrix":                             ("determinant", "row"),
    "array":                                       ("table",       "row"),
    "aligned align align* split alignat":          ("lines",       "line of"),
    "gathered gather gather*":                     ("lines",       "line of"),
    "equation equation* multline multline*":       ("lines",       "line of"),
}  # fmt: skip
_ENVIRONMENTS = {
    name: templates for names, templates in _ENVIRONMENT_TABLE.items() for name in names.split()
}
_CELL_END, _ROW_END = "&", "\\\\"
ROW_GAP = re.compile(r"(?<=\\\\)\[-?[\d.]+\s*[a-z]{2}\]")  # as in \\[2pt]
_COLUMN_FORMAT = re.compile(r"(\\begin\s*\{array\})\s*(?:\[[^\]]*\]\s*)?\{[lcr|\s]*\}")

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_SYMBOL_WORDS: dict[str, tuple[str, ...]] = {
    sign: words for signs, words in _SYMBOL_TABLE.items() for sign in signs.split()
}
for _name in _GREEK_NAMES.split():
    _SYMBOL_WORDS["\\" + _name] = (_name,) * len(COLUMNS)
    _SYMBOL_WORDS[r"\var" + _name] = (_name,) * len(COLUMNS)
_COMMAND_TEMPLATES = {
    command: shape for commands, shape in _COMMAND_TABLE.items() for command in commands.split()
}
_BOUNDED_OPERATORS = frozenset((r"\sum", r"\prod", r"\int", r"\lim", r"\min", r"\max"))
_FONT_COMMANDS = frozenset(
    (r"\mathbb", r"\mathbf", r"\mathcal", r"\mathit", r"\mathrm", r"\boldsymbol")
)


# The text of MathML elements that the table above has under a LaTeX command only.
_MATHML_SIGNS = {
    "⋅": r"\cdot",
    "\u2236": ":",  # a ratio
    "∘": r"\circ",
    "\u2032": r"\prime",  # a prime
    "ϵ": r"\epsilon",
    "ϕ": r"\phi",
    **{name: "\\" + name for name in ("sin", "cos", "tan", "log", "ln")},
    **{
        letter: "\\" + name
        for letter, name in zip(
            "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", _GREEK_NAMES.split(), strict=True
        )
    },
}


def _ends_cell(symbol: str) -> bool:
    return symbol in (_CELL_END, _ROW_END) or symbol.startswith("\\end ")


class NotSpeakable(Exception):
    """There are no words for this formula."""


def to_speech(latex: str, *, language: str) -> str:
    """Return a formula in words, or the LaTeX itself where there are no words for it."""
    if language not in COLUMNS:
        return latex
    try:
        builder = _SpeechBuilder(latex, column=COLUMNS[language])
        return builder.speak_until(end="") or latex
    except NotSpeakable:
        return latex


def browser_speech(language: str) -> dict[str, Any]:
    """Return the words for MathML, with which the formula field says what somebody types.

    "signs" has the words for the text of a token. "shapes" has by element (short, long) templates,
    with {0}, {1} and {2} for the words of its children; the long one is for children of more than
    one word. "powers" has the words for some exponents. All are empty without a column for the
    language.
    """
    if language not in COLUMNS:
        return {"signs": {}, "shapes": {}, "powers": {}}
    column = COLUMNS[language]
    words = {sign: row[column] for sign, row in _SYMBOL_WORDS.items()}
    signs = {sign: text for sign, text in words.items() if len(sign) == 1}
    signs |= {sign: words[latex] for sign, latex in _MATHML_SIGNS.items()}
    powers = {"2": words["²"], "3": words["³"], "∘": words[r"\circ"]}
    return {"signs": signs, "shapes": _mathml_shapes(column), "powers": powers}


def _mathml_shapes(column: int) -> dict[str, tuple[str, str]]:
    short_power, long_power = _TEMPLATES["power"][column]
    short_index, long_index = _TEMPLATES["index"][column]
    short_root, long_root = _TEMPLATES["nth root"][column]
    both = "{0} " + short_index.format("{1}") + " "
    return {
        "mfrac": _TEMPLATES["over"][column],
        "msqrt": _TEMPLATES["root"][column],
        # MathML has what is under the root first, and the index last.
        "mroot": (short_root.format("{1}", "{0}"), long_root.format("{1}", "{0}")),
        "msup": ("{0} " + short_power.format("{1}"), "{0} " + long_power.format("{1}")),
        "msub": ("{0} " + short_index.format("{1}"), "{0} " + long_index.format("{1}")),
        "msubsup": (both + short_power.format("{2}"), both + long_power.format("{2}")),
    }


def _symbol_of(match: re.Match[str]) -> str:
    """Return a symbol: words in \\text after a quotation mark, an environment by its edge."""
    if match["words"] is not None:
        return f'"{match["words"]}'
    if match["edge"]:
        return f"\\{match['edge']} {match['environment']}"
    return match[0]


class _SpeechBuilder:
    """Takes the symbols of a formula from left to right and says them."""

    def __init__(self, latex: str, *, column: int) -> None:
        symbols = _SYMBOL.finditer(ROW_GAP.sub("", _COLUMN_FORMAT.sub(r"\1", latex)))
        matches = [match for match in symbols if match["silent"] is None]
        # The next symbol is the last.
        self.symbols = [_symbol_of(match) for match in reversed(matches)]
        self.column = column
        self.depth = 0
        self.after_bounded_operator = False

    def speak_until(self, *, end: str) -> str:
        """Return the words up to this symbol, and drop it; "" is the end of the formula."""
        words = []
        while self.symbols and self.symbols[-1] != end:
            words.append(self.speak_next())
        if end:
            self.pop_symbol()
        return " ".join(filter(None, words))

    def speak_next(self) -> str:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotSpeakable
        symbol = self.pop_symbol()
        if symbol in ("^", "_"):
            speech = self.speak_superscript() if symbol == "^" else self.speak_subscript()
        else:
            speech = self.speak_symbol(symbol)
            self.after_bounded_operator = symbol in _BOUNDED_OPERATORS
        self.depth -= 1
        return speech

    def pop_symbol(self) -> str:
        if not self.symbols:
            raise NotSpeakable
        return self.symbols.pop()

    def speak_symbol(self, symbol: str) -> str:
        if symbol in _COMMAND_TEMPLATES:
            template = _COMMAND_TEMPLATES[symbol]
            argument_count = 2 if template in ("over", "choose") else 1
            arguments = [self.speak_argument() for _ in range(argument_count)]
            return self.fill_template(template, *arguments)
        if symbol in _SYMBOL_WORDS:
            return _SYMBOL_WORDS[symbol][self.column]
        if symbol == "{":
            return self.speak_until(end="}")
        if symbol == r"\sqrt":
            return self.speak_root()
        if symbol in _FONT_COMMANDS:
            return self.speak_argument()
        if symbol.startswith("\\begin "):
            return self.speak_environment(symbol.removeprefix("\\begin "))
        return self.speak_literal(symbol)

    def speak_environment(self, name: str) -> str:
        """Return the words of a matrix, of cases, or of lines below each other."""
        if name not in _ENVIRONMENTS:
            raise NotSpeakable
        template, row_template = _ENVIRONMENTS[name]
        rows: list[list[str]] = [[]]
        last_sign = ""
        while last_sign != f"\\end {name}":
            words = []
            while self.symbols and not _ends_cell(self.symbols[-1]):
                words.append(self.speak_next())
            last_sign = self.pop_symbol()
            if last_sign.startswith("\\end ") and last_sign != f"\\end {name}":
                raise NotSpeakable
            rows[-1].append(" ".join(filter(None, words)))
            if last_sign == _ROW_END:
                rows.append([])
        return self.speak_rows(rows, template, row_template)

    def speak_rows(self, rows: list[list[str]], template: str, row_template: str) -> str:
        # In aligned equations & is no border: it stands before the sign at which they line up.
        separator = " " if template == "lines" else ", "
        spoken = [text for row in rows if (text := separator.join(filter(None, row)))]
        if template == "lines" and len(spoken) == 1:
            return spoken[0]
        numbered = [
            self.fill_template(row_template, str(number), text)
            for number, text in enumerate(spoken, 1)
        ]
        return self.fill_template(template, "; ".join(numbered))

    def speak_literal(self, symbol: str) -> str:
        if symbol.startswith('"'):
            return symbol[1:].strip()
        if symbol.startswith("\\") or symbol in ("}", "&", "#", "$"):
            raise NotSpeakable
        return symbol.replace("{,}", ",")

    def speak_argument(self) -> str:
        """Return the words of an argument: one sign, one digit, or what is between braces."""
        # In LaTeX x^12 is x to the power of 1, and then a 2.
        if self.symbols and self.symbols[-1][0].isdigit() and len(self.symbols[-1]) > 1:
            digits = self.pop_symbol()
            self.symbols.append(digits[1:])
            return digits[0]
        return self.speak_next()

    def speak_superscript(self) -> str:
        is_upper_bound = self.after_bounded_operator
        power = self.speak_argument()
        # Saying the argument has reset it, and after an upper bound a lower one may follow.
        self.after_bounded_operator = is_upper_bound
        if is_upper_bound:
            return self.fill_template("up to", power)
        if power in (_SYMBOL_WORDS[r"\circ"][self.column], _SYMBOL_WORDS["'"][self.column]):
            return power
        if power in ("2", "3"):
            return _SYMBOL_WORDS["²" if power == "2" else "³"][self.column]
        return self.fill_template("power", power)

    def speak_subscript(self) -> str:
        is_lower_bound = self.after_bounded_operator
        index = self.speak_argument()
        self.after_bounded_operator = is_lower_bound
        return self.fill_template("from" if is_lower_bound else "index", index)

    def speak_root(self) -> str:
        if not self.symbols or self.symbols[-1] != "[":
            return self.fill_template("root", self.speak_argument())
        self.pop_symbol()
        index = self.speak_until(end="]")
        if index == "3":
            return self.fill_template("cube root", self.speak_argument())
        return self.fill_template("nth root", index, self.speak_argument())

    def fill_template(self, template: str, *arguments: str) -> str:
        short, long = _TEMPLATES[template][self.column]
        has_long_argument = any(" " in argument for argument in arguments)
        return (long if has_long_argument else short).format(*arguments)
