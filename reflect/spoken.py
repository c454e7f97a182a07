"""A LaTeX formula in Dutch or English words, for who listens instead of looks."""

import re

MAX_DEPTH = 30

_TOKEN = re.compile(
    r"(?P<silent>\\(?:left|right)(?![a-zA-Z])\s*\.?|\\(?:displaystyle|limits|q?quad)(?![a-zA-Z])|\\[,;:! ]|~)"
    r"|\\(?:text\w*|mathrm|operatorname|mbox|hbox)\s*\{(?P<words>[^{}\\]*)\}"
    r"|\\[a-zA-Z]+|\\.|\d+(?:(?:[.,]|\{,\})\d+)*|\S"
)

# fmt: off
#                                                Dutch                        English
_SIGNS = {
    r"+":                                       ("plus",                      "plus"),
    r"- −":                                     ("min",                       "minus"),
    r"\pm ±":                                   ("plus of min",               "plus or minus"),
    r"\mp":                                     ("min of plus",               "minus or plus"),
    r"\cdot \times \ast * · ×":                 ("keer",                      "times"),
    r"\div : ÷ /":                              ("gedeeld door",              "divided by"),
    r"=":                                       ("is gelijk aan",             "equals"),
    r"\ne \neq ≠":                              ("is niet gelijk aan",        "is not equal to"),
    r"\approx ≈":                               ("is ongeveer gelijk aan",    "is approximately equal to"),
    r"\equiv":                                  ("is equivalent met",         "is equivalent to"),
    r"\sim":                                    ("is gelijkvormig met",       "is similar to"),
    r"\cong":                                   ("is congruent met",          "is congruent to"),
    r"\propto":                                 ("is evenredig met",          "is proportional to"),
    r"< \lt":                                   ("is kleiner dan",            "is less than"),
    r"> \gt":                                   ("is groter dan",             "is greater than"),
    r"\le \leq \leqslant ≤":                    ("is kleiner dan of gelijk aan", "is less than or equal to"),
    r"\ge \geq \geqslant ≥":                    ("is groter dan of gelijk aan", "is greater than or equal to"),
    r"( \lparen":                               ("haakje openen",             "open bracket"),
    r") \rparen":                               ("haakje sluiten",            "close bracket"),
    r"[ \lbrack":                               ("vierkant haakje openen",    "open square bracket"),
    r"] \rbrack":                               ("vierkant haakje sluiten",   "close square bracket"),
    r"\{ \lbrace":                              ("accolade openen",           "open brace"),
    r"\} \rbrace":                              ("accolade sluiten",          "close brace"),
    r"| \vert \lvert \rvert \mid":              ("verticale streep",          "vertical bar"),
    r",":                                       ("komma",                     "comma"),
    r";":                                       ("puntkomma",                 "semicolon"),
    r".":                                       ("punt",                      "point"),
    r"!":                                       ("faculteit",                 "factorial"),
    r"\% %":                                    ("procent",                   "percent"),
    r"' \prime":                                ("accent",                    "prime"),
    r"\circ \degree °":                         ("graden",                    "degrees"),
    r"²":                                      ("kwadraat",                  "squared"),
    r"³":                                       ("tot de derde",              "cubed"),
    r"\infty ∞":                                ("oneindig",                  "infinity"),
    r"\sum":                                    ("som",                       "sum"),
    r"\prod":                                   ("product",                   "product"),
    r"\int":                                    ("integraal",                 "integral"),
    r"\lim":                                    ("limiet",                    "limit"),
    r"\sin":                                    ("sinus",                     "sine"),
    r"\cos":                                    ("cosinus",                   "cosine"),
    r"\tan":                                    ("tangens",                   "tangent"),
    r"\log":                                    ("logaritme",                 "log"),
    r"\ln":                                     ("natuurlijke logaritme",     "natural log"),
    r"\min":                                    ("minimum",                   "minimum"),
    r"\max":                                    ("maximum",                   "maximum"),
    r"\to \rightarrow →":                       ("naar",                      "to"),
    r"\Rightarrow \implies ⇒":                  ("dus",                       "implies"),
    r"\Leftrightarrow \iff ⇔":                  ("dan en slechts dan als",    "if and only if"),
    r"\in ∈":                                   ("is element van",            "is in"),
    r"\cup":                                    ("verenigd met",              "union"),
    r"\cap":                                    ("doorsnede",                 "intersection"),
    r"\angle ∠":                                ("hoek",                      "angle"),
    r"\triangle":                               ("driehoek",                  "triangle"),
    r"\perp":                                   ("staat loodrecht op",        "is perpendicular to"),
    r"\parallel":                               ("is evenwijdig met",         "is parallel to"),
    r"\ldots \dots \cdots …":                   ("enzovoort",                 "and so on"),
    r"\euro €":                                 ("euro",                      "euro"),
}
# What stands round arguments that are one word each, and round longer ones: Dutch, then English.
_SHAPES = {
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
    "hat":       (("{0} dakje",              "dakje boven {0} einde dakje"),
                  ("{0} hat",                "hat over {0} end hat")),
}

_WITH_ARGUMENTS = {
    r"\frac \dfrac \tfrac \cfrac":  "over",
    r"\binom \dbinom \tbinom":      "choose",
    r"\vec \overrightarrow":        "vector",
    r"\overline \bar":              "line",
    r"\hat \widehat":               "hat",
}
# fmt: on

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_SAID = {sign: said for signs, said in _SIGNS.items() for sign in signs.split()}
_SAID |= {sign + letter: (letter, letter) for letter in _GREEK.split() for sign in ("\\", r"\var")}
_SHAPE = {command: shape for commands, shape in _WITH_ARGUMENTS.items() for command in commands.split()}
_WITH_BOUNDS = frozenset((r"\sum", r"\prod", r"\int", r"\lim", r"\min", r"\max"))
_FONTS = frozenset((r"\mathbb", r"\mathbf", r"\mathcal", r"\mathit", r"\mathrm", r"\boldsymbol"))


class Unspoken(Exception):
    """There are no words for this."""


def spoken(latex: str, *, language: str) -> str:
    """Say a formula in words ("nl", else English), or give the LaTeX itself where words fail."""
    try:
        return _Speaker(latex, column=0 if language == "nl" else 1).phrase(until="") or latex
    except Unspoken:
        return latex


class _Speaker:
    """Take tokens from left to right and say them."""

    def __init__(self, latex: str, *, column: int) -> None:
        found = [token for token in _TOKEN.finditer(latex) if token["silent"] is None]
        self.tokens = [token[0] if token["words"] is None else f'"{token["words"]}' for token in reversed(found)]
        self.column = column
        self.depth = 0
        self.with_bounds = False

    def phrase(self, *, until: str) -> str:
        """Say everything up to the token `until`, and take that too; "" is the end."""
        words = []
        while self.tokens and self.tokens[-1] != until:
            words.append(self.one())
        if until:
            self.take()
        return " ".join(filter(None, words))

    def one(self) -> str:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unspoken
        sign = self.take()
        if sign in ("^", "_"):
            said = self.raised() if sign == "^" else self.lowered()
        else:
            said = self.thing(sign)
            self.with_bounds = sign in _WITH_BOUNDS
        self.depth -= 1
        return said

    def take(self) -> str:
        if not self.tokens:
            raise Unspoken
        return self.tokens.pop()

    def thing(self, sign: str) -> str:
        if sign in _SHAPE:
            arguments = [self.argument() for _ in range(2 if _SHAPE[sign] in ("over", "choose") else 1)]
            return self.shaped(_SHAPE[sign], *arguments)
        if sign in _SAID:
            return _SAID[sign][self.column]
        if sign == "{":
            return self.phrase(until="}")
        if sign == r"\sqrt":
            return self.root()
        if sign in _FONTS:
            return self.argument()
        return self.plain(sign)

    def plain(self, sign: str) -> str:
        if sign.startswith('"'):  # words inside \text
            return sign[1:].strip()
        if sign.startswith("\\") or sign in ("}", "&", "#", "$"):
            raise Unspoken
        return sign.replace("{,}", ",")

    def argument(self) -> str:
        """Say what belongs to the command before it: one sign, one digit, or what stands between braces."""
        if self.tokens and self.tokens[-1][0].isdigit() and len(self.tokens[-1]) > 1:
            digits = self.take()
            self.tokens.append(digits[1:])
            return digits[0]
        return self.one()

    def raised(self) -> str:
        with_bounds = self.with_bounds
        power = self.argument()
        self.with_bounds = with_bounds
        if with_bounds:
            return self.shaped("up to", power)
        if power in (_SAID[r"\circ"][self.column], _SAID["'"][self.column]):
            return power
        squared = {"2": "²", "3": "³"}.get(power)
        return _SAID[squared][self.column] if squared else self.shaped("power", power)

    def lowered(self) -> str:
        with_bounds = self.with_bounds
        index = self.argument()
        self.with_bounds = with_bounds
        return self.shaped("from" if with_bounds else "index", index)

    def root(self) -> str:
        if not self.tokens or self.tokens[-1] != "[":
            return self.shaped("root", self.argument())
        self.take()
        index = self.phrase(until="]")
        if index == "3":
            return self.shaped("cube root", self.argument())
        return self.shaped("nth root", index, self.argument())

    def shaped(self, shape: str, *arguments: str) -> str:
        short, long = _SHAPES[shape][self.column]
        return (long if any(" " in argument for argument in arguments) else short).format(*arguments)
