"""Printing a group: each student's pages are a step, which may be taken up again at any point; then all are bound."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect import clock
from reflect.jobs import prints, room
from reflect.jobs.prints import Binding, Came, PrintJob, PrintMember, Stage
from reflect.paper import booklets, bundle
from reflect.paper.booklet import Booklet
from reflect.refusal import NotFound, PrintAsksOutside, PrintFailed, PrintTooLong, Refusal
from reflect.school import lists
from reflect.school.lists import Named
from reflect.school.people import Me, Person
from reflect.settings import Settings
from reflect.store import keep, session
from reflect.trust.reading import SITTING
from reflect.vault import Vault, vault

BIND = "bind"
_ANEW = {"populate_existing": True}
_CAME: dict[type[Refusal], Came] = {
    PrintAsksOutside: Came.OUTSIDE, PrintTooLong: Came.TOO_LONG, PrintFailed: Came.FAILED, NotFound: Came.NOT_YOURS,
}  # fmt: skip


def name(key: str, binding: Binding) -> str:
    """Give the name of the finished file in the vault."""
    return f"print.{key}.{binding.ending}"


going = prints.going


def steps(key: str) -> list[str]:
    """Give the steps of this print in their order: one for each student, and the binding."""
    job = _job(key)
    members = sa.select(PrintMember.id).where(PrintMember.job_id == job.id).order_by(PrintMember.id)
    return [*map(str, session().scalars(members)), BIND]


def do(key: str, step: str, *, house: Settings) -> None:
    """Take one step, or find it taken; waits as long as there is no room, and leaves what was stopped."""
    if not room.comes(lambda stage: prints.move(key, stage, at=clock.now()), house=house):
        return
    if step == BIND:
        _bind(_job(key), house=house)
    else:
        _print(_job(key), int(step), house=house)


def _print(job: PrintJob, member_id: int, *, house: Settings) -> None:
    row = session().get_one(PrintMember, member_id, populate_existing=True)
    if row.came is not Came.WAITING:
        return
    booklet, came = _read(job, row, house=house)
    keep()  # from here on the student sees that it was read
    if booklet:
        pages = _safely(lambda: bundle.one(booklet, seconds=house.print_seconds))
        came = pages if isinstance(pages, Came) else Came.PRINTED
        if isinstance(pages, bytes):
            _vault(house).put(_part(job, row), pages)
    row.came = came
    keep()


def _read(job: PrintJob, row: PrintMember, *, house: Settings) -> tuple[Booklet | None, Came]:
    """Read a student's texts for printing; a step that is taken up again soon after is the same reading."""
    now = clock.now()
    if row.read_at is None or row.read_at < now - SITTING:
        row.read_at = now
    try:
        made = booklets.of_student(
            _group(job), student_id=row.student_id, round_id=job.round_id, school=house.school,
            by=_me(job, house=house), at=row.read_at, shape=job.binding.shape,
        )  # fmt: skip
    except NotFound:
        return None, Came.NOT_YOURS
    return made, Came.NOTHING


def _safely(work: Callable[[], bytes]) -> bytes | Came:
    try:
        return work()
    except PrintFailed as no:
        return _CAME.get(type(no), Came.FAILED)


def _bind(job: PrintJob, *, house: Settings) -> None:
    mine = sa.select(PrintMember).where(PrintMember.job_id == job.id).order_by(PrintMember.id)
    rows = [row for row in session().scalars(mine, execution_options=_ANEW) if row.came is Came.PRINTED]
    read = [(row, booklet) for row in rows if (booklet := _read(job, row, house=house)[0])]
    keep()
    if read:
        pages = _safely(lambda: _bound(job, read, house=house))
        if isinstance(pages, Came):  # each by itself is better than nothing
            job.binding = job.binding.apart
            pages = _bound(job, read, house=house)
        _vault(house).put(name(job.key, job.binding), pages)
    prints.move(job.key, Stage.READY, at=clock.now())
    keep()
    for row in rows:
        _vault(house).remove(_part(job, row))


def _bound(job: PrintJob, read: list[tuple[PrintMember, Booklet]], *, house: Settings) -> bytes:
    made = [booklet for _, booklet in read]
    if job.binding.ending == "pdf":
        return bundle.merged(made, seconds=house.print_seconds)
    pages = [_vault(house).get(_part(job, row)) for row, _ in read]
    return bundle.zipped(dict(zip(bundle.file_names(made), pages, strict=True)))


def sweep(*, house: Settings, at: datetime) -> None:
    """Remove the files of prints that were kept long enough."""
    for job, members in prints.old(kept=timedelta(hours=house.print_hours), at=at):
        for file in (name(job.key, job.binding), *(f"print.{job.key}.{id}.pdf" for id in members)):
            _vault(house).remove(file)
        job.stage = Stage.REMOVED
        keep()


def _part(job: PrintJob, row: PrintMember) -> str:
    return f"print.{job.key}.{row.id}.pdf"


def _vault(house: Settings) -> Vault:
    return vault(house.evidence)


def _job(key: str) -> PrintJob:
    return session().scalars(sa.select(PrintJob).where(PrintJob.key == key), execution_options=_ANEW).one()


def _me(job: PrintJob, *, house: Settings) -> Me:
    """Give who asked, as they are today: what they may read is decided when it is read."""
    person = session().get_one(Person, job.by_id)
    return Me(id=person.id, name=person.name, first=person.given_name, on=clock.day(clock.now(), zone=house.timezone))


def _group(job: PrintJob) -> Named:
    return next(group for group in lists.groups() if group.id == job.group_id)
