"""Where somebody goes on: where they were, or wanted to be; never to another site."""

from urllib.parse import unquote, urlsplit

from flask import request, url_for


def start_url() -> str:
    """Return the path of the start page."""
    return url_for("reports.home")


def current_url() -> str:
    """Return the path of this request with its query, under the path of the base address."""
    return f"{request.script_root}{request.full_path}".rstrip("?")


def next_url() -> str:
    """Return the path at which to go on after signing in."""
    if request.endpoint == "auth.login":
        return safe_next_url(request.args.get("verder", ""))
    return safe_next_url(current_url())


def safe_next_url(url: str) -> str:
    """Return `url` when it is a path on this site, else that of the start page.

    A link to our login page can name any address: following it would make us the open redirect
    of somebody who imitates us.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "//[", which begins an address of another kind
        return start_url()
    # Browsers read "//host" and "/\\host" as an address of another site.
    names_other_host = url.startswith(("//", "/\\")) or bool(parts.scheme or parts.netloc)
    # A line end or another control character in a header could begin a header of its own.
    is_local_path = url.startswith("/") and not names_other_host and url.isprintable()
    return url if is_local_path and _is_under_base(parts.path) else start_url()


def _is_under_base(path: str) -> bool:
    """Return whether `path` lies under that of the base address, where others may be beside it."""
    # Browsers read "%2e" as a dot, and go up at "..".
    climbs = bool(request.script_root) and ".." in unquote(path)
    return path.startswith(f"{request.script_root}/") and not climbs
