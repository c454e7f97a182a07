"""A house on disk whose programs run as real processes, on SQLite or PostgreSQL."""

import os
import socket
import subprocess
import sys
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
from reflect.report import release, writing
from reflect.report import report as reports
from reflect.report.life import State, Verb
from reflect.report.report import Report, StepTaken
from reflect.report.round import Round, RoundCourse
from reflect.store import db, keep, only_read, session
from tests import cast as people
from tests.conftest import ANSWER, TEXTS, house_settings
from tests.postgres import running

TOP = Path(__file__).parent.parent.parent


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
