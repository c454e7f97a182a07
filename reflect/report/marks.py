"""What looks like a mark: numbers, letters, stars, faces, traffic lights, and verdicts in one word."""

import re

_VERDICTS = frozenset(
    [
        "onvoldoende",
        "voldoende",
        "ruim_voldoende",
        "net_voldoende",
        "goed",
        "zeer_goed",
        "uitmuntend",
        "uitstekend",
        "matig",
        "slecht",
        "zwak",
        "redelijk",
        "gemiddeld",
        "bovengemiddeld",
        "ondergemiddeld",
        "geslaagd",
        "gezakt",
        "onder_niveau",
        "op_niveau",
        "boven_niveau",
        "laag",
        "hoog",
        "top",
        "pass",
        "fail",
        "passed",
        "failed",
        "good",
        "very_good",
        "excellent",
        "poor",
        "fair",
        "weak",
        "strong",
        "average",
        "sufficient",
        "insufficient",
        "satisfactory",
        "unsatisfactory",
        "outstanding",
        "below_average",
        "above_average",
        "below",
        "above",
        "low",
        "high",
        "bad",
        "perfect",
        "rood",
        "oranje",
        "geel",
        "groen",
        "red",
        "amber",
        "orange",
        "yellow",
        "green",
        "o",
        "v",
        "g",
        "rv",
        "zg",
    ]
)
_NUMBER = re.compile(
    r"^[\s+~±-]*\d+([.,]\d+)?\s*([%+/-]|/\s*\d+|punten?|points?|pt|sterren|stars?|out of \d+|van de \d+)*[\s+-]*$"
)
_LETTER = re.compile(r"^[a-f][+-]{0,2}$")
_SIGNS = re.compile(r"^[\W\d_]+$")
_WORDS = re.compile(
    r"^(een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|one|two|three|four|five|six|seven|eight|nine|ten)$"
)
_HIDDEN = re.compile(r"\d\s*%|\d+\s*/\s*10\b|\b(cijfer|score|grade|punten|points)\b|[★☆⭐]|[\U0001F600-\U0001F64F]")


def looks_like_a_mark(words: str) -> bool:
    """Say whether this option could stand for a mark, so that somebody could add it up."""
    plain = re.sub(r"\s+", " ", words.strip().strip(".!\"'“”‘’()").casefold())
    if not plain:
        return False
    tests = (_NUMBER, _LETTER, _SIGNS, _WORDS)
    return (
        plain.replace(" ", "_") in _VERDICTS or any(test.match(plain) for test in tests) or bool(_HIDDEN.search(plain))
    )
