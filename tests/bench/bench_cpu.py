"""What a page costs the processor, beside the sign-in form in the same run; figures, no verdict.

For a machine that does other work as well: see `tests/bench/cpu_of_pages.py`. With BENCH_BEFORE, as
in `bench_waiting`, an earlier Reflect is measured in turn with the one of now.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from tests.bench.bench_waiting import SOURCES

TIMES, ROUNDS = 110, 2
SCRIPT = Path(__file__).with_name("cpu_of_pages.py")


def measure(folder, tmp_path, source):
    """Return seconds by page, on a copy of the school: each run reads its reports first."""
    for name in ("reflect.sqlite3", "reflect.env", "secret"):
        shutil.copy(folder / name, tmp_path)
    result = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, str(TIMES)],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(Path(source).resolve())},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(result.stdout)


def test_processor_time_of_pages(bench_school, tmp_path):
    took: dict[str, dict[str, list[float]]] = {name: {} for name in SOURCES}
    for _ in range(ROUNDS):
        for name, source in SOURCES.items():
            for page, seconds in measure(bench_school[0], tmp_path, source).items():
                took[name].setdefault(page, []).extend(seconds)
    for name, pages in took.items():
        form = pages["the sign-in form"]
        print(f"\n{name}: processor time of a request, {ROUNDS} x {TIMES} times")
        for page, seconds in pages.items():
            print(
                f"{page:<28} middle {statistics.median(seconds) * 1000:6.2f} ms,"
                f" {statistics.median(seconds) / statistics.median(form):5.2f} forms;"
                f" least {min(seconds) * 1000:6.2f} ms, {min(seconds) / min(form):5.2f} forms"
            )
