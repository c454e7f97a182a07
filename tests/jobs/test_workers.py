"""Workers of a server or on their own may be killed at any time, and still do everything once."""

import os
import random
import signal
import subprocess
import sys
import time

import psutil
import sqlalchemy as sa

from reflect.db.session import session
from reflect.reports.release import Release
from tests.jobs.conftest import REPO_ROOT
from tests.test_server import ask, until


def test_a_worker_releases_what_came_due_without_a_worker(school):
    ids = school.plan_answers()
    school.start("worker")
    until(lambda: school.all_answered(ids))
    assert school.release_counts() == dict.fromkeys(ids, 1)


def test_two_workers_of_two_machines_release_it_once(school):
    ids = school.plan_answers()
    school.start("worker", REFLECT_WORKER_NAME="een")
    school.start("worker", REFLECT_WORKER_NAME="twee")
    until(lambda: school.all_answered(ids))
    assert school.release_counts() == dict.fromkeys(ids, 1)


def test_killed_in_the_middle_each_answer_is_released_once_and_none_by_half(school):
    """Workers are killed while they release; the last one releases the rest."""
    ids = school.plan_answers(rounds=school.add_rounds(120))
    chance = random.Random(7)
    killed_in_the_middle = 0
    for _ in range(4):
        before = len(school.release_counts())
        process = school.start("worker")
        until(
            lambda before=before: len(school.release_counts()) > before or before == len(ids),
            every=0.005,
        )
        time.sleep(chance.random() / 50)  # so that it is killed at any point of a transaction
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed_in_the_middle += before < len(school.release_counts()) < len(ids)
    assert killed_in_the_middle
    school.start("worker")
    until(lambda: school.all_answered(ids))
    assert school.release_counts() == dict.fromkeys(ids, 1)
    with school.app_context():
        rows = session().scalars(sa.select(Release)).all()
        assert all(row.done_at and not row.failed_at and not row.revoked_at for row in rows)


def test_serve_starts_a_worker_which_comes_back_when_it_dies_and_stops_with_the_server(
    sqlite_school, port
):
    school = sqlite_school(REFLECT_PORT=port)
    server = school.start("serve")
    until(school.worker_pid)
    first = school.worker_pid()
    assert psutil.Process(first).ppid() == server.pid
    ids = school.plan_answers()
    until(lambda: school.all_answered(ids))
    os.kill(first, signal.SIGKILL)
    until(lambda: school.worker_pid() not in (None, first))
    server.terminate()
    assert server.wait(timeout=60) == 0
    assert school.worker_pid() is None


def test_a_worker_notices_that_its_server_was_killed(sqlite_school, port):
    school = sqlite_school(REFLECT_PORT=port)
    server = school.start("serve")
    until(school.worker_pid)
    server.kill()
    server.wait()
    until(lambda: school.worker_pid() is None)
    next_server = school.start("serve")
    until(school.worker_pid)
    next_server.terminate()
    assert next_server.wait(timeout=60) == 0


def test_with_a_worker_apart_serve_starts_none(sqlite_school, port):
    """It would be the first process that the server starts, and the only one not to listen."""
    school = sqlite_school(REFLECT_PORT=port, REFLECT_WORKER="apart")
    server = psutil.Process(school.start("serve").pid)
    until(lambda: "ok" in ask(port, "/healthz"))
    until(lambda: sum(map(listens, server.children())) == 2)
    assert len(server.children()) == 2, "only the processes that serve"
    assert school.worker_pid() is None


def listens(process):
    statuses = [connection.status for connection in process.net_connections()]
    return psutil.CONN_LISTEN in statuses


def test_a_second_worker_of_the_same_name_waits_for_the_first(sqlite_school):
    school = sqlite_school()
    first = school.start("worker")
    until(school.worker_pid)
    second = school.start("worker")
    until(lambda: psutil.Process(second.pid).nice() > 0)
    assert school.worker_pid() == first.pid
    first.kill()
    first.wait()
    until(lambda: school.worker_pid() == second.pid)


def test_a_process_that_serves_does_not_load_the_queue():
    script = "import sys, reflect, reflect.server.webserver; sys.exit('dbos' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=REPO_ROOT)
