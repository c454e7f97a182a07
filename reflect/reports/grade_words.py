"""What looks like a grade: numbers, letters, stars, faces, traffic lights, one-word verdicts."""

import re

from reflect.i18n import FORM_LANGUAGES, per_language

# Whatever the language of a form, its options may be none of these words in any language.
_VERDICT_WORDS = per_language(
    "reflect/reports/grade_words.py: _VERDICT_WORDS",
    FORM_LANGUAGES,
    {
        "nl": """
            onvoldoende voldoende ruim_voldoende net_voldoende goed zeer_goed uitmuntend uitstekend
            matig slecht zwak redelijk gemiddeld bovengemiddeld ondergemiddeld geslaagd gezakt
            onder_niveau op_niveau boven_niveau laag hoog top
            rood oranje geel groen
            o v g rv zg
        """,
        "en": """
            pass fail passed failed good very_good excellent poor fair weak strong average
            sufficient insufficient satisfactory unsatisfactory outstanding
            below_average above_average below above low high bad perfect
            red amber orange yellow green
        """,
    },
)
_ONE_TO_TEN = per_language(
    "reflect/reports/grade_words.py: _ONE_TO_TEN",
    FORM_LANGUAGES,
    {
        "nl": "een twee drie vier vijf zes zeven acht negen tien",
        "en": "one two three four five six seven eight nine ten",
    },
)
# Patterns of what stands behind a number, to be read with re.VERBOSE.
_UNITS = per_language(
    "reflect/reports/grade_words.py: _UNITS",
    FORM_LANGUAGES,
    {
        "nl": r"punten?|sterren|van\ de\ \d+",
        "en": r"points?|pt|stars?|out\ of\ \d+",
    },
)
# These mean a grade in any sentence.
_GRADE_WORDS = per_language(
    "reflect/reports/grade_words.py: _GRADE_WORDS",
    FORM_LANGUAGES,
    {"nl": "cijfer|punten|score", "en": "grade|points|score"},
)
_VERDICTS = frozenset(" ".join(_VERDICT_WORDS.values()).split())
_NUMBER = re.compile(
    rf"""
    ^[\s+~±-]*
    \d+([.,]\d+)?\s*
    ([%+/-]|/\s*\d+|{"|".join(_UNITS.values())})*
    [\s+-]*$
    """,
    re.VERBOSE,
)
_LETTER = re.compile(r"^[a-f][+-]{0,2}$")
_SYMBOLS = re.compile(r"^[\W\d_]+$")
_NUMBER_WORDS = re.compile(rf"^({'|'.join(' '.join(_ONE_TO_TEN.values()).split())})$")
_WHOLE_TEXT_PATTERNS = (_NUMBER, _LETTER, _SYMBOLS, _NUMBER_WORDS)
# Unlike the patterns above these are searched anywhere in a text: they mean a grade in any
# sentence.
_EMBEDDED_GRADE = re.compile(
    rf"\d\s*%|\d+\s*/\s*10\b|\b({'|'.join(_GRADE_WORDS.values())})\b"
    r"|[★☆⭐]|[\U0001F600-\U0001F64F]"
)


def looks_like_grade(text: str) -> bool:
    """Return whether this option could be read as a grade, so that somebody could add it up."""
    # Brackets, quotation marks and a full stop hide no grade: "(7)." is one too.
    normalized = re.sub(r"\s+", " ", text.strip().strip(".!\"'“”‘’()").casefold())
    if not normalized:
        return False
    # Verdicts only as the whole text: a longer option may well contain the word "good".
    return (
        normalized.replace(" ", "_") in _VERDICTS
        or any(pattern.match(normalized) for pattern in _WHOLE_TEXT_PATTERNS)
        or bool(_EMBEDDED_GRADE.search(normalized))
    )
