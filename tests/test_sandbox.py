"""What a child that decodes or prints cannot reach, with a sandbox and without one."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from reflect import subprocesses
from reflect.subprocesses import sandbox

STARTS = [subprocesses.start_clean, subprocesses.start_preloaded]
KEY = "de sleutel van de school, lang genoeg"


def attempt(act):
    """Return what a hostile child gets, or the name of the error that it got."""
    try:
        return str(act())
    except OSError as error:
        return type(error).__name__


def connect_to(family, address):
    with socket.socket(family) as connection:
        connection.settimeout(1)
        connection.connect(address)


def try_everything(connection):
    """Try what a page or a file that has taken over its child would try."""

    def handle(request):
        data, parent, port = json.loads(request)
        folder = Path(data)
        # It asks for itself what the sandbox holds: asking again closes nothing more.
        tries = {
            "variables": lambda: dict(os.environ),
            "started with": lambda: Path("/proc/self/environ").read_bytes(),
            "of the parent": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
            "memory": lambda: os.open(f"/proc/{parent}/mem", os.O_RDONLY),
            "key": lambda: (folder / "secret").read_text(),
            "list": lambda: os.listdir(folder),
            "write": lambda: (folder / "mine").touch(),
            "remove": lambda: (folder / "secret").unlink(),
            "home": lambda: os.listdir(Path.home()),
            "network": lambda: connect_to(socket.AF_INET, ("127.0.0.1", port)),
            "local socket": lambda: connect_to(socket.AF_UNIX, str(folder / "socket")),
            "program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606 - it must not start
        }
        return json.dumps({name: attempt(act) for name, act in tries.items()}).encode()

    subprocesses.answer(connection, handle)


def tell_what_holds(connection):
    held = sorted(sandbox.close())
    subprocesses.answer(connection, lambda _: json.dumps(held).encode())


def ask(start, target, request=b""):
    return json.loads(start(target, name="test").ask(request, seconds=60, max_answer_bytes=99_999))


@pytest.fixture(params=STARTS, ids=lambda start: start.__name__)
def reached(request, tmp_path, monkeypatch):
    """Return what a child reached of a data folder, a server, and this process."""
    monkeypatch.setenv("REFLECT_SECRET", KEY)
    (tmp_path / "secret").write_text(KEY)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local_server,
    ):
        local_server.bind(str(tmp_path / "socket"))
        local_server.listen()
        details = [str(tmp_path), os.getpid(), server.getsockname()[1]]
        yield request.param, ask(request.param, try_everything, json.dumps(details).encode())
    assert (tmp_path / "secret").read_text() == KEY
    assert not (tmp_path / "mine").exists()


def test_no_child_has_a_key_in_its_environment(reached):
    """This holds on every system."""
    _, answers = reached
    for name in ("variables", "started with"):
        assert KEY not in answers[name]
        assert "REFLECT_" not in answers[name]


def test_a_child_has_no_way_to_files_or_the_network_where_there_is_a_sandbox(reached):
    start, answers = reached
    held = ask(start, tell_what_holds)
    if not held:
        pytest.skip("this machine has neither Landlock nor seccomp for us")
    if "files" in held:
        for name in ("of the parent", "memory", "key", "list", "write", "remove", "home"):
            assert answers[name] == "PermissionError", name
        assert KEY not in str(answers)
    if "calls" in held:
        for name in ("network", "local socket", "program"):
            assert answers[name] == "PermissionError", name


def test_a_machine_without_a_sandbox_works_all_the_same(monkeypatch):
    monkeypatch.setattr(sandbox, "_LIBRARY", None)
    assert sandbox.close() == frozenset()
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    assert sandbox.close() == frozenset()


def test_every_program_of_a_child_is_there():
    """`env` starts them without our variables."""
    assert subprocess.run([subprocesses._ENV, "-i"], check=True, capture_output=True).stdout == b""
