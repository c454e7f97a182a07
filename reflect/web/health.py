"""The health check for a proxy or a monitor."""

from flask import Blueprint, g

from reflect.jobs import heartbeat
from reflect.web.auth import public

health = Blueprint("health", __name__)


@health.route("/healthz")
@public
def check() -> tuple[str, dict[str, str]]:
    """Answer "ok" when the database does, and say so when no worker has been heard of.

    With 200 also then: a proxy that took the server away would keep everybody from writing.
    """
    worker = "worker: not running\n" if heartbeat.is_silent(since=None, at=g.now) else ""
    return f"ok\n{worker}", {"Content-Type": "text/plain"}
