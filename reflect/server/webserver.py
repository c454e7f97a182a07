"""The web server: gunicorn, and the worker that it keeps running."""

import gc
import logging
import os
import signal
import socket
import struct
import sys
import time
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from reflect import settings
from reflect.app import create_app
from reflect.db.engine import dispose_engine
from reflect.hints import grading_language
from reflect.i18n import HINT_LANGUAGES
from reflect.server import worker
from reflect.settings import Settings

# glibc reads these only when a process starts. Without a bound on the arenas, the heap of each
# thread cost a server process some 40 MB. Without a fixed threshold, the 19 MB that the hash of a
# password takes for a moment stays in each of the heaps for good.
_MALLOC_SETTINGS = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}

# Without a proxy in front, a request that stops coming would hold its thread for ever.
_SILENCE_SECONDS = 10

_RESTART_SECONDS = 5.0  # between two starts of a worker
_STOP_SECONDS = 20.0  # for a worker to stop by itself


class _WorkerSupervisor:
    """Keeps one worker running: a fork of the loaded application, replaced when it dies."""

    def __init__(self) -> None:
        self.pid = 0
        self.started_at = -_RESTART_SECONDS  # of time.monotonic

    def ensure_running(self, arbiter: Arbiter) -> None:
        # A worker that fails at its start must not be forked again and again without a pause.
        is_too_soon = time.monotonic() < self.started_at + _RESTART_SECONDS
        if not self._has_exited() or is_too_soon:
            return
        self.started_at = time.monotonic()
        server_pid = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._run_worker(arbiter, server_pid)

    def _run_worker(self, arbiter: Arbiter, server_pid: int) -> None:
        """Be the worker, in the forked child."""
        # An inherited socket would keep the port taken after the server has gone.
        for listener in arbiter.LISTENERS:
            listener.sock.close()
        app = arbiter.app.wsgi()
        dispose_engine(app)
        worker.run_until_stopped(app, parent_pid=server_pid)

    def stop(self) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        # SIGKILL comes when the deadline has passed. Nothing is lost: the queue knows which steps
        # are done, and the next worker takes up the rest (docs/decisions/0011).
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if self._has_exited():
                return
            os.kill(self.pid, signal_number)
            while not self._has_exited() and time.monotonic() < deadline:
                time.sleep(0.05)

    def _has_exited(self) -> bool:
        """Return whether no worker runs."""
        try:
            if self.pid and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
                return False
        except ChildProcessError:
            # Gunicorn waits for every child, so it may have collected ours first.
            pass
        self.pid = 0
        return True


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's main process, which also looks after the worker each second.

    A thread of our own could not: it would not exist in what gunicorn forks.
    """

    def manage_workers(self) -> None:
        if self.app.settings.worker == "beside":
            self.app.supervisor.ensure_running(self)
        super().manage_workers()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, config: Settings) -> None:
        self.settings = config
        self.supervisor = _WorkerSupervisor()
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._gunicorn_options().items():
            # A later gunicorn may have dropped one of them.
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def _gunicorn_options(self) -> dict[str, object]:
        return {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            # A print in a request may take its time; no page does.
            "timeout": self.settings.print_seconds + 30,
            "graceful_timeout": 30,
            "keepalive": 5,
            # A process is replaced after so many requests, whatever memory has leaked in it; the
            # jitter keeps them from being replaced all at once.
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "proc_name": "reflect",
            # The processes share what is loaded before they are forked: half the memory.
            "preload_app": True,
            # A connection to the database must not be shared by two processes.
            "post_fork": lambda _server, _worker: dispose_engine(self.wsgi()),
            "when_ready": _limit_silence,
            "on_exit": lambda _server: self.supervisor.stop(),
            "loglevel": os.environ.get("GUNICORN_LEVEL", "warning"),
            # An address may hold the token of a share.
            "accesslog": None,
            # How many proxies are believed is decided in `create_app`, by ProxyFix.
            "forwarded_allow_ips": "*" if self.settings.proxies else "127.0.0.1",
            "control_socket_disable": True,
        }

    def load(self) -> Any:
        app = create_app(self.settings)
        _load_shared_data(app)
        gc.collect()
        # Without this, the collector of each forked process would write to, and so copy, every
        # shared page.
        gc.freeze()
        return app

    def reload(self) -> None:
        """Read the settings again; running requests end under the old ones."""
        self.settings = settings.load()
        # Gunicorn keeps the loaded application here.
        self.callable = None
        # It was forked with the old settings. The arbiter forks a new one within seconds.
        self.supervisor.stop()
        super().reload()

    def run(self) -> None:
        _Arbiter(self).run()


def _limit_silence(arbiter: Arbiter) -> None:
    """Let reading from a connection end when nothing comes for _SILENCE_SECONDS.

    Connections have the options of the socket that they came in by.
    """
    for listener in arbiter.LISTENERS:
        timeval = struct.pack("ll", _SILENCE_SECONDS, 0)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
    # Gunicorn takes the end of the wait for an error. Anybody could fill the log with those.
    arbiter.log.error_log.addFilter(_is_no_silence)


def _is_no_silence(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def _load_shared_data(app: Flask) -> None:
    """Load what every process would load by itself at its first pages, each its own copy."""
    for name in app.jinja_env.list_templates():
        # Those of print are for the processes that print.
        if not name.startswith("printing/"):
            app.jinja_env.get_template(name)
    for language in HINT_LANGUAGES:
        grading_language.load_data(language)


def serve(config: Settings) -> None:
    """Serve until a signal stops it."""
    if not _MALLOC_SETTINGS.keys() <= os.environ.keys():
        # What somebody chose stays as it is.
        os.environ.update({**_MALLOC_SETTINGS, **os.environ})
        command = [sys.executable, "-m", "reflect", "serve"]
        # The C library read the environment when this process began, so a new start is needed.
        os.execv(sys.executable, command)  # noqa: S606 - ourselves, once
    print(f"Reflect serves at {config.base_url} (stop with Ctrl-C)", flush=True)
    _Server(config).run()
