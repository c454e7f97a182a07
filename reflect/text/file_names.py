"""Names of files: made of names that people chose, so that every disk takes them, and shown."""

import re
import unicodedata
from collections.abc import Iterable

from reflect.text.bidi import isolate
from reflect.text.collation import plain_letters

# What a file system takes, with the extension, in UTF-8; some count 255 UTF-16 units, which is
# never more.
MAX_FILE_NAME_BYTES = 255
# Windows keeps these for devices, whatever the extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_NO_NAME = "x"

_MAX_SHOWN_LENGTH = 60
_SHOWN_END_LENGTH = 10  # the kind of file is at the end


def slugify(name: str) -> str:
    """Return a name in lowercase letters and digits, with hyphens; "x" where there are none.

    Latin letters are those of ASCII, as in lukasz; letters of other scripts stay readable too.
    """
    kept = (char if _stays(char) else "-" for char in plain_letters(name).casefold())
    return re.sub("-+", "-", "".join(kept)).strip("-") or _NO_NAME


def _stays(char: str) -> bool:
    # A vowel sign, as Hindi and Thai have, is a mark and not a letter.
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")


def file_name(names: Iterable[str], *, extension: str, ending: str = "") -> str:
    """Return the name of a file for these names, such as winter-2b-noor-el-amrani.pdf.

    Too long a name loses its end, and neither the ending, which tells it from others, nor the
    extension. No part of it is a path, or a name that Windows keeps for itself.
    """
    stem = "-".join(slugify(name) for name in names if name) or _NO_NAME
    tail = f"-{slugify(ending)}" if ending else ""
    if _RESERVED.fullmatch(stem + tail):
        tail += f"-{_NO_NAME}"
    room = MAX_FILE_NAME_BYTES - len(f"{tail}.{extension}".encode())
    # "ignore" leaves out a letter that is cut in two.
    fitting = stem.encode()[:room].decode(errors="ignore").rstrip("-")
    return f"{fitting}{tail}.{extension}"


def unique_file_names(names: Iterable[tuple[list[str], str]], *, extension: str) -> list[str]:
    """Return a file name for each pair of names and ending; a number tells the same ones apart."""
    taken = set[str]()
    unique = []
    for parts, ending in names:
        name = file_name(parts, extension=extension, ending=ending)
        number = 2
        while name in taken:
            numbered = "-".join(part for part in (ending, str(number)) if part)
            name = file_name(parts, extension=extension, ending=numbered)
            number += 1
        taken.add(name)
        unique.append(name)
    return unique


def shown_file_name(name: str) -> str:
    """Return a name that fits in a line or two and leaves the sentence around it as it is."""
    # Control characters, and marks that turn the direction of what follows.
    letters = "".join(char for char in name if unicodedata.category(char) not in {"Cc", "Cf"})
    if len(letters) > _MAX_SHOWN_LENGTH:
        beginning = letters[: _MAX_SHOWN_LENGTH - _SHOWN_END_LENGTH - 1]
        letters = f"{beginning}…{letters[-_SHOWN_END_LENGTH:]}"
    return isolate(letters)
