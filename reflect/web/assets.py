"""Static files, under an address that changes with them, so that a browser may keep them for a year."""

from functools import lru_cache

from flask import Flask, Response, send_from_directory

from reflect import places


@lru_cache(maxsize=1)
def version() -> str:
    newest = max((path.stat().st_mtime_ns for path in places.STATIC.rglob("*") if path.is_file()), default=0)
    return f"{newest:x}"


def _file(version: str, filename: str) -> Response:
    """Give a file; a page from before an update asks with the old version and gets what there is now."""
    return send_from_directory(places.STATIC, filename, max_age=31_536_000)


def attach(app: Flask) -> None:
    """Serve the static files of `app`; what a file names beside itself, it finds under the same version."""
    app.add_url_rule("/static/<version>/<path:filename>", endpoint="static", view_func=_file)
    app.url_defaults(lambda endpoint, values: values.setdefault("version", version()) if endpoint == "static" else None)
