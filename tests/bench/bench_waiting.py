"""Who waits for whom: saves beside prints and sign-ins, readers beside savers; figures, no verdict.

With BENCH_BEFORE=<a folder with an earlier reflect, templates, static and forms>, the same is
measured with that in the same run.
"""

import itertools
import os
import re
import shutil
import threading
import time
from contextlib import contextmanager

import pytest

from reflect.db.session import session
from tests.bench.conftest import run_server
from tests.bench.http_client import REPEAT, HttpClient, find_reports, make_saver

PRINTERS, SIGN_INS, CLIENTS, SECONDS = 3, 20, 8, 8
SOURCES = {"now": "."} | (
    {"before": os.environ["BENCH_BEFORE"]} if "BENCH_BEFORE" in os.environ else {}
)


def print_distribution(name, took):
    """Print percentiles of these seconds, in milliseconds."""
    took = sorted(took)

    def at(share):
        return took[min(int(len(took) * share), len(took) - 1)] * 1000

    print(
        f"{name:<44} p50 {at(0.5):7.1f} ms  p95 {at(0.95):7.1f}  p99 {at(0.99):7.1f}"
        f"  longest {took[-1] * 1000:7.1f}  ({len(took)} times)",
        flush=True,
    )


def timed(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


@pytest.fixture(params=SOURCES)
def served(request, bench_school, tmp_path):
    """The port of a server on a copy of the school, with the code of now or of before."""
    folder, numbers, app = bench_school
    for name in ("reflect.sqlite3", "reflect.env", "secret"):
        shutil.copy(folder / name, tmp_path)
    # Without a worker, which would print ahead.
    with run_server(tmp_path, "serve", cwd=SOURCES[request.param], REFLECT_WORKER="apart") as (
        port,
        process,
    ):
        yield request.param, port, process, (tmp_path, numbers, app)


@contextmanager
def beside(jobs):
    """Run these jobs again and again, each in a thread, while the block runs.

    Yields the event that says that they have stopped: also when one failed, which is raised then.
    """
    stopped, errors = threading.Event(), []

    def run(job):
        while not stopped.is_set():
            try:
                job()
            except Exception as error:
                errors.append(error)
                stopped.set()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield stopped
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]


def printer_of(school, port, group_index, printed):
    """Return a function that prints one student after the other of a group, as its mentor."""
    mentor = HttpClient(port, patience=600).sign_in(f"mentor{group_index}")
    with school[2].app_context():
        rows = (
            session()
            .connection()
            .exec_driver_sql(
                "select m.group_id, m.person_id from membership m join person p"
                " on p.id = m.person_id where p.sign_in_name like ? order by m.person_id",
                (f"l{group_index}-%",),
            )
            .all()
        )
        session().close()
    students = itertools.cycle(rows)

    def print_next():
        group, student = next(students)
        page = f"/mentorgroepen/{group}/leerlingen/{student}"
        mentor.get(page)
        round_id = school[1]["round"] - 1
        mentor.request(
            "POST", f"/mentorgroepen/{group}/ronde/{round_id}/leerlingen/{student}/afdrukken", {}
        )
        printed.append(student)

    return print_next


def test_saves_beside_prints_and_sign_ins(served):
    name, port, _, school = served
    number, writer = find_reports(school, state="draft")[-1]
    save = make_saver(HttpClient(port, patience=600).sign_in(writer), number)
    save()
    print()
    print_distribution(f"{name}: saves, idle", [timed(save) for _ in range(REPEAT)])
    printed: list[int] = []
    signed_in: list[bool] = []
    printers = [printer_of(school, port, index, printed) for index in range(PRINTERS)]
    names = itertools.cycle(f"l9-{number}" for number in range(SIGN_INS))

    def sign_in_next():
        HttpClient(port, patience=600).sign_in(next(names))
        signed_in.append(True)
        time.sleep(0.2)  # as people come in, and not as fast as one can

    with beside([*printers, sign_in_next]) as stopped:
        while not (printed or stopped.is_set()):
            time.sleep(0.1)  # until the press is warm; from here on three prints always run
        signed_in.clear()
        took: list[float] = []
        while (len(signed_in) < SIGN_INS or len(took) < REPEAT) and not stopped.is_set():
            took.append(timed(save))
    print_distribution(f"{name}: saves, {PRINTERS} prints, {len(signed_in)} sign-ins", took)


def test_readers_beside_savers(served):
    """Eight teachers who each read one hand-in after the other for the first time."""
    name, port, _, school = served
    reading: list[float] = []
    saving: list[float] = []
    lock = threading.Lock()
    with school[2].app_context():
        rows = (
            session()
            .connection()
            .exec_driver_sql(
                "select r.id, p.sign_in_name from report r join teaching t"
                " on t.course_id = r.course_id join person p on p.id = t.person_id"
                " where r.state = 'answered' order by p.id, r.id"
            )
            .all()
        )
        session().close()
    by_teacher: dict[str, list[int]] = {}
    for report_id, teacher in rows:
        by_teacher.setdefault(teacher, []).append(report_id)

    def reader(teacher, report_ids):
        client, ids = HttpClient(port, patience=600).sign_in(teacher), iter(report_ids * 9)

        def read():
            seconds = timed(lambda: client.get(f"/verslagen/{next(ids)}"))
            with lock:
                reading.append(seconds)

        return read

    def saver(number, student):
        save = make_saver(HttpClient(port, patience=600).sign_in(student), number)

        def save_once():
            seconds = timed(save)
            with lock:
                saving.append(seconds)

        return save_once

    readers = [reader(*pair) for pair in list(by_teacher.items())[:CLIENTS]]
    savers = [saver(*pair) for pair in find_reports(school, state="draft")[:CLIENTS]]
    print()
    for label, jobs in (
        ("readers alone", readers),
        ("savers alone", savers),
        ("readers beside savers", readers + savers),
    ):
        reading.clear()
        saving.clear()
        with beside(jobs):
            time.sleep(SECONDS)
        for what, took in (("a first reading", reading), ("a save", saving)):
            if took:
                print_distribution(f"{name}: {label}: {what}", took)


def test_pages_as_ratios_and_with_eight_clients(served):
    """Each page beside the sign-in form in one run; then by eight clients at once."""
    name, port, _, school = served
    drafts = find_reports(school, state="draft")
    pages = {
        "sign-in form": [(None, "/inloggen")] * CLIENTS,
        "home of a student": [(who, "/") for _, who in drafts[:CLIENTS]],
        "writing form": [
            (who, f"/verslagen/{number}/schrijven") for number, who in drafts[:CLIENTS]
        ],
        "own report": [
            (who, f"/verslagen/{number}")
            for number, who in find_reports(school, state="answered")[:CLIENTS]
        ],
    }
    print()
    form_p50 = 0.0
    for label, visits in pages.items():
        gets = []
        for who, path in visits:
            client = HttpClient(port, patience=600)
            if who:
                client.sign_in(who)
            gets.append(lambda client=client, path=path: client.get(path))
        gets[0]()
        took = sorted(timed(gets[0]) for _ in range(REPEAT))
        form_p50 = form_p50 or took[REPEAT // 2]
        print_distribution(f"{name}: {label}, {took[REPEAT // 2] / form_p50:.2f} forms", took)
        eight: list[float] = []
        with beside([lambda get=get, eight=eight: eight.append(timed(get)) for get in gets]):
            time.sleep(SECONDS / 2)
        print_distribution(f"{name}: {label}, {CLIENTS} clients", eight)


def test_connections_are_spread(served):
    """Eight kept-alive clients, and how much of the work each process did."""
    name, port, process, _ = served
    import psutil

    clients = [HttpClient(port) for _ in range(CLIENTS)]
    for client in clients:
        client.get("/inloggen")
    workers = [
        child
        for child in psutil.Process(process.pid).children()
        if not re.search("forkserver|tracker", " ".join(child.cmdline()))
    ]
    before = [sum(child.cpu_times()[:2]) for child in workers]
    done = []
    with beside([lambda client=client: done.append(client.get("/inloggen")) for client in clients]):
        time.sleep(SECONDS / 2)
    shares = [
        sum(child.cpu_times()[:2]) - start for child, start in zip(workers, before, strict=True)
    ]
    print(
        f"\n{name}: {CLIENTS} clients, {len(done) / SECONDS * 2:.0f} requests/s,"
        f" processor time of each process: {', '.join(f'{share:.1f} s' for share in shares)}"
    )
