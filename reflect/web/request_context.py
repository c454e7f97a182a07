"""Who acts in this request, and the settings it runs with."""

from zoneinfo import ZoneInfo

from flask import current_app, g, request
from werkzeug.datastructures import MultiDict

from reflect.errors import NotSignedIn
from reflect.school import sessions
from reflect.school.people import Actor, Person
from reflect.settings import Settings
from reflect.text.numbers import parse_id

# `g` is filled by `reflect.web.auth.authenticate` before each request: `now` and `today` always,
# `user_session`, `user` and `actor` only for somebody who is signed in.


def app_settings() -> Settings:
    return current_app.extensions["reflect"]  # type: ignore[no-any-return]  # set in create_app


def school_zone() -> ZoneInfo:
    """Return the time zone of the school, which its days and hours are of."""
    return ZoneInfo(app_settings().timezone)


def current_actor() -> Actor:
    """Return whoever acts in this request. Raises NotSignedIn."""
    # On a public page there may be nobody: an error, and never a wrong person.
    if g.get("actor") is None:
        raise NotSignedIn
    return g.actor  # type: ignore[no-any-return]  # `g` has no types


def current_session() -> sessions.ActiveSession:
    """Return the session that this request belongs to. Raises NotSignedIn."""
    user_session: sessions.ActiveSession | None = g.get("user_session")
    if user_session is None:
        raise NotSignedIn
    return user_session


def current_user() -> Person | None:
    """Return the person who is signed in, or None on a public page."""
    user: Person | None = g.get("user")
    return user


def signed_in_user() -> Person:
    """Return the person who is signed in, as the row that holds preferences. Raises NotSignedIn."""
    user = current_user()
    if user is None:
        raise NotSignedIn
    return user


def sent_numbers(values: MultiDict[str, str], name: str) -> list[int]:
    """Return the numbers in all fields of this name, of a form or of an address."""
    return [number for text in values.getlist(name) if (number := parse_id(text))]


def form_number(name: str) -> int:
    """Return the number in a field of the form that was sent, 0 if there is none."""
    return parse_id(request.form.get(name, ""))
