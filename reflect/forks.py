"""Children that are told no secret, for work that may go wrong and must be stopped when it does.

What is large is not told, but sent through the pipe: who tells it to a child that dies early waits for ever.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing import spawn
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_server, _alone = multiprocessing.get_context("forkserver"), multiprocessing.get_context("spawn")
_preparation = spawn.get_preparation_data
_OURS = "reflect-"


def _without_main(name: str) -> dict[str, Any]:
    """Keep a child from loading the program that asked for it: for one that a script began, that takes a second."""
    told: dict[str, Any] = _preparation(name)
    asked = ("init_main_from_name", "init_main_from_path") if name.startswith(_OURS) else ()
    return {key: value for key, value in told.items() if key not in asked}


spawn.get_preparation_data = _without_main


def load_ahead(module: str) -> None:
    """Let the server of forks load this module once, before it forks its first child."""
    _server.set_forkserver_preload([module])


def fork(work: Callable[..., None], *told: Any, name: str) -> tuple[BaseProcess, Connection]:
    """Begin `work(there, *told)` in a child that holds what was loaded ahead; the first one waits until it is.

    Gives the child, and this end of the pipe to it.
    """
    here, there = _server.Pipe()
    return _begun(_server.Process(target=work, args=(there, *told), name=_OURS + name, daemon=True), there), here


def spawn_alone(work: Callable[..., None], *told: Any, name: str) -> tuple[BaseProcess, Connection]:
    """Begin the same in a child that holds nothing: a tenth of a second more, and nothing to wait for."""
    here, there = _alone.Pipe()
    return _begun(_alone.Process(target=work, args=(there, *told), name=_OURS + name, daemon=True), there), here


def _begun(child: BaseProcess, there: Connection) -> BaseProcess:
    child.start()
    there.close()
    return child
