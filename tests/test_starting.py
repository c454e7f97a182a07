"""Starting in the wrong folder, with open files, half a key, a newer database, or twice at once."""

import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import sqlalchemy as sa

from reflect.cli.base import CommandFailed
from reflect.settings import InvalidSetting
from tests.conftest import DATABASE_KINDS, isolated_settings
from tests.processes import kill_with_children
from tests.test_server import ask, until

# Every kind of command that uses a school.
COMMANDS = (
    "serve",
    "worker",
    "school groups",
    "school password noor",
    "roster import school.zip",
    "print samples",
    "print pdf --group 2b --out talks",
    "export students --group 6v --out leavers",
)


def environment(**settings):
    return {"PATH": os.environ["PATH"], **settings}


def run(folder, line, **settings):
    return subprocess.run(
        [sys.executable, "-m", "reflect", *shlex.split(line)],
        cwd=folder,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def database(request, tmp_path, new_postgres_database):
    """Return the address of an empty database of each kind."""
    if request.param == "postgresql":
        return new_postgres_database()
    return f"sqlite:///{tmp_path / 'own.sqlite3'}"


@pytest.mark.parametrize("line", COMMANDS)
def test_no_command_makes_a_school_in_a_folder_where_none_is(tmp_path, line):
    (tmp_path / "school.zip").touch()
    done = run(tmp_path, line, REFLECT_PORT=str(free_port()))
    assert done.returncode == 2
    assert "reflect serve --new" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["school.zip"]


@pytest.mark.slow
def test_a_new_school_is_made_when_it_is_asked_for_and_is_for_its_user_alone(tmp_path):
    port = free_port()
    settings = environment(REFLECT_PORT=str(port))
    for line in ("serve --new", "serve"):
        command = [sys.executable, "-m", "reflect", *line.split()]
        # With a mask that hides nothing, as some systems start their services.
        server = subprocess.Popen(command, cwd=tmp_path, env=settings, umask=0)
        try:
            until(lambda: "ok" in ask(port, "/healthz"))
            until(lambda: list((tmp_path / "data").glob("queue.sqlite3*")))
            made = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
            assert {path.name for path in made} >= {"reflect.sqlite3", "reflect.sqlite3-wal"}
            for path in made:
                assert path.stat().st_mode & 0o077 == 0, f"others can open {path.name}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
            kill_with_children(server)


@pytest.mark.parametrize("line", [line for line in COMMANDS if line != "print samples"])
@pytest.mark.parametrize(("left", "how"), [("secret", "gone"), ("evidence/foto", "empty")])
def test_no_command_makes_a_new_school_where_the_database_is_lost(tmp_path, line, left, how):
    data = tmp_path / "data"
    (data / left).parent.mkdir(mode=0o700, parents=True)
    (data / left).write_text("x" * 40)
    (tmp_path / "school.zip").touch()
    if how == "empty":
        (data / "reflect.sqlite3").touch()
    before = sorted(data.rglob("*"))
    done = run(tmp_path, line, REFLECT_DATA=str(data), REFLECT_PORT=str(free_port()))
    assert done.returncode == 2
    assert "reflect.sqlite3" in done.stderr
    assert "reflect serve --new" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(data.rglob("*")) == before


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o705, 0o711, 0o777])
def test_a_data_folder_that_others_can_open_stops_the_start(tmp_path, mode):
    data = tmp_path / "of the school"
    data.mkdir()
    data.chmod(mode)
    with pytest.raises(InvalidSetting) as refused:
        isolated_settings(data)
    assert not (data / "secret").exists()
    # What the sentence says mends it.
    command = re.search(r"chmod .*", str(refused.value))[0]
    subprocess.run(command, shell=True, check=True)  # noqa: S602 - our own sentence
    isolated_settings(data)
    assert (data / "secret").exists()


def test_an_empty_key_that_a_crash_left_is_made_anew(tmp_path):
    (tmp_path / "secret").touch()
    key = isolated_settings(tmp_path).secret
    assert len(key) >= 32
    assert isolated_settings(tmp_path).secret == key
    assert not list(tmp_path.glob("secret.*"))


@pytest.mark.parametrize("rest", ["kort", "a" * 64, "\x00" * 64, "\xff" * 5])
def test_half_a_key_is_refused_and_stays(tmp_path, rest):
    (tmp_path / "secret").write_text(rest, "latin-1")
    with pytest.raises(InvalidSetting, match="does not hold a whole key"):
        isolated_settings(tmp_path)
    assert (tmp_path / "secret").read_text("latin-1") == rest


@pytest.mark.parametrize("database", DATABASE_KINDS, indirect=True)
@pytest.mark.parametrize("line", ["serve", "worker", "school groups"])
def test_a_database_of_a_newer_release_is_one_sentence(tmp_path, database, line):
    settings = {"REFLECT_DATA": str(tmp_path / "data"), "REFLECT_DATABASE": database}
    assert run(tmp_path, "school groups", **settings).returncode == 0
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    done = run(tmp_path, line, **settings, REFLECT_PORT=str(free_port()))
    assert done.returncode == CommandFailed.exit_code
    assert len(done.stderr.strip().splitlines()) == 1
    assert "newer release" in done.stderr
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("database", DATABASE_KINDS, indirect=True)
def test_of_four_that_start_at_once_one_takes_the_steps(tmp_path, database):
    """As four machines on one database do, each with a data folder of its own."""
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "reflect", "school", "groups"],
            cwd=tmp_path,
            env=environment(
                REFLECT_DATA=str(tmp_path / f"machine-{number}"),
                REFLECT_DATABASE=database,
                REFLECT_SECRET="een sleutel van meer dan 32 tekens",
            ),
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    errors = [start.communicate(timeout=600)[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0, 0], errors


def test_steps_on_sqlite_wait_for_those_of_another_process(tmp_path):
    """Longer than a request waits for a lock."""
    settings = {"REFLECT_DATA": str(tmp_path)}
    assert run(tmp_path, "school groups", **settings).returncode == 0
    with closing(sqlite3.connect(tmp_path / "reflect.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        start = subprocess.Popen(
            [sys.executable, "-m", "reflect", "school", "groups"],
            cwd=tmp_path,
            env=environment(**settings),
        )
        with pytest.raises(subprocess.TimeoutExpired):
            start.wait(timeout=25)
        other.execute("COMMIT")
        assert start.wait(timeout=60) == 0
