"""Prints and archives outlive the workers that make them, and note each reading once."""

from datetime import timedelta

import sqlalchemy as sa

from reflect import clock
from reflect.jobs import prints, taking
from reflect.jobs.prints import Binding, Came, PrintJob, PrintMember, Stage
from reflect.jobs.taking import TakeAlong
from reflect.store import keep, session
from reflect.trust.reading import Door, Reading
from tests.conftest import live
from tests.test_server import until


def printing_asked(school, by="smit"):
    """Ms Smit asks for a print of Noor and Sam; gives its key."""
    now, cast = clock.now(), school.cast
    on = clock.day(now, zone="Europe/Amsterdam")
    with school.inside():
        for name in ("noor", "sam"):
            live(cast, "answered", student=name, course=cast.course, at=now - timedelta(hours=1))
        students = [cast.people[name] for name in ("noor", "sam")]
        key = prints.ask(
            cast.group, round_id=cast.round, students=students, binding=Binding.MERGED, by=cast.me(by, on), at=now
        )
        keep()
    return key


def told(school, ask):
    return [row[0] for row in school.seen(ask)]


def test_a_print_outlives_killed_workers_and_notes_one_reading_for_each_student(school):
    """Killed before, within and after a student's pages: the next one takes up the step, and the rest is not done again."""
    key = printing_asked(school)
    came = sa.select(PrintMember.came).order_by(PrintMember.id)
    read = sa.select(PrintMember.read_at).where(PrintMember.read_at.is_not(None))
    stage = sa.select(PrintJob.stage).where(PrintJob.key == key)
    for reached in (
        lambda: school.worker(),
        lambda: len(told(school, read)) == 1,
        lambda: Came.PRINTED in told(school, came),
    ):
        process = school.start("worker")
        until(reached, every=0.01)
        process.kill()
        process.wait()
    assert told(school, stage) != [Stage.READY], "it was killed in the middle"
    school.start("worker")
    until(lambda: told(school, stage) == [Stage.READY])
    assert told(school, came) == [Came.PRINTED] * 2
    assert told(school, sa.select(sa.func.count(Reading.id)).where(Reading.door == Door.PRINT)) == [2]
    assert len(list((school.folder / "evidence").glob(f"print.{key}.pdf"))) == 1


def test_another_worker_takes_up_what_a_machine_that_is_gone_had_begun(school):
    key = printing_asked(school)
    stage = sa.select(PrintJob.stage).where(PrintJob.key == key)
    gone = school.start("worker", REFLECT_WORKER_NAME="weg")
    until(lambda: told(school, stage) == [Stage.BUSY], every=0.01)
    gone.kill()
    gone.wait()
    with school.inside():
        long_ago = clock.now() - timedelta(hours=1)
        session().execute(sa.update(PrintJob).values(moved_at=long_ago))
        keep()
    school.start("worker", REFLECT_WORKER_NAME="blijft")
    until(lambda: told(school, stage) == [Stage.READY])


def test_what_a_worker_logs_and_keeps_in_its_queue_names_nobody(school):
    key = printing_asked(school)
    school.start("worker")
    until(lambda: told(school, sa.select(PrintJob.stage).where(PrintJob.key == key)) == [Stage.READY])
    kept = school.log.read_text()
    queue = sa.create_engine(school.app.extensions["reflect"].queue)
    with queue.connect() as connection:
        for table in sa.inspect(connection).get_table_names(schema="dbos" if school.more else None):
            rows = connection.execute(sa.text(f"select * from {'dbos.' if school.more else ''}{table}"))
            kept += "\n".join(map(str, rows))
    queue.dispose()
    assert key in kept
    for word in ("Noor", "Amrani", "Carla", "Mooi uitgelegd"):
        assert word not in kept


def test_an_archive_to_take_along_outlives_a_killed_worker(school):
    """Noor asks for everything of hers; the worker is killed while it packs, and the next one packs it."""
    printing_asked(school)
    with school.inside():
        taking.ask(by=school.cast.me("noor"), at=clock.now())
        keep()
    stage = sa.select(TakeAlong.stage)
    process = school.start("worker")
    until(lambda: told(school, stage) == [Stage.BUSY], every=0.01)
    process.kill()
    process.wait()
    school.start("worker")
    until(lambda: told(school, stage) == [Stage.READY])
    assert len(list((school.folder / "evidence").glob("take.*.zip"))) == 1
