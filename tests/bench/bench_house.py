"""How fast the house is: figures, no verdict. `make bench` prints them."""

import sqlite3
import threading
import time
from html.parser import HTMLParser

import psutil

from reflect import clock
from reflect.demo.people import PASSWORD
from reflect.paper import booklets, bundle
from reflect.report.report import Report
from reflect.school import lists
from reflect.school.lists import Named
from reflect.school.people import Me
from reflect.store import session
from tests.bench import school
from tests.bench.visitor import REPEAT, Client, find, saver, timed

SECONDS, CLIENTS = 8, 8


def test_pages(house, server):
    port, _ = server
    drafts = find(house, state="draft")
    answered = [one for one in find(house, state="answered") if one[1].startswith("l0-")]  # those whom mentor0 mentors
    reader, outside = Client(port).sign_in(answered[0][1]), Client(port)
    print(f"\none client, {REPEAT} times, over {school.STUDENTS} students")
    timed("sign-in form", lambda: outside.get("/inloggen"))
    timed("home of a student", lambda: reader.get("/"))
    timed("own report with feedback", lambda: reader.get(f"/verslagen/{answered[0][0]}"))
    mentor = Client(port).sign_in("mentor0")  # only now: the server hangs up on who is silent for long
    timed("a mentor reads it (noted)", lambda: mentor.get(f"/verslagen/{answered[0][0]}"))
    timed("a mentor's group page", lambda: mentor.get(f"/mentorgroepen/{house[1]['group']}"))
    writer = Client(port).sign_in(drafts[0][1])
    timed("writing form", lambda: writer.get(f"/verslagen/{drafts[0][0]}/schrijven"))
    timed("save (autosave of one section)", saver(writer, drafts[0][0]))


def test_a_save_in_the_demo_school(demo):
    folder, port = demo
    with sqlite3.connect(folder / "reflect.sqlite3") as beside:
        draft, name = beside.execute(
            "select r.id, p.sign_in_name from report r join person p on p.id = r.student_id join form f on f.id = r.form_id "
            "where r.state = 'draft' and f.text like '%{#begrijp}%' order by r.id limit 1"
        ).fetchone()
    writer, outside = Client(port).sign_in(name, PASSWORD), Client(port)
    print(f"\none client, {REPEAT} times, in the demo school")
    timed("sign-in form", lambda: outside.get("/inloggen"))
    timed("save (autosave of one section)", saver(writer, draft))


def together(jobs):
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


def test_eight_clients(house, server):
    port, process = server
    drafts, answered = find(house, state="draft"), find(house, state="answered")
    reading = [lambda client=Client(port).sign_in(name), number=number: client.get(f"/verslagen/{number}")
               for number, name in answered[:CLIENTS]]  # fmt: skip
    print(f"\n{CLIENTS} clients: reading {together(reading):.0f} requests/s", flush=True)
    saving = [saver(Client(port).sign_in(name), number) for number, name in drafts[:CLIENTS]]
    print(f"{CLIENTS} clients: saving  {together(saving):.0f} requests/s")
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    own = sum(one.memory_full_info().uss for one in family) / 1e6
    whole = sum(one.memory_full_info().pss for one in family) / 1e6
    print(f"memory of {len(family)} processes: {whole:.0f} MB (PSS), of which their own {own:.0f} MB (USS)")


class Peak(threading.Thread):
    """Watches how much memory the printing children take, at most, together."""

    def __init__(self):
        super().__init__(daemon=True)
        self.most, self.running = 0, True

    @staticmethod
    def taken():
        taken = 0
        for child in psutil.Process().children(recursive=True):
            try:
                taken += child.memory_info().rss
            except psutil.Error:
                continue  # it has just ended
        return taken

    def run(self):
        while self.running:
            self.most = max(self.most, self.taken())
            time.sleep(0.05)  # often enough to see the top

    def __enter__(self):
        self.before = self.taken()
        self.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.join()

    def __str__(self):
        return f"the printing child took {(self.most - self.before) / 1e6:.0f} MB at most"


class Linked(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        wanted = {"link": "href", "script": "src", "img": "src"}.get(tag)
        if wanted and dict(attrs).get(wanted):
            self.found.append(dict(attrs)[wanted])


def test_weight(house, server):
    port, _ = server
    number, name = find(house, state="answered")[0]
    client = Client(port).sign_in(name)
    page = client.get(f"/verslagen/{number}")
    weight, files = client.weight, [path for path in Linked(page.decode()).found if path.startswith("/")]
    for path in files:
        client.get(path)
        weight += client.weight
    print(
        f"\ncold page with what it links (without the fonts that CSS asks for): {weight / 1000:.0f} KB, {1 + len(files)} requests"
    )


def test_paper(house):
    folder, numbers, app = house
    del folder
    with app.app_context():
        named = next(one for one in lists.groups() if one.id == numbers["group"])
        today = clock.day(clock.now(), zone="Europe/Amsterdam")
        mentor = lists.mentors_of(named.id, by=Me(id=0, name="", first="", on=today))[0]
        by = Me(id=mentor.id, name=mentor.name, first=mentor.first, on=today)
        made = booklets.of_group(
            Named(named.id, named.code, named.name),
            round_id=numbers["round"] - 1,
            school="Bench",
            by=by,
            at=clock.now(),
        )
        with app.test_request_context():
            began = time.perf_counter()
            bundle.one(made[0], seconds=300)
            print(
                f"\none booklet of {len(made[0].reports)} subjects, first: {time.perf_counter() - began:.1f} s", end=""
            )
            began = time.perf_counter()
            with Peak() as peak:
                bundle.one(made[0], seconds=300)
            print(f", again, from the drawer: {time.perf_counter() - began:.1f} s, {peak}")
            began = time.perf_counter()
            with Peak() as peak:
                pdf = bundle.merged(made, seconds=600)
            print(
                f"the other {len(made) - 1} too, merged: {time.perf_counter() - began:.1f} s, {len(pdf) / 1e6:.1f} MB, {peak}"
            )
        session().rollback()
    assert Report.__tablename__ == "report"
