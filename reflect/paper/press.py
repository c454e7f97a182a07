"""The press: HTML becomes PDF in a child process that may fetch nothing and can be stopped."""

import importlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from reflect.refusal import PrintAsksOutside, PrintFailed, PrintTooLong

# The engine takes some 60 MB that no server process needs, so only the server of forks loads it, once, and warms it.
ENGINE, WARM = "reflect.paper.engine", "reflect.paper.warm"
SIDE_BY_SIDE = 2
_REFUSALS = {"outside": PrintAsksOutside, "failed": PrintFailed}
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([WARM])


def joined(pages: Sequence[str], *, seconds: int) -> bytes:
    """Print HTML documents into one tagged PDF for the printer: each begins on an odd page. Raises PrintFailed."""
    return _in_child(pages, seconds=seconds)


def apart(pages: Sequence[str], *, seconds: int) -> list[bytes]:
    """Print each HTML document into a tagged PDF of its own, two side by side. Raises PrintFailed."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as hands:
        return list(hands.map(lambda page: _in_child([page], seconds=seconds), pages))


def _in_child(pages: Sequence[str], *, seconds: int) -> bytes:
    here, there = _forks.Pipe(duplex=False)
    child = _forks.Process(target=_work, args=(there, list(pages), seconds), daemon=True)
    child.start()
    there.close()
    try:
        if not here.poll(seconds):
            raise PrintTooLong
        said, pdf = here.recv()
    except EOFError:
        raise PrintFailed from None  # the child died: out of memory, or out of time by its own clock
    finally:
        child.kill()
        child.join()
        here.close()
    if said in _REFUSALS:
        raise _REFUSALS[said]
    return bytes(pdf)


def _work(there: Connection, pages: list[str], seconds: int) -> None:
    engine = importlib.import_module(ENGINE)
    there.send(engine.run(pages, seconds=seconds))
    there.close()
