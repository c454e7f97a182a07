"""Let paper break a long run of letters: without a place to break, laying it out takes minutes."""

import re
import unicodedata

# Characters without a place to break a line. No word of a language that we print is longer.
MAX_RUN = 60
# A cluster of one letter and its marks is never split, unless it is longer than any real one.
_MAX_CLUSTER = 120
BREAK = "\u200b"  # ZERO WIDTH SPACE: nothing is seen of it, nor copied from the PDF

# What is not laid out, or is drawn as a picture: its content stays as it is.
_OPAQUE = r"<(?P<opaque>title|style|script|formula|svg|math)\b.*?</(?P=opaque)>"
_TOKEN = re.compile(rf"{_OPAQUE}|<(?P<close>/?)(?P<tag>\w+)?[^>]*>|&#?\w+;|[^<&]+|[<&]", re.DOTALL)
# At the end of these the line goes on.
_INLINE_TAGS = frozenset(
    ["a", "b", "cite", "code", "em", "i", "mark", "q", "small", "span", "strong", "sub", "sup", "u"]
)
# White space at which no line may end.
_NO_BREAK = "\u00a0\u2007\u202f\u2060\ufeff"
_SPACE = re.compile(rf"[^\S{_NO_BREAK}]|{BREAK}")
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_TAG_CHARACTERS = range(0xE0020, 0xE0080)
_CONJOINING_JAMO = range(0x1160, 0x1200)


def break_long_words(html: str) -> str:
    """Return HTML in which each run of more than MAX_RUN characters can be broken.

    What belongs together stays whole: a letter with its marks, a joined emoji, a flag, a formula.
    """
    parts: list[str] = []
    run = _Run()
    for token in _TOKEN.finditer(html):
        text = token[0]
        if token["opaque"] or (text[0] == "<" and token["tag"]):
            if token["opaque"] or token["tag"] not in _INLINE_TAGS:
                run = _Run()
            parts.append(text)
        elif text[0] == "&" and len(text) > 1:
            # One character on paper. Nothing of ours writes a mark or a joiner in this way.
            parts.append(run.add(text))
        elif run.fits(text):
            parts.append(text)
        else:
            parts.extend(map(run.add, text))
    return "".join(parts)


class _Run:
    """The characters since the last place where a line may end."""

    def __init__(self) -> None:
        self.length = 0
        self.previous = ""
        self.flag_length = 0  # regional indicators in a row: two of them are a flag

    def fits(self, text: str) -> bool:
        """Return whether this text needs no break, and go on behind it."""
        first, *others = _SPACE.split(text)
        if self.length + len(first) > MAX_RUN or any(len(word) > MAX_RUN for word in others):
            return False
        self.length = len(others[-1]) if others else self.length + len(first)
        self.previous, self.flag_length = text[-1], 0
        return True

    def add(self, character: str) -> str:
        """Return a character, or an entity, with a place to break before it where one is due."""
        if _SPACE.fullmatch(character):
            self.length, self.previous, self.flag_length = 0, character, 0
            return character
        is_due = self.length >= MAX_RUN and (
            not self._is_joined(character) or self.length >= MAX_RUN + _MAX_CLUSTER
        )
        is_flag_part = len(character) == 1 and ord(character) in _REGIONAL_INDICATORS
        self.flag_length = self.flag_length + 1 if is_flag_part else 0
        self.previous = character
        self.length = 1 if is_due else self.length + 1
        return BREAK + character if is_due else character

    def _is_joined(self, character: str) -> bool:
        """Return whether this character belongs to the one before it."""
        if len(character) > 1:
            return self.previous == _JOINER
        code = ord(character)
        return (
            _JOINER in (character, self.previous)
            or unicodedata.category(character).startswith("M")
            or code in _SKIN_TONES
            or code in _TAG_CHARACTERS
            or code in _CONJOINING_JAMO
            or (code in _REGIONAL_INDICATORS and self.flag_length % 2 == 1)
        )
