"""Where the site is: what the settings say, and never what a request says of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class FixedBaseAddress:
    """A WSGI application under the path of the base address, such as "/reflect", or none.

    Every link begins with the SCRIPT_NAME of its request. Gunicorn takes that from a header, and
    with "//elsewhere.example" in it each link and redirect would lead to another site.
    """

    def __init__(self, application: "WSGIApplication", base_url: str) -> None:
        self.application = application
        self.prefix = urlsplit(base_url).path.rstrip("/")

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        # A proxy may have taken the path of the base address off, or left it.
        if self.prefix and f"{path}/".startswith(f"{self.prefix}/"):
            path = path[len(self.prefix) :]
        environ["SCRIPT_NAME"] = self.prefix
        environ["PATH_INFO"] = path or "/"
        return self.application(environ, start_response)
