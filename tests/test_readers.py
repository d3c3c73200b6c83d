"""Whoever only looks waits for no writer (F33): real processes on one database, of which one holds its transaction."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests import databases
from tests.conftest import ROOT
from tests.deployment import Deployment, servers

WRITER = """
import sys
from datetime import UTC, datetime
from connector.store.engine import open_engine
from connector.store.unit_of_work import SqlUnitOfWork
with SqlUnitOfWork(open_engine(sys.argv[1])) as uow:
    uow.holds.put("guard:held", datetime(2022, 3, 1, tzinfo=UTC), "đang ghi")
    print("holds", flush=True)
    sys.stdin.readline()
    uow.commit()
"""


@contextmanager
def writer(database: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of its transaction; it commits when it is told a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, databases.address(database)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "holds\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """It has read and found something; its writers give up at once, so that who waits for another is found out."""
    with servers() as two:
        one = prepared(tmp_path_factory.mktemp("office"), *two)
        one.good("sync")
        one.good("detect")
        yield one


def prepared(folder: Path, server: StandInProcess, mail: MailCatcher) -> Deployment:
    one = Deployment.of(folder, server, mail)
    one.settings["storage"] = {**one.settings.get("storage", {}), "busy_timeout_seconds": 0.2}
    one.write()
    return one


def test_commands_that_only_look_answer_while_a_writer_holds_its_transaction(office: Deployment) -> None:
    (task,) = office.rows("SELECT min(source_id) FROM task")[0]
    looks = (
        ("status",), ("status", "--json"), ("show", task), ("findings", "list"), ("findings", "show", "1"),
        ("quarantine", "list"), ("rules", "list"), ("rules", "diff", "-", "-"),
        ("rules", "backtest", "TD01", "--days", "2"), ("source", "links"), ("db", "check"),
    )  # fmt: skip
    with writer(office.database) as process:
        for command in looks:
            done = office.run(*command)
            assert (done.code, process.poll()) == (0, None), f"{command}: {done.out}{done.err}"
            assert "guard:held" not in done.out, "what is not committed is not so"
        assert office.run("findings", "ack", "1").code == 69, "who writes does wait, and is told"
        process.communicate("go on\n")
        assert process.returncode == 0
    assert "guard:held" in office.good("status", "--json").out


def test_a_new_database_is_made_by_whoever_comes_first_also_if_only_to_look(office: Deployment, tmp_path: Path) -> None:
    new = prepared(tmp_path, office.server, office.mail)
    assert new.good("status", "--json").json["runs"] == []
    assert new.good("findings", "list", "--json").json == []
    assert new.one("SELECT count(*) FROM run") == 0


def test_who_looks_at_a_database_of_another_version_is_told_so(office: Deployment, tmp_path: Path) -> None:
    old = prepared(tmp_path, office.server, office.mail)
    old.good("status")
    old.write_rows("UPDATE alembic_version SET version_num = '9999'")
    assert old.run("status").code == 78
