"""Remember what a function returned, with a bound in bytes: for what people wrote.

`functools.lru_cache` bounds how many results are kept. Where a text of a person is the key, or
what was made of it the result, a thousand of them may take a gigabyte.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

# What an entry takes besides its key and its result: a place in the ordered dictionary, a tuple.
_ENTRY_BYTES = 300
# Of the bound, what one result may take: a larger one would drive everything else out.
_LARGEST_SHARE = 4


class ByteCached(Generic[_P, _R]):
    """A function whose results are kept, those used least recently thrown away first.

    Threads may compute the same result at the same time; nothing waits while one is computed.
    """

    def __init__(self, function: Callable[_P, _R], *, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._entries: OrderedDict[Hashable, tuple[_R, int]] = OrderedDict()
        self._lock = Lock()
        self._function = function
        update_wrapper(self, function)

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Return what the function returns for these arguments, computed or remembered."""
        key = (args, *kwargs.items()) if kwargs else args
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
                return entry[0]
        result = self._function(*args, **kwargs)
        self._keep(key, result)
        return result

    def _keep(self, key: Hashable, result: _R) -> None:
        size = _ENTRY_BYTES + retained_bytes(key) + retained_bytes(result)
        if size > self.max_bytes // _LARGEST_SHARE:
            return
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = result, size
            self.used_bytes += size
            while self.used_bytes > self.max_bytes:
                _, (_, dropped) = self._entries.popitem(last=False)
                self.used_bytes -= dropped

    def cache_clear(self) -> None:
        """Forget every result."""
        with self._lock:
            self._entries.clear()
            self.used_bytes = 0


def byte_cached(*, max_bytes: int) -> Callable[[Callable[_P, _R]], ByteCached[_P, _R]]:
    """Return a decorator that keeps up to `max_bytes` of a function's results and their keys."""

    def decorate(function: Callable[_P, _R]) -> ByteCached[_P, _R]:
        return ByteCached(function, max_bytes=max_bytes)

    return decorate


def retained_bytes(value: Any) -> int:
    """Return about how many bytes a value takes with all that it holds.

    What is held twice counts twice, so the figure is rather too high than too low.
    """
    size = sys.getsizeof(value)
    if isinstance(value, _CHILDLESS):
        return size
    return size + sum(map(retained_bytes, _children(value)))


_CHILDLESS = (str, bytes, int, float, type(None))


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, tuple | list | set | frozenset):
        return value
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    # What `dataclasses.fields` reads, and makes a new tuple of each time.
    return [getattr(value, name) for name in getattr(type(value), "__dataclass_fields__", ())]
