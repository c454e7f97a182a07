"""The writing page while three prints of whole groups run: figures, no verdict."""

import time

from reflect import clock
from reflect.jobs import prints
from reflect.jobs.prints import Binding
from reflect.school import lists
from reflect.school.people import Me
from reflect.store import keep, session
from tests.bench.bench_house import Client, find, house, saver, server, timed  # noqa: F401 - the school and its server

PRINTS, TIMES = 3, 60


def asked(house):  # noqa: F811 - the fixture's own name
    """Let three mentors ask for the print of their group, of a round that everybody has been answered in."""
    now = clock.now()
    today = clock.day(now, zone="Europe/Amsterdam")
    with house[2].app_context():
        for group in lists.groups()[1 : PRINTS + 1]:
            nobody = Me(id=0, name="", first="", on=today)
            mentor = lists.mentors_of(group.id, by=nobody)[0]
            members = [one.id for one in lists.members_of(group.id, by=nobody)]
            by = Me(id=mentor.id, name=mentor.name, first=mentor.first, on=today)
            prints.ask(
                group.id, round_id=house[1]["round"] - 1, students=members, binding=Binding.MERGED, by=by, at=now
            )
        keep()
        session().close()


def pages(house):  # noqa: F811 - the fixture's own name
    """How many students' pages are done, and of how many."""
    with house[2].app_context():
        rows = session().connection().exec_driver_sql("select came, count(*) from print_member group by came").all()
        session().close()
    counted = dict(rows)
    return sum(number for came, number in counted.items() if came != "waiting"), sum(counted.values())


def test_writing_beside_three_prints(house, server):  # noqa: F811 - fixtures
    number, name = find(house, state="draft")[0]
    writer = Client(server[0]).sign_in(name)
    save = saver(writer, number)
    print(f"\none writer, {TIMES} times, then the same beside {PRINTS} prints of a group, two pages at a time")
    timed("writing page, alone", lambda: writer.get(f"/verslagen/{number}/schrijven"), TIMES)
    timed("save, alone", save, TIMES)
    asked(house)
    while not pages(house)[0]:
        time.sleep(0.5)  # until the press is warm and at work
    before, began = pages(house)[0], time.perf_counter()
    timed("writing page, beside", lambda: writer.get(f"/verslagen/{number}/schrijven"), TIMES)
    timed("save, beside", save, TIMES)
    took = time.perf_counter() - began
    done, all = pages(house)
    print(f"meanwhile, in {took:.1f} s, {done - before} students were printed; {all - done} were still to come")
    assert done < all, "the prints ended before the writer did: what was measured is not beside them"
