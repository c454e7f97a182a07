"""The processes that children are started by: they end after a quiet time, and begin again.

The fork server has the renderer loaded, some 90 MB that nobody needs between two prints. Python
starts it, and one that tracks resources, at the first child, and ends them with the program.
"""

from multiprocessing import forkserver, resource_tracker
from threading import Lock, Timer

# Longer than between the prints of a mentor who prints one student after the other.
QUIET_SECONDS = 120.0

_lock = Lock()
_children = 0
_timer: Timer | None = None


def begin_use() -> None:
    """Keep the helpers from ending, for a child that is to start now."""
    global _children
    with _lock:
        _children += 1
        if _timer:
            _timer.cancel()


def end_use() -> None:
    """Let the helpers end when no child has run for QUIET_SECONDS; a child is gone."""
    global _children, _timer
    with _lock:
        _children -= 1
        if _children:
            return
        if _timer:
            _timer.cancel()
        _timer = Timer(QUIET_SECONDS, _end_helpers)
        # The program may end before.
        _timer.daemon = True
        _timer.start()


def _end_helpers() -> None:
    # Nobody begins meanwhile: each of the two ends only when no child holds its pipe any more.
    with _lock:
        if _children:
            return
        # Python has no public way. Both start again by themselves when they are needed.
        forkserver._forkserver._stop()  # type: ignore[attr-defined]  # no stub has it
        resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]  # the same
