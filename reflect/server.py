"""The server: gunicorn with workers, a graceful stop (TERM, Ctrl-C) and a reload (HUP) of code and settings."""

import os
from typing import Any

from gunicorn.app.base import BaseApplication

from reflect import create_app
from reflect.settings import Settings


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
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
            "loglevel": os.environ.get("GUNICORN_LEVEL", "warning"),
            "accesslog": None,  # an address may hold a share's token
            "forwarded_allow_ips": "*" if self.settings.proxies else "127.0.0.1",
            "control_socket_disable": True,
        }
        for name, value in ours.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app()


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    print(f"Reflect serves at {settings.base_url} (stop with Ctrl-C)", flush=True)
    _Server(settings).run()
