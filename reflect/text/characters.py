"""The characters of a text as it is shown: what is unseen, what ends a line, what Word pastes."""

import re
import unicodedata

# White space within a line, and what has no width at all: a pasted text has all of these.
BLANKS = (
    " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u202f\u205f\u2060\u3000\ufeff"
)

_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Word ends a line within a paragraph with a vertical tab, and a page with a form feed.
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Of no category that says so: Hangul fillers and an empty Braille cell.
_EMPTY_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Mn", "Zl", "Zp", "Zs"))

# Word's fonts Symbol and Wingdings paste their signs as private characters, which print as boxes.
_SYMBOL_FONTS = {
    "\uf0b7": "•", "\uf0a7": "•", "\uf06e": "•", "\uf06f": "•", "\uf0a8": "•", "\uf0d8": "•",
    "\uf076": "•", "\uf0fc": "✓", "\uf0fe": "✓", "\uf0fb": "×", "\uf0fd": "×",
    "\uf0e0": "→", "\uf0e8": "→", "\uf0ae": "→", "\uf0df": "←", "\uf0ac": "←",
    "\uf0de": "⇒", "\uf0db": "⇔", "\uf04a": "☺", "\uf04c": "☹",
    "\uf02b": "+", "\uf02d": "−", "\uf0b4": "×", "\uf0d7": "·", "\uf0b8": "÷", "\uf0b1": "±",
    "\uf03d": "=", "\uf0b9": "≠", "\uf0bb": "≈", "\uf0a3": "≤", "\uf0b3": "≥", "\uf0a5": "∞",
    "\uf0d6": "√", "\uf0b0": "°", "\uf044": "Δ", "\uf061": "\N{GREEK SMALL LETTER ALPHA}",
    "\uf062": "β", "\uf06c": "λ", "\uf06d": "μ", "\uf070": "π", "\uf071": "θ", "\uf077": "ω",
}  # fmt: skip
_SYMBOL_FONT_SIGNS = str.maketrans(_SYMBOL_FONTS)


def normalize(text: str) -> str:
    """Return the text without what no page can carry, each line ended by a line feed.

    Signs of Word's symbol fonts become the characters that they look like.
    """
    text = _CONTROL_CHARACTER.sub("", _LINE_END.sub("\n", text))
    return _LONE_SURROGATE.sub("\ufffd", text.translate(_SYMBOL_FONT_SIGNS))


def is_blank(text: str) -> bool:
    """Return whether nothing of this text can be seen, such as one of no-break spaces."""
    return all(
        character in _EMPTY_LETTERS or unicodedata.category(character) in _UNSEEN_CATEGORIES
        for character in text
    )
