"""The writing page while three prints of whole groups run: figures, no verdict."""

import time

from reflect import clock
from reflect.jobs import prints
from reflect.jobs.prints import Binding
from reflect.school import lists
from reflect.school.people import Me
from reflect.store import keep, session
from tests.bench.visitor import Client, find, saver, timed

PRINTS, TIMES = 3, 60


def asked(house):
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


def pages(house):
    """How many students' pages are done, and of how many."""
    with house[2].app_context():
        rows = session().connection().exec_driver_sql("select came, count(*) from print_member group by came").all()
        session().close()
    counted = dict(rows)
    return sum(number for came, number in counted.items() if came != "waiting"), sum(counted.values())


def visits(server, number, name):
    """Give a look at the writing page, and a save."""
    writer = Client(server[0]).sign_in(name)
    return lambda: writer.get(f"/verslagen/{number}/schrijven"), saver(writer, number)


def test_writing_beside_three_prints(house, server):
    number, name = find(house, state="draft")[0]
    page, save = visits(server, number, name)
    print(f"\none writer, {TIMES} times, then the same beside {PRINTS} prints of a group, two pages at a time")
    timed("writing page, alone", page, TIMES)
    timed("save, alone", save, TIMES)
    asked(house)
    while not pages(house)[0]:
        time.sleep(0.5)  # until the press is warm and at work
    page, save = visits(server, number, name)  # anew: the server hangs up on who is silent for long
    before, began = pages(house)[0], time.perf_counter()
    timed("writing page, beside", page, TIMES)
    timed("save, beside", save, TIMES)
    took = time.perf_counter() - began
    done, all = pages(house)
    print(f"meanwhile, in {took:.1f} s, {done - before} students were printed; {all - done} were still to come")
    assert done < all, "the prints ended before the writer did: what was measured is not beside them"
