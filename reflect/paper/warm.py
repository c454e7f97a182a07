"""Imported once by the server of forks: loads the engine and lets it work once, so that a print begins at once."""

import contextlib
import ctypes
import gc
import logging
from itertools import product

from reflect.paper import engine, quick, specimen, tags
from reflect.tongue import LANGUAGES

log = logging.getLogger(__name__)


def warm() -> None:
    """Read letters and style, take the shortcuts, and print a specimen in each language."""
    tags.mend()
    quick.quicken(engine.style()[1])
    for language, made in product(LANGUAGES, (specimen.manuscript, specimen.sheet)):
        try:
            engine.printed(made(language))
        except Exception as error:  # the first print is then a little slower, and says what is wrong
            log.warning("the press could not print its specimen: %s", type(error).__name__)
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc gives back what the specimens took; others do so by themselves
    gc.freeze()  # what is loaded now stays, so that no child copies a page only to look through it


warm()
