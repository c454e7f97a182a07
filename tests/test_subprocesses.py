"""Child processes: one answer, in time, and no child that stays behind."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from reflect import subprocesses
from reflect.subprocesses import ChildFailed, ChildTimeout, helpers
from tests.test_server import until

MEGABYTE = 1024**2
STARTS = [subprocesses.start_clean, subprocesses.start_preloaded]


def answer_reversed(connection):
    subprocesses.answer(connection, lambda request: request[::-1])


def answer_with_pid(connection):
    subprocesses.answer(connection, lambda _: str(os.getpid()).encode())


def never_answer(connection):
    connection.recv_bytes()
    time.sleep(600)  # killed long before


def begin_an_answer_and_stop(connection):
    connection.recv_bytes()
    # The head of a message of a megabyte, as multiprocessing writes it, and nothing of the rest.
    os.write(connection.fileno(), MEGABYTE.to_bytes(4, "big") + b"begun")
    time.sleep(600)  # killed long before


def die_before_reading(_connection):
    os._exit(1)


@pytest.mark.parametrize("start", STARTS)
def test_a_child_answers_a_large_request_and_is_gone(start):
    request = os.urandom(3 * MEGABYTE)
    answer = start(answer_reversed, name="test").ask(
        request, seconds=60, max_answer_bytes=4 * MEGABYTE
    )
    assert answer == request[::-1]
    pid = int(start(answer_with_pid, name="test").ask(b"", seconds=60, max_answer_bytes=99))
    assert pid != os.getpid()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("target", [never_answer, begin_an_answer_and_stop])
def test_a_child_that_takes_too_long_is_killed(start, target):
    child = start(target, name="test")
    with pytest.raises(ChildTimeout):
        child.ask(b"request", seconds=0.5, max_answer_bytes=2 * MEGABYTE)
    assert child.connection.closed
    assert not child.process.is_alive()


@pytest.mark.parametrize("start", STARTS)
def test_a_child_that_dies_early_holds_nobody_up(start):
    child = start(die_before_reading, name="test")
    with pytest.raises(ChildFailed) as raised:
        child.ask(os.urandom(3 * MEGABYTE), seconds=60, max_answer_bytes=99)
    assert raised.type is ChildFailed, "it was not the time that ended it"


def test_an_answer_that_is_too_large_is_not_read():
    child = subprocesses.start_clean(answer_reversed, name="test")
    with pytest.raises(ChildFailed):
        child.ask(b"x" * 1000, seconds=60, max_answer_bytes=999)
    assert not child.process.is_alive()


def helper_processes():
    """Return the processes of this program that start others, or look after them."""
    return [child for child in psutil.Process().children() if "multiprocessing" in command(child)]


def command(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended since it was listed
        return ""


def ask_for_pid(start):
    return int(start(answer_with_pid, name="test").ask(b"", seconds=120, max_answer_bytes=99))


@pytest.mark.parametrize("start", STARTS)
def test_what_starts_children_ends_after_a_quiet_time_and_starts_again(
    start, monkeypatch, tmp_path
):
    monkeypatch.setattr(helpers, "QUIET_SECONDS", 0.3)
    for _ in range(3):
        ask_for_pid(start)
        until(lambda: not helper_processes())
        # The next one unpacks its fonts there, and leaves nothing however often it ends.
        monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_starts_children_does_not_end_while_one_of_them_works(monkeypatch):
    monkeypatch.setattr(helpers, "QUIET_SECONDS", 0.1)
    working = subprocesses.start_preloaded(answer_reversed, name="test")
    ask_for_pid(subprocesses.start_preloaded)
    ask_for_pid(subprocesses.start_clean)
    time.sleep(1)  # several times the quiet time
    assert helper_processes()
    assert working.ask(b"abc", seconds=60, max_answer_bytes=99) == b"cba"
    until(lambda: not helper_processes())


def test_children_that_start_while_it_is_ending_all_answer(monkeypatch):
    """Ends and starts fall on each other, in every order that a hundred tries give."""
    monkeypatch.setattr(helpers, "QUIET_SECONDS", 0.0)
    with ThreadPoolExecutor(3) as pool:
        pids = list(pool.map(ask_for_pid, [subprocesses.start_clean] * 100))
    assert len(set(pids)) > 1
    until(lambda: not helper_processes())
