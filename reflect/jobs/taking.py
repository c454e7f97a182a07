"""Taking along: a student asked for everything of theirs; the worker packs it, and it can be fetched for a while."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect import clock
from reflect.jobs import room
from reflect.jobs.prints import GOING, Stage
from reflect.paper import takeout
from reflect.refusal import NotFound
from reflect.school.people import Me, Person
from reflect.settings import Settings
from reflect.store import Base, keep, session
from reflect.vault import vault

PACK = "pack"


class TakeAlong(Base):
    """One archive that somebody asked for; `key` is unguessable and names its file."""

    __tablename__ = "take_along"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    stage: Mapped[Stage] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Taking:
    """An archive as its student sees it."""

    key: str
    stage: Stage
    asked_at: datetime
    ended_at: datetime | None

    @property
    def going(self) -> bool:
        return self.stage in GOING


def ask(*, by: Me, at: datetime) -> str:
    """Ask for everything of mine and give the key; asked again while it is packed it is the same."""
    known = newest(by=by)
    if known and known.going:
        return known.key
    row = TakeAlong(key=secrets.token_urlsafe(24), person_id=by.id, stage=Stage.WAITING, asked_at=at, moved_at=at)
    session().add(row)
    session().flush()
    return row.key


def newest(*, by: Me) -> Taking | None:
    """Give the archive that I asked for last."""
    mine = sa.select(TakeAlong).where(TakeAlong.person_id == by.id).order_by(TakeAlong.id.desc())
    row = session().scalars(mine.limit(1)).first()
    return Taking(row.key, row.stage, row.asked_at, row.ended_at) if row else None


def content(key: str, *, by: Me, house: Settings) -> bytes:
    """Give my archive. Raises NotFound."""
    ready = TakeAlong.stage == Stage.READY
    mine = sa.select(TakeAlong.key).where(TakeAlong.key == key, TakeAlong.person_id == by.id, ready)
    if session().scalar(mine) is None:
        raise NotFound
    return vault(house.evidence).get(_file(key))


def going() -> list[tuple[str, datetime]]:
    """Give the archives that are not packed yet, each with when it moved last; for the worker."""
    rows = session().execute(sa.select(TakeAlong.key, TakeAlong.moved_at).where(TakeAlong.stage.in_(GOING)))
    return [(key, moved_at) for key, moved_at in rows]


def steps(key: str) -> list[str]:
    """Give the steps: an archive is packed in one."""
    return [PACK]


def do(key: str, step: str, *, house: Settings) -> None:
    """Pack it, or find it packed."""
    if room.comes(lambda stage: _move(key, stage), house=house):
        owner = sa.select(Person).join(TakeAlong, TakeAlong.person_id == Person.id).where(TakeAlong.key == key)
        packed = pack(session().scalars(owner).one(), house=house)
        vault(house.evidence).put(_file(key), packed)
        _move(key, Stage.READY)
        keep()


def pack(person: Person, *, house: Settings) -> bytes:
    """Pack everything of this person, as they themselves see it. Raises PrintFailed."""
    now, keeps = clock.now(), vault(house.evidence)
    by = Me(id=person.id, name=person.name, first=person.given_name, on=clock.day(now, zone=house.timezone))
    found = takeout.records(by=by, at=now)
    keep()  # packing takes seconds, and nobody waits for them at the database
    return takeout.archive(
        found, {name: keeps.get(name) for record in found for name in record.files.values()}, school=house.school,
        language=person.language or house.language, seconds=house.print_seconds, by=by, at=now,
    )  # fmt: skip


def sweep(*, house: Settings, at: datetime) -> None:
    """Remove the archives that were kept long enough."""
    kept = timedelta(hours=house.print_hours)
    old = sa.select(TakeAlong).where(TakeAlong.ended_at <= at - kept, TakeAlong.stage != Stage.REMOVED)
    for row in list(session().scalars(old)):
        vault(house.evidence).remove(_file(row.key))
        row.stage = Stage.REMOVED
        keep()


def _move(key: str, to: Stage) -> bool:
    now = clock.now()
    still = sa.update(TakeAlong).where(TakeAlong.key == key, TakeAlong.stage.in_(GOING))
    moved = still.values(stage=to, moved_at=now, ended_at=None if to in GOING else now).returning(TakeAlong.id)
    return session().scalar(moved, execution_options={"synchronize_session": "fetch"}) is not None


def _file(key: str) -> str:
    return f"take.{key}.zip"
