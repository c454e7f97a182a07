"""Half-sent requests stop nobody: not the server alone, and not with the proxy of the docs."""

import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import kill_with_children
from tests.test_server import ask, server, until

pytestmark = pytest.mark.slow
__all__ = ["server"]

HALF_HEADER = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half"
DOCS = Path(__file__).resolve().parent.parent / "docs" / "proxy"
TOKEN = "dit-is-een-geheim-token-van-een-gedeelde-link"


def send_half(stack, port, number):
    for _ in range(number):
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection.sendall(HALF_HEADER)


def test_twenty_half_sent_headers_do_not_stop_the_server(server):
    port, _, _ = server
    with ExitStack() as stack:
        send_half(stack, port, 20)
        time.sleep(1)  # until each is waited for in a thread
        until(lambda: "Eerste" in ask(port, "/inloggen"))


@pytest.fixture
def nginx(server, tmp_path):
    """Run nginx with the settings of the docs, without TLS; give its port and its log."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed here: its settings cannot be tried")
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        port = free_socket.getsockname()[1]
    lines = (DOCS / "nginx.conf").read_text().splitlines()
    site = "\n".join(line for line in lines if "ssl_certificate" not in line)
    for text, replacement in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port}"),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{server[0]}"),
        ("/var/log/nginx", str(tmp_path)),
    ):
        assert text in site
        site = site.replace(text, replacement)
    temporary = "\n".join(
        f"{kind}_temp_path {tmp_path / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path / 'pid'}; daemon off; error_log {tmp_path / 'start.log'};\n"
        f"events {{}}\nhttp {{ {temporary}\n{site} }}\n"
    )
    process = subprocess.Popen(
        [program, "-e", str(tmp_path / "start.log"), "-c", str(tmp_path / "nginx.conf")]
    )
    try:
        until(lambda: "ok" in ask(port, "/healthz"))
        yield port, tmp_path
    finally:
        kill_with_children(process)


def test_behind_the_nginx_of_the_docs_half_sent_headers_stop_nobody(nginx):
    port, _ = nginx
    with ExitStack() as stack:
        send_half(stack, port, 40)
        assert "Eerste" in ask(port, "/inloggen"), "at once: the half ones wait in the proxy"


def test_the_nginx_of_the_docs_logs_no_query_and_no_share_link(nginx):
    port, folder = nginx
    ask(port, f"/gedeeld/{TOKEN}?naam=oma")
    ask(port, f"//gedeeld/{TOKEN}/bewijs/abc")
    ask(port, f"/reflect/gedeeld/{TOKEN}")  # Reflect under a path of the site
    ask(port, "/inloggen?verder=%2Fverslagen%2F12")
    until(lambda: (folder / "reflect.log").read_text().count("\n") >= 5)
    logged = "".join(path.read_text() for path in folder.glob("*.log"))
    assert TOKEN not in logged
    assert "?" not in logged
    assert "oma" not in logged
    assert "/gedeeld/-" in logged


def test_the_caddyfile_of_the_docs_is_one_that_caddy_reads():
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("caddy is not installed here: its settings cannot be tried")
    command = [program, "validate", "--adapter", "caddyfile", "--config", str(DOCS / "Caddyfile")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
