"""Where somebody goes on: where they were, or wanted to be; never to another house."""

from urllib.parse import urlsplit

from flask import request


def onward() -> str:
    """Give the address at which to go on once signed in."""
    at_the_door = request.endpoint == "door.enter"
    return relative(request.args.get("verder", "/") if at_the_door else request.full_path.rstrip("?"))


def relative(address: str) -> str:
    """Give this address when it is one of ours, else that of the own page."""
    parts = urlsplit(address)
    fine = address.startswith("/") and not address.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return address if fine and address.isprintable() else "/"
