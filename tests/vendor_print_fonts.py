"""Make the fonts that only paper needs, from their npm packages. `make print-fonts`.

Emoji in one colour, which print in grey; signs that people type; code; and Latin letters of which
the other fonts have only some, so that a Vietnamese name is not set in two faces.
"""

import sys
import tarfile
import textwrap
from io import BytesIO
from pathlib import Path

from fontTools import merge, subset
from fontTools.ttLib import TTFont

from reflect import paths

FONTS = paths.STATIC / "fonts"
# Arrows, signs of mathematics, shapes, stars, dingbats: what somebody types as a bullet or a tick,
# or in a sum without a formula.
SIGNS = [*range(0x2190, 0x2300), *range(0x2500, 0x2607), *range(0x2610, 0x2613)]
SIGNS += [*range(0x2700, 0x27C0), *range(0x391, 0x3CA)]
# Pango takes the space after a sign from the same font.
SIGNS += [0x20, 0xA0]
SIGN_PACKAGES = {"noto-sans-symbols-2": "symbols", "noto-sans-math": "latin"}
COPIED = {
    "noto-emoji": ("noto-emoji-emoji-400-normal",),
    "atkinson-hyperlegible-mono": (
        "atkinson-hyperlegible-mono-latin-400-normal",
        "atkinson-hyperlegible-mono-latin-ext-400-normal",
    ),
    "literata": ("literata-vietnamese-600-normal",),
}
STYLES = ("400-normal", "700-normal", "400-italic", "700-italic")
# They hold positions for each subset, which cannot be joined; no letter here needs them.
_LAYOUT_TABLES = ["GDEF", "GPOS", "GSUB", "STAT", "DSIG"]


def packed_file(folder: Path, package: str, name: str) -> bytes:
    """Return a font of a package in this folder, as `npm pack` saved it."""
    (archive,) = folder.glob(f"fontsource-{package}-[0-9]*.tgz")
    with tarfile.open(archive) as files:
        content = files.extractfile(f"package/files/{name}.woff2")
        assert content
        return content.read()


def joined_subsets(folder: Path, style: str) -> TTFont:
    """Return all Latin letters of Noto Sans in one font: WeasyPrint takes one file of a family."""
    plain_files = []
    for part in ("latin", "latin-ext", "vietnamese"):
        font = TTFont(BytesIO(packed_file(folder, "noto-sans", f"noto-sans-{part}-{style}")))
        font.flavor = None
        plain = BytesIO()
        font.save(plain)
        plain.seek(0)
        plain_files.append(plain)
    return merge.Merger(merge.Options(drop_tables=_LAYOUT_TABLES)).merge(plain_files)


def subset_of_signs(folder: Path, package: str, part: str) -> TTFont:
    font = TTFont(BytesIO(packed_file(folder, package, f"{package}-{part}-400-normal")))
    subsetter = subset.Subsetter()
    subsetter.populate(unicodes=SIGNS)
    subsetter.subset(font)
    return font


HEAD = """/* The typefaces that only paper needs, behind those of fonts.css. This file is
   written by `make print-fonts`. Signs and emoji come in one colour, so that they print in grey;
   a name of which Atkinson has only some letters, such as a Vietnamese one, is set in Noto Sans
   as a whole (reflect/printing/whole_names.py). */
:root {{
  --face-text:
    "Atkinson Hyperlegible Next", "Atkinson Hyperlegible Next Extended",
    {fallback};
  --face-head:
    "Atkinson Hyperlegible Next", "Atkinson Hyperlegible Next Extended",
    {fallback};
  --face-whole:
    "Noto Sans Joined", {fallback};
  --face-title:
    "Literata", "Literata Extended", "Literata Vietnamese",
    {fallback};
  --face-code:
    "Atkinson Hyperlegible Mono", "Atkinson Hyperlegible Mono Extended",
    {fallback};
}}
""".format(
    fallback='"Vazirmatn", "Noto Sans Hebrew", "Noto Sans Joined", "Noto Sans Math Signs",\n'
    '    "Noto Sans Symbols 2", "Reflect Emoji", system-ui, sans-serif'
)
FACE = """
@font-face {{
  font-family: "{family}";
  font-style: {slope};
  font-weight: {weight};
  src: url(../fonts/{name}.woff2) format("woff2");
  unicode-range:
{ranges};
}}
"""
FAMILIES = {
    "noto-sans-joined": "Noto Sans Joined",
    "noto-sans-symbols-2-signs": "Noto Sans Symbols 2",
    "noto-sans-math-signs": "Noto Sans Math Signs",
    # Fontconfig sets other rules for a text of which a family is "Noto Emoji".
    "noto-emoji-emoji": "Reflect Emoji",
    "literata-vietnamese": "Literata Vietnamese",
    "atkinson-hyperlegible-mono-latin-ext": "Atkinson Hyperlegible Mono Extended",
    "atkinson-hyperlegible-mono-latin": "Atkinson Hyperlegible Mono",
}


def face(path: Path, family: str) -> str:
    """Return the rule of a file, with the characters that are in it."""
    _, weight, slope = path.stem.rsplit("-", 2)
    spans = list[list[int]]()
    for code in sorted(code for code in TTFont(path).getBestCmap() if code >= 0x20):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    words = [
        f"U+{first:04X}" if first == last else f"U+{first:04X}-{last:04X}" for first, last in spans
    ]
    lines = textwrap.wrap(", ".join(words), 96, initial_indent="    ", subsequent_indent="    ")
    ranges = "\n".join(lines)
    return FACE.format(family=family, slope=slope, weight=weight, name=path.stem, ranges=ranges)


def stylesheet() -> str:
    faces = [
        face(path, family)
        for prefix, family in FAMILIES.items()
        for path in sorted(FONTS.glob(f"{prefix}-[0-9]*.woff2"))
    ]
    return HEAD + "".join(faces)


def save(font: TTFont, name: str) -> None:
    font.flavor = "woff2"
    # The same file each time.
    font.recalcTimestamp = False
    font["head"].modified = font["head"].created
    font.save(FONTS / f"{name}.woff2")


def main(folder: Path) -> None:
    for package, names in COPIED.items():
        for name in names:
            (FONTS / f"{name}.woff2").write_bytes(packed_file(folder, package, name))
    for style in STYLES:
        save(joined_subsets(folder, style), f"noto-sans-joined-{style}")
    for package, part in SIGN_PACKAGES.items():
        save(subset_of_signs(folder, package, part), f"{package}-signs-400-normal")
    (paths.STATIC / "css" / "print-fonts.css").write_text(stylesheet(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
