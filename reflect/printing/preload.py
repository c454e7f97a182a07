"""Load WeasyPrint in the process that every rendering child is forked from, and render once.

Importing this module is the work: `reflect.subprocesses` has it imported by the fork server.
"""

import atexit
import contextlib
import ctypes
import gc
import logging
from itertools import product

from reflect import logs
from reflect.i18n import PRINT_LANGUAGES
from reflect.printing import weasyprint_adapter
from reflect.printing.warmup_document import WARMUP_REQUESTS
from reflect.printing.weasyprint_patches import patches

log = logging.getLogger(__name__)


def warm_up() -> None:
    """Load fonts and stylesheets, apply the patches, and render a document in each language."""
    logs.configure_child()
    fonts, stylesheets = weasyprint_adapter.fonts_and_stylesheets()
    # It unpacks fonts into a folder, and this process ends and starts again many times a day. A
    # child does not run this at its end.
    atexit.register(fonts.__del__)
    patches.apply_patches(stylesheets)
    # Each language loads its own hyphenation dictionary, and each layout uses other rules of
    # style.
    for language, build_request in product(PRINT_LANGUAGES, WARMUP_REQUESTS.values()):
        try:
            weasyprint_adapter.render_pdf(build_request(language))
        except Exception as error:
            # Only the first real document is slower then, and it will tell what is wrong.
            log.warning("the warm-up document could not be rendered: %s", type(error).__name__)
    gc.collect()
    # glibc keeps the memory that rendering took, unless asked; other C libraries return it.
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    # Without this, the collector of each child would write to, and so copy, every shared page.
    gc.freeze()


warm_up()
