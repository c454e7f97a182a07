"""Refitting: a stranger's file becomes a file of ours in a child process that can be stopped."""

import importlib
import json
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import BoundedSemaphore, Timer

from reflect import forks
from reflect.media.kinds import HOUSE_LIMITS, MADE, Kind, Limits, MediaRefused, Refitted, Why

# The engine loads decoders that no server process needs, nor should hold while a stranger's file is in them.
ENGINE = "reflect.media.engine"
_MOST = 64 * 1024**2  # bytes that the parent takes from a child
_benches = BoundedSemaphore(2)  # a whole class sends its photos in one minute; each child may take much memory


def refit(data: bytes, *, limits: Limits = HOUSE_LIMITS) -> Refitted:
    """Make a picture, sound or document anew, without what the eye or ear does not meet. Raises MediaRefused."""
    if not data:
        raise MediaRefused(Why.EMPTY)
    if len(data) > limits.bytes_in:
        raise MediaRefused(Why.TOO_LARGE)
    with _benches:
        return _unpacked(_in_child(data, limits=limits))


def _in_child(data: bytes, *, limits: Limits) -> bytes:
    child, here = forks.spawn_alone(_work, limits, name="refit")
    # A poll with a timeout would trust the child to finish the answer that it begins.
    bell = Timer(limits.seconds, child.kill)
    bell.start()
    try:
        here.send_bytes(data)
        return here.recv_bytes(_MOST)
    except (EOFError, OSError):
        raise MediaRefused(Why.TOO_SLOW) from None  # stopped by us, by its own clock, or by its bound on memory
    finally:
        bell.cancel()
        bell.join()
        child.kill()
        child.join()
        here.close()


def _work(there: Connection, limits: Limits) -> None:
    engine = importlib.import_module(ENGINE)
    with suppress(EOFError, ConnectionError):  # whoever asked has gone: nothing is left to say
        there.send_bytes(_packed(engine.run(there.recv_bytes(), limits=limits)))
    there.close()


def _packed(made: Refitted | Why) -> bytes:
    """One line that says what follows, then the bytes. Never a pickle: a bug in a decoder would reach the server."""
    if isinstance(made, Why):
        return json.dumps({"why": made.value}).encode() + b"\n"
    said = {"kind": made.kind.value, "width": made.width, "height": made.height, "darkest": made.darkest,
            "screen": len(made.screen)}  # fmt: skip
    return json.dumps(said).encode() + b"\n" + made.screen + made.print


def _unpacked(answer: bytes) -> Refitted:
    line, _, rest = answer.partition(b"\n")
    said = json.loads(line)
    if "why" in said:
        raise MediaRefused(Why(said["why"]))
    kind, cut = Kind(said["kind"]), int(said["screen"])
    mime, extension = MADE[kind]
    measures = (int(said[name]) for name in ("width", "height", "darkest"))
    return Refitted(kind, mime, extension, rest[:cut], rest[cut:], *measures)
