"""One process at a time per job, and a lock that dies with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connector.errors import RunBusy
from connector.store.engine import open_engine
from connector.store.locks import job_lock

HOLDER = """
import sys, time
from connector.store.engine import open_engine
from connector.store.locks import job_lock
with job_lock(open_engine(sys.argv[1]), "sync:ioffice"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_a_killed_one_leaves_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'connector.db'}"
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
    with job_lock(engine, "sync:ioffice"):
        pass


def test_a_second_thread_of_the_same_process_is_refused_as_well(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'connector.db'}")
    with job_lock(engine, "detect"), pytest.raises(RunBusy), job_lock(engine, "detect"):
        pass
    with job_lock(engine, "detect"):
        pass


def test_other_databases_have_their_own_locks(tmp_path: Path) -> None:
    one, two = (open_engine(f"sqlite:///{tmp_path / name}.db") for name in ("one", "two"))
    with job_lock(one, "detect"), job_lock(two, "detect"):
        pass
