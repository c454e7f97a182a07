"""Logs: one JSON object a line, with references and endpoints; no name, no text, no address."""

import contextlib
import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

# An allowlist: a field that is not named here is not written, so nothing about a person gets into
# the log by accident.
_EXTRA_FIELDS = ("reference", "endpoint", "method", "status", "milliseconds")

# Of any other library only what needs somebody's attention.
# WeasyPrint warns of each rule of our own styles that paper has no use for.
_LEVELS = {
    "reflect":    logging.INFO,
    "dbos":       logging.WARNING,
    "weasyprint": logging.ERROR,
    "":           logging.WARNING,
}  # fmt: skip

# Of gunicorn what it could not make sense of: an address of somebody and the line that was sent.
# Of others whatever is quoted, looks like an address of a machine or a page, or is very long.
_TOLD_BY_CLIENTS = re.compile(
    r"""
      (?<=Invalid\ request)\ from\ .*   # what follows is whatever a client has sent
    | "[^"]*"? | '[^']*'? | `[^`]*`?
    | \b\d{1,3}(?:\.\d{1,3}){3}\b
    | \b[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*\b
    | \S*/\S*
    | \S{60,}
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


# In a child: where its logs go, while its standard error is closed to all else.
_our_error: list[TextIO] = []


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object.

    Of an exception it keeps the class and where it happened: the message may quote a person.
    """

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        event |= {name: getattr(record, name) for name in _EXTRA_FIELDS if hasattr(record, name)}
        # Not `formatException`: its last line is the message.
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            event["kind"] = record.exc_info[0].__name__
            event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(event)


def _event(record: logging.LogRecord) -> str:
    """Return the message: our own as it is, a library's without what it may quote."""
    if record.name == "reflect" or record.name.startswith("reflect."):
        return record.getMessage()
    message = str(record.msg)
    arguments = record.args if isinstance(record.args, tuple) else ()
    # A number, such as that of a process, tells nothing about anybody.
    safe = tuple(value if isinstance(value, int | float) else "\u2026" for value in arguments)
    # A message that does not fit is logged all the same, without its numbers.
    with contextlib.suppress(TypeError, ValueError):
        message = message % safe if safe else message
    return _TOLD_BY_CLIENTS.sub("\u2026", message)


def configure() -> None:
    """Write our log and those of libraries to standard error; a second call changes nothing."""
    for name, level in _LEVELS.items():
        write_as_json(name, level=level)


def write_as_json(name: str, *, level: int) -> None:
    """Write the log of this name, "" for the rest, to standard error."""
    logger = logging.getLogger(name or None)
    # A process may make more than one application, and each handler would write every line again.
    if any(isinstance(handler, _Handler) for handler in logger.handlers):
        return
    logger.addHandler(_Handler())
    logger.setLevel(level)
    # Otherwise the root logger would write the line once more.
    logger.propagate = False


def configure_process() -> None:
    """Do as `configure`, and log warnings and whatever error ends a thread or the process.

    For a process that is nobody's command on a screen, such as the server.
    """
    configure()
    warnings.showwarning = _log_warning
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


class _Handler(logging.StreamHandler[TextIO]):
    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(JsonFormatter())


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Log a warning as its kind and place: its words may quote what it warns of."""
    logging.getLogger("reflect.warnings").warning(
        "%s at %s:%s", category.__name__, filename, lineno
    )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("reflect").critical("stopped by an error", exc_info=(kind, error, where))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
        _log_uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def configure_child() -> None:
    """Write logs as `configure` does, and let nothing else write to standard error.

    C libraries, such as those that lay out text or decode sounds, write there as they like, and
    may quote what a student wrote.
    """
    if _our_error:  # set in the process that this one is forked from
        return
    our_error = os.fdopen(os.dup(2), "w", buffering=1)
    _our_error.append(our_error)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    sys.stderr = our_error
    configure_process()
    for name in _LEVELS:
        for handler in logging.getLogger(name or None).handlers:
            if isinstance(handler, _Handler):
                handler.setStream(our_error)
