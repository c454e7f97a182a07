"""Transcode an uploaded file to a safe one, in a child process that can be killed."""

import importlib
import json
from multiprocessing.connection import Connection
from threading import BoundedSemaphore

from reflect import subprocesses
from reflect.media.kinds import MIME_AND_EXTENSION, MediaKind, SafeFile
from reflect.media.limits import DEFAULT_MEDIA_LIMITS, MediaLimits, MediaRejected, RejectReason
from reflect.subprocesses import ChildFailed

# Imported by name and only in the child: the server needs no decoders, and must not decode what a
# stranger sent.
DECODERS_MODULE = "reflect.media.decoders"
_MAX_ANSWER_BYTES = 64 * 1024**2  # that the parent takes from a child
# A whole class may upload its photos in one minute, and each child may take much memory.
_child_slots = BoundedSemaphore(2)


def to_safe_file(data: bytes, *, limits: MediaLimits = DEFAULT_MEDIA_LIMITS) -> SafeFile:
    """Return a picture, sound or document with what can be seen or heard, and nothing else.

    Raises MediaRejected.
    """
    if not data:
        raise MediaRejected(RejectReason.EMPTY)
    if len(data) > limits.max_bytes:
        raise MediaRejected(RejectReason.TOO_LARGE)
    with _child_slots:
        return _deserialize(_run_in_child(data, limits=limits))


def _run_in_child(data: bytes, *, limits: MediaLimits) -> bytes:
    # Not forked from the fork server, which first warms up the renderer: with it the first photo
    # of a server process took 5 s (decision 16).
    child = subprocesses.start_clean(_child_main, limits, name="transcode")
    try:
        return child.ask(data, seconds=limits.timeout_seconds, max_answer_bytes=_MAX_ANSWER_BYTES)
    except ChildFailed:
        # Killed by us, or ended by its own limits, of processor time or memory.
        raise MediaRejected(RejectReason.TOO_SLOW) from None


def _child_main(connection: Connection, limits: MediaLimits) -> None:
    decoders = importlib.import_module(DECODERS_MODULE)

    def handle(data: bytes) -> bytes:
        return _serialize(decoders.transcode_within_limits(data, limits=limits))

    subprocesses.answer(connection, handle)


def _serialize(result: SafeFile | RejectReason) -> bytes:
    """Return a line of JSON, and after it the bytes of the file; see `subprocesses.answer`."""
    # JSON and no pickle: this process has read a stranger's file, and loading a pickle can run
    # code.
    if isinstance(result, RejectReason):
        return json.dumps({"why": result.value}).encode() + b"\n"
    header = {
        "kind": result.kind.value,
        "width": result.width,
        "height": result.height,
        "darkest": result.darkest_gray,
        "screen": len(result.content),
    }
    return json.dumps(header).encode() + b"\n" + result.content + result.print_jpeg


def _deserialize(message: bytes) -> SafeFile:
    header_line, _, rest = message.partition(b"\n")
    header = json.loads(header_line)
    if "why" in header:
        raise MediaRejected(RejectReason(header["why"]))
    kind = MediaKind(header["kind"])
    mime, extension = MIME_AND_EXTENSION[kind]
    content_length = int(header["screen"])
    return SafeFile(
        kind=kind,
        mime=mime,
        extension=extension,
        content=rest[:content_length],
        print_jpeg=rest[content_length:],
        width=int(header["width"]),
        height=int(header["height"]),
        darkest_gray=int(header["darkest"]),
    )
