"""Logs: one JSON object a line, with references and endpoints; no name, no text, no address."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

# An allowlist: a field that is not named here is not written, so nothing about a person gets into
# the log by accident.
_EXTRA_FIELDS = ("reference", "endpoint", "method", "status", "milliseconds")

# Of the queue's library only what needs somebody's attention.
_LEVELS = {"reflect": logging.INFO, "dbos": logging.WARNING}


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object.

    Of an exception it keeps the class and where it happened: the message may quote a person.
    """

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        event |= {name: getattr(record, name) for name in _EXTRA_FIELDS if hasattr(record, name)}
        # Not `formatException`: its last line is the message.
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            event["kind"] = record.exc_info[0].__name__
            event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(event)


def configure() -> None:
    """Write our log and that of the queue to standard error; a second call changes nothing."""
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        # A process may make more than one application, and each handler would write every line
        # again.
        if logger.handlers:
            continue
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
        logger.setLevel(level)
        # Otherwise the root logger, where a library set one up, would write the line once more,
        # unformatted.
        logger.propagate = False
