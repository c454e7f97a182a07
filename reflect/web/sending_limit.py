"""How much one person may send: no single one may fill the disk, or take every process."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from flask import Flask, current_app, g, request

from reflect.errors import SentTooMuch
from reflect.web.request_context import app_settings

EXTENSION_KEY = "sending_limit"

# Bytes that each request counts for besides its body, so that empty ones have a bound too.
REQUEST_COST = 4_000
# Of a person who sends nothing, an allowance fills up again, and need not be remembered.
_MAX_PEOPLE = 5_000
# What protects an account is never refused: whoever has too many requests may be somebody else
# with their password. Files have a bound of their own (`reflect.reports.evidence`).
_UNLIMITED_ENDPOINTS = {
    *("auth.login", "auth.logout", "account.logout_everywhere"),
    *("account.end_session", "account.end_other_sessions", "account.change_password"),
}
_FILE_ENDPOINT = "evidence_files.add"
# A preview writes nothing and follows each pause while somebody types: its allowance is apart.
_PREVIEW_ENDPOINT = "editor_api.preview_text"
_PREVIEW_FACTOR = 4


@dataclass(frozen=True)
class Rate:
    """What may be sent at once, and what comes back each second, in bytes."""

    burst: float
    per_second: float


class SendingLimit:
    """An allowance of bytes for each person: a token bucket, in the memory of this process.

    Each process counts for itself, since a count that all share would be one more write to the
    database at every save. So a person may send as many times more as there are processes.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        # What is left, and when that was counted: by the person, and what it is for.
        self._left: OrderedDict[tuple[int, str], tuple[float, datetime]] = OrderedDict()

    def take(self, key: tuple[int, str], cost: float, *, rate: Rate, at: datetime) -> float:
        """Take `cost` from the allowance; return 0, or for how many seconds nothing is left.

        A request is let through as long as anything is left, however large it is: what it takes
        too much is waited for by the next ones.
        """
        with self._lock:
            left, counted_at = self._left.pop(key, (rate.burst, at))
            passed = max(0.0, (at - counted_at).total_seconds())
            left = min(rate.burst, left + passed * rate.per_second)
            wait = 0.0 if left > 0 else (1 - left) / rate.per_second
            self._left[key] = (left - cost if wait == 0 else left), at
            while len(self._left) > _MAX_PEOPLE:
                self._left.popitem(last=False)
        return wait

    def clear(self) -> None:
        """Give everybody the whole allowance."""
        with self._lock:
            self._left.clear()


def init_app(app: Flask) -> None:
    """Bound what each person sends to `app`; to be called after `auth.init_app`."""
    app.extensions[EXTENSION_KEY] = SendingLimit()
    app.before_request(_check_limit)


def _check_limit() -> None:
    """Raise SentTooMuch where a person has sent so much that they have to wait."""
    actor = g.get("actor")
    if request.method != "POST" or actor is None or request.endpoint in _UNLIMITED_ENDPOINTS:
        return
    config = app_settings()
    purpose, factor = "save", 1
    if request.endpoint == _PREVIEW_ENDPOINT:
        purpose, factor = "preview", _PREVIEW_FACTOR
    rate = Rate(
        burst=config.sending_mb * 1_000_000,
        per_second=config.sending_kb_per_second * 1_000 * factor,
    )
    limit: SendingLimit = current_app.extensions[EXTENSION_KEY]
    cost = REQUEST_COST + _body_bytes()
    seconds = limit.take((actor.id, purpose), cost, rate=rate, at=g.now)
    if seconds:
        raise SentTooMuch(seconds=seconds)


def _body_bytes() -> int:
    if request.endpoint == _FILE_ENDPOINT:
        return 0
    # Without a length, or with the photos of a form that came without scripts: what a form may
    # hold of text.
    longest: int = current_app.config["MAX_CONTENT_LENGTH"]
    return longest if request.content_length is None else min(request.content_length, longest)
