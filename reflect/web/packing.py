"""How a page travels: packed, when a page of ours or the person's own hand asked for it.

Packed, the length of a page tells a little of what stands in it, to somebody who can have it asked for again and again
with words of their own beside it. A page of somebody else makes a browser do that, and the browser says so.
"""

import gzip

from flask import Flask, Response, request

_OURS = {"same-origin", "none"}  # `none`: an address that was typed, or a bookmark
_WORTH = 1_000  # bytes; what is smaller travels in one go as it is
_EFFORT = 4  # of 9: most of the gain for half of the time


def _pack(answer: Response) -> Response:
    if answer.mimetype != "text/html" or answer.direct_passthrough:  # the latter is a file
        return answer
    answer.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    wanted = request.accept_encodings["gzip"] and request.headers.get("Sec-Fetch-Site") in _OURS
    page = answer.get_data()
    if wanted and len(page) >= _WORTH:
        answer.data = gzip.compress(page, _EFFORT, mtime=0)
        answer.content_encoding = "gzip"
    return answer


def attach(app: Flask) -> None:
    """Let every page of `app` travel so."""
    app.after_request(_pack)
