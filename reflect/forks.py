"""Forks: children of a server that holds no secrets, for work that may go wrong and must be stopped when it does."""

import multiprocessing
from collections.abc import Callable
from multiprocessing import spawn
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_context = multiprocessing.get_context("forkserver")
_preparation = spawn.get_preparation_data
_OURS = "reflect-"


def _without_main(name: str) -> dict[str, Any]:
    """Keep a child from loading the program that asked for it: for one that a script began, that takes a second."""
    told: dict[str, Any] = _preparation(name)
    asked = ("init_main_from_name", "init_main_from_path") if name.startswith(_OURS) else ()
    return {key: value for key, value in told.items() if key not in asked}


spawn.get_preparation_data = _without_main


def load_ahead(module: str) -> None:
    """Let the server load this module once, before it forks its first child."""
    _context.set_forkserver_preload([module])


def begin(work: Callable[..., None], *told: Any, name: str) -> tuple[BaseProcess, Connection]:
    """Begin `work(there, *told)` in a child; give the child, and the end of the pipe where its answer comes."""
    here, there = _context.Pipe(duplex=False)
    child = _context.Process(target=work, args=(there, *told), name=_OURS + name, daemon=True)
    child.start()
    there.close()
    return child, here
