"""The long run of the promise that nothing is lost: ten thousand random lives of a draft."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from reflect.app import create_app
from reflect.store import db
from tests.conftest import house_settings
from tests.test_nothing_is_lost import STEPS, lives

LIVES, HANDS = 10_000, 2


def live_in(folder, cast, seeds):
    app = create_app(house_settings(folder))
    with app.app_context():
        wrong = lives(cast, seeds)
        db.engine.dispose()
    return wrong


def test_nothing_is_lost_in_ten_thousand_lives(made_once, tmp_path_factory):
    """The one figure here with a verdict: it is a promise, not a speed."""
    began, parts = time.monotonic(), [range(hand, LIVES, HANDS) for hand in range(HANDS)]
    folders = [tmp_path_factory.mktemp("lives") for _ in parts]
    for folder in folders:
        (folder / "reflect.sqlite3").write_bytes((made_once[0] / "reflect.sqlite3").read_bytes())
    with ProcessPoolExecutor(HANDS, mp_context=get_context("spawn")) as hands:
        wrong = [what for found in hands.map(live_in, folders, [made_once[1]] * HANDS, parts) for what in found]
    print(
        f"\n{LIVES} lives of {STEPS} steps in {time.monotonic() - began:.0f} s: {len(wrong)} words lost, hidden or doubled"
    )
    assert not wrong, wrong[:5]
