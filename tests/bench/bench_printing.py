"""How fast printing is, beside other engines on the same pages in one run: `make bench`."""

import json
import os
import pickle
import subprocess
import sys
import threading
import time

import psutil
import pytest

from reflect.app import create_app
from reflect.printing import booklet_rendering
from reflect.storage import blob_store
from tests.bench import sample_booklets
from tests.conftest import isolated_settings

GROUP, SCHOOL = int(os.environ.get("BENCH_GROUP", "30")), int(os.environ.get("BENCH_SCHOOL", "240"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A group's booklets, and their manuscripts for the engines that get their pages ready-made."""
    folder = tmp_path_factory.mktemp("printing")
    app = create_app(isolated_settings(folder))
    with app.app_context():
        keep = blob_store(app.extensions["reflect"].evidence).put
        made = [sample_booklets.sample_booklet(number, store_file=keep) for number in range(GROUP)]
        manuscripts = [booklet_rendering.build_request(one) for one in made]
    (folder / "booklets").write_bytes(pickle.dumps(made))
    (folder / "manuscripts").write_bytes(pickle.dumps(manuscripts))
    print(
        f"\n{GROUP} booklets of {len(sample_booklets.SUBJECTS)} subjects, "
        f"{manuscripts[0].html.count('<img')} pictures each"
    )
    return folder


class ResourceMonitor(threading.Thread):
    """Watches the memory (shared pages counted once) and processor time of a process tree."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.peak_bytes, self.running, self.cpu_seconds_by_pid = (
            psutil.Process(pid),
            0,
            True,
            {},
        )

    def run(self):
        while self.running:
            taken = 0
            for one in self._processes():
                try:
                    taken += one.memory_full_info().pss
                    self.cpu_seconds_by_pid[one.pid] = sum(one.cpu_times()[:2])
                except psutil.Error:
                    continue  # it has just ended
            self.peak_bytes = max(self.peak_bytes, taken)
            time.sleep(0.1)  # often enough to see the top

    def _processes(self):
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            return []


def measure(name, engine_name, folder, *numbers, per=GROUP):
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.bench.print_engines",
        engine_name,
        str(folder),
        *map(str, numbers),
    ]
    env = {**os.environ, "MALLOC_ARENA_MAX": "2"}  # as `reflect serve` has it
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    peak = ResourceMonitor(process.pid)
    peak.start()
    output, _ = process.communicate()
    peak.running = False
    peak.join()
    assert process.returncode == 0, name
    took = json.loads(output.splitlines()[-1])["took"]
    busy, most = sum(peak.cpu_seconds_by_pid.values()), peak.peak_bytes / 1e6
    print(
        f"{name:<50} {took:8.3f} s {took / per * 1000:6.0f} ms each, processor {busy:6.1f} "
        f"s, at most {most:5.0f} MB",
        flush=True,
    )
    return took


def test_a_group_in_every_way(folder):
    print(
        f"\n{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; time without start, "
        "memory with all children"
    )
    plain = measure("plain WeasyPrint, once per student", "plain", folder)
    fresh = measure("Reflect, nothing rendered before, merged", "fresh", folder)
    sheets = measure("Reflect, one sheet each, nothing before, merged", "sheets", folder)
    ahead = measure("Reflect, rendered ahead, merged", "ahead", folder)
    single = measure("Reflect, rendered ahead, one booklet", "single", folder, per=1)
    started = measure("Chromium, started for each student, not merged", "started", folder)
    prestarted = measure("Chromium, started before, not merged", "prestarted", folder)
    limit = measure("Typst, a template of its own, not merged", "limit", folder)
    ways = {
        "nothing before": fresh,
        "sheets": sheets,
        "ahead": ahead,
        "single": single,
        "Chromium": started,
        "Chromium before": prestarted,
        "Typst": limit,
    }
    print(
        "plain takes so many times as long: "
        + ", ".join(f"{name} {plain / took:.1f}" for name, took in ways.items())
    )


def test_a_school(folder):
    print()
    for first, number in ((1000, GROUP), (2000, SCHOOL // 2), (3000, SCHOOL)):
        measure(
            f"Reflect, {number} students into one file on disk",
            "school",
            folder,
            first,
            number,
            per=number,
        )
    measure(
        f"Reflect, the same {SCHOOL} again, rendered ahead",
        "school",
        folder,
        3000,
        SCHOOL,
        per=SCHOOL,
    )
    print(f"the file of {SCHOOL}: {(folder / 'school.pdf').stat().st_size / 1e6:.0f} MB")
