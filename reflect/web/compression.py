"""Compression of pages, but only for requests that another site cannot have caused.

The length of a compressed page tells something about its content to an attacker who can have it
fetched many times with words of their own in it (the BREACH attack). Such a fetch is started by a
page of the attacker's site, and the browser says so in the Sec-Fetch-Site header.
"""

import gzip

from flask import Flask, Response, request

_TRUSTED_FETCH_SITES = {"same-origin", "none"}  # "none": an address that was typed, or a bookmark
_MIN_BYTES = 1_000  # less than this fits into one packet anyway
_GZIP_LEVEL = 4  # of 9: most of the gain for half of the time


def _compress_page(response: Response) -> Response:
    # A file is passed through as it is; `reflect.web.assets` compresses those worth it.
    if response.mimetype != "text/html" or response.direct_passthrough:
        return response
    # Otherwise a cache in between could hand the packed page to a browser that asked otherwise.
    response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    may_compress = (
        request.accept_encodings["gzip"]
        and request.headers.get("Sec-Fetch-Site") in _TRUSTED_FETCH_SITES
    )
    body = response.get_data()
    if may_compress and len(body) >= _MIN_BYTES:
        # Without the time in its head, equal pages are equal bytes.
        response.data = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        response.content_encoding = "gzip"
    return response


def init_app(app: Flask) -> None:
    """Compress the pages of `app`."""
    app.after_request(_compress_page)
