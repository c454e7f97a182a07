"""A real PostgreSQL of Debian's package, in a folder of its own and as a person without rights."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def programs() -> Path:
    """Give the folder of its programs; Debian keeps them out of the way."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert folders, "PostgreSQL is not here: .ci/browser installs what the tests need"
    return folders[-1]


@contextlib.contextmanager
def running():
    """Run one; gives a function that makes an empty database and says its address."""
    whose = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}  # it refuses to run as root
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        if whose:
            shutil.chown(folder, "postgres", "postgres")

        def run(program, *words):
            command = [programs() / program, *words]
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **whose)

        def database(name):
            run("createdb", "-h", "127.0.0.1", "-p", port, "-U", "reflect", name)
            return f"postgresql+psycopg://reflect@127.0.0.1:{port}/{name}"

        run("initdb", "-D", "db", "-U", "reflect", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=60"
        run("pg_ctl", "-D", "db", "-o", options, "-l", "log", "-w", "start")
        try:
            yield database
        finally:
            run("pg_ctl", "-D", "db", "-m", "immediate", "-w", "stop")
