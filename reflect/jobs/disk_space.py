"""Let a job wait while the disk is nearly full, so that what people write still fits on it."""

import time

from reflect import clock
from reflect.db.session import commit
from reflect.jobs.job import Job, Stage
from reflect.settings import Settings
from reflect.storage import blob_store

POLL_SECONDS = 10.0


def wait_for_space(
    job_type: type[Job], key: str, *, settings: Settings, poll_seconds: float = POLL_SECONDS
) -> bool:
    """Wait until the disk has space, and return whether the job is still wanted then.

    The job's stage shows meanwhile that it waits. Ends the transaction.
    """
    blobs = blob_store(settings.evidence)
    min_free_bytes = settings.print_room_mb * 1024**2
    while True:
        stage = Stage.BUSY if blobs.has_free_space(min_free_bytes) else Stage.NO_ROOM
        is_wanted = job_type.set_stage(key, stage, at=clock.now())
        # Before sleeping, since an open transaction keeps everybody else from writing.
        commit()
        if not is_wanted or stage is Stage.BUSY:
            return is_wanted
        time.sleep(poll_seconds)
