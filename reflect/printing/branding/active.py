"""The branding in use: read again when its files change, and validated by rendering a page.

`prepare` may render, so nobody may wait for its caller; `current` only says what it found.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from threading import Lock

from flask import current_app

from reflect.i18n import DEFAULT_LANGUAGE, PRINT_LANGUAGES
from reflect.printing import booklet_rendering
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.printing.branding.config import (
    BRANDING_FILE,
    BRANDING_FOLDER,
    DEFAULT_BRANDING,
    Branding,
    load_branding,
)
from reflect.printing.branding.logo import LOGO_FILE_NAMES
from reflect.printing.one_pager import ONE_PAGER_PAGES
from reflect.printing.pdf.reader import page_count
from reflect.school.people import PersonRef
from reflect.settings import Settings

log = logging.getLogger(__name__)

_VALIDATION_SECONDS = 15
_loaded_by_folder: dict[Path, tuple[object, Branding]] = {}
_lock = Lock()


def prepare() -> None:
    """Validate the branding if its files have changed; what is wrong with them goes to the log.

    To be called before a print loads what it prints: this may render pages, and so it refuses to
    be called in a transaction that may write.
    """
    settings, folder = _settings_and_folder()
    # One thread validates, which renders a page; the others wait and then use its result.
    with _lock:
        # Compared at every print, so that a changed file counts without a restart.
        stamp = _files_stamp(folder)
        if _loaded_by_folder.get(folder, (None,))[0] != stamp:
            branding, notes = validate(folder, school=settings.school)
            for note in notes:
                log.warning("the paper: %s", note)
            _loaded_by_folder[folder] = stamp, branding


def current() -> Branding:
    """Return the branding as `prepare` found it last; Reflect's own look before the first time.

    Never renders, since its callers load reports in a transaction.
    """
    _, folder = _settings_and_folder()
    return _loaded_by_folder.get(folder, (None, DEFAULT_BRANDING))[1]


def _settings_and_folder() -> tuple[Settings, Path]:
    settings: Settings = current_app.extensions["reflect"]
    return settings, settings.data / BRANDING_FOLDER


def _files_stamp(folder: Path) -> object:
    stamps = []
    for path in (folder / name for name in (BRANDING_FILE, *LOGO_FILE_NAMES)):
        try:
            status = path.stat()
        except OSError:
            continue
        stamps.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(stamps)


def validate(folder: Path, *, school: str) -> tuple[Branding, list[str]]:
    """Return the branding in a folder without what cannot be printed, and a note on each error."""
    branding, notes = load_branding(folder)
    # Colours alone cannot make a page fail or grow, so no page is rendered to try them.
    if replace(branding, main="", second="") == DEFAULT_BRANDING:
        return branding, notes
    # Simpler step by step, so that a bad logo does not cost the school its colours.
    for simpler_branding, note in _simpler_brandings(branding):
        if _is_printable(branding, school=school):
            break
        notes.append(note)
        branding = simpler_branding
    return branding, notes


def _simpler_brandings(branding: Branding) -> Iterator[tuple[Branding, str]]:
    """Yield a branding without one thing, and then another, each with a note on what it lacks."""
    if branding.logo:
        branding = replace(branding, logo=None)
        yield (
            branding,
            "The logo cannot be printed, or not in time. Save it as PNG and call it logo.png.",
        )
    if branding.closing:
        branding = replace(branding, closing={})
        yield (
            branding,
            f"{BRANDING_FILE}: the closing text cannot be printed, or takes too much room."
            " Say less, and simpler.",
        )
    if branding != DEFAULT_BRANDING:
        yield DEFAULT_BRANDING, "This design cannot be printed, so the house's own is."


def _is_printable(branding: Branding, *, school: str) -> bool:
    """Return whether empty pages of each layout can be rendered, and a one-pager is one sheet.

    The result is cached, so that only the first process has to render it.
    """
    sample = Booklet(
        student=PersonRef(id=0, name="…", given_name="…"),
        group="…",
        round="…",
        school=school,
        talk_on=None,
        attendees=(),
        language=DEFAULT_LANGUAGE,
        reports=(),
        branding=branding,
    )
    # In every language, since the closing text has another length in each.
    samples = [
        replace(sample, layout=layout, language=language)
        for layout, language in product(BookletLayout, PRINT_LANGUAGES)
    ]
    results = booklet_rendering.render_or_cached(samples, seconds=_VALIDATION_SECONDS)
    return all(isinstance(pdf, bytes) and _has_its_pages(booklet, pdf) for booklet, pdf in results)


def _has_its_pages(booklet: Booklet, pdf: bytes) -> bool:
    return booklet.layout is not BookletLayout.ONE_PAGER or page_count(pdf) == ONE_PAGER_PAGES
