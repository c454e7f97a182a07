"""How fast Reflect is: figures, no verdict. `make bench` prints them."""

import sqlite3
import threading
import time
from html.parser import HTMLParser

import psutil

from reflect import clock
from reflect.db.session import session
from reflect.demo.people import PASSWORD
from reflect.printing import booklet_builder, booklet_rendering
from reflect.reports.report import Report
from reflect.school import queries
from reflect.school.queries import NamedRef
from tests.bench import large_school
from tests.bench.http_client import REPEAT, HttpClient, find_reports, make_saver, print_timings

SECONDS, CLIENTS = 8, 8


def test_pages(bench_school, server):
    port, _ = server
    drafts = find_reports(bench_school, state="draft")
    answered = [
        one for one in find_reports(bench_school, state="answered") if one[1].startswith("l0-")
    ]  # those whom mentor0 mentors
    reader, outside = HttpClient(port).sign_in(answered[0][1]), HttpClient(port)
    print(f"\none client, {REPEAT} times, over {large_school.STUDENTS} students")
    print_timings("sign-in form", lambda: outside.get("/inloggen"))
    print_timings("home of a student", lambda: reader.get("/"))
    print_timings("own report with feedback", lambda: reader.get(f"/verslagen/{answered[0][0]}"))
    mentor = HttpClient(port).sign_in(
        "mentor0"
    )  # only now: the server hangs up on who is silent for long
    print_timings("a mentor reads it (noted)", lambda: mentor.get(f"/verslagen/{answered[0][0]}"))
    print_timings(
        "a mentor's group page", lambda: mentor.get(f"/mentorgroepen/{bench_school[1]['group']}")
    )
    writer = HttpClient(port).sign_in(drafts[0][1])
    print_timings("writing form", lambda: writer.get(f"/verslagen/{drafts[0][0]}/schrijven"))
    print_timings("save (autosave of one section)", make_saver(writer, drafts[0][0]))


def test_a_save_in_the_demo_school(demo):
    folder, port = demo
    with sqlite3.connect(folder / "reflect.sqlite3") as beside:
        draft, name = beside.execute(
            "select r.id, p.sign_in_name from report r join person p on p.id = r.student_id "
            "join form f on f.id = r.form_id "
            "where r.state = 'draft' and f.text like '%{#begrijp}%' order by r.id limit 1"
        ).fetchone()
    writer, outside = HttpClient(port).sign_in(name, PASSWORD), HttpClient(port)
    print(f"\none client, {REPEAT} times, in the demo school")
    print_timings("sign-in form", lambda: outside.get("/inloggen"))
    print_timings("save (autosave of one section)", make_saver(writer, draft))


def requests_per_second(jobs):
    """Run the jobs side by side for some seconds; give requests a second."""
    done, stop = [0] * len(jobs), time.perf_counter() + SECONDS

    def run(place, job):
        while time.perf_counter() < stop:
            job()
            done[place] += 1

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(done) / SECONDS


def test_eight_clients(bench_school, server):
    port, process = server
    drafts, answered = (
        find_reports(bench_school, state="draft"),
        find_reports(bench_school, state="answered"),
    )
    reading = [
        lambda client=HttpClient(port).sign_in(name), number=number: client.get(
            f"/verslagen/{number}"
        )
        for number, name in answered[:CLIENTS]
    ]
    print(f"\n{CLIENTS} clients: reading {requests_per_second(reading):.0f} requests/s", flush=True)
    saving = [
        make_saver(HttpClient(port).sign_in(name), number) for number, name in drafts[:CLIENTS]
    ]
    print(f"{CLIENTS} clients: saving  {requests_per_second(saving):.0f} requests/s")
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    own = sum(one.memory_full_info().uss for one in family) / 1e6
    whole = sum(one.memory_full_info().pss for one in family) / 1e6
    print(
        f"memory of {len(family)} processes: {whole:.0f} MB (PSS), of which their own "
        f"{own:.0f} MB (USS)"
    )


class PeakMemory(threading.Thread):
    """Watches how much memory the printing children take, at most, together."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak_bytes, self.running = 0, True

    @staticmethod
    def children_rss():
        taken = 0
        for child in psutil.Process().children(recursive=True):
            try:
                taken += child.memory_info().rss
            except psutil.Error:
                continue  # it has just ended
        return taken

    def run(self):
        while self.running:
            self.peak_bytes = max(self.peak_bytes, self.children_rss())
            time.sleep(0.05)  # often enough to see the top

    def __enter__(self):
        self.start_bytes = self.children_rss()
        self.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.join()

    def __str__(self):
        return (
            f"the printing child took {(self.peak_bytes - self.start_bytes) / 1e6:.0f} MB at most"
        )


class LinkParser(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.paths = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        wanted = {"link": "href", "script": "src", "img": "src"}.get(tag)
        if wanted and dict(attrs).get(wanted):
            self.paths.append(dict(attrs)[wanted])


def test_weight(bench_school, server):
    port, _ = server
    number, name = find_reports(bench_school, state="answered")[0]
    client = HttpClient(port).sign_in(name)
    page = client.get(f"/verslagen/{number}")
    weight, files = (
        client.last_size,
        [path for path in LinkParser(page.decode()).paths if path.startswith("/")],
    )
    for path in files:
        client.get(path)
        weight += client.last_size
    print(
        "\ncold page with what it links (without the fonts that CSS asks for): "
        f"{weight / 1000:.0f} KB, {1 + len(files)} requests"
    )


def test_paper(bench_school):
    folder, numbers, app = bench_school
    del folder
    with app.app_context():
        named = next(one for one in queries.all_groups() if one.id == numbers["group"])
        today = clock.local_date(clock.now(), zone="Europe/Amsterdam")
        mentor = queries.mentors_of_group(named.id, on=today)[0]
        by = mentor.as_actor(today)
        made = booklet_builder.build_for_group(
            NamedRef(named.id, named.code, named.name),
            round_id=numbers["round"] - 1,
            school="Bench",
            by=by,
            at=clock.now(),
        )
        with app.test_request_context():
            began = time.perf_counter()
            booklet_rendering.render_one(made[0], seconds=300)
            print(
                f"\none booklet of {len(made[0].reports)} subjects, first: "
                f"{time.perf_counter() - began:.1f} s",
                end="",
            )
            began = time.perf_counter()
            with PeakMemory() as peak:
                booklet_rendering.render_one(made[0], seconds=300)
            print(f", again, from the cache: {time.perf_counter() - began:.1f} s, {peak}")
            began = time.perf_counter()
            with PeakMemory() as peak:
                pdf = booklet_rendering.render_merged(made, seconds=600)
            print(
                f"the other {len(made) - 1} too, merged: {time.perf_counter() - began:.1f} "
                f"s, {len(pdf) / 1e6:.1f} MB, {peak}"
            )
        session().rollback()
    assert Report.__tablename__ == "report"
