"""Cut the dyslexia font to what a page needs, a fifth of its weight. `make fonts`.

Its licence reserves the name "OpenDyslexic" for the whole font, so the subset has another one.
"""

from io import BytesIO

from fontTools import subset
from fontTools.ttLib import TTFont

from reflect import paths

FONT_NAME = "Reflect Dyslexic"
WEIGHTS = (400, 700)
# Latin as Atkinson Hyperlegible has it, and the signs of school mathematics, as in fonts.css.
UNICODES = (
    "U+0020-007E, U+00A0-00AC, U+00AE-00FF, U+0102, U+0131, U+0152-0153, U+02C6, U+02DA, U+02DC, "
    "U+0300-0301, U+0303-0304, U+0308, U+03C0, U+2009, U+2013-2014, U+2018-201A, U+201C-201E, "
    "U+2022, U+2026, "
    "U+2039-203A, U+2044, U+20AC, U+2122, U+2190-2193, U+2212, U+221A, U+221E, U+2248, U+2260, "
    "U+2264-2265, "
    "U+2713"
)
_LAYOUT_FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk"]
_NAME_RECORDS = {
    1: FONT_NAME,
    3: f"{FONT_NAME} {{}}",
    4: f"{FONT_NAME} {{}}",
    6: f"{FONT_NAME.replace(' ', '')}-{{}}",
}


def source_file(weight):
    """Return the file with all characters, as its package ships it."""
    return paths.STATIC / "fonts" / f"opendyslexic-latin-{weight}-normal.woff2"


def subset_file(weight):
    return paths.STATIC / "fonts" / f"reflect-dyslexic-latin-{weight}-normal.woff2"


def code_points():
    """Return the characters of UNICODES, as code points."""
    spans = (span.removeprefix("U+").partition("-") for span in UNICODES.split(", "))
    return [
        code
        for first, _, last in spans
        for code in range(int(first, 16), int(last or first, 16) + 1)
    ]


def subset_font(weight):
    """Return the file with the characters of a page."""
    font = TTFont(source_file(weight), recalcTimestamp=False)
    options = subset.Options(
        layout_features=_LAYOUT_FEATURES, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], flavor="woff2"
    )
    for table in font["cmap"].tables:
        table.cmap.setdefault(
            0xA0, "space"
        )  # it has none that keeps words together, and would be fetched whole for one
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=code_points())
    subsetter.subset(font)
    for row in font["name"].names:
        # The lines of the licence that name the owner and the reserved name; all is in LICENSES.md.
        licence_lines = "\n".join(str(row).splitlines()[:4])
        row.string = (
            _NAME_RECORDS[row.nameID].format(weight)
            if row.nameID in _NAME_RECORDS
            else licence_lines
        )
    cff = font["CFF "].cff
    cff.fontNames[0] = _NAME_RECORDS[6].format(weight)
    cff.topDictIndex[0].FamilyName = FONT_NAME
    cff.topDictIndex[0].FullName = _NAME_RECORDS[4].format(weight)
    output = BytesIO()
    font.flavor = "woff2"
    font.save(output)
    return output.getvalue()


if __name__ == "__main__":
    for one in WEIGHTS:
        subset_file(one).write_bytes(subset_font(one))
