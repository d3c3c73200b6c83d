"""One process at a time per job, and a lock that dies with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from connector.errors import RunBusy, StoreError
from connector.store.engine import open_engine
from connector.store.locks import job_lock
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases

NOW = datetime(2022, 2, 15, 16, 30, tzinfo=UTC)
HOLDER = """
import sys, time
from connector.store.engine import open_engine
from connector.store.locks import job_lock
with job_lock(open_engine(sys.argv[1]), "sync:ioffice"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_a_killed_one_leaves_nothing_behind(tmp_path: Path) -> None:
    url = databases.address(tmp_path / "connector.db")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    engine = open_engine(url)
    with pytest.raises(RunBusy), job_lock(engine, "sync:ioffice"):
        pass
    with job_lock(engine, "detect"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    end = time.monotonic() + 20
    while not _free(engine, "sync:ioffice"):  # a server needs a moment to find out
        assert time.monotonic() < end


def _free(engine: Engine, job: str) -> bool:
    try:
        with job_lock(engine, job):
            return True
    except RunBusy:
        return False


def test_a_second_thread_of_the_same_process_is_refused_as_well(tmp_path: Path) -> None:
    engine = open_engine(databases.address(tmp_path / "connector.db"))
    with job_lock(engine, "detect"), pytest.raises(RunBusy), job_lock(engine, "detect"):
        pass
    with job_lock(engine, "detect"):
        pass


def test_other_databases_have_their_own_locks(tmp_path: Path) -> None:
    one, two = (open_engine(databases.address(tmp_path / f"{name}.db")) for name in ("one", "two"))
    with job_lock(one, "detect"), job_lock(two, "detect"):
        pass


@pytest.mark.postgresql_only("machines may name one server differently")
def test_a_database_has_one_lock_per_job_whatever_its_address(tmp_path: Path) -> None:
    url = databases.address(tmp_path / "connector.db")
    one, two = open_engine(url), open_engine(f"{url}&connect_timeout=9")
    with job_lock(one, "detect"), pytest.raises(RunBusy), job_lock(two, "detect"):
        pass
    with job_lock(two, "detect"):
        pass


@pytest.mark.postgresql_only("a lock of the server ends with its session, not with the job")
def test_a_job_whose_lock_is_gone_writes_nothing_more(engine: Engine) -> None:
    uow = SqlUnitOfWork(engine)
    with job_lock(engine, "sync:ioffice"):
        with uow:
            uow.runs.start("sync", NOW)
            uow.commit()
        _end_the_session_with_the_lock(engine)
        elsewhere = open_engine(engine.url.update_query_dict({"connect_timeout": "9"}).render_as_string())
        with job_lock(elsewhere, "sync:ioffice"):  # another daemon goes on with it
            pass
        with pytest.raises(StoreError, match=r"locked sync:ioffice is gone"):
            uow.__enter__()
    with uow:
        assert len(uow.runs.recent()) == 1
    with job_lock(engine, "sync:ioffice"), uow:
        assert len(uow.runs.recent()) == 1


def _end_the_session_with_the_lock(engine: Engine) -> None:
    with engine.connect() as connection:
        (pid,) = connection.scalars(
            text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid <> 0 AND pid <> pg_backend_pid()")
        )
        connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})


@pytest.mark.postgresql_only("there a file system sees to it")
def test_a_writer_that_waits_too_long_for_another_is_told_so(engine: Engine) -> None:
    hasty = SqlUnitOfWork(open_engine(str(engine.url), busy_timeout=0.05))
    with SqlUnitOfWork(engine), pytest.raises(StoreError, match="lock timeout"), hasty:
        pass
    with hasty:
        assert hasty.runs.recent() == []


def test_a_database_that_cannot_be_reached_is_a_named_error_for_a_lock_too(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://connector:hunter2@/x?host={tmp_path}")
    with pytest.raises(StoreError) as caught, job_lock(engine, "detect"):
        pass
    assert "hunter2" not in f"{caught.value} {caught.value.fields}"
