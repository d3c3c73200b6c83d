"""One process at a time per job: a lock the system itself releases when a process dies.

A record of "running" in the database would outlive a kill; a lock on a file, or PostgreSQL's advisory lock, does not.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from connector.errors import RunBusy, StoreError

_HELD: set[str] = set()
_GUARD = threading.Lock()


@contextmanager
def job_lock(engine: Engine, job: str) -> Iterator[None]:
    """Hold ``job`` on this database until the block is left. Raises RunBusy if somebody else holds it."""
    name = f"{engine.url.render_as_string(hide_password=True)}|{job}"
    with _GUARD:
        if name in _HELD:
            raise RunBusy(f"{job} is already running in this process", job=job)
        _HELD.add(name)
    try:
        if engine.dialect.name == "sqlite":
            yield from _file_lock(engine, job)
        else:
            yield from _advisory_lock(engine, name, job)
    finally:
        with _GUARD:
            _HELD.discard(name)


def _file_lock(engine: Engine, job: str) -> Iterator[None]:
    import fcntl

    database = engine.url.database
    if not database or database == ":memory:":
        yield
        return
    path = Path(f"{database}.{job.replace(':', '-').replace('/', '-')}.lock")
    try:
        file = path.open("a")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}", database=database) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunBusy(f"{job} is running in another process", job=job) from error
        yield


def _advisory_lock(engine: Engine, name: str, job: str) -> Iterator[None]:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            raise RunBusy(f"{job} is running in another process", job=job)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
