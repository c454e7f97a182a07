"""A print: what somebody asked to have printed of a group, and how far each student's pages are."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.paper.booklet import Shape
from reflect.refusal import NotFound
from reflect.school.people import Me, Who, persons
from reflect.store import Base, session
from reflect.tongue import N_


class Binding(StrEnum):
    """One file for the printer, or a file for each student; of booklets or of single sheets."""

    MERGED = "merged"
    ZIP = "zip"
    SHEETS = "sheets"
    SHEETS_ZIP = "sheets_zip"

    @property
    def shape(self) -> Shape:
        return Shape.SHEET if self in (Binding.SHEETS, Binding.SHEETS_ZIP) else Shape.BOOKLET

    @property
    def apart(self) -> "Binding":
        """Give the binding of the same shape with a file for each student."""
        return Binding.SHEETS_ZIP if self.shape is Shape.SHEET else Binding.ZIP

    @property
    def ending(self) -> str:
        return "zip" if self is self.apart else "pdf"


def binding(kind: str, shape: str) -> Binding:
    """Give the binding that somebody chose; what is not known is one file with booklets for the printer."""
    one = Binding.SHEETS if shape == Shape.SHEET else Binding.MERGED
    return one.apart if kind == Binding.ZIP else one


class Stage(StrEnum):
    WAITING = "waiting"
    BUSY = "busy"
    NO_ROOM = "no_room"
    READY = "ready"
    STOPPED = "stopped"
    REMOVED = "removed"


class Came(StrEnum):
    """What came of one student's pages."""

    WAITING = "waiting"
    PRINTED = "printed"
    FAILED = "failed"
    OUTSIDE = "outside"
    TOO_LONG = "too_long"
    NOT_YOURS = "not_yours"
    NOTHING = "nothing"


REASONS = {
    Came.FAILED:    N_("The pages could not be printed."),
    Came.OUTSIDE:   N_("A page asked for something from outside."),
    Came.TOO_LONG:  N_("Printing took too long and was stopped."),
    Came.NOT_YOURS: N_("You are not the mentor of this student (any more)."),
    Came.NOTHING:   N_("There is nothing to print (any more)."),
}  # fmt: skip
GOING = (Stage.WAITING, Stage.BUSY, Stage.NO_ROOM)


class PrintJob(Base):
    """One print; `key` is unguessable, names its files, and is the name under which the queue knows it."""

    __tablename__ = "print_job"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_group.id"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"))
    binding: Mapped[Binding]
    stage: Mapped[Stage] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PrintMember(Base):
    """One student in a print; `read_at` is when the texts were read for it."""

    __tablename__ = "print_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("print_job.id"), index=True)
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    came: Mapped[Came]
    read_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Printing:
    """A print as whoever asked for it sees it: `printed` and `all` are counts of students, for the machine's bar."""

    key: str
    group: int
    round: int
    binding: Binding
    stage: Stage
    asked_at: datetime
    ended_at: datetime | None
    printed: tuple[Who, ...]
    waiting: tuple[Who, ...]
    left_out: tuple[tuple[Who, Came], ...]

    @property
    def going(self) -> bool:
        return self.stage in GOING

    @property
    def all(self) -> int:
        return len(self.printed) + len(self.waiting) + len(self.left_out)

    @property
    def done(self) -> int:
        return self.all - len(self.waiting)


def ask(
    group_id: int, *, round_id: int, students: Sequence[int], binding: Binding, by: Me, at: datetime
) -> str:  # fmt: skip
    """Ask for a print and give its key; the same one asked again while it goes on is the same print."""
    same = sa.select(PrintJob.key).where(
        PrintJob.by_id == by.id, PrintJob.group_id == group_id, PrintJob.round_id == round_id,
        PrintJob.binding == binding, PrintJob.stage.in_(GOING),
    )  # fmt: skip
    if known := session().scalar(same):
        return known
    job = PrintJob(key=secrets.token_urlsafe(24), by_id=by.id, group_id=group_id, round_id=round_id, binding=binding,
                   stage=Stage.WAITING, asked_at=at, moved_at=at)  # fmt: skip
    session().add(job)
    session().flush()
    session().add_all(PrintMember(job_id=job.id, student_id=id, came=Came.WAITING) for id in students)
    session().flush()
    return job.key


def find(key: str, *, by: Me) -> Printing:
    """Give a print of mine. Raises NotFound: not there and not mine look the same."""
    job = session().scalar(sa.select(PrintJob).where(PrintJob.key == key, PrintJob.by_id == by.id))
    if job is None:
        raise NotFound
    return _seen([job])[0]


def of_group(group_id: int, *, by: Me) -> list[Printing]:
    """Give my prints of this group that go on or can still be fetched, the newest first."""
    mine = sa.select(PrintJob).where(PrintJob.by_id == by.id, PrintJob.group_id == group_id)
    shown = mine.where(PrintJob.stage.in_((*GOING, Stage.READY))).order_by(PrintJob.id.desc())
    return _seen(list(session().scalars(shown)))


def _seen(jobs: list[PrintJob]) -> list[Printing]:
    rows = list(
        session().scalars(
            sa.select(PrintMember)
            .where(PrintMember.job_id.in_([job.id for job in jobs]))
            .order_by(PrintMember.id)
        )
    )  # fmt: skip
    names = persons({row.student_id for row in rows})
    return [_one(job, [(names[row.student_id], row.came) for row in rows if row.job_id == job.id]) for job in jobs]


def _one(job: PrintJob, members: list[tuple[Who, Came]]) -> Printing:
    return Printing(
        key=job.key, group=job.group_id, round=job.round_id, binding=job.binding, stage=job.stage,
        asked_at=job.asked_at, ended_at=job.ended_at,
        printed=tuple(who for who, came in members if came is Came.PRINTED),
        waiting=tuple(who for who, came in members if came is Came.WAITING),
        left_out=tuple((who, came) for who, came in members if came in REASONS),
    )  # fmt: skip


def stop(key: str, *, by: Me, at: datetime) -> None:
    """Stop a print of mine; one that has ended stays as it is. Raises NotFound."""
    find(key, by=by)
    move(key, Stage.STOPPED, at=at)


def move(key: str, to: Stage, *, at: datetime) -> bool:
    """Bring a print that still goes on to another stage; say whether it still went on."""
    ended = at if to not in GOING else None
    going = sa.update(PrintJob).where(PrintJob.key == key, PrintJob.stage.in_(GOING))
    moved = going.values(stage=to, moved_at=at, ended_at=ended).returning(PrintJob.id)
    return session().scalar(moved, execution_options={"synchronize_session": "fetch"}) is not None


def going() -> list[tuple[str, datetime]]:
    """Give the prints that are not at their end, each with when it moved last; for the worker."""
    rows = session().execute(sa.select(PrintJob.key, PrintJob.moved_at).where(PrintJob.stage.in_(GOING)))
    return [(key, moved_at) for key, moved_at in rows]


def old(*, kept: timedelta, at: datetime) -> list[tuple[PrintJob, list[int]]]:
    """Give the prints whose files have been kept long enough, each with the numbers of its members."""
    ended = sa.select(PrintJob).where(PrintJob.ended_at <= at - kept, PrintJob.stage != Stage.REMOVED)
    jobs = list(session().scalars(ended))
    members = sa.select(PrintMember.job_id, PrintMember.id).where(PrintMember.job_id.in_([job.id for job in jobs]))
    found = [(job_id, id) for job_id, id in session().execute(members)]
    return [(job, [id for job_id, id in found if job_id == job.id]) for job in jobs]
