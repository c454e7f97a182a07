"""Slow work announces itself here first, so that whoever keeps others waiting can be told.

A module of its own, far below the database: a child that decodes a picture imports it too.
"""

from collections.abc import Callable

_guards: list[Callable[[str], None]] = []


def add_guard(guard: Callable[[str], None]) -> None:
    """Let `guard` be asked before all slow work, with words for a log on what it is."""
    if guard not in _guards:
        _guards.append(guard)


def announce(work: str) -> None:
    """Ask whether slow work may begin: a child process, a hash of a password, another machine.

    To be called in the thread that will wait for it.
    """
    for guard in _guards:
        guard(work)
