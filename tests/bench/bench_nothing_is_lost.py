"""The long run of the promise that nothing is lost: ten thousand random lives of a draft."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from reflect.app import create_app
from reflect.db.engine import db
from tests.conftest import isolated_settings
from tests.test_nothing_is_lost import STEPS, lives

LIVES, PROCESSES = 10_000, 2


def run_lives(folder, cast, seeds):
    app = create_app(isolated_settings(folder))
    with app.app_context():
        failures = lives(cast, seeds)
        db.engine.dispose()
    return failures


def test_nothing_is_lost_in_ten_thousand_lives(cast_database, tmp_path_factory):
    """The one figure here with a verdict: it is a promise, not a speed."""
    began, parts = time.monotonic(), [range(hand, LIVES, PROCESSES) for hand in range(PROCESSES)]
    folders = [tmp_path_factory.mktemp("lives") for _ in parts]
    for folder in folders:
        (folder / "reflect.sqlite3").write_bytes(
            (cast_database[0] / "reflect.sqlite3").read_bytes()
        )
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as hands:
        wrong = [
            what
            for found in hands.map(run_lives, folders, [cast_database[1]] * PROCESSES, parts)
            for what in found
        ]
    print(
        f"\n{LIVES} lives of {STEPS} steps in {time.monotonic() - began:.0f} s: "
        f"{len(wrong)} words lost, hidden or doubled"
    )
    assert not wrong, wrong[:5]
