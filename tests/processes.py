"""Processes that a test looks at or kills, each of which may end by itself at any moment."""

import contextlib

import psutil


def kill_children(process):
    """Kill the processes that a `subprocess.Popen` has started, and those that they have."""
    children = []
    if process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(process.pid).children(recursive=True)
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def kill_with_children(process):
    kill_children(process)
    process.kill()
    process.wait()


def is_alive(process_id):
    """Return whether a process runs; one that has ended and is not waited for yet does not."""
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_line(process):
    """Return how a process was started, "" when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
