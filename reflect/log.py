"""Logs: a line of JSON per event, with references and addresses of the house, never a name or a text."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_OWN = ("reference", "endpoint", "method", "status", "milliseconds")


class Line(logging.Formatter):
    """One JSON object a line; of an exception its kind and where it happened, since its message may quote somebody."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        event |= {name: getattr(record, name) for name in _OWN if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            event["kind"] = record.exc_info[0].__name__
            event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(event)


def attach() -> None:
    """Write what the house and its queue log to standard error, once; of the queue only what needs somebody's eye."""
    for name, least in (("reflect", logging.INFO), ("dbos", logging.WARNING)):
        logger = logging.getLogger(name)
        if not logger.handlers:
            lines = logging.StreamHandler(sys.stderr)
            lines.setFormatter(Line())
            logger.addHandler(lines)
            logger.setLevel(least)
            logger.propagate = False
