"""Static files, at an address that changes with them, so that a browser may keep them a year."""

import gzip
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import rcssmin
import rjsmin
from flask import Flask, Response, request, send_from_directory, url_for

from reflect import paths
from reflect.web.script_bundles import bundle
from reflect.web.sheet_bundles import bundle_sheet

_COMPRESSIBLE_SUFFIXES = {".css", ".js", ".mjs", ".svg"}
# Our own sources keep their comments; a phone does not pay for them. What is vendored is .mjs.
_MINIFIERS: dict[str, Callable[[str], str]] = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}
# No browser needs these for a file that never changes, and a first visit fetches many files.
_UNNEEDED_HEADERS = ("Accept-Ranges", "Content-Disposition", "Expires", "Last-Modified")


@lru_cache(maxsize=1)
def static_version() -> str:
    """Return a hex number that changes whenever a static file does."""
    files = (path for path in paths.STATIC.rglob("*") if path.is_file())
    newest_mtime = max((path.stat().st_mtime_ns for path in files), default=0)
    return f"{newest_mtime:x}"


def _serve_file(version: str, filename: str) -> Response:
    """Return a static file.

    A page from before an update asks with the old version and gets what there is now.
    """
    # It refuses a name that leads outside of the folder.
    response = send_from_directory(paths.STATIC, filename, max_age=31_536_000)
    for name in _UNNEEDED_HEADERS:
        response.headers.pop(name, None)
    path = paths.STATIC / filename
    if response.status_code != 200 or path.suffix not in _COMPRESSIBLE_SUFFIXES:
        return response
    response.vary.add("Accept-Encoding")
    modified_ns = path.stat().st_mtime_ns
    response.direct_passthrough = False
    # The file that Flask opened is not sent: its packed copy is.
    response.close()
    if request.accept_encodings["gzip"]:
        response.data = _gzipped_file(path, modified_ns)
        response.content_encoding = "gzip"
    else:
        response.data = _minified_file(path, modified_ns)
    return response


# The time of the change is part of the key: while somebody works on a script, a reload shows it.
@lru_cache(maxsize=256)
def _minified_file(path: Path, modified_ns: int) -> bytes:
    """Return a file without its comments and spare white space, where it is ours.

    A script has the modules that it imports inside, and a stylesheet the sheets.
    """
    minify = _MINIFIERS.get(path.suffix)
    if minify is None:
        return path.read_bytes()
    source = bundle(path) if path.suffix == ".js" else bundle_sheet(path)
    return minify(source).encode()


@lru_cache(maxsize=256)
def _gzipped_file(path: Path, modified_ns: int) -> bytes:
    """Return a file as it travels; pages are compressed in `reflect.web.compression`."""
    return gzip.compress(_minified_file(path, modified_ns), mtime=0)


def init_app(app: Flask) -> None:
    """Serve the static files of `app`, all under one version in their address.

    A stylesheet or script names its neighbours by a relative address, and so finds them under the
    same version.
    """
    app.add_url_rule("/static/<version>/<path:filename>", endpoint="static", view_func=_serve_file)
    app.url_defaults(_add_static_version)
    app.jinja_env.globals["static_url"] = static_url


def _add_static_version(endpoint: str, values: dict[str, object]) -> None:
    if endpoint == "static":
        values.setdefault("version", static_version())


def static_url(filename: str) -> str:
    """Return the address of a static file; a page names a dozen of them."""
    return _cached_static_url(request.script_root, filename)


@lru_cache(maxsize=256)
def _cached_static_url(script_root: str, filename: str) -> str:
    """`script_root` is the path under which a proxy serves the app; `url_for` puts it in front."""
    return url_for("static", filename=filename)
