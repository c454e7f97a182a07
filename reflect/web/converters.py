"""How an address is read: which numbers in it are ids, and that it has one spelling."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from reflect.text.numbers import MAX_ID_DIGITS


class IdConverter(IntegerConverter):
    """An id in an address: ASCII digits that fit into the database's integers.

    Werkzeug's own `int` takes digits of every script and of any number, and an id that overflows
    the database is an error there instead of "not here".
    """

    # One way to write each id.
    regex = f"[1-9][0-9]{{0,{MAX_ID_DIGITS - 1}}}"


def init_app(app: Flask) -> None:
    """Read the addresses of `app` like this. To be called before its views are added."""
    app.url_map.converters["int"] = IdConverter
    # Werkzeug would answer "//" with a redirect to a whole address, made of the Host header that
    # the request has.
    app.url_map.merge_slashes = False
