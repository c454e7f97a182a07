"""Whether a worker runs: each says so in the database, now and then."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session

# A write each, so not at every poll.
BEAT_SECONDS = 30.0
# A few beats may be late, on a machine that is busy.
_SILENT_AFTER = timedelta(minutes=3)


class WorkerHeartbeat(Base):
    """When the worker of this name said last that it runs."""

    __tablename__ = "worker_heartbeat"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def beat(name: str, *, at: datetime) -> None:
    """Record that the worker of this name runs."""
    session().merge(WorkerHeartbeat(name=name, at=at))
    session().flush()


def is_silent(*, since: datetime | None, at: datetime) -> bool:
    """Return whether no worker has been heard of for a while.

    `since` is when somebody began to wait, if anybody did: a worker may still be starting.
    """
    last: datetime | None = session().scalar(sa.select(sa.func.max(WorkerHeartbeat.at)))
    moments = [moment for moment in (last, since) if moment is not None]
    return not moments or at - max(moments) > _SILENT_AFTER
