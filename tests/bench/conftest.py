"""The school of 60,000 reports that the benches visit, and its server."""

import os
import socket
import subprocess
import sys
import time

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
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {**os.environ, "REFLECT_DATA": str(house[0]), "REFLECT_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "reflect", "serve"], env=env, stdout=subprocess.DEVNULL)
    for _ in range(100):
        try:
            Client(port).get("/healthz")
            break
        except OSError:
            time.sleep(0.1)  # the server is starting
    yield port, process
    process.terminate()
    process.wait(timeout=60)
