"""Static files, under an address that changes with them, so that a browser may keep them for a year."""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for

from reflect import places

_PACKED = {".css", ".js", ".mjs", ".svg"}
# Said in other words already, or asked by nobody; a cold page asks ten files.
_SPARE = ("Accept-Ranges", "Content-Disposition", "Expires", "Last-Modified")


@lru_cache(maxsize=1)
def version() -> str:
    newest = max((path.stat().st_mtime_ns for path in places.STATIC.rglob("*") if path.is_file()), default=0)
    return f"{newest:x}"


def _file(version: str, filename: str) -> Response:
    """Give a file; a page from before an update asks with the old version and gets what there is now."""
    answer = send_from_directory(places.STATIC, filename, max_age=31_536_000)
    for name in _SPARE:
        answer.headers.pop(name, None)
    path = places.STATIC / filename
    if answer.status_code != 200 or path.suffix not in _PACKED:
        return answer
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        answer.direct_passthrough = False
        answer.close()
        answer.data = _packed(path, path.stat().st_mtime_ns)
        answer.content_encoding = "gzip"
    return answer


@lru_cache(maxsize=256)
def _packed(path: Path, changed: int) -> bytes:
    """Give a file as it travels; how a page does, `packing` says."""
    return gzip.compress(path.read_bytes(), mtime=0)


def attach(app: Flask) -> None:
    """Serve the static files of `app`; what a file names beside itself, it finds under the same version."""
    app.add_url_rule("/static/<version>/<path:filename>", endpoint="static", view_func=_file)
    app.url_defaults(lambda endpoint, values: values.setdefault("version", version()) if endpoint == "static" else None)
    app.jinja_env.globals["static"] = static


def static(filename: str) -> str:
    """Give the address of a file for a page, which names a dozen of them."""
    return _address(request.script_root, filename)


@lru_cache(maxsize=256)
def _address(root: str, filename: str) -> str:
    """`root`: where the house stands on this server, which `url_for` puts in front."""
    return url_for("static", filename=filename)
