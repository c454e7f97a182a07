"""The web server: gunicorn, and the worker that it keeps running."""

import gc
import logging
import os
import signal
import socket
import struct
import sys
import time
from contextvars import copy_context
from typing import Any

from babel.dates import format_date
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from reflect import clock, logs, settings
from reflect.access import report_lists, report_loading
from reflect.access.access_log import Channel
from reflect.app import create_app
from reflect.db.engine import db, dispose_engine
from reflect.db.session import App, read_only
from reflect.hints import grading_language
from reflect.i18n import HINT_LANGUAGES, INTERFACE_LANGUAGES
from reflect.school.people import Actor
from reflect.server import listening, worker
from reflect.settings import InvalidSetting, Settings

log = logging.getLogger(__name__)

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


class _JsonLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log, as JSON, without the addresses of people and of pages that it writes."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.write_as_json(self.error_log.name, level=self.loglevel)


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


class SpreadingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Keeps a connection only while this process has nothing else to do.

    The next request of a connection that is kept comes to this process, also while another one is
    idle: eight clients of two processes were once served by one. A new connection is accepted by
    the process that is free (decision 33).
    """

    @property
    def max_keepalived(self) -> int:
        """How many connections may be kept: gunicorn asks it at each request, after its start."""
        waiting = len(self.keepalived_conns) + len(self.pending_conns)
        return self._max_keepalived if self.nr_conns - waiting <= 1 else 0

    @max_keepalived.setter
    def max_keepalived(self, value: int) -> None:
        self._max_keepalived = value


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's main process, which also looks after the worker each second.

    A thread of our own could not: it would not exist in what gunicorn forks.
    """

    def manage_workers(self) -> None:
        if self.app.settings.worker == "beside":
            self.app.supervisor.ensure_running(self)
        super().manage_workers()

    def reload(self) -> None:
        # What is not accepted is in the log, and everything goes on as it was.
        if self.app.accept_settings():
            super().reload()


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

    def accept_settings(self) -> bool:
        """Read the settings again, and return whether a server can run with them.

        Gunicorn itself would stop at a wrong one, and everybody's work with it.
        """
        try:
            config = settings.load()
            self._check_fixed(config)
            self._check_address(config)
            self.accepted = config, self._create_app(config)
        except InvalidSetting as error:
            log.error("the new settings are wrong, so the old ones stay: %s", error)
            return False
        except Exception as error:
            # Of any other error the words may hold a password of the settings.
            log.error("the new settings cannot be used, so the old ones stay", exc_info=error)
            return False
        return True

    def _check_fixed(self, config: Settings) -> None:
        """Raise InvalidSetting where another database is named, which only a start prepares."""
        for name in ("data", "database", "queue"):
            if getattr(config, name) != getattr(self.settings, name):
                raise InvalidSetting(
                    f"REFLECT_{name.upper()} is another one, which only a new start can take."
                )

    def _check_address(self, config: Settings) -> None:
        """Raise InvalidSetting where the server could not listen."""
        if (config.host, config.port) == (self.settings.host, self.settings.port):
            return
        if reason := listening.why_not(config.host, config.port):
            raise InvalidSetting(reason)

    def _gunicorn_options(self) -> dict[str, object]:
        return {
            "bind": listening.bind_address(self.settings.host, self.settings.port),
            "umask": 0o077,
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": SpreadingWorker,
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
            "on_reload": _limit_silence,  # another address means other sockets
            "on_exit": lambda _server: self.supervisor.stop(),
            "loglevel": os.environ.get("GUNICORN_LEVEL", "warning"),
            "logger_class": _JsonLogger,
            "errorlog": None,  # which would add lines that are no JSON
            # An address may hold the token of a share.
            "accesslog": None,
            # How many proxies are believed is decided in `create_app`, by ProxyFix.
            "forwarded_allow_ips": "*" if self.settings.proxies else "127.0.0.1",
            # Else a client could name the path that every link begins with (SCRIPT_NAME).
            "forwarder_headers": "",
            "control_socket_disable": True,
        }

    def load(self) -> Any:
        return self._create_app(self.settings)

    @staticmethod
    def _create_app(config: Settings) -> App:
        app = create_app(config)
        _load_shared_data(app)
        gc.collect()
        # Without this, the collector of each forked process would write to, and so copy, every
        # shared page.
        gc.freeze()
        return app

    def reload(self) -> None:
        """Take new settings; running requests end under the old ones."""
        self.settings, self.callable = self.accepted
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
    for language in INTERFACE_LANGUAGES:
        # Babel reads what it knows of a language at the first date, 3 MB.
        format_date(clock.now(), locale=language)
    # In a context of its own: that nothing is written here must not hold in what is forked.
    copy_context().run(_load_statements, app)


def _load_statements(app: Flask) -> None:
    """Build and compile the large statements of who sees what, 15 MB, by asking for nobody."""
    now = clock.now()
    nobody = Actor(id=0, name="", given_name="", today=now.date())
    with app.app_context():
        read_only()
        try:
            report_lists.own_reports(by=nobody, at=now)
            report_lists.for_counsellor(by=nobody, at=now)
            for list_of in (
                report_lists.for_course,
                report_lists.for_group,
                report_lists.for_child,
            ):
                list_of(0, by=nobody, at=now)
            report_loading.load_many([0], by=nobody, at=now, channel=Channel.SCREEN)
        finally:
            # Two processes must not share a connection.
            db.session.remove()
            db.engine.dispose()


def serve(config: Settings) -> None:
    """Serve until a signal stops it."""
    logs.configure_process()
    if not _MALLOC_SETTINGS.keys() <= os.environ.keys():
        # What somebody chose stays as it is.
        os.environ.update({**_MALLOC_SETTINGS, **os.environ})
        command = [sys.executable, "-m", "reflect", "serve"]
        # The C library read the environment when this process began, so a new start is needed.
        os.execv(sys.executable, command)  # noqa: S606 - ourselves, once
    print(f"Reflect serves at {config.base_url} (stop with Ctrl-C)", flush=True)
    _Server(config).run()
