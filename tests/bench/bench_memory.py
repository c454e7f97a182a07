"""How much memory the server takes: at rest, with prints, under eight clients, after hostile use.

No verdict.
"""

import json
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.conftest import run_server
from tests.bench.http_client import HttpClient

PREVIEWS, LENGTH, CLIENTS, SECONDS = 800, 20_000, 8, 20
QUIET_SECONDS = 130  # longer than the process that prints waits for the next page
PASSWORD = "samen-leren"
GROUP = "/mentorgroepen/2"  # of which smit is the mentor


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


def print_group(port):
    """Print a student in the request, and a group by the worker; tell how long both took."""
    mentor = HttpClient(port).sign_in("smit", PASSWORD)
    group = GROUP
    student = re.findall(rf'href="({group}/leerlingen/\d+)"', mentor.get(group).decode())[0]
    page = mentor.get(student).decode()
    form = re.findall(r'action="(/mentorgroepen/[^"]+/afdrukken)"', page)[0]
    began = time.perf_counter()
    pdf = mentor.request("POST", form, {"kind": "merged", "shape": "booklet"})
    assert pdf.startswith(b"%PDF"), pdf[:200]
    print(f"a student was printed in {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    whole_group = re.sub(r"/leerlingen/\d+", "", form)
    mentor.request("POST", whole_group, {"kind": "merged", "shape": "booklet"})
    address = print_jobs_address(mentor.get(group).decode())
    while json.loads(mentor.request("GET", address, accept="application/json"))["going"]:
        time.sleep(0.2)
    print(f"a group was printed in {time.perf_counter() - began:.1f} s")


def wait_for_quiet(pid):
    """Wait until what is answered is printed ahead, and as long as the quiet time after it."""
    quiet_since = time.perf_counter()
    while time.perf_counter() < quiet_since + QUIET_SECONDS:
        if any(
            role(child) == " printing"
            for found in process_tree(pid)
            if role(found)
            for child in process_tree(found)[1:]
        ):
            quiet_since = time.perf_counter()
        time.sleep(0.2)


def print_jobs_address(page):
    return re.findall(r'href="(/afdrukken/[^"/]+)"', page)[0]


def print_memory_of_clients(port, pid, when):
    names = ["noor", "sam", "dewit", "lindeman", "smit", "winter", "brandt", "noor"]
    until = time.perf_counter() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        visits = [pool.submit(visit, port, name, until) for name in names]
        time.sleep(SECONDS * 0.8)
        print_memory(f"under {CLIENTS} clients{when}", pid)
        for done in visits:
            done.result()


def test_memory(tmp_path):
    with run_server(tmp_path, "demo") as (port, process):
        time.sleep(10)  # until the worker has loaded its queue
        print()
        print_memory("just started, what is answered is printed ahead", process.pid)
        wait_for_quiet(process.pid)
        print_memory("at rest, with the worker", process.pid)
        print_group(port)
        print_memory("after a print", process.pid)
        print_memory_of_clients(port, process.pid, ", after a print")
        time.sleep(QUIET_SECONDS)
        print_memory("after the print's quiet time", process.pid)
        print_memory_of_clients(port, process.pid, "")
        print_memory("after them", process.pid)
        send_previews(port)
        print_memory(f"after {PREVIEWS} previews of {LENGTH} characters", process.pid)
