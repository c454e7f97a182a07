"""An installation whose programs run as real processes, on SQLite or PostgreSQL."""

import os
import socket
import subprocess
import sys
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

from reflect import clock
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.engine import db
from reflect.db.session import commit, read_only, session
from reflect.reports import release, revisions
from reflect.reports.report import Report, StateChange, start_report
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import Action, State
from tests import cast as cast_data
from tests.conftest import ANSWER, DATABASE_KINDS, TEXTS, isolated_settings
from tests.processes import is_alive, kill_with_children

REPO_ROOT = Path(__file__).parent.parent.parent


@dataclass
class DeployedSchool:
    """An installation with the cast as its people."""

    folder: Path
    environment: dict = field(default_factory=dict)
    processes: list = field(default_factory=list)

    def __post_init__(self):
        self.app = create_app(isolated_settings(self.folder, **self.environment))
        with self.app_context():
            migrate.upgrade()
            self.cast = cast_data.create_cast()

    def app_context(self):
        return self.app.app_context()

    def start(self, command, **more):
        """Start a command, such as "worker", and return its process."""
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPO_ROOT),
            "REFLECT_DATA": str(self.folder),
            "REFLECT_SETTINGS": str(self.folder / "reflect.env"),
            **self.environment,
            **more,
        }
        self.log = self.folder / f"{command}-{len(self.processes)}.log"
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "reflect", command],
                env=env,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def close(self):
        for process in self.processes:
            kill_with_children(process)
        with self.app_context():
            db.engine.dispose()

    def add_rounds(self, number):
        """Open this number of rounds, and return their ids; each student has a report in each."""
        with self.app_context():
            round_ids = [self._add_round(f"Ronde {index}") for index in range(number)]
            commit()
        return round_ids

    def _add_round(self, name):
        today = school_day(clock.now())
        first = session().get(RoundCourse, (self.cast.round, self.cast.course))
        new_round = Round(
            name=name,
            year_id=session().get(Round, self.cast.round).year_id,
            opens_on=today,
            hand_in_on=today,
            conversation_on=today,
        )
        session().add(new_round)
        session().flush()
        session().add(
            RoundCourse(round_id=new_round.id, course_id=self.cast.course, form_id=first.form_id)
        )
        return new_round.id

    def worker_pid(self):
        """Return the process id of the worker of this folder, if it is alive."""
        for path in self.folder.glob("worker-*.pid"):
            text = path.read_text().strip()
            if text and is_alive(int(text)):
                return int(text)
        return None

    def plan_answers(self, *, rounds=None, late=timedelta(minutes=1)):
        """Plan answers to reports of Noor and Sam in each round, due now, and return their ids."""
        now = clock.now()
        teacher = self.cast.actor("dewit", school_day(now))
        with self.app_context():
            report_ids = [
                self._write_report_and_answer(name, round_id, teacher=teacher, at=now)
                for name, round_id in product(("noor", "sam"), rounds or [self.cast.round])
            ]
            planned = release.plan(
                report_ids, action=Action.ANSWER, due_at=now, by=teacher, at=now - late
            )
            assert planned.report_ids == tuple(report_ids)
            commit()
        return report_ids

    def _write_report_and_answer(self, name, round_id, *, teacher, at):
        student = self.cast.actor(name, school_day(at))
        report = start_report(round_id, course_id=self.cast.course, by=student, at=at)
        save(report, TEXTS, action=Action.WRITE, by=student, at=at)
        report.hand_in(by=student, at=at)
        save(report, ANSWER, action=Action.WRITE_ANSWER, by=teacher, at=at)
        return report.id

    def query(self, statement):
        """Return rows, read without the lock for writing, for which a worker might be waiting."""

        def read_rows():
            read_only()
            with self.app_context():
                rows = session().execute(statement).all()
                session().rollback()
            return rows

        return copy_context().run(read_rows)

    def all_answered(self, report_ids):
        states = self.query(sa.select(Report.state).where(Report.id.in_(report_ids)))
        return {state for (state,) in states} == {State.ANSWERED}

    def release_counts(self):
        """Return how often each report was answered, by its id."""
        counts = (
            sa.select(StateChange.report_id, sa.func.count())
            .where(StateChange.action == Action.ANSWER)
            .group_by(StateChange.report_id)
        )
        return dict(self.query(counts))


def school_day(at):
    return clock.local_date(at, zone="Europe/Amsterdam")


def save(report, texts, *, action, by, at):
    revisions.save(report, texts, action=action, base_version=0, save_key=None, by=by, at=at)


@pytest.fixture(params=DATABASE_KINDS)
def school(request, tmp_path, new_postgres_database):
    environment = {}
    if request.param == "postgresql":
        environment["REFLECT_DATABASE"] = new_postgres_database()
        environment["REFLECT_QUEUE"] = new_postgres_database()
    deployed = DeployedSchool(tmp_path, environment)
    yield deployed
    deployed.close()


@pytest.fixture
def sqlite_school(tmp_path):
    """Make the school of a test that concerns SQLite only; its programs end with the test."""
    deployed = []

    def make(**environment):
        deployed.append(DeployedSchool(tmp_path, environment))
        return deployed[-1]

    yield make
    for deployed_school in deployed:
        deployed_school.close()


@pytest.fixture
def port():
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        return str(free_socket.getsockname()[1])
