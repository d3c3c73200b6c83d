"""One process at a time per job: a lock the system itself releases when a process dies.

A record of "running" in the database would outlive a kill; a lock on a file, or PostgreSQL's advisory lock, does not.
PostgreSQL's belongs to a session, which may break while the job goes on: so every transaction of the job asks first
whether it is still held (``require_held``). As writers queue up, nobody else can have written in between.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import RunBusy, StoreError

_HELD: set[str] = set()
_GUARD = threading.Lock()
_OURS = 0x636F6E6E
"""First half of the keys of our advisory locks, which PostgreSQL keeps per database; the second half of the writer's
is 0, a job's comes from its name."""


class _Session(NamedTuple):
    """``pid`` of the server's process that holds the advisory lock ``key`` for ``job``."""

    engine: Engine
    job: str
    key: int
    pid: int


_sessions: ContextVar[tuple[_Session, ...]] = ContextVar("_sessions", default=())
"""What this thread of work relies on."""
_LOCK = text("SELECT pg_try_advisory_lock(:ours, :key), pg_backend_pid()")
_UNLOCK = text("SELECT pg_advisory_unlock(:ours, :key)")
_STILL = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :ours AND objid = :key "
    "AND pid = :pid AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


@contextmanager
def job_lock(engine: Engine, job: str) -> Iterator[None]:
    """Hold ``job`` on this database until the block is left. Raises RunBusy if somebody else holds it, StoreError if
    the database cannot be asked."""
    name = f"{engine.url.render_as_string(hide_password=True)}|{job}"
    with _GUARD:
        if name in _HELD:
            raise RunBusy(f"{job} is already running in this process", job=job)
        _HELD.add(name)
    try:
        if engine.dialect.name == "sqlite":
            yield from _file_lock(engine, job)
        else:
            yield from _advisory_lock(engine, job)
    finally:
        with _GUARD:
            _HELD.discard(name)


def wait_for_writers(connection: Connection) -> None:
    """Begin a writing transaction on PostgreSQL: one at a time, until it ends. What commits by itself need not."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, 0)")


def require_held(connection: Connection) -> None:
    """Raises StoreError if a job lock this thread took has been lost with its session: another process may be at the
    same job."""
    for session in (one for one in _sessions.get() if one.engine is connection.engine):
        asked = {"ours": _OURS, "key": session.key, "pid": session.pid}
        if not connection.execute(_STILL, asked).scalar_one():
            address = connection.engine.url.render_as_string(hide_password=True)
            raise StoreError(f"the connection that locked {session.job} is gone", database=address, job=session.job)


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


def _advisory_lock(engine: Engine, job: str) -> Iterator[None]:
    """On a session of its own outside any transaction, which nobody waits for and which ends with the lock."""
    key = int.from_bytes(hashlib.sha256(job.encode()).digest()[:4], "big") >> 1 or 1
    try:
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    except SQLAlchemyError as error:
        raise _named(error, engine) from error
    with connection:
        try:
            taken, pid = connection.execute(_LOCK, {"ours": _OURS, "key": key}).one()
        except SQLAlchemyError as error:
            raise _named(error, engine) from error
        if not taken:
            raise RunBusy(f"{job} is running in another process", job=job)
        before = _sessions.set((*_sessions.get(), _Session(engine, job, key, pid)))
        try:
            yield
        finally:
            _sessions.reset(before)
            with suppress(SQLAlchemyError):  # a session that is gone has no lock; closing alone would free it later
                connection.execute(_UNLOCK, {"ours": _OURS, "key": key})


def _named(error: SQLAlchemyError, engine: Engine) -> StoreError:
    cause = str(getattr(error, "orig", None) or type(error).__name__)
    return StoreError(cause, database=engine.url.render_as_string(hide_password=True))
