"""The long run of the promise that nothing is lost: ten thousand drafts, written at random."""

import time
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context

from reflect.app import create_app
from reflect.db.engine import db
from reflect.reports.report import start_report
from tests.cast import NOW
from tests.conftest import isolated_settings
from tests.test_nothing_is_lost import STEPS, run_simulations

SIMULATIONS, PROCESSES = 10_000, 2


def simulate(folder, cast, seeds):
    """Return what was lost in these simulations, in a school in this folder."""
    app = create_app(isolated_settings(folder))
    with app.app_context():
        report = start_report(cast.round, course_id=cast.course, by=cast.actor("noor"), at=NOW)
        problems = run_simulations(report.id, cast, seeds=seeds)
        db.engine.dispose()
    return problems


def test_nothing_is_lost_in_ten_thousand_simulations(cast_database, tmp_path_factory):
    """The one figure here with a verdict: it is a promise, not a speed."""
    began = time.monotonic()
    parts = [range(first, SIMULATIONS, PROCESSES) for first in range(PROCESSES)]
    folders = [tmp_path_factory.mktemp("simulations") for _ in parts]
    for folder in folders:
        (folder / "reflect.sqlite3").write_bytes(
            (cast_database[0] / "reflect.sqlite3").read_bytes()
        )
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        casts = [cast_database[1]] * PROCESSES
        problems = [*chain.from_iterable(processes.map(simulate, folders, casts, parts))]
    print(
        f"\n{SIMULATIONS} simulations of {STEPS} steps in {time.monotonic() - began:.0f} s: "
        f"{len(problems)} words lost, hidden or doubled"
    )
    assert not problems, problems[:5]
