"""Render each document in a child process, which has no network and can be killed."""

import importlib
import io
import logging
import pickle
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from html import unescape
from itertools import islice
from multiprocessing.connection import Connection
from threading import BoundedSemaphore
from time import monotonic

from reflect import subprocesses
from reflect.errors import PrintBlockedResource, PrintFailed, PrintTimeout, PrintTooLarge
from reflect.i18n import DEFAULT_LANGUAGE
from reflect.printing.pdf.merge import PdfMerger
from reflect.printing.render_request import DEFAULT_LIMITS, RenderLimits, RenderRequest
from reflect.subprocesses import ChildFailed, ChildTimeout

log = logging.getLogger(__name__)

# WeasyPrint takes some 60 MB that no server process needs, so only the fork server imports it.
ADAPTER_MODULE = "reflect.printing.weasyprint_adapter"
PATCHES_MODULE = "reflect.printing.weasyprint_patches.patches"
PRELOAD_MODULE = "reflect.printing.preload"
MAX_PARALLEL = 2
_WARM_UP_SECONDS = 120
_MAX_ANSWER_BYTES = 256 * 1024**2  # that the parent takes from a child
_ERRORS_BY_STATUS = {"outside": PrintBlockedResource, "failed": PrintFailed}
_render_slots = BoundedSemaphore(MAX_PARALLEL)  # for all prints of this process together
subprocesses.preload(PRELOAD_MODULE)


def render_all(
    requests: Iterable[RenderRequest], *, seconds: float, limits: RenderLimits = DEFAULT_LIMITS
) -> Iterator[bytes | PrintFailed]:
    """Yield a PDF for each request, or the error that there was, in their order.

    Two are rendered at a time, and requests are taken only as they are needed. Those that have not
    begun after `seconds` get PrintTimeout.
    """
    remaining = iter(requests)
    futures = deque[Future[bytes | PrintFailed]]()
    executor = ThreadPoolExecutor(MAX_PARALLEL)
    try:
        _await_renderer()
        # Not the time of day, which may be changed while a print runs.
        deadline = monotonic() + seconds
        while True:
            # One more than are rendered, so that the next one is ready when a child is done.
            for request in islice(remaining, MAX_PARALLEL + 1 - len(futures)):
                futures.append(
                    executor.submit(_render_in_slot, request, deadline=deadline, limits=limits)
                )
            if not futures:
                return
            # The child is started in another thread, which has no transaction; this one waits.
            subprocesses.announce_slow_work("a print")
            yield futures.popleft().result()
    finally:
        # When a caller stops iterating, the garbage collector runs this in any thread. If it
        # waited for the executor's threads there, it could wait for itself: a deadlock.
        executor.shutdown(wait=False, cancel_futures=True)


def _await_renderer() -> None:
    """Wait until children have a warm renderer.

    On a busy machine that takes longer than a page may, and no page should fail by it.
    """
    with suppress(ChildFailed):  # then the pages themselves tell what is wrong
        child = subprocesses.start_preloaded(_answer_ready, name="ready")
        child.ask(b"", seconds=_WARM_UP_SECONDS, max_answer_bytes=1_000)


def _answer_ready(connection: Connection) -> None:
    subprocesses.answer(connection, bytes)


def render_each(pages: Sequence[str | RenderRequest], *, seconds: float) -> list[bytes]:
    """Return a tagged PDF for each HTML document. Raises PrintFailed."""
    results = render_all(map(_as_request, pages), seconds=seconds)
    return [pdf_or_raise(result) for result in results]


def render_joined(pages: Sequence[str | RenderRequest], *, seconds: float) -> bytes:
    """Return one tagged PDF in which each HTML document begins on an odd page.

    Raises PrintFailed.
    """
    requests = [_as_request(page) for page in pages]
    titles = [_html_title(request.html) for request in requests]
    pdfs = render_each(requests, seconds=seconds)
    if len(pdfs) == 1:
        return pdfs[0]
    output = io.BytesIO()
    merger = PdfMerger(output, title=titles[0], author="", language=DEFAULT_LANGUAGE)
    for title, pdf in zip(titles, pdfs, strict=True):
        merger.add(pdf, student_name=title)
    merger.close()
    return output.getvalue()


@lru_cache(maxsize=1)
def library_versions() -> str:
    """Return the versions of the libraries that render, asked once from a child.

    Not from one that is ready to render: pages that are finished should not wait until it is.
    """
    child = subprocesses.start_clean(_tell_versions, name="versions")
    try:
        versions = child.ask(b"", seconds=DEFAULT_LIMITS.seconds, max_answer_bytes=1_000)
    except ChildFailed:
        raise PrintFailed from None
    return versions.decode()


def _tell_versions(connection: Connection) -> None:
    patches = importlib.import_module(PATCHES_MODULE)
    subprocesses.answer(connection, lambda _: patches.library_versions().encode())


def _as_request(page: str | RenderRequest) -> RenderRequest:
    return page if isinstance(page, RenderRequest) else RenderRequest(page)


def _html_title(html: str) -> str:
    match = re.search(r"<title>([^<]*)", html)
    return unescape(match[1]) if match else ""


def pdf_or_raise(result: bytes | PrintFailed) -> bytes:
    """Return a PDF; raise the error in its place."""
    if isinstance(result, PrintFailed):
        raise result
    return result


def _render_in_slot(
    request: RenderRequest, *, deadline: float, limits: RenderLimits
) -> bytes | PrintFailed:
    with _render_slots:
        # Computed in the slot, so that the time spent waiting for it counts too.
        seconds_left = min(limits.seconds, deadline - monotonic())
        try:
            if request.size_bytes > limits.max_input_bytes:
                raise PrintTooLarge
            if seconds_left <= 0:
                raise PrintTimeout
            log.debug("a document is rendered in a child")
            return _run_in_child(request, seconds=seconds_left, limits=limits)
        except PrintFailed as error:
            # Returned and not raised: the pages of one student must not end the print of a group.
            return error


def _run_in_child(request: RenderRequest, *, seconds: float, limits: RenderLimits) -> bytes:
    # A new child for each document: none ever sees the texts of two students (decision 12).
    child = subprocesses.start_preloaded(
        _child_main, replace(limits, seconds=seconds), name="renderer"
    )
    try:
        answer = child.ask(
            pickle.dumps(request), seconds=seconds, max_answer_bytes=_MAX_ANSWER_BYTES
        )
    except ChildTimeout:
        raise PrintTimeout from None
    except ChildFailed:
        # It was ended by its own limits, of processor time or memory.
        raise PrintFailed from None
    status, _, pdf = answer.partition(b"\n")
    if status != b"done":
        # The child sends only the error's name, since its text may quote the page.
        log.warning("a print failed: %s", (pdf or status).decode("ascii", "replace"))
        raise _ERRORS_BY_STATUS.get(status.decode("ascii", "replace"), PrintFailed)
    return pdf


def _child_main(connection: Connection, limits: RenderLimits) -> None:
    """Answer with a line that says what follows ("done" or why not), then the bytes."""
    adapter = importlib.import_module(ADAPTER_MODULE)

    def handle(request_bytes: bytes) -> bytes:
        request = pickle.loads(request_bytes)  # noqa: S301 - our own process pickled it
        status, payload = adapter.render_with_limits(request, limits=limits)
        return b"%s\n%s" % (status.encode(), payload)

    subprocesses.answer(connection, handle)
