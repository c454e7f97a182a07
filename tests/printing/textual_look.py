"""Compare what is on a page with a list of it: every text with its place, every rule, all ink.

Next to the pictures, which are out of focus: a minus that became a plus is four pixels of grey.
"""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pymupdf

LOOKS_DIR = Path(__file__).parent / "looks"
# In points. Another machine's fonts and Pango move a letter by less; a line is 16 high.
_TOLERANCE = 1.5
_RULE_THICKNESS = 3.0
_RULE_LENGTH = 10.0


def list_pages(pdf: bytes) -> list[list[str]]:
    """Return what is on each page of a PDF, a line for each text, each rule, and all other ink."""
    with pymupdf.open(stream=pdf) as file:
        return [[*_texts(page), *_rules_and_ink(page)] for page in file]


def _texts(page: pymupdf.Page) -> list[str]:
    blocks = page.get_text("dict")["blocks"]
    spans = [span for block in blocks for line in block.get("lines", ()) for span in line["spans"]]
    return [
        " ".join(
            (
                f"{span['bbox'][0]:.1f} {span['origin'][1]:.1f} {span['size']:.1f}",
                # Without what marks a subset, and of hidden text without the object's number.
                span["font"].partition("+")[2] or span["font"].split(" ")[0],
                span["text"].strip(),
            )
        )
        for span in spans
        if span["text"].strip()
    ]


def _rules_and_ink(page: pymupdf.Page) -> list[str]:
    rules = []
    strokes = 0
    for box, drawing in painted_boxes(page):
        short, long = sorted((box.width, box.height))
        if short <= _RULE_THICKNESS and long >= _RULE_LENGTH:
            shade = sum(drawing["fill"] or drawing["color"] or (0,)) / 3
            rules.append(f"{box.x0:.1f} {box.y0:.1f} {box.x1:.1f} {box.y1:.1f} rule {shade:.1f}")
        else:
            strokes += len(drawing["items"])
    images = [
        " ".join(f"{side:.1f}" for side in image["bbox"]) + " image"
        for image in page.get_image_info()
    ]
    return [*sorted(rules), *images, f"{strokes} strokes of formulas and drawings"]


def painted_boxes(page: pymupdf.Page) -> Iterator[tuple[pymupdf.Rect, dict[str, Any]]]:
    """Yield each drawing with the box that is seen of it: a border is a box, cut to its side."""
    clips: dict[int, pymupdf.Rect] = {}
    for drawing in page.get_drawings(extended=True):
        level = drawing["level"]
        if drawing["type"] == "clip":
            clips[level] = drawing["scissor"]
        elif drawing["type"] in ("f", "s", "fs"):
            clip = clips.get(level - 1)
            yield (drawing["rect"] & clip if clip else drawing["rect"]), drawing


def differences(expected: list[str], actual: list[str]) -> list[str]:
    """Return the lines of two lists of a page that differ, with "-" and "+" before them."""
    return [
        f"- {before}\n+ {after}"
        for before, after in zip_longest(expected, actual, fillvalue="")
        if not _are_alike(before, after)
    ]


def _are_alike(before: str, after: str) -> bool:
    if before == after:
        return True
    first, second = before.split(), after.split()
    return len(first) == len(second) and all(
        one == other or (index < 4 and _are_near(one, other))
        for index, (one, other) in enumerate(zip(first, second, strict=True))
    )


def _are_near(one: str, other: str) -> bool:
    # Places have a point; a number in a text, or of strokes, has none or is beyond them.
    if "." not in one or "." not in other:
        return False
    try:
        return abs(float(one) - float(other)) <= _TOLERANCE
    except ValueError:
        return False


def save(pages: dict[int, list[str]], name: str) -> None:
    LOOKS_DIR.mkdir(exist_ok=True)
    text = "".join(
        f"page {number}\n" + "".join(f"{line}\n" for line in lines)
        for number, lines in pages.items()
    )
    (LOOKS_DIR / f"{name}.txt").write_text(text, "utf-8")


def load(name: str) -> dict[int, list[str]]:
    pages: dict[int, list[str]] = {}
    for line in (LOOKS_DIR / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("page "):
            pages[int(line.split()[1])] = []
        else:
            list(pages.values())[-1].append(line)
    return pages
