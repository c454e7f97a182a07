"""Cut the letters for dyslexia to what a page in Dutch or English needs, a fifth of their weight. `make letters`.

Their licence asks that what is cut goes by another name than "OpenDyslexic", which is reserved for the whole.
"""

from io import BytesIO

from fontTools import subset
from fontTools.ttLib import TTFont

from reflect import places

NAME = "Reflect Dyslexic"
WEIGHTS = (400, 700)
# Latin as Atkinson Hyperlegible has it, and the signs of school mathematics; the browser is told the same in tokens.css.
LETTERS = (
    "U+0020-007E, U+00A0-00AC, U+00AE-00FF, U+0102, U+0131, U+0152-0153, U+02C6, U+02DA, U+02DC, "
    "U+0300-0301, U+0303-0304, U+0308, U+03C0, U+2009, U+2013-2014, U+2018-201A, U+201C-201E, U+2022, U+2026, "
    "U+2039-203A, U+2044, U+20AC, U+2122, U+2190-2193, U+2212, U+221A, U+221E, U+2248, U+2260, U+2264-2265, "
    "U+2713"
)
_FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk"]
_NAMED = {1: NAME, 3: f"{NAME} {{}}", 4: f"{NAME} {{}}", 6: f"{NAME.replace(' ', '')}-{{}}"}


def whole(weight):
    """Give the file with all letters, as its package ships it."""
    return places.STATIC / "fonts" / f"opendyslexic-latin-{weight}-normal.woff2"


def cut_file(weight):
    return places.STATIC / "fonts" / f"reflect-dyslexic-latin-{weight}-normal.woff2"


def letters():
    """Give the letters of LETTERS, as code points."""
    spans = (span.removeprefix("U+").partition("-") for span in LETTERS.split(", "))
    return [code for first, _, last in spans for code in range(int(first, 16), int(last or first, 16) + 1)]


def cut(weight):
    """Give the file with the letters of a page."""
    font = TTFont(whole(weight), recalcTimestamp=False)
    options = subset.Options(layout_features=_FEATURES, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], flavor="woff2")
    for table in font["cmap"].tables:
        table.cmap.setdefault(
            0xA0, "space"
        )  # it has none that keeps words together, and would be fetched whole for one
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters())
    cutter.subset(font)
    for row in font["name"].names:
        # Of the licence the lines that say whose it is and what is reserved; the rest stands in LICENSES.md.
        said = "\n".join(str(row).splitlines()[:4])
        row.string = _NAMED[row.nameID].format(weight) if row.nameID in _NAMED else said
    inner = font["CFF "].cff
    inner.fontNames[0] = _NAMED[6].format(weight)
    inner.topDictIndex[0].FamilyName = NAME
    inner.topDictIndex[0].FullName = _NAMED[4].format(weight)
    made = BytesIO()
    font.flavor = "woff2"
    font.save(made)
    return made.getvalue()


if __name__ == "__main__":
    for one in WEIGHTS:
        cut_file(one).write_bytes(cut(one))
