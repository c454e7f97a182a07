"""Workers beside the server or apart; killed at any time, each step is taken once."""

import os
import random
import signal
import subprocess
import sys
import time

import psutil
import sqlalchemy as sa

from reflect.report.release import Release
from reflect.store import session
from tests.jobs.conftest import TOP
from tests.test_server import ask, until


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
