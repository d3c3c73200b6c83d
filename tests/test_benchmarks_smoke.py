"""The benchmarks still run, with fifty tasks and no word about time: ``make bench`` is asked for by hand and would rot
unseen."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import bare, server, table, worker
from tests.benchmarks.office import Office
from tests.benchmarks.server import Ledger
from tests.benchmarks.worker import Work
from tests.benchmarks.workloads import Bench, Plan, Verdict

TASKS = 50


def stored(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "bare.db")) as database:
        return database.execute(query).fetchall()


def test_every_workload_runs_and_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.workloads.find_spec", lambda name: None)  # as if dlt were not installed
    bench = Bench(Plan(scale=0, repeats=1, workers=2, latency=0.002, measure=worker.measure), tmp_path)
    bench.run()
    judged = [verdict.workload for verdict in bench.verdicts]
    assert {name[0] for name in judged} == {"1", "2", "3", "4", "5"}
    assert len(judged) == 2 + 1 + 1 + 2 + 6
    assert all(series.requests for series in bench.series)
    text = table.result(bench.verdicts, bench.series, bench.notes, day=date(2026, 11, 25), machine="a machine")
    for verdict in bench.verdicts:
        assert f"| {verdict.workload} | {verdict.ours} | {verdict.against} | {verdict.found} |" in text


def test_both_bare_loops_store_what_the_server_shows(tmp_path: Path) -> None:
    office = Office(TASKS)
    flows = [json.loads(office.flow(task))["data"] for task in range(TASKS)]
    found = []
    with server.running(TASKS) as control:
        for contestant, workers in (("httpx", 1), ("httpx", 3), ("socket", 1), ("socket", 3)):
            folder = tmp_path / f"{contestant}{workers}"
            folder.mkdir()
            worker.measure(Work(contestant, control.port, str(folder), 20, workers))  # type: ignore[arg-type]
            assert stored(folder, "SELECT count(*) FROM task") == [(TASKS,)]
            found.append(stored(folder, "SELECT content FROM flow ORDER BY task_id, position"))
            assert control.take_ledger().counts == {"v2": 1, "getlistjobdagiao": 4, "getlistjobflow": TASKS}
    assert found == [[(line["content"],) for flow in flows for line in flow]] * 4


def test_the_unchanged_run_of_the_bare_loop_reads_again_only_what_changed(tmp_path: Path) -> None:
    pages = [("getlistjobdagiao", number, 15) for number in range(1, 6)]
    with server.running(TASKS) as control, bare.over_socket(control.url()) as fetch:
        database = tmp_path / "bare.db"
        bare.first_sync(fetch, database, page_size=100, workers=1)
        for changed in (0, 5):
            control.change(changed)
            control.take_ledger()
            bare.unchanged_run(fetch, database, pages=pages, workers=1)
            ledger = control.take_ledger()
            assert ledger.pages == pages
            assert ledger.counts["getlistjobflow"] == changed
    assert stored(tmp_path, "SELECT count(DISTINCT task_id) FROM flow WHERE content LIKE '%thứ 2'") == [(5,)]


def test_a_contestant_runs_in_a_process_of_its_own_and_its_failure_is_told(tmp_path: Path) -> None:
    with server.running(TASKS) as control:
        result = worker.measured(Work("ours", control.port, str(tmp_path), 100, 2))
    assert result.figures == {"inserted": TASKS, "updated": 0, "unchanged": 0}
    assert result.peak_mb > 10
    with pytest.raises(RuntimeError, match="httpx failed"):
        worker.measured(Work("httpx", 1, str(tmp_path), 100, 1))


def test_a_rate_counts_everything_asked_from_the_first_request_of_its_kind_to_the_last_answer() -> None:
    moments = [(0.0, "v2"), (1.0, "flow"), (1.2, "detail"), (1.4, "flow"), (1.9, "flow"), (5.0, "logout")]
    assert Ledger(moments, [], 0).rate(lambda kind: kind == "flow", 0.1) == pytest.approx(4 / 1.0)


def test_a_broken_limit_is_printed_as_such() -> None:
    text = table.result(
        [Verdict("1 first sync", "2 s", "httpx 1 s", "2.00 ×", "≤ 1.3 ×", False)], [], ["a note"],
        day=date(2026, 11, 25), machine="2 cores",
    )  # fmt: skip
    assert "| 1 first sync | 2 s | httpx 1 s | 2.00 × | ≤ 1.3 × | **no** |" in text
    assert text.startswith("Measured 2026-11-25, 2 cores.")
    assert "- a note" in text
