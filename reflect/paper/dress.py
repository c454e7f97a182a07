"""The dress: the design that the house wears on paper now; read again when its files change, and tried on first."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock

from flask import current_app

from reflect.paper import bundle
from reflect.paper.booklet import Booklet, Shape
from reflect.paper.design import FILE, FOLDER, HOUSE, Design, read
from reflect.paper.logo import NAMES
from reflect.paper.pieces import count
from reflect.paper.sheet import PAGES
from reflect.school.people import Who
from reflect.settings import Settings
from reflect.tongue import LANGUAGES

log = logging.getLogger(__name__)

_SECONDS = 15
_worn: dict[Path, tuple[object, Design]] = {}
_one_at_a_time = Lock()


def worn() -> Design:
    """Give the design of this house as its files say it now; what is wrong with them is in the log."""
    house: Settings = current_app.extensions["reflect"]
    folder = house.data / FOLDER
    with _one_at_a_time:
        stamp = _stamp(folder)
        if _worn.get(folder, (None,))[0] != stamp:
            design, notes = tried_on(folder, school=house.school)
            for note in notes:
                log.warning("the paper: %s", note)
            _worn[folder] = stamp, design
        return _worn[folder][1]


def _stamp(folder: Path) -> object:
    stamps = []
    for path in (folder / name for name in (FILE, *NAMES)):
        try:
            told = path.stat()
        except OSError:
            continue
        stamps.append((path.name, told.st_mtime_ns, told.st_size))
    return tuple(stamps)


def tried_on(folder: Path, *, school: str) -> tuple[Design, list[str]]:
    """Read a design and print a page in it; give it without what the press cannot do, and what to say about it."""
    design, notes = read(folder)
    if replace(design, main="", second="") == HOUSE:
        return design, notes
    for simpler, note in _simpler(design):
        if _prints(design, school=school):
            break
        notes.append(note)
        design = simpler
    return design, notes


def _simpler(design: Design) -> Iterator[tuple[Design, str]]:
    if design.logo:
        design = replace(design, logo=None)
        yield design, "The logo cannot be printed, or not in time. Save it as PNG and call it logo.png."
    if design.closing:
        design = replace(design, closing={})
        yield design, f"{FILE}: the closing text cannot be printed, or takes too much room. Say less, and simpler."
    if design != HOUSE:
        yield HOUSE, "This design cannot be printed, so the house's own is."


def _prints(design: Design, *, school: str) -> bool:
    """Say whether an empty one-sheet in this design comes out of the press, and is still one sheet.

    It comes out of the drawer where another process tried it on: somebody may be waiting in a transaction.
    """
    nobody = Who(id=0, name="…", first="…")
    empty = Booklet(student=nobody, group="…", round="…", school=school, talk_on=None, at_table=(), language="nl",
                    reports=(), design=design, shape=Shape.SHEET)  # fmt: skip
    made = list(bundle.tried([replace(empty, language=language) for language in LANGUAGES], seconds=_SECONDS))
    return all(isinstance(pdf, bytes) and count(pdf) == PAGES for _, pdf in made)
