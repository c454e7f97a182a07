"""A worker that died is seen by whoever waits for it, and by a monitor."""

import pytest

from reflect import clock as reflect_clock
from reflect.db.session import commit
from reflect.jobs import export_jobs, heartbeat
from reflect.jobs.print_jobs import MemberStatus, OutputFormat, request_print
from tests.conftest import DATABASE_KINDS

MESSAGE = "Het deel van Reflect dat bestanden maakt, draait niet"
SILENCE = "worker: not running"


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def beat(app):
    def say_that_a_worker_runs(name="een"):
        with app.app_context():
            heartbeat.beat(name, at=reflect_clock.now())
            commit()

    return say_that_a_worker_runs


def test_a_monitor_sees_a_worker_that_died_and_one_that_came_back(client_of, clock, beat):
    nobody = client_of("nobody")
    assert SILENCE in nobody.get("/healthz").text
    beat()
    assert nobody.get("/healthz").text == "ok\n"
    clock.shift(60)
    beat()  # the same row again
    clock.shift(150)
    assert nobody.get("/healthz").text == "ok\n"
    clock.shift(60)
    assert nobody.get("/healthz").text == f"ok\n{SILENCE}\n"
    beat("twee")
    assert nobody.get("/healthz").text == "ok\n"


def test_the_page_that_waits_says_that_no_worker_runs(app, cast, client_of, clock, beat):
    with app.app_context():
        key = request_print(
            cast.group,
            round_id=cast.round,
            statuses=dict.fromkeys([cast.people["noor"]], MemberStatus.WAITING),
            output_format=OutputFormat.ZIP,
            by=cast.actor("smit"),
            at=reflect_clock.now(),
        )
        export_jobs.request_export(by=cast.actor("noor"), at=reflect_clock.now())
        commit()
    pages = [(client_of("smit"), f"/afdrukken/{key}"), (client_of("noor"), "/meenemen")]

    def shown():
        return {MESSAGE in browser.client.get(path).text for browser, path in pages}

    assert shown() == {False}, "a worker may still be starting"
    clock.shift(240)
    assert shown() == {True}
    asked = pages[0][0].client.get(pages[0][1], headers={"Accept": "application/json"})
    assert asked.json["sentence"].startswith(MESSAGE)
    beat()
    assert shown() == {False}
