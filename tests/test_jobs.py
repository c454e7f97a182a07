"""Jobs: a worker beside the server or apart, on SQLite or PostgreSQL; killed at any time, each step is taken once."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from reflect import clock, migrate
from reflect.app import create_app
from reflect.jobs import prints, taking
from reflect.jobs.prints import Binding, Came, PrintJob, PrintMember, Stage
from reflect.jobs.taking import TakeAlong
from reflect.report import release, writing
from reflect.report import report as reports
from reflect.report.life import State, Verb
from reflect.report.release import Release
from reflect.report.report import Report, StepTaken
from reflect.report.round import Round, RoundCourse
from reflect.store import db, keep, only_read, session
from reflect.trust.reading import Door, Reading
from tests import cast as people
from tests.conftest import ANSWER, TEXTS, house_settings, live
from tests.postgres import running
from tests.test_server import ask, until

TOP = Path(__file__).parent.parent


@dataclass
class School:
    """A house on disk with the cast, whose programs run as real processes."""

    folder: Path
    more: dict = field(default_factory=dict)
    processes: list = field(default_factory=list)

    def __post_init__(self):
        self.app = create_app(house_settings(self.folder, **self.more))
        with self.inside():
            migrate.up_to_date()
            self.cast = people.settle()

    def inside(self):
        return self.app.app_context()

    def start(self, command, **more):
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(TOP),
            "REFLECT_DATA": str(self.folder),
            **self.more,
            **more,
        }
        env["REFLECT_SETTINGS"] = str(self.folder / "reflect.env")
        self.log = self.folder / f"{command}-{len(self.processes)}.log"
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "reflect", command], env=env, cwd=self.folder, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def close(self):
        for process in self.processes:
            children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            for one in (*children, process):
                one.kill()
            process.wait()
        with self.inside():
            db.engine.dispose()

    def rounds(self, number):
        """Open more rounds, so that there are as many reports as a test likes."""
        day, made = clock.day(clock.now(), zone="Europe/Amsterdam"), []
        with self.inside():
            first = session().get(RoundCourse, (self.cast.round, self.cast.course))
            year = session().get(Round, self.cast.round).year_id
            for name in range(number):
                one = Round(name=f"Ronde {name}", year_id=year, opens_on=day, hand_in_on=day, conversation_on=day)
                session().add(one)
                session().flush()
                session().add(RoundCourse(round_id=one.id, course_id=self.cast.course, form_id=first.form_id))
                made.append(one.id)
            keep()
        return made

    def worker(self):
        """Give the process id that the worker of this folder left, if it lives."""
        for path in self.folder.glob("worker-*.pid"):
            said = path.read_text().strip()
            if said and psutil.pid_exists(int(said)) and psutil.Process(int(said)).status() != psutil.STATUS_ZOMBIE:
                return int(said)
        return None

    def plan(self, *, rounds=None, late=timedelta(minutes=1)):
        """Hand in a report of Noor and Sam in each round, write answers, and plan them for the moment that passes."""
        now, cast = clock.now(), self.cast
        on = clock.day(now, zone="Europe/Amsterdam")
        teacher = cast.me("dewit", on)
        ids = []
        with self.inside():
            for name, round in product(("noor", "sam"), rounds or [cast.round]):
                me = cast.me(name, on)
                report = reports.begin(round, course_id=cast.course, by=me, at=now)
                writing.save(report, TEXTS, verb=Verb.WRITE, version=0, key=None, by=me, at=now)
                report.hand_in(by=me, at=now)
                writing.save(report, ANSWER, verb=Verb.WRITE_ANSWER, version=0, key=None, by=teacher, at=now)
                ids.append(report.id)
            assert release.plan(ids, verb=Verb.ANSWER, due_at=now, by=teacher, at=now - late).reports == tuple(ids)
            keep()
        return ids

    def seen(self, statement):
        """Look from beside, without the lock for writing: who waits for that gets it only when the worker is done."""

        def look():
            only_read()
            with self.inside():
                found = session().execute(statement).all()
                session().rollback()
            return found

        return copy_context().run(look)

    def answered(self, ids):
        return {state for (state,) in self.seen(sa.select(Report.state).where(Report.id.in_(ids)))} == {State.ANSWERED}

    def given(self):
        """How often each report was given."""
        times = sa.select(StepTaken.report_id, sa.func.count()).where(StepTaken.verb == Verb.ANSWER)
        return dict(self.seen(times.group_by(StepTaken.report_id)))


@pytest.fixture(scope="module")
def postgres():
    with running() as database:
        yield database


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def school(request, tmp_path):
    more = {}
    if request.param == "PostgreSQL":
        database = request.getfixturevalue("postgres")
        name = f"{request.node.name[:30].lower()}_{os.getpid()}".translate(str.maketrans("[]-", "___"))
        more = {"REFLECT_DATABASE": database(f"{name}_house"), "REFLECT_QUEUE": database(f"{name}_queue")}
    made = School(tmp_path, more)
    yield made
    made.close()


@pytest.fixture
def alone(tmp_path):
    """Make the one school of a test that concerns SQLite only; its programs end with the test, however it ends."""
    made = []

    def make(**more):
        made.append(School(tmp_path, more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def test_a_worker_gives_what_came_due_while_nobody_worked(school):
    ids = school.plan()
    school.start("worker")
    until(lambda: school.answered(ids))
    assert school.given() == dict.fromkeys(ids, 1)


def test_two_workers_of_two_machines_give_it_once(school):
    ids = school.plan()
    school.start("worker", REFLECT_WORKER_NAME="een")
    school.start("worker", REFLECT_WORKER_NAME="twee")
    until(lambda: school.answered(ids))
    assert school.given() == dict.fromkeys(ids, 1)


def test_killed_in_the_middle_each_answer_is_given_once_and_none_is_half(school):
    """Workers are killed with SIGKILL while they give; the last one finds the rest."""
    ids, chance, in_the_middle = school.plan(rounds=school.rounds(120)), random.Random(7), 0
    for _ in range(4):
        before = len(school.given())
        process = school.start("worker")
        until(lambda before=before: len(school.given()) > before or len(school.given()) == len(ids), every=0.005)
        time.sleep(chance.random() / 50)  # at any point of a transaction
        process.send_signal(signal.SIGKILL)
        process.wait()
        in_the_middle += before < len(school.given()) < len(ids)
    assert in_the_middle, "a test that cannot fail is a defect"
    school.start("worker")
    until(lambda: school.answered(ids))
    assert school.given() == dict.fromkeys(ids, 1)
    with school.inside():
        rows = session().scalars(sa.select(Release)).all()
        assert all(row.done_at and not row.lapsed_at and not row.revoked_at for row in rows)


def test_serve_starts_a_worker_which_comes_back_when_it_dies_and_stops_with_the_server(alone, port):
    school = alone(REFLECT_PORT=port)
    server = school.start("serve")
    until(school.worker)
    first = school.worker()
    assert psutil.Process(first).ppid() == server.pid
    ids = school.plan()
    until(lambda: school.answered(ids))
    os.kill(first, signal.SIGKILL)
    until(lambda: school.worker() not in (None, first))
    server.terminate()
    assert server.wait(timeout=60) == 0
    assert school.worker() is None


def test_a_worker_notices_that_its_server_was_killed(alone, port):
    school = alone(REFLECT_PORT=port)
    server = school.start("serve")
    until(school.worker)
    server.kill()
    server.wait()
    until(lambda: school.worker() is None)
    again = school.start("serve")
    until(school.worker)
    again.terminate()
    assert again.wait(timeout=60) == 0


def test_where_the_worker_stands_apart_serve_starts_none(alone, port):
    """The worker would be the first that the server starts, and the only one that does not listen."""
    school = alone(REFLECT_PORT=port, REFLECT_WORKER="apart")
    server = psutil.Process(school.start("serve").pid)
    until(lambda: "ok" in ask(port, "/healthz"))
    until(lambda: sum(map(listens, server.children())) == 2)
    assert len(server.children()) == 2, "only the processes that serve"
    assert school.worker() is None


def listens(process):
    return any(one.status == psutil.CONN_LISTEN for one in process.net_connections())


def test_a_second_worker_of_the_same_name_waits_for_the_first(alone):
    school = alone()
    first = school.start("worker")
    until(school.worker)
    second = school.start("worker")
    until(lambda: psutil.Process(second.pid).nice() > 0)
    assert school.worker() == first.pid
    first.kill()
    first.wait()
    until(lambda: school.worker() == second.pid)


def test_a_process_that_serves_does_not_load_the_queue():
    loaded = "import sys, reflect, reflect.server; sys.exit('dbos' in sys.modules)"
    subprocess.run([sys.executable, "-c", loaded], check=True, cwd=TOP)


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
