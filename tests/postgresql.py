"""A PostgreSQL server for one run of the tests: Debian's binaries, a data folder of its own, a socket and no port.

Nothing is skipped where it is missing: a test that asks for it fails and says what to install.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200", "shared_buffers=64MB")
_WITH_US = ("setpriv", "--pdeathsig", "QUIT")
"""A server does not outlive the tests, however they end."""
_ORDER = ("--locale-provider=icu", "--icu-locale=vi", "--locale=C.UTF-8")
"""As an office may have it, and unlike SQLite: letters sorted as in Vietnamese, not by their codes."""


def binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``: Debian's newest, else the one on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    assert found, "PostgreSQL is missing, and is needed for these tests. Debian: apt install postgresql"
    return Path(found).parent


class Server:
    """Started by the constructor, ended by ``stop``. Runs as nobody when the tests run as root: it refuses root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
        self.folder.chmod(0o755)
        self._data = self.folder / "data"
        self._data.mkdir(mode=0o700)
        self._as: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
        if self._as:
            for path in (self.folder, self._data):
                shutil.chown(path, "nobody", "nogroup")
        initdb = [str(binaries() / "initdb"), "-D", str(self._data), "-U", "connector", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run([*initdb, *_ORDER, "--no-sync"], capture_output=True, text=True, cwd="/", **self._as)
        assert done.returncode == 0, done.stderr
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [part for one in (*_FAST, "listen_addresses=") for part in ("-c", one)]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*_WITH_US, binaries() / "postgres", "-D", self._data, "-k", self.folder, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._as,
            )  # fmt: skip
        end = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.conninfo("postgres")).close()
                return process
            except psycopg.OperationalError:
                assert process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < end, (self.folder / "log").read_text()
                time.sleep(0.02)

    def conninfo(self, database: str) -> str:
        return f"host={self.folder} user=connector dbname={database}"

    def address(self, database: str) -> str:
        """For the settings: storage.database."""
        return f"postgresql://connector@/{database}?host={self.folder}"

    def execute(self, statement: str) -> list[Any]:
        """Outside any transaction, in the maintenance database."""
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def copy(self, old: str, new: str) -> None:
        """A new database with the contents of another, to which nobody is connected; one of that name is replaced."""
        self.execute(f'DROP DATABASE IF EXISTS "{new}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{new}" TEMPLATE "{old}" STRATEGY FILE_COPY')

    def stop(self) -> None:
        """At once: nothing of it is kept."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
