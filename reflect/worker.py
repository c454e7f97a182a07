"""The worker: does the jobs until told to stop; one of a name at a time, by itself or beside a server."""

import contextlib
import fcntl
import importlib
import os
import signal
import sys
import threading
from typing import NoReturn, TextIO

from flask import Flask

from reflect.paper import dress
from reflect.settings import Settings

_QUEUE = "reflect.jobs.queue"  # loaded by name, here and nowhere else: no other process needs its 30 MB
_LOOK = 1.0  # seconds
_NICE = 15  # writing goes before printing: with 5 a page took twice as long beside two prints


def work(house: Flask, *, beside: int | None = None) -> NoReturn:
    """Work until a signal comes, or until the process `beside`, which started this one, is gone; then exit."""
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    os.nice(_NICE)
    with _lock(house.extensions["reflect"]) as file:
        while not (first := _is_first(file)) and not _ends(stopped, beside=beside):
            pass
        if first:
            _do(house, stopped, beside=beside)
    sys.stdout.flush()
    os._exit(0)  # a step may be in the middle of a print; the next worker takes it up, so nobody waits for it here


def _do(house: Flask, stopped: threading.Event, *, beside: int | None) -> None:
    queue = importlib.import_module(_QUEUE)
    queue.open(house)
    with house.app_context():
        dress.worn()  # what is wrong with the school's paper is in the log from the start
    print("The worker is ready", flush=True)
    while not _ends(stopped, beside=beside):
        with contextlib.suppress(queue.StepBroke):  # it is in the log, and the next look may go well
            queue.look()


def _ends(stopped: threading.Event, *, beside: int | None) -> bool:
    """Wait a moment, and say whether to stop: told to, or the server is gone, even if it was killed and told nobody."""
    return stopped.wait(_LOOK) or (beside is not None and os.getppid() != beside)


def _lock(ours: Settings) -> TextIO:
    name = "".join(letter if letter.isalnum() else "-" for letter in ours.worker_name)
    return (ours.data / f"worker-{name}.pid").open("a+")


def _is_first(file: TextIO) -> bool:
    """Say whether no other worker of this name runs here: two of one name would take up each other's steps."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    file.truncate(0)
    print(os.getpid(), file=file, flush=True)
    return True
