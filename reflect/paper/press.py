"""The press: each student's HTML becomes a PDF in a child of its own, which fetches nothing and can be stopped."""

import importlib
import io
import logging
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
from threading import BoundedSemaphore, Event, Timer
from time import monotonic

from reflect import forks
from reflect.paper.binding import Binding
from reflect.paper.manuscript import HOUSE_LIMITS, Limits, Manuscript
from reflect.refusal import PrintAsksOutside, PrintFailed, PrintTooLong, PrintTooMuch

log = logging.getLogger(__name__)

# The engine takes some 60 MB that no server process needs, so only the server of forks loads it, once, and warms it.
ENGINE, WARM = "reflect.paper.engine", "reflect.paper.warm"
SIDE_BY_SIDE = 2
_MOST = 256 * 1024**2  # bytes that the parent takes from a child
_REFUSALS = {"outside": PrintAsksOutside, "failed": PrintFailed}
_benches = BoundedSemaphore(SIDE_BY_SIDE)  # for all prints of this process together
forks.load_ahead(WARM)


def printed(
    manuscripts: Iterable[Manuscript], *, seconds: float, limits: Limits = HOUSE_LIMITS
) -> Iterator[bytes | PrintFailed]:
    """Print each student's pages, two side by side; give a PDF, or why there is none, in the order that they came in.

    Takes manuscripts only as it needs them. What is not begun after `seconds` is refused.
    """
    until, coming, waiting = monotonic() + seconds, iter(manuscripts), deque[Future[bytes | PrintFailed]]()
    hands = ThreadPoolExecutor(SIDE_BY_SIDE)
    try:
        while True:
            for manuscript in islice(coming, SIDE_BY_SIDE + 1 - len(waiting)):
                waiting.append(hands.submit(_tried, manuscript, until=until, limits=limits))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        # Whoever stops listening leaves this to the collector of garbage, which runs in any thread: waiting there for
        # another thread once held everything up for ever.
        hands.shutdown(wait=False, cancel_futures=True)


def apart(pages: Sequence[str | Manuscript], *, seconds: float) -> list[bytes]:
    """Print each HTML document into a tagged PDF of its own. Raises PrintFailed."""
    return [_or_raise(made) for made in printed(map(_manuscript, pages), seconds=seconds)]


def joined(pages: Sequence[str | Manuscript], *, seconds: float) -> bytes:
    """Print HTML documents into one tagged PDF for the printer: each begins on an odd page. Raises PrintFailed."""
    manuscripts = [_manuscript(page) for page in pages]
    titles = [_title(manuscript.html) for manuscript in manuscripts]
    made = apart(manuscripts, seconds=seconds)
    if len(made) == 1:
        return made[0]
    bound = io.BytesIO()
    binding = Binding(bound, title=titles[0], author="", language="nl")
    for title, pdf in zip(titles, made, strict=True):
        binding.add(pdf, name=title)
    binding.close()
    return bound.getvalue()


@lru_cache(maxsize=1)
def versions() -> str:
    """Name what is under the pages, as the engine itself says it; asked once."""
    return _in_child("versions", None, seconds=HOUSE_LIMITS.seconds, limits=HOUSE_LIMITS).decode()


def _manuscript(page: str | Manuscript) -> Manuscript:
    return page if isinstance(page, Manuscript) else Manuscript(page)


def _title(html: str) -> str:
    found = re.search(r"<title>([^<]*)", html)
    return unescape(found[1]) if found else ""


def _or_raise(made: bytes | PrintFailed) -> bytes:
    if isinstance(made, PrintFailed):
        raise made
    return made


def _tried(manuscript: Manuscript, *, until: float, limits: Limits) -> bytes | PrintFailed:
    with _benches:
        left = min(limits.seconds, until - monotonic())
        try:
            if manuscript.size > limits.bytes_in:
                raise PrintTooMuch
            if left <= 0:
                raise PrintTooLong
            return _in_child("run", manuscript, seconds=left, limits=limits)
        except PrintFailed as refused:
            return refused


def _in_child(task: str, manuscript: Manuscript | None, *, seconds: float, limits: Limits) -> bytes:
    child, here = forks.fork(_work, task, replace(limits, seconds=seconds), name="press")
    rung = Event()

    def ring() -> None:
        rung.set()
        child.kill()

    # A poll with a timeout would trust the child to finish the answer that it begins.
    bell = Timer(seconds, ring)
    bell.start()
    try:
        here.send(manuscript)
        said, _, pdf = here.recv_bytes(_MOST).partition(b"\n")
    except (EOFError, OSError):
        # Stopped by us; else it died by its own bounds, of time or memory.
        raise (PrintTooLong if rung.is_set() else PrintFailed) from None
    finally:
        bell.cancel()
        bell.join()
        child.kill()
        child.join()
        here.close()
    if said != b"done":
        log.warning("a print failed: %s", (pdf or said).decode("ascii", "replace"))
        raise _REFUSALS.get(said.decode("ascii", "replace"), PrintFailed)
    return pdf


def _work(there: Connection, task: str, limits: Limits) -> None:
    """Answer with a line that says what follows, then the bytes. Never a pickle: a bug there would reach the server."""
    engine = importlib.import_module(ENGINE)
    with suppress(EOFError, ConnectionError):  # whoever asked has gone: nothing is left to say
        asked = there.recv()
        said, made = ("done", engine.versions().encode()) if task == "versions" else engine.run(asked, limits=limits)
        there.send_bytes(said.encode() + b"\n" + made)
    there.close()
