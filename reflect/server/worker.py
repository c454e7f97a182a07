"""The worker: it does the jobs until it is stopped."""

import contextlib
import fcntl
import importlib
import os
import signal
import sys
import threading
import time
from typing import NoReturn, TextIO

from flask import Flask

from reflect import logs
from reflect.printing.branding import active
from reflect.settings import Settings

# Imported by name, here and nowhere else: it takes 30 MB that no server process needs.
_QUEUE_MODULE = "reflect.jobs.queue"

_POLL_SECONDS = 1.0

# Writing goes before printing: with 5, a page took twice as long while two prints ran.
_NICENESS = 15


def run_until_stopped(app: Flask, *, parent_pid: int | None = None) -> NoReturn:
    """Work until a signal comes, or until the parent process is gone; then exit.

    Only one worker of a name runs on a machine; another one waits until it is gone.
    """
    logs.configure_process()
    stopped = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stopped.set())
    os.nice(_NICENESS)
    with _open_lock_file(app.extensions["reflect"]) as file:
        has_lock = _acquire_lock(file)
        while not has_lock and not _should_stop(stopped, parent_pid=parent_pid):
            has_lock = _acquire_lock(file)
        if has_lock:
            _poll_queue(app, stopped, parent_pid=parent_pid)
    sys.stdout.flush()
    # At once, although a step may be in the middle of a print: the next worker takes it up.
    os._exit(0)


def _poll_queue(app: Flask, stopped: threading.Event, *, parent_pid: int | None) -> None:
    # Only now that the lock is held: a second worker that waits should not take the memory.
    queue = importlib.import_module(_QUEUE_MODULE)
    queue.start_queue(app)
    with app.app_context():
        # Logs what is wrong with the school's branding as soon as the worker starts.
        active.prepare()
    print("The worker is ready", flush=True)
    next_beat = 0.0  # of time.monotonic
    while not _should_stop(stopped, parent_pid=parent_pid):
        # What fails is in the log, and the next poll may go well.
        with contextlib.suppress(queue.StepFailed):
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + queue.heartbeat.BEAT_SECONDS
                queue.beat()
            queue.poll_jobs()


def _should_stop(stopped: threading.Event, *, parent_pid: int | None) -> bool:
    """Wait for the time between two polls, and return whether to stop.

    A server that was killed could report nothing, so its pid is checked too.
    """
    if stopped.wait(_POLL_SECONDS):
        return True
    return parent_pid is not None and os.getppid() != parent_pid


def _open_lock_file(settings: Settings) -> TextIO:
    name = "".join(char if char.isalnum() else "-" for char in settings.worker_name)
    # Not "w", which would wipe the pid of the worker that holds the lock. The file is never
    # deleted: two workers could then lock two files of one name.
    return (settings.data / f"worker-{name}.pid").open("a+")


def _acquire_lock(file: TextIO) -> bool:
    """Return whether no other worker of this name runs here, and from now on none can.

    Two of one name would take up each other's steps.
    """
    try:
        # The kernel drops this lock when the process dies, however it dies; a pid in a file would
        # stay.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    file.truncate(0)
    print(os.getpid(), file=file, flush=True)
    return True
