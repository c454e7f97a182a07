"""Child processes for work that may go wrong and must be stopped when it does."""

import logging
import multiprocessing
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import spawn, util
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from threading import Event, Timer
from typing import Any

from reflect import logs
from reflect.subprocesses import helpers, sandbox

log = logging.getLogger(__name__)

# A fork of a process that has the renderer loaded takes milliseconds; a new interpreter takes a
# second to load it (docs/decisions/0008).
_forkserver = multiprocessing.get_context("forkserver")
# For uploaded files, which need no renderer: from the fork server the first photo took five
# seconds, since that warms up the renderer first (docs/decisions/0016).
_spawn = multiprocessing.get_context("spawn")
_get_preparation_data = spawn.get_preparation_data
_NAME_PREFIX = "reflect-"
# Writing goes before printing, also where a print is made in the request of its mentor.
_NICENESS = 10

_slow_work_guards: list[Callable[[str], None]] = []


def add_slow_work_guard(guard: Callable[[str], None]) -> None:
    """Let `guard` be asked before all slow work, with words for a log on what it is."""
    if guard not in _slow_work_guards:
        _slow_work_guards.append(guard)


def announce_slow_work(work: str) -> None:
    """Ask whether slow work may begin: a child process, a hash, a file, another machine, a page.

    To be called in the thread that will wait for it. Here, far below the database, since a child
    that decodes a picture imports this module too.
    """
    for guard in _slow_work_guards:
        guard(work)


class ChildFailed(Exception):
    """The child ended without an answer: it crashed, or was stopped by a limit of its own."""


class ChildTimeout(ChildFailed):
    """The child was killed because its time was up."""


@dataclass(frozen=True)
class Child:
    """A running child process, and our end of the pipe to it."""

    process: BaseProcess
    connection: Connection
    on_end: Callable[[], None]

    def ask(self, request: bytes, *, seconds: float, max_answer_bytes: int) -> bytes:
        """Send `request`, return the answer, and end the child whatever happens.

        Raises ChildTimeout after `seconds`, and ChildFailed where no answer comes.
        """
        announce_slow_work("the answer of a child process")
        timed_out = Event()

        def kill() -> None:
            timed_out.set()
            self.process.kill()

        # `connection.poll(seconds)` would return at the answer's first byte, and then
        # trust the child to send the rest.
        timer = Timer(seconds, kill)
        timer.start()
        try:
            self.connection.send_bytes(request)
            # With a bound: a child that a hostile page has taken over may announce any length.
            return self.connection.recv_bytes(max_answer_bytes)
        except (EOFError, OSError):
            raise (ChildTimeout if timed_out.is_set() else ChildFailed) from None
        finally:
            timer.cancel()
            timer.join()
            # Also after a good answer: a child never sees the pages of two students.
            self.process.kill()
            self.process.join()
            self.connection.close()
            self.on_end()


# Children get these variables and no other: keys and passwords of databases are among the rest.
_CHILD_VARIABLES = (
    *("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "MALLOC_ARENA_MAX"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "LD_LIBRARY_PATH"),
    *("DYLD_FALLBACK_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "XDG_CACHE_HOME"),
)
_spawn_with_environment = util.spawnv_passfds


def _spawn_without_environment(path: Any, args: Any, passfds: Any) -> int:
    """Start a program of multiprocessing, through `env`, with the variables above alone.

    Removing them in the child would leave them in its memory and in /proc.
    """
    kept = [f"{name}={os.environ[name]}" for name in _CHILD_VARIABLES if name in os.environ]
    program, *rest = map(os.fsdecode, args)
    command = ["env", "-i", *kept, program, *rest]
    process_id: int = _spawn_with_environment(os.fsencode(_ENV), command, passfds)
    return process_id


# multiprocessing has no setting for this either. Its fork server, every child, and the process
# that tracks their resources are started by this function.
_ENV = "/usr/bin/env"
if os.access(_ENV, os.X_OK):
    util.spawnv_passfds = _spawn_without_environment


def answer(connection: Connection, handle: Callable[[bytes], bytes]) -> None:
    """Answer the one request of a child: what `handle` returns for its bytes.

    An answer is bytes, never a pickle: unpickling what a compromised child made would run
    its code in the server.
    """
    # After every import of ours, and before a byte of a stranger is read. Never in a process that
    # goes on: what is closed stays closed.
    if multiprocessing.current_process().name.startswith(_NAME_PREFIX):
        sandbox.close()
    with suppress(EOFError, ConnectionError):  # the parent has gone: nobody waits for the answer
        connection.send_bytes(handle(connection.recv_bytes()))
    connection.close()


def limit_this_process(*, seconds: float, memory_bytes: int) -> None:
    """Limit what this child may take, and forbid it to write files; this cannot be undone.

    The seconds are of processor time. It gives way to the server, whose pages people wait for.
    """
    # Only the difference, and never less than nothing: a process may not lower its niceness again.
    os.nice(max(0, _NICENESS - os.nice(0)))
    limits = (
        # A little later: a parent that waits no longer than `seconds` tells the reason itself.
        (resource.RLIMIT_CPU, int(seconds) + 5),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        # A core dump would leave what a student wrote on the disk.
        (resource.RLIMIT_CORE, 0),
    )
    for resource_id, limit in limits:
        with suppress(ValueError, OSError):  # macOS has no limit on memory
            resource.setrlimit(resource_id, (limit, limit))


def preload(module: str) -> None:
    """Let the fork server import this module once, before it forks its first child."""
    _forkserver.set_forkserver_preload([module])


def start_preloaded(target: Callable[..., None], *args: Any, name: str) -> Child:
    """Start `target(connection, *args)` in a child that has the preloaded module.

    The first child waits until that is imported. Pass small things in `args`, and send large
    ones with Child.ask: whoever passes them to a child that dies early waits forever.
    """
    return _start(_forkserver, target, args, name=name)


def start_clean(target: Callable[..., None], *args: Any, name: str) -> Child:
    """Start `target(connection, *args)` in a new interpreter.

    It takes a tenth of a second more than a preloaded child, and never waits for an import.
    """
    return _start(_spawn, target, args, name=name)


def _start(
    context: ForkServerContext | SpawnContext,
    target: Callable[..., None],
    args: tuple[Any, ...],
    *,
    name: str,
) -> Child:
    announce_slow_work("a child process")
    parent_end, child_end = context.Pipe()
    # A daemon: it ends with the process that started it.
    process = context.Process(
        target=_run, args=(target, child_end, *args), name=_NAME_PREFIX + name, daemon=True
    )
    helpers.begin_use()
    try:
        process.start()
    except BaseException:
        helpers.end_use()
        raise
    # Only then does the end of the child show here as the end of the pipe.
    child_end.close()
    return Child(process, parent_end, helpers.end_use)


def _run(target: Callable[..., None], connection: Connection, *args: Any) -> None:
    """Be the child. An error is logged by its class: multiprocessing would print what it says."""
    logs.configure_child()
    try:
        target(connection, *args)
    except Exception as error:
        log.error("a child stopped by an error", exc_info=error)
        raise SystemExit(1) from None


def _prepare_without_main(name: str) -> dict[str, Any]:
    """Return what multiprocessing sends to a child, without the program that started it.

    Importing that program takes a second, and a child of ours needs nothing of it.
    """
    data: dict[str, Any] = _get_preparation_data(name)
    # The child of another library may need the program.
    if name.startswith(_NAME_PREFIX):
        data.pop("init_main_from_name", None)
        data.pop("init_main_from_path", None)
    return data


# multiprocessing has no setting for this. Both contexts look the function up here at each start.
spawn.get_preparation_data = _prepare_without_main
