"""kill -9 in the middle of a reading: what is stored afterwards is what an undisturbed reading stores (F07).

``CONNECTOR_KILLS`` says how many kills (default 200); ``CONNECTOR_KILL_SEED`` repeats a failed series.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from connector.standin.mail import MailCatcher
from connector.standin.process import StandInProcess
from tests import databases
from tests.deployment import Deployment, servers
from tests.warm import warm

Servers = tuple[StandInProcess, MailCatcher]
KILLS = int(os.environ.get("CONNECTOR_KILLS", "200"))
SEED = int(os.environ.get("CONNECTOR_KILL_SEED", str(random.randrange(10**6))))
KILLS_PER_DATABASE = 5
AT = "2022-02-10 23:30"
"""Enough of everything, and a reading takes less than a second."""

NOT_COMPARED = {
    "id", "run_id", "last_run_id", "first_run_id", "first_seen_at", "last_seen_at", "detail_read_at", "flow_read_at",
    "lines_read_at", "children_read_at", "files_read_at", "log_read_at", "related_read_at", "observed_at",
    "observed_after", "updated_at", "seen_run_id", "read_run_id", "read_reason", "progress",
}  # fmt: skip
"""Times, numbers of runs, and how a reading came to its end. ``until``, ``gone_at`` and ``missing_since`` are compared:
nothing may have ended."""
TABLES = (
    "task", "task_version", "flow_row", "sighting", "list_state", "list_page", "vocabulary", "document",
    "document_version", "log_entry", "related_document", "payload", "rejected", "hold",
)  # fmt: skip
EMPTY = ("list_page", "rejected", "hold")


@pytest.fixture(scope="module")
def two() -> Iterator[Servers]:
    with servers() as both:
        yield both


def content(office: Deployment) -> dict[str, list[str]]:
    """Every table without times and run ids; rows named by the source's ids."""
    names = {
        "task_version": dict(office.rows("SELECT id, source_id FROM task")),
        "flow_row": dict(office.rows("SELECT id, source_id FROM task")),
    }
    documents = dict(office.rows("SELECT id, source_id FROM document"))
    names |= dict.fromkeys(("document_version", "log_entry", "related_document"), documents)
    found = {}
    for table in TABLES:
        kept = [one.name for one in SQLModel.metadata.tables[table].columns if one.name not in NOT_COMPARED]
        rows = []
        for row in office.rows(f"SELECT {', '.join(kept)} FROM {table}"):
            values = dict(zip(kept, row, strict=True))
            for key in ("task_id", "document_id"):
                if key in values and table in names:
                    values[key] = names[table][values[key]]
            rows.append(repr(values))
        found[table] = sorted(rows)
    return found


def begin(office: Deployment, name: str) -> int:
    return warm().start(
        ["sync"], cwd=office.folder, environ=office.environ(), at=office.moment, out=office.folder / f"{name}.txt"
    )


def _in_the_middle(office: Deployment, run: int) -> bool:
    with suppress(*databases.NOT_YET):
        return len(office.outcomes()) == run and office.one("SELECT count(*) FROM sighting") > 0
    return False


def test_sigterm_ends_a_command_orderly_and_a_killed_one_is_not_said_to_be_running(
    two: Servers, tmp_path: Path
) -> None:
    office = Deployment.of(tmp_path, *two, at=AT)
    office.fault("slow", "getlistjobflow", value="5")
    for number, (sent, code) in enumerate(((signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL))):
        pid = begin(office, f"stopped-{number}")
        while not _in_the_middle(office, number + 1):
            time.sleep(0.02)
        os.kill(pid, sent)
        assert warm().wait(pid) == code
        office.moment = office.moment and office.moment.replace(minute=35 + number)
    assert office.outcomes() == ["interrupted", "running"], "nobody could write down the end of the second"
    told = office.run("status")
    assert "đang chạy" not in told.out
    assert told.out.count("bị ngắt giữa chừng") >= 2


@pytest.mark.sqlite_only("a lock is a file of its own there, with rights of its own")
def test_status_is_told_to_whoever_may_only_read(two: Servers, tmp_path: Path) -> None:
    """Their process cannot take the lock, so what is written of a run stands."""
    office = Deployment.of(tmp_path, *two, at=AT)
    office.good("sync")
    office.write_rows("UPDATE run SET outcome = 'running', finished_at = NULL")
    lock = next(office.folder.glob("connector.db.sync*.lock"))
    lock.unlink()
    lock.mkdir()
    told = office.run("status")
    assert told.code == 0, told.err
    assert "đang chạy" in told.out


def test_a_reading_killed_anywhere_any_number_of_times_ends_as_an_undisturbed_one(
    two: Servers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = Deployment.of(tmp_path_factory.mktemp("whole"), *two, at=AT)
    began = time.monotonic()
    whole.good("sync")
    seconds = time.monotonic() - began
    wanted = content(whole)
    assert {name: len(rows) for name, rows in wanted.items()} | dict.fromkeys(EMPTY, 0) == {
        name: len(rows) for name, rows in wanted.items()
    }
    chance = random.Random(SEED)
    killed = 0
    for series in range(-(-KILLS // KILLS_PER_DATABASE)):
        office = Deployment.of(tmp_path_factory.mktemp(f"series-{series}"), *two, at=AT)
        hit = 0
        for number in range(min(KILLS_PER_DATABASE, KILLS - series * KILLS_PER_DATABASE)):
            pid = begin(office, f"killed-{number}")
            time.sleep(chance.uniform(0.02, 0.7 * seconds))  # the point of the kill, not a wait for anything
            os.kill(pid, signal.SIGKILL)
            hit += warm().wait(pid) == -signal.SIGKILL
            office.moment = office.moment and office.moment.replace(second=(number + 1) * 10)
        office.moment = office.moment and office.moment.replace(minute=40)
        done = office.good("sync", "--json")
        assert done.json[0]["outcome"] == "ok", f"seed {SEED}, series {series}: {done.out}"
        found = content(office)
        for table in TABLES:
            assert found[table] == wanted[table], f"seed {SEED}, series {series}: {table} differs"
        assert databases.is_sound(office.database)
        assert office.one("SELECT count(*) FROM run WHERE finished_at IS NULL") == 0
        assert set(office.outcomes()) <= {"ok", "interrupted"}
        killed += hit
    assert killed >= KILLS // 3, f"seed {SEED}: only {killed} of {KILLS} kills came before the end"
