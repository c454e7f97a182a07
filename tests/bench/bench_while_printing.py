"""The writing page while three prints of whole groups run: figures, no verdict."""

import time

from reflect import clock
from reflect.db.session import commit, session
from reflect.jobs import print_jobs
from reflect.jobs.print_jobs import MemberStatus, OutputFormat
from reflect.school import queries
from tests.bench.http_client import HttpClient, find_reports, make_saver, print_timings

PRINTS, REPEATS = 3, 60


def request_prints(school):
    """Let three mentors print their group, in a round in which everybody has an answer."""
    now = clock.now()
    today = clock.local_date(now, zone="Europe/Amsterdam")
    with school[2].app_context():
        for group in queries.all_groups()[1 : PRINTS + 1]:
            mentor = queries.mentors_of_group(group.id, on=today)[0]
            members = [member.id for member in queries.members_of_group(group.id, on=today)]
            by = mentor.as_actor(today)
            print_jobs.request_print(
                group.id,
                round_id=school[1]["round"] - 1,
                statuses=dict.fromkeys(members, MemberStatus.WAITING),
                output_format=OutputFormat.MERGED,
                by=by,
                at=now,
            )
        commit()
        session().close()


def count_printed(school):
    """How many students' pages are done, and of how many."""
    with school[2].app_context():
        rows = (
            session()
            .connection()
            .exec_driver_sql("select status, count(*) from print_member group by status")
            .all()
        )
        session().close()
    counted: dict[str, int] = dict(rows)
    return sum(number for status, number in counted.items() if status != "waiting"), sum(
        counted.values()
    )


def writer_actions(server, number, name):
    """Return a look at the writing page, and a save."""
    writer = HttpClient(server[0]).sign_in(name)
    return lambda: writer.get(f"/verslagen/{number}/schrijven"), make_saver(writer, number)


def test_writing_beside_three_prints(bench_school, server):
    number, name = find_reports(bench_school, state="draft")[0]
    page, save = writer_actions(server, number, name)
    print(
        f"\none writer, {REPEATS} times, then the same beside {PRINTS} prints of a group, "
        "two pages at a time"
    )
    print_timings("writing page, alone", page, REPEATS)
    print_timings("save, alone", save, REPEATS)
    request_prints(bench_school)
    while not count_printed(bench_school)[0]:
        time.sleep(0.5)  # until the renderers are warm and at work
    page, save = writer_actions(
        server, number, name
    )  # again: the server closes a connection that is silent for long
    before, began = count_printed(bench_school)[0], time.perf_counter()
    print_timings("writing page, beside", page, REPEATS)
    print_timings("save, beside", save, REPEATS)
    took = time.perf_counter() - began
    done, all = count_printed(bench_school)
    print(
        f"meanwhile, in {took:.1f} s, {done - before} students were printed; {all - done} "
        "were still to come"
    )
    assert done < all, (
        "the prints ended before the writer did: what was measured is not beside them"
    )
