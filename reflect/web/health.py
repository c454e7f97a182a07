"""The health check for a proxy or a monitor."""

from flask import Blueprint

from reflect.school import people
from reflect.web.auth import public

health = Blueprint("health", __name__)


@health.route("/healthz")
@public
def check() -> tuple[str, dict[str, str]]:
    people.get_person(0)  # nobody; what counts is that the database answers
    return "ok\n", {"Content-Type": "text/plain"}
