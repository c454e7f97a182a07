"""One order for every list of names: without regard to accents and case, on every database."""

import re
import unicodedata

from reflect.bounds.byte_cache import byte_cached

# Latin letters that Unicode does not take apart into a letter and a mark.
_PLAIN_LETTERS = {
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
    "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "\u0131": "i", "ß": "ss",
    "ẞ": "Ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ŋ": "n", "Ŋ": "N",
    "ə": "e", "Ə": "E", "ɓ": "b", "Ɓ": "B", "ɗ": "d", "Ɗ": "D", "ƙ": "k", "Ƙ": "K",
    "ƴ": "y", "Ƴ": "Y",
}  # fmt: skip
_TO_PLAIN_LETTERS = str.maketrans(_PLAIN_LETTERS)
# What people type for an apostrophe: quotes, accents of their own, letters of other alphabets.
APOSTROPHES = "'’‘`\u00b4\u02bb\u02bc\u02be\u02bf\u2032"
# Left out when names are compared: D'Hondt stands as Dhondt, and 't as t.
_WITHOUT_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, ""))
_NUMBER_OR_TEXT = re.compile(r"\d+|[^\W\d_]+")

# Numbers before letters, as in 2b, 10a; the flag keeps the two from being compared.
CollationKey = tuple[tuple[int, int, str], ...]


def plain_letters(text: str) -> str:
    """Return a text with the Latin letters of ASCII: Łukasz as Lukasz, Zoë as Zoe.

    Letters of other scripts stay, as does their case.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_TO_PLAIN_LETTERS))
    without_marks = "".join(char for char in decomposed if not _is_loose_mark(char))
    return unicodedata.normalize("NFC", without_marks)


def _is_loose_mark(char: str) -> bool:
    """Return whether this is an accent; a vowel sign of Hindi is part of the word."""
    return unicodedata.combining(char) > 0 and "COMBINING" in unicodedata.name(char, "")


@byte_cached(max_bytes=2_000_000)
def collation_key(text: str) -> CollationKey:
    """Return what a text is compared by in a list for people, such as names and codes.

    Accents, case and apostrophes do not count; what else is no letter or digit separates words.
    Two texts that differ in nothing else have the same key.
    """
    plain = plain_letters(text.translate(_WITHOUT_APOSTROPHES)).casefold()
    return tuple(
        # Bounded: what is longer is no number of a class, and int() refuses 5,000 digits.
        (0, int(part[:18]), part[18:]) if part.isdecimal() else (1, 0, part)
        for part in _NUMBER_OR_TEXT.findall(plain)
    )
