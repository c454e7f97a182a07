"""How much memory the server takes: at rest, under eight clients, after hostile use. No verdict."""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.conftest import run_server
from tests.bench.http_client import HttpClient

PREVIEWS, LENGTH, CLIENTS, SECONDS = 800, 20_000, 8, 20
PASSWORD = "samen-leren"


def process_tree(pid):
    """Give a process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in process_tree(int(child)))]


def proportional_mb(pid):
    """Give the PSS in MB: memory that processes share is counted once, divided among them."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.split("Pss:")[1].split()[0]) / 1024


def role(pid):
    """Give what a process is: one that prints stays for a while after the last print."""
    command = Path(f"/proc/{pid}/cmdline").read_text()
    return " printing" if "forkserver" in command else " watch" if "tracker" in command else ""


def print_memory(when, pid):
    found = process_tree(pid)
    each = [proportional_mb(process) for process in found]
    apiece = ", ".join(f"{size:.0f}{role(p)}" for p, size in zip(found, each, strict=True))
    print(f"{when:<42} {sum(each):6.0f} MB   (by process: {apiece})")


def text_of_many_words(rng):
    words = " ".join(
        f"{rng.choice(['woord', '**vet**', '*schuin*'])}{rng.random()}" for _ in range(900)
    )
    return words[:LENGTH]


def send_previews(port):
    rng = random.Random(1)
    client = HttpClient(port).sign_in("noor", PASSWORD)
    client.get("/")  # signing in made a new token
    for _ in range(PREVIEWS):
        client.request("POST", "/tonen", {"text": text_of_many_words(rng)})


def visit(port, name, until):
    client = HttpClient(port).sign_in(name, PASSWORD)
    while time.perf_counter() < until:
        for link in re.findall(
            r'href="(/(?:verslagen|lesgroepen)/[^"#]+)"', client.get("/").decode()
        ):
            if time.perf_counter() < until:
                client.get(link)


def test_memory(tmp_path):
    with run_server(tmp_path, "demo") as (port, process):
        time.sleep(10)  # until the worker has loaded its queue
        print()
        print_memory("at rest, with the worker", process.pid)
        names = ["noor", "sam", "dewit", "lindeman", "smit", "winter", "brandt", "noor"]
        until = time.perf_counter() + SECONDS
        with ThreadPoolExecutor(CLIENTS) as pool:
            visits = [pool.submit(visit, port, name, until) for name in names]
            time.sleep(SECONDS * 0.8)
            print_memory(f"under {CLIENTS} clients", process.pid)
            for done in visits:
                done.result()
        print_memory("after them", process.pid)
        send_previews(port)
        print_memory(f"after {PREVIEWS} previews of {LENGTH} characters", process.pid)
