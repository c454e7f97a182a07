"""A real PostgreSQL server of Debian's package, in a folder of its own, by a user without rights.

It starts with the first database that a test asks for, and stops with the session.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

# Nothing has to outlive a crash here, and every test makes a database of its own: so it writes
# little and waits for no disk.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_wal_size": "64MB",
}
# Files in memory make a copied database ten times as fast as a disk does. Some containers have
# only 64 MB of it, which is too little.
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - the folder inside has a random name
MEMORY_NEEDED = 1024**3


def bin_folder() -> Path:
    """Return the folder of PostgreSQL's programs, which Debian keeps out of the PATH."""
    initdb = shutil.which("initdb")
    if initdb:
        return Path(initdb).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert folders, "PostgreSQL is not here: .ci/test-tools installs what the tests need"
    return folders[-1]


def memory_folder() -> Path | None:
    """Return a folder that is kept in memory, where this machine has one that is large enough."""
    if MEMORY_FOLDER.is_dir() and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_NEEDED:
        return MEMORY_FOLDER
    return None


class PostgresServer:
    """A server whose databases are made, copied and dropped by name."""

    def __init__(self):
        self._folder = None
        self._connection = None
        # The server refuses to run as root.
        self._run_as = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}

    def create_database(self, name, *, template="template1"):
        """Make a database, empty or as a copy of another one, and return its URL.

        Nobody may be connected to the template.
        """
        if self._connection is None:
            self._start()
        # Copying files costs a fifth of writing all of it to the log.
        statement = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
        self._connection.execute(statement)
        return f"postgresql+psycopg://reflect@127.0.0.1:{self._port}/{name}"

    def drop_database(self, name):
        """Drop a database, also when somebody is still connected to it."""
        self._connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self):
        """Stop the server, if it was started, and remove everything in it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._folder is not None:
            self._run("pg_ctl", "-D", "db", "-m", "immediate", "-w", "stop")
            self._folder.cleanup()
            self._folder = None

    def _start(self):
        folder = tempfile.TemporaryDirectory(prefix="reflect-postgres-", dir=memory_folder())
        if self._run_as:
            shutil.chown(folder.name, "postgres", "postgres")
        with socket.socket() as free_socket:
            free_socket.bind(("127.0.0.1", 0))
            self._port = free_socket.getsockname()[1]
        self._folder = folder
        options = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
        self._run("initdb", "-D", "db", "-U", "reflect", "-A", "trust", "-E", "UTF8",
                  "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        self._run("pg_ctl", "-D", "db", "-o", f"-p {self._port} {options}", "-l", "log",
                  "-w", "start")  # fmt: skip
        self._connection = psycopg.connect(
            host="127.0.0.1", port=self._port, user="reflect", dbname="postgres", autocommit=True
        )

    def _run(self, program, *arguments):
        command = [bin_folder() / program, *arguments]
        subprocess.run(
            command, check=True, cwd=self._folder.name, stdout=subprocess.DEVNULL, **self._run_as
        )
