"""Find the letters that no font has, which print as boxes: before anything is printed."""

import dataclasses
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from reflect import paths
from reflect.printing.booklet import Booklet
from reflect.subprocesses import announce_slow_work

# Where a rendering child may read fonts (reflect/subprocesses/sandbox.py).
_FONT_FOLDERS = ("/usr/", "/opt/", "/Library/", "/System/")
_STYLESHEETS = ("fonts.css", "print-fonts.css")
_FACE_RANGES = re.compile(r"unicode-range:([^;]+);")
_SPAN = re.compile(r"([0-9A-Fa-f]+)(?:-([0-9A-Fa-f]+))?")
_SECONDS = 20
# Spaces, controls, directions and joiners draw nothing; variation selectors choose a shape.
_WITHOUT_SHAPE = ("Zs", "Zl", "Zp", "Cc", "Cf")
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


def missing_letters(texts: Iterable[str]) -> str:
    """Return the characters in these texts that no font has, each once, in their order.

    Empty where the machine cannot say which fonts it has.
    """
    own = _own_characters()
    rest = dict.fromkeys(
        character for text in texts for character in text if ord(character) not in own
    )
    needed = [character for character in rest if _has_shape(character)]
    if not needed:
        return ""
    spans = _system_spans()
    if spans is None:
        return ""
    return "".join(
        character
        for character in needed
        if not any(first <= ord(character) <= last for first, last in spans)
    )


def missing_in_booklet(booklet: Booklet) -> str:
    """Return the characters of all that is on these pages that no font has."""
    return missing_letters(_strings_in(booklet))


def _has_shape(character: str) -> bool:
    if ord(character) in _VARIATION_SELECTORS:
        return False
    return unicodedata.category(character) not in _WITHOUT_SHAPE


def _strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings_in(item)
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from _strings_in(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _strings_in(getattr(value, field.name))


@lru_cache(maxsize=1)
def _own_characters() -> frozenset[int]:
    """Return the characters of the fonts that come with Reflect, as their stylesheets name them."""
    sheets = [(paths.STATIC / "css" / name).read_text("utf-8") for name in _STYLESHEETS]
    return frozenset(
        code
        for sheet in sheets
        for ranges in _FACE_RANGES.findall(sheet)
        for first, last in _parse_spans(ranges)
        for code in range(first, last + 1)
    )


@lru_cache(maxsize=1)
def _system_spans() -> frozenset[tuple[int, int]] | None:
    """Return the spans of characters of this machine's fonts; None where it cannot say.

    Asked once in each process: fonts that are installed later count after a restart.
    """
    program = shutil.which("fc-list")
    if program is None:
        return None
    announce_slow_work("a look at the fonts")
    try:
        listed = subprocess.run(  # noqa: S603 - no words of others
            [program, "--format", "%{file}|%{charset}\n"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return frozenset(
        span
        for file, _, spans in (line.partition("|") for line in listed.splitlines())
        if file.startswith(_FONT_FOLDERS)
        for span in _parse_spans(spans)
    )


def _parse_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans in a text such as "20-7e a0" or "U+0020-007E, U+00A0"."""
    return [
        (int(first, 16), int(last or first, 16))
        for first, last in _SPAN.findall(text.replace("U+", ""))
    ]
