"""Room: what is printed or packed leaves enough of the disk to what people write, and waits for it."""

import time
from collections.abc import Callable

from reflect.jobs.prints import Stage
from reflect.settings import Settings
from reflect.store import keep
from reflect.vault import vault

_AGAIN = 10.0  # seconds between two looks


def comes(move: Callable[[Stage], bool], *, house: Settings) -> bool:
    """Wait until there is room, and say so with `move`; gives whether the job is still wanted then."""
    keeps, least = vault(house.evidence), house.print_room_mb * 1024**2
    while True:
        stage = Stage.BUSY if keeps.has_room(least) else Stage.NO_ROOM
        wanted = move(stage)
        keep()
        if not wanted or stage is Stage.BUSY:
            return wanted
        time.sleep(_AGAIN)
