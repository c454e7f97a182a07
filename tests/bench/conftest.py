"""The school of 60,000 reports that the benches visit, and its server."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from reflect import clock, migrate
from reflect.app import create_app
from reflect.store import db, session
from tests.bench import school
from tests.bench.visitor import Client
from tests.conftest import house_settings


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    app = create_app(house_settings(folder))
    with app.app_context():
        migrate.up_to_date()
        numbers = school.make(clock.day(clock.now(), zone="Europe/Amsterdam"))
        counted = {
            name: session().connection().exec_driver_sql(f"select count(*) from {name}").scalar()
            for name in ("person", "report", "revision")
        }
        session().close()
        db.engine.dispose()
    print(f"\n{counted}")
    return folder, numbers, app


@pytest.fixture(scope="module")
def server(house):
    with serving(house[0], "serve") as served:
        yield served


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo school: its folder, and the port of its server; nothing is printed ahead meanwhile."""
    folder = tmp_path_factory.mktemp("demo")
    with serving(folder, "demo", REFLECT_WORKER="apart") as (port, _):
        yield folder, port


@contextmanager
def serving(folder, command, **said):
    """Serve the school in this folder; give the port and the process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {**os.environ, "REFLECT_DATA": str(folder), "REFLECT_PORT": str(port), **said}
    process = subprocess.Popen([sys.executable, "-m", "reflect", command], env=env, stdout=subprocess.DEVNULL)
    for _ in range(1200):
        try:
            Client(port).get("/healthz")
            break
        except OSError:
            time.sleep(0.1)  # the server is starting
    yield port, process
    process.terminate()
    process.wait(timeout=60)
