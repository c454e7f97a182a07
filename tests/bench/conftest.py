"""The school of 60,000 reports that the benches visit, and its server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from reflect import clock
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.engine import db
from reflect.db.session import session
from tests.bench import large_school
from tests.bench.http_client import HttpClient
from tests.conftest import isolated_settings


@pytest.fixture(scope="module")
def bench_school(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    app = create_app(isolated_settings(folder))
    # One that was made before: it takes minutes.
    if "BENCH_SCHOOL_FOLDER" in os.environ:
        kept = Path(os.environ["BENCH_SCHOOL_FOLDER"])
        for name in ("reflect.sqlite3", "secret"):
            shutil.copy(kept / name, folder)
        return folder, json.loads((kept / "numbers.json").read_text()), app
    with app.app_context():
        migrate.upgrade()
        numbers = large_school.create_large_school(
            clock.local_date(clock.now(), zone="Europe/Amsterdam")
        )
        counted = {
            name: session().connection().exec_driver_sql(f"select count(*) from {name}").scalar()
            for name in ("person", "report", "revision")
        }
        session().close()
        db.engine.dispose()
    print(f"\n{counted}")
    return folder, numbers, app


@pytest.fixture(scope="module")
def server(bench_school):
    with run_server(bench_school[0], "serve") as served:
        yield served


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of the demo school and the port of its server, which prerenders nothing."""
    folder = tmp_path_factory.mktemp("demo")
    with run_server(folder, "demo", REFLECT_WORKER="apart") as (port, _):
        yield folder, port


@contextmanager
def run_server(folder, command, *, cwd=".", **environment):
    """Serve the school in this folder with the code in `cwd`; give the port and the process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {**os.environ, "REFLECT_DATA": str(folder), "REFLECT_PORT": str(port), **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "reflect", command], env=env, stdout=subprocess.DEVNULL, cwd=cwd
    )
    for _ in range(1200):
        try:
            HttpClient(port).get("/healthz")
            break
        except OSError:
            time.sleep(0.1)  # the server is starting
    try:
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=60)
