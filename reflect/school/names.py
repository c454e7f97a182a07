"""Names of people: cleaned, taken apart as Dutch names are, and sorted by surname."""

import unicodedata

from reflect.text.collation import APOSTROPHES, CollationKey, collation_key

# The words of the official Dutch list of infixes (voorvoegsels, table 36 of the civil registry);
# several may follow each other, as in "van der" and "in 't".
_INFIX_WORDS = {
    "'s", "'t", "à", "a", "aan", "af", "al", "am", "an", "auf", "aus", "bei", "ben", "bij", "bin",
    "bint", "boven", "d'", "da", "dal", "dal'", "dalla", "das", "de", "deca", "degli", "dei",
    "del", "dela", "della", "dem", "den", "der", "des", "di", "die", "do", "don", "dos", "du",
    "e", "el", "en", "ende", "gen", "het", "i", "im", "in", "l'", "la", "las", "le", "les", "lo",
    "los", "'m", "of", "onder", "op", "over", "s'", "te", "ten", "ter", "tho", "thoe", "thor",
    "to", "toe", "tot", "uijt", "uit", "und", "unter", "van", "vanden", "vander", "ver", "vom",
    "von", "voor", "vor", "y", "zu", "zum", "zur",
}  # fmt: skip
_QUOTES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
# Cc: control characters, line ends too; Cf: direction marks; Zl and Zp: separators of lines.
_SPACE_CATEGORIES = {"Cc", "Zl", "Zp", "Zs"}
# Format characters that are part of how a name is written: the joiners of Persian and Hindi.
_JOINERS = "\u200c\u200d"

PersonSortKey = tuple[CollationKey, CollationKey, CollationKey, str]


def clean_name(name: str) -> str:
    """Return a name on one line: without line ends, direction marks and doubled spaces, in NFC."""
    # Most names, and all ids.
    if name.isascii() and name.isprintable():
        return " ".join(name.split())
    parts = []
    for char in unicodedata.normalize("NFC", name):
        category = unicodedata.category(char)
        if category in _SPACE_CATEGORIES:
            parts.append(" ")
        # Cs: half of a pair, which no database takes.
        elif category not in ("Cf", "Cs") or char in _JOINERS:
            parts.append(char)
    return " ".join("".join(parts).split()).strip(_JOINERS)


def split_infix(family: str, *, middle: str = "") -> tuple[str, str]:
    """Return infix and family name of "van den Berg"; the middle name may hold the infix instead.

    An infix ends at white space alone: El-Amrani and D'Hondt stay whole. The last word is always
    the family name. Both names are clean.
    """
    words = family.split()
    count = 0
    while count < len(words) - 1 and _is_infix(words[count]):
        count += 1
    if count:
        return " ".join(words[:count]), " ".join(words[count:])
    middle_words = middle.split()
    is_infix = bool(middle_words) and all(map(_is_infix, middle_words))
    return (" ".join(middle_words) if is_infix else ""), family


def _is_infix(word: str) -> bool:
    return word.translate(_QUOTES).casefold() in _INFIX_WORDS


def person_sort_key(given: str, infix: str, family: str) -> PersonSortKey:
    """Return what people are sorted by, as Dutch schools do: Berg, Noor, van den.

    The last of it is the name as it is written, so that names that differ in accents alone have
    an order too.
    """
    # Somebody with one name stands under that one.
    surname, first = (family, given) if family else (given, "")
    return (
        collation_key(surname),
        collation_key(first),
        collation_key(infix),
        f"{family} {given} {infix}",
    )
