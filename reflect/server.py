"""The server: gunicorn with workers that share one loaded house, a graceful stop, a reload of settings (HUP)."""

import gc
import os
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

from reflect import create_app, settings
from reflect.settings import Settings
from reflect.store import forget_connections

_ARENAS = "MALLOC_ARENA_MAX"


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, given: Settings) -> None:
        self.settings = given
        super().__init__()

    def load_config(self) -> None:
        ours = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            "timeout": self.settings.print_seconds + 30,  # a print may take its time; a page never does
            "graceful_timeout": 30,
            "keepalive": 5,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "proc_name": "reflect",
            "preload_app": True,  # the workers share what is loaded: half the memory
            "post_fork": lambda _server, _worker: forget_connections(self.wsgi()),
            "loglevel": os.environ.get("GUNICORN_LEVEL", "warning"),
            "accesslog": None,  # an address may hold a share's token
            "forwarded_allow_ips": "*" if self.settings.proxies else "127.0.0.1",
            "control_socket_disable": True,
        }
        for name, value in ours.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        app = create_app(self.settings)
        gc.collect()
        gc.freeze()  # what is loaded now stays, so that no worker copies a page only to look through it
        return app

    def reload(self) -> None:
        """Read the settings anew; the running requests end as they began."""
        self.settings, self.callable = settings.read(), None
        super().reload()


def serve(given: Settings) -> None:
    """Serve until told to stop."""
    if _ARENAS not in os.environ:
        os.environ[_ARENAS] = "2"  # read only when a process starts; each thread's own arena cost a worker some 40 MB
        os.execv(sys.executable, [sys.executable, "-m", "reflect", "serve"])  # noqa: S606 - ourselves, once
    print(f"Reflect serves at {given.base_url} (stop with Ctrl-C)", flush=True)
    _Server(given).run()
