"""The server: it answers, takes new settings, replaces what dies, and stops gracefully."""

import http.client
import json
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
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=env, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=log
        )
    until(lambda: "ok" in ask(port, "/healthz"))
    yield port, process, settings
    kill_with_children(process)


def ask(port, path, host="127.0.0.1"):
    connection = http.client.HTTPConnection(host, port, timeout=10)
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


WRONG_LINES = (
    "REFLECT_THREADS=veel",
    "REFLECT_PORT=99999",
    "REFLECT_PROT=8000",
    "REFLECT_BASE_URL=geen adres",
    "REFLECT_SECRET=kort",
    "REFLECT_HOST=192.0.2.1",
    "REFLECT_DATA=/proc/nergens",
    "REFLECT_DATA=andere",
    "REFLECT_DATABASE=mysql://x",
    "REFLECT_DATABASE=postgresql+psycopg://x@127.0.0.1:1/x",
)


def test_a_wrong_setting_keeps_the_server_that_runs(server, tmp_path):
    port, process, settings = server
    right = settings.read_text()
    log = tmp_path / "log"
    for wrong in WRONG_LINES:
        lines_before = log.read_text().count("the old ones stay")
        settings.write_text(f"{right}{wrong}\n")
        process.send_signal(signal.SIGHUP)
        until(lambda before=lines_before: log.read_text().count("the old ones stay") == before + 1)
        assert "Eerste" in ask(port, "/inloggen"), wrong
        assert process.poll() is None
    name = wrong.partition("=")[0]
    assert name in log.read_text().splitlines()[-1]
    settings.write_text(right.replace("Eerste", "Tweede"))
    process.send_signal(signal.SIGHUP)
    until(lambda: "Tweede" in ask(port, "/inloggen"))


def test_every_line_of_the_log_is_json(server, tmp_path):
    port, process, settings = server
    for raw in (
        b"GET /inloggen?naam=geheim HTTP/1.1\r\nHost: x\r\n\r\n",
        b"geheim\r\n\r\n",
        b"GE(T /geheim HTTP/1.1\r\n\r\n",
        b"GET /gedeeld/geheim HTTP/9.9\r\n\r\n",
        b"GET /geheim HTTP/1.1\r\nX geheim: 1\r\n\r\n",
        b"GET /" + b"geheim" * 2000 + b" HTTP/1.1\r\n\r\n",
        b"POST /inloggen HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: geheim\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\ngeheim\r\n",
        b"GET / HTTP/1.1\r\nSCRIPT_NAME: /geheim\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(raw)
            connection.recv(1000)
    settings.write_text("REFLECT_THREADS=veel\n")
    process.send_signal(signal.SIGHUP)
    log = tmp_path / "log"
    until(lambda: "the old ones stay" in log.read_text())
    settings.write_text(f"REFLECT_PORT={port}\nREFLECT_DATA={tmp_path / 'data'}\n")
    kill_children(process)
    until(lambda: "ok" in ask(port, "/healthz"))
    process.terminate()
    process.wait(timeout=60)
    lines = log.read_text().splitlines()
    assert len(lines) > 3
    for line in lines:
        assert set(json.loads(line)) >= {"at", "level", "logger", "event"}, line
        assert "geheim" not in line
        assert "127.0.0.1" not in line


def test_a_header_of_a_client_does_not_name_the_path_of_the_site(server):
    port, _, _ = server
    for name in ("SCRIPT_NAME", "Script_Name", "PATH_INFO"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                f"GET /mijn HTTP/1.1\r\nHost: x\r\n{name}: //evil.example\r\n\r\n".encode()
            )
            assert b"evil" not in connection.recv(10_000)


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


def ends_by_itself(host, port):
    """Return whether a request that stops coming is ended, in place of holding its thread."""
    with socket.create_connection((host, port), timeout=40) as half_sent:
        half_sent.sendall(b"GET /healthz HTTP/1.1\r\n")
        return half_sent.recv(1000) == b""


def test_a_server_at_another_address_ends_half_requests_there_too(server):
    port, process, settings = server
    assert ends_by_itself("127.0.0.1", port)
    try:
        free_socket = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with free_socket:
        other_port = free_socket.getsockname()[1]
    lines = settings.read_text().replace(f"REFLECT_PORT={port}", f"REFLECT_PORT={other_port}")
    settings.write_text(f"{lines}REFLECT_HOST=::1\n")
    process.send_signal(signal.SIGHUP)
    until(lambda: "ok" in ask(other_port, "/healthz", host="::1"))
    assert ends_by_itself("::1", other_port)
