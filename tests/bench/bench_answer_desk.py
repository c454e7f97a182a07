"""The desk for thirty reports, step by step, in a school of 60,000: figures, no verdict."""

import re
import statistics
import time

from reflect.db.session import commit, session
from tests.bench import large_school
from tests.bench.http_client import HttpClient

# The first asks for next to nothing: what a request takes before Reflect does anything.
HEALTH_CHECK = "ask whether it is there"
STEPS = (HEALTH_CHECK, "open the desk", "keep a text", "look at the hints", "give the answer")


def hand_in_course(school):
    """Let a course hand in: give its teacher's name to sign in with, and the reports."""
    with school[2].app_context():
        ask = session().connection().exec_driver_sql
        course = ask(
            "select course_id from report where round_id = ? and state = 'answered' limit 1",
            (school[1]["round"],),
        ).scalar()
        ask(
            "update report set state = 'handed_in', home_sees_until_revision_id = null, "
            "student_sees_until_revision_id = null, answered_at = null where course_id = ? "
            "and round_id = ?",
            (course, school[1]["round"]),
        )
        ids = [
            row[0]
            for row in ask(
                "select id from report where course_id = ? and round_id = ?",
                (course, school[1]["round"]),
            )
        ]
        name = ask(
            "select p.sign_in_name from person p join teaching t on t.person_id = p.id "
            "where t.course_id = ?",
            (course,),
        ).scalar()
        commit()
        session().close()
    return course, name, ids


def test_thirty_reports(bench_school, server):
    course, name, ids = hand_in_course(bench_school)
    teacher = HttpClient(server[0]).sign_in(name)
    took: dict[str, list[float]] = {step: [] for step in STEPS}
    for id in ids:
        path = f"/verslagen/{id}/beantwoorden"
        time_step(took, HEALTH_CHECK, lambda: teacher.get("/healthz"))
        page = time_step(took, "open the desk", lambda path=path: teacher.get(path)).decode()
        (version,) = re.findall(r'name="version"[^>]*value="(\d+)"', page)[:1]
        (key,) = re.findall(r'name="save_key"[^>]*value="([^"]+)"', page)[:1]
        for number in range(1, 6):
            words = {
                "overall--seen": f"{large_school.SENTENCE * number}",
                "version": version,
                "save_key": f"{key}.{number}",
            }
            time_step(
                took,
                "keep a text",
                lambda path=path, words=words: teacher.request(
                    "POST", path, words, accept="application/json"
                ),
            )
        time_step(took, "look at the hints", lambda id=id: teacher.get(f"/verslagen/{id}/let-op"))
        sent = {**words, "save_key": f"{key}.9", "do": "answer"}
        time_step(
            took,
            "give the answer",
            lambda path=path, sent=sent: teacher.request("POST", path, sent),
        )
    print(f"\none teacher, {len(ids)} reports, over 60,000")
    for step, times in took.items():
        times.sort()
        print(
            f"{step:<34} p50 {statistics.median(times):7.1f} ms   p95 "
            f"{times[int(len(times) * 0.95)]:7.1f} ms"
        )
    began = time.perf_counter()
    teacher.get(f"/lesgroepen/{course}")
    print(f"{'the course at a glance':<34}     {(time.perf_counter() - began) * 1000:7.1f} ms")


def time_step(took, step, do):
    began = time.perf_counter()
    answer = do()
    took[step].append((time.perf_counter() - began) * 1000)
    return answer
