"""A run under a faked system clock (the ``faketime`` program) behaves like a run on that day."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.deployment import Deployment, Done, local, servers

NIGHT = local("2022-02-15 23:30")
MINUTE = 60.0

pytestmark = pytest.mark.skipif(shutil.which("faketime") is None, reason="the program faketime is not installed")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Deployment]:
    with servers() as two:
        one = Deployment.of(tmp_path, *two, at="2022-02-15 23:30")
        one.moment = None
        yield one


def faked(office: Deployment, *arguments: str) -> Done:
    """``faketime '2022-02-15 23:30:00' connector …``, the time zone as on an office server."""
    command = ["faketime", "2022-02-15 23:30:00", sys.executable, "-m", "connector", *arguments]
    environ = office.environ(TZ="Asia/Ho_Chi_Minh")
    done = subprocess.run(
        command, cwd=office.folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def minutes_off(stored: str) -> float:
    moment = datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return abs((moment - NIGHT).total_seconds()) / MINUTE


def test_sync_detect_deliver_and_report_live_on_the_faked_day(office: Deployment) -> None:
    faked(office, "sync")
    faked(office, "detect")
    faked(office, "deliver")
    figures = faked(office, "report", "2022-02", "--json").json
    assert figures["as_of"] == "2022-02-15"
    assert minutes_off(datetime.fromisoformat(figures["made_at"]).replace(tzinfo=None).isoformat()) < 1
    for table, column in (("run", "started_at"), ("run", "finished_at"), ("task_version", "observed_at"),
                          ("outbox", "created_at"), ("outbox", "sent_at"), ("finding", "first_seen_at")):  # fmt: skip
        moments = [value for (value,) in office.rows(f"SELECT DISTINCT {column} FROM {table}")]
        assert moments, (table, column)
        assert max(map(minutes_off, moments)) < 1, (table, column)
    dates = [parsedate_to_datetime(one.message["Date"]) for one in office.mail.messages]
    assert len(dates) > 5
    assert all(abs((one - NIGHT).total_seconds()) < MINUTE for one in dates)
    assert all(entry["timestamp"].startswith("2022-02-15T16:3") for entry in faked(office, "detect").log)
    assert "Tình trạng lúc 23:30 ngày 15/02/2022: bình thường" in faked(office, "status").out


def test_the_service_lives_on_the_faked_clock_and_follows_it_when_it_is_set(office: Deployment) -> None:
    """At 08:00 of the first of March the report of February is due; then somebody sets the clock back a day."""
    office.at("2022-03-01 07:59:57")
    clock = office.folder / "clock"
    library = next(Path("/usr/lib").rglob("libfaketime.so.1"))
    environ = office.environ(
        TZ="Asia/Ho_Chi_Minh", LD_PRELOAD=str(library), FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )  # fmt: skip
    set_clock(clock, "2022-03-01 07:59:57")
    with (office.folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", "run"], cwd=office.folder, env=environ, stderr=log
        )  # fmt: skip
        try:
            until(lambda: "report.made" in read(office))
            set_clock(clock, "2022-02-28 08:00:00")
            until(lambda: "daemon.clock_changed" in read(office))
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
    assert office.rows("SELECT outcome FROM run WHERE job = 'report' AND key = '2022-02'") == [("ok",)]
    sent = [letter.message["Message-ID"] for letter in office.mail.messages]
    assert len(sent) == len(set(sent))
    assert office.one("SELECT count(*) FROM outbox") > 10


def test_the_service_wakes_under_plain_faketime(office: Deployment) -> None:
    office.at("2022-03-01 07:59:57")
    command = ["faketime", "2022-03-01 07:59:57", sys.executable, "-m", "connector", "run"]
    with (office.folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=office.folder, env=office.environ(TZ="Asia/Ho_Chi_Minh"), stderr=log, start_new_session=True
        )  # fmt: skip
        try:
            until(lambda: "report.made" in read(office))
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
            until(lambda: "daemon.stopped" in read(office))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    ((started,),) = office.rows("SELECT started_at FROM run WHERE job = 'report'")
    assert "2022-03-01 01:00:00" <= started <= "2022-03-01 01:00:30"


def set_clock(file: Path, moment: str) -> None:
    """The faked clock goes on from this office moment."""
    file.write_text(f"{(local(moment) - datetime.now(UTC)).total_seconds():+.0f}\n", encoding="utf-8")


def read(office: Deployment) -> str:
    return (office.folder / "log").read_text(encoding="utf-8")


def until(done: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def test_a_source_that_never_answers_does_not_hang_under_a_faked_clock(office: Deployment) -> None:
    office.settings["sources"]["ioffice"] |= {"timeout_seconds": 1, "attempts": 2, "retry_for_seconds": 3}
    office.write()
    office.fault("trickle", "api/login", value="0.2")
    command = ["faketime", "2022-02-15 23:30:00", sys.executable, "-m", "connector", "sync"]
    done = subprocess.run(command, cwd=office.folder, env=office.environ(TZ="Asia/Ho_Chi_Minh"), capture_output=True,
                          text=True, timeout=30, check=False)  # fmt: skip
    assert done.returncode == 69
    assert "Không kết nối được nguồn ioffice" in done.stderr
