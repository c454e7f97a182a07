"""The security and cache headers of every response."""

from flask import Flask, Response, request

from reflect.web.request_context import app_settings

# Nothing is allowed but what is named. Students write the pages: a hole in the filters of their
# texts must not become a script that runs.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",  # the icon is in the page itself
        "media-src 'self'",
        "frame-src 'self'",  # the formula page
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # The address of a shared link holds its token, which no other site should be told.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# A static file is no page and needs fewer of them; a first visit fetches many.
STATIC_FILE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}

# A page holds what persons wrote, and computers at school are shared.
_PAGE_CACHING = "no-store"
# Of a photo that is kept by the browser: at each visit it asks whether it may still be shown, and
# gets no bytes again (decision 64).
_REVALIDATED_CACHING = "private, no-cache"
# The address of a static file changes with its content (`reflect.web.assets`).
_STATIC_FILE_CACHING = "public, max-age=31536000, immutable"


def _add_security_headers(response: Response) -> Response:
    is_static_file = request.endpoint == "static"
    headers = STATIC_FILE_HEADERS if is_static_file else PAGE_HEADERS
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    if response.headers.get("Cache-Control") != _REVALIDATED_CACHING:
        # No setdefault here: Flask has put one of its own on every file that it sends.
        caching = _STATIC_FILE_CACHING if is_static_file else _PAGE_CACHING
        response.headers["Cache-Control"] = caching
    if app_settings().hsts:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def let_browser_keep(response: Response) -> Response:
    """Let the browser of whoever got this keep it, and ask each time before it is shown again."""
    response.headers["Cache-Control"] = _REVALIDATED_CACHING
    return response


def init_app(app: Flask) -> None:
    """Add these headers to every response of `app`.

    A view may set its own instead, except for Cache-Control: that is replaced where the view did
    not call `let_browser_keep`.
    """
    app.after_request(_add_security_headers)
