"""The server: gunicorn with processes that share one loaded house, a worker beside them, and HUP for new settings."""

import gc
import os
import signal
import sys
import time
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from reflect import settings, worker
from reflect.app import create_app
from reflect.settings import Settings
from reflect.store import forget_connections

_ARENAS = "MALLOC_ARENA_MAX"
_AGAIN, _GOODBYE = 5.0, 20.0  # seconds between two starts of a worker; and for it to stop


class _Beside:
    """The worker beside the server: a fork of the loaded house, begun again when it dies."""

    def __init__(self) -> None:
        self.pid, self.started = 0, -_AGAIN

    def see_to(self, arbiter: Arbiter) -> None:
        if not self._gone() or time.monotonic() < self.started + _AGAIN:
            return
        server, self.started = os.getpid(), time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            for listener in arbiter.LISTENERS:
                listener.sock.close()
            house = arbiter.app.wsgi()
            forget_connections(house)
            worker.work(house, beside=server)

    def stop(self) -> None:
        until = time.monotonic() + _GOODBYE
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._gone():
                return
            os.kill(self.pid, sign)
            while not self._gone() and time.monotonic() < until:
                time.sleep(0.05)

    def _gone(self) -> bool:
        """Say whether there is none; gunicorn collects the dead of every kind, and may have been first."""
        try:
            if self.pid and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
                return False
        except ChildProcessError:
            pass
        self.pid = 0
        return True


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's own, which also sees to the worker each second; a thread of ours would not survive its forks."""

    def manage_workers(self) -> None:
        if self.app.settings.worker == "beside":
            self.app.beside.see_to(self)
        super().manage_workers()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, given: Settings) -> None:
        self.settings, self.beside = given, _Beside()
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
            "on_exit": lambda _server: self.beside.stop(),
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
        self.beside.stop()
        super().reload()

    def run(self) -> None:
        _Arbiter(self).run()


def serve(given: Settings) -> None:
    """Serve until told to stop."""
    if _ARENAS not in os.environ:
        os.environ[_ARENAS] = "2"  # read only when a process starts; each thread's own arena cost a worker some 40 MB
        os.execv(sys.executable, [sys.executable, "-m", "reflect", "serve"])  # noqa: S606 - ourselves, once
    print(f"Reflect serves at {given.base_url} (stop with Ctrl-C)", flush=True)
    _Server(given).run()
