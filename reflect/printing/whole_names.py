"""Set a name in one typeface, where the text's own has only some of its letters.

Atkinson Hyperlegible has no Vietnamese letters: "Nguyễn Văn An" would be set in two faces, from
one letter to the next.
"""

import re

# Letters with two accents, with a hook, with a horn or with a dot below (Vietnamese, Yoruba).
_LETTER = "[\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef1\u1ef4-\u1ef9]"
_NEEDS_WHOLE = re.compile(_LETTER)
_CAPITAL_WORD = r"[^\W\d_a-z][\w’'.-]*"
_NAME = re.compile(
    # What holds no text of a person, or is drawn as a picture: as it is.
    r"(?P<other><(?P<opaque>title|style|script|formula|svg|math|code|pre)\b.*?</(?P=opaque)>"
    r"|<[^>]*>)"
    # Words with such a letter, and the other words of the same name around them.
    rf"|(?:\b{_CAPITAL_WORD} )*\b\w*{_LETTER}\w*(?:[ -]{_CAPITAL_WORD})*",
    re.DOTALL,
)


def needs_whole_face(name: str) -> bool:
    """Return whether the text's own face has only some of the letters of this name."""
    return _NEEDS_WHOLE.search(name) is not None


def mark_whole_names(html: str) -> str:
    """Return HTML in which such a name or word is a span that has a face of its own."""
    if not needs_whole_face(html):
        return html

    def mark(match: re.Match[str]) -> str:
        return match[0] if match["other"] else f'<span class="whole-name">{match[0]}</span>'

    return _NAME.sub(mark, html)
