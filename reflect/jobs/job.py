"""The stages of a job, and the rules that every table of jobs shares."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session


class Stage(StrEnum):
    """How far a job is: back and forth between the first three, then one of the others for good."""

    WAITING = "waiting"
    BUSY = "busy"
    NO_ROOM = "no_room"
    READY = "ready"
    STOPPED = "stopped"
    REMOVED = "removed"


ACTIVE_STAGES = (Stage.WAITING, Stage.BUSY, Stage.NO_ROOM)


class Job(Base):
    """A row of a table of jobs.

    `key` cannot be guessed: it names the job's files, and it is the job's id in the queue.
    """

    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[Stage] = mapped_column(index=True)
    requested_at: Mapped[datetime]
    stage_changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @classmethod
    def add(cls, *, at: datetime, **columns: Any) -> Self:
        """Add a job that waits to be done, with these columns of its own table, and return it."""
        job = cls(
            key=secrets.token_urlsafe(24),
            stage=Stage.WAITING,
            requested_at=at,
            stage_changed_at=at,
            **columns,
        )
        session().add(job)
        session().flush()
        return job

    @classmethod
    def set_stage(cls, key: str, stage: Stage, *, at: datetime) -> bool:
        """Move a job to another stage, and return whether it was still active.

        A job that has ended stays as it is: a worker may not know yet that it was stopped.
        """
        # One statement checks and changes, since the person may stop the job at this very moment.
        updated = (
            sa.update(cls)
            .where(cls.key == key, cls.stage.in_(ACTIVE_STAGES))
            .values(
                stage=stage,
                stage_changed_at=at,
                ended_at=None if stage in ACTIVE_STAGES else at,
            )
            .returning(cls.id)
        )
        # "fetch" also updates the job that this session may have loaded before.
        options = {"synchronize_session": "fetch"}
        return session().scalar(updated, execution_options=options) is not None

    @classmethod
    def in_progress(cls) -> list[tuple[str, datetime]]:
        """Return the key of each job that has not ended, and when its stage changed last."""
        active = sa.select(cls.key, cls.stage_changed_at).where(cls.stage.in_(ACTIVE_STAGES))
        return [(key, changed_at) for key, changed_at in session().execute(active)]

    @classmethod
    def expired(cls, *, retention: timedelta, at: datetime) -> Sequence[Self]:
        """Return the jobs that ended at least this long ago and whose files are still there."""
        jobs = sa.select(cls).where(cls.ended_at <= at - retention, cls.stage != Stage.REMOVED)
        return session().scalars(jobs).all()


@dataclass(frozen=True)
class JobView:
    """A job as whoever asked for it sees it."""

    key: str
    stage: Stage
    requested_at: datetime
    ended_at: datetime | None

    @property
    def is_in_progress(self) -> bool:
        return self.stage in ACTIVE_STAGES
