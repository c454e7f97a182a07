"""The server: it answers, takes new settings, replaces what dies, and stops gracefully."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.processes import kill_children, kill_with_children

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path):
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        port = free_socket.getsockname()[1]
    settings = tmp_path / "reflect.env"
    settings.write_text(
        f"REFLECT_PORT={port}\nREFLECT_SCHOOL=Eerste\nREFLECT_DATA={tmp_path / 'data'}\n"
    )
    env = {"PATH": os.environ["PATH"], "REFLECT_SETTINGS": str(settings)}
    command = [sys.executable, "-m", "reflect", "serve"]
    process = subprocess.Popen(command, env=env, cwd=tmp_path, stdout=subprocess.DEVNULL)
    until(lambda: "ok" in ask(port, "/healthz"))
    yield port, process, settings
    kill_with_children(process)


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        connection.close()


def until(condition, *, every=0.1):
    """Wait until another process has come so far that the condition holds."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(every)  # another process has to come so far
    raise AssertionError("it did not come so far")


def test_it_answers_takes_new_settings_and_stops_gracefully(server):
    port, process, settings = server
    assert "Eerste" in ask(port, "/inloggen")
    settings.write_text(settings.read_text().replace("Eerste", "Tweede"))
    process.send_signal(signal.SIGHUP)
    until(lambda: "Tweede" in ask(port, "/inloggen"))
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_a_worker_that_dies_comes_back_without_hands(server):
    port, process, _ = server
    kill_children(process)
    until(lambda: "ok" in ask(port, "/healthz"))


def keeps(port):
    """Return whether the server keeps the connection of a request for the next one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["Connection"] != "close"


def test_a_process_keeps_a_connection_only_while_it_has_nothing_else_to_do(server):
    port, process, settings = server
    settings.write_text(settings.read_text() + "REFLECT_WORKERS=1\n")
    process.send_signal(signal.SIGHUP)
    until(lambda: keeps(port))
    with socket.create_connection(("127.0.0.1", port)) as half_sent:
        half_sent.sendall(b"GET /healthz HTTP/1.1\r\n")
        until(lambda: not keeps(port))
    until(lambda: keeps(port))
