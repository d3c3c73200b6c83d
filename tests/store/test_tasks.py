"""Versions on a real database: one per change, without gap or overlap, whatever the readings showed (F28, F104)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from connector.domain.records import ChildTask, Line, TaskParts
from connector.domain.status import Role, Status
from connector.reconcile.changes import task_change
from connector.reconcile.lines import NewLine
from connector.reconcile.merge import by_task
from connector.reconcile.payloads import payload_of
from connector.reconcile.plan import TASK_PARTS, KnownTask
from connector.store.unit_of_work import SqlUnitOfWork
from tests import databases
from tests.builders import LABELS, at, day
from tests.reconcile.builders import detail, flow_row, row

START = at("2022-02-01")


@dataclass(frozen=True)
class Seen:
    """One nightly reading of one task: not there, or as it looked."""

    there: bool
    status: Status = Status.IN_PROGRESS
    due: str = "2022-02-18"
    rows: int = 0


def read(uow: SqlUnitOfWork, night: int, seen: Seen, task_id: str = "90001") -> None:
    """What a sync does with one task, without the network."""
    moment = START + timedelta(days=night)
    with uow:
        known = uow.tasks.known("test", [task_id])
        if not seen.there:
            gone = [task_id] if task_id in known and not known[task_id].missing else []
            uow.tasks.mark_vanished("test", gone, moment, run_id=night + 1)
        else:
            merged = by_task([row(status=seen.status, due_on=day(seen.due), fetched_at=moment, task_id=task_id)])
            stored = uow.tasks.load("test", [task_id])
            flow = tuple(flow_row(f"dòng {number}") for number in range(seen.rows))
            parts = TaskParts(task_id, detail(status=seen.status, fetched_at=moment), flow, moment, ())
            change = task_change(merged[task_id], stored.get(task_id), parts, complete=True)
            payloads = {task_id: [payload_of({"night": night}).hash]}
            uow.tasks.save("test", night + 1, [change], payloads, {task_id: "open"})
        uow.commit()


_SEEN = st.builds(
    Seen,
    there=st.booleans(),
    status=st.sampled_from([Status.IN_PROGRESS, Status.DONE, Status.RETURNED]),
    due=st.sampled_from(["2022-02-18", "2022-03-01"]),
    rows=st.integers(0, 3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_SEEN, min_size=1, max_size=8))
def test_versions_follow_each_other_without_gap_or_overlap_and_say_what_was_seen(
    engine: Engine, readings: Sequence[Seen]
) -> None:
    with engine.begin() as connection:
        for name in ("flow_row", "task_version", "task"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
    uow = SqlUnitOfWork(engine)
    for night, seen in enumerate(readings):
        read(uow, night, seen)
    with uow:
        histories = uow.tasks.histories()
    first = next((night for night, seen in enumerate(readings) if seen.there), None)
    if first is None:
        assert histories == []
        return
    (task,) = histories
    assert task.versions[0].observed_after is None
    assert task.versions[-1].until is None
    for older, newer in zip(task.versions, task.versions[1:], strict=False):
        assert older.until == newer.observed_at
        assert newer.observed_after is not None
        assert newer.observed_after < newer.observed_at
        assert older.state != newer.state
    for night, seen in enumerate(readings[first:], start=first):
        moment = START + timedelta(days=night)
        (in_force,) = [
            one for one in task.versions if one.observed_at <= moment and (one.until is None or moment < one.until)
        ]
        assert in_force.state.present is seen.there
        if seen.there:
            assert (in_force.state.status, str(in_force.state.due_on)) == (seen.status, seen.due)


def test_a_part_read_for_the_first_time_completes_the_version_with_its_answer_beside_the_older_ones(
    engine: Engine,
) -> None:
    uow = SqlUnitOfWork(engine)
    read(uow, 0, Seen(True))
    children = (ChildTask("Việc con", "", LABELS[Status.IN_PROGRESS]),)
    night = START + timedelta(days=1)
    with uow:
        before = uow.tasks.load("test", ["90001"])["90001"]
        merged = by_task([row(due_on=day("2022-02-18"), fetched_at=night)])["90001"]
        made = task_change(merged, before, TaskParts("90001", children=children), complete=True)
        uow.tasks.save("test", 2, [made], {"90001": ["children", "list"]}, {"90001": "periodic"})
        uow.commit()
    with uow:
        (task,) = uow.tasks.histories()
    hashes = databases.rows(engine, "SELECT payload_hashes FROM task_version")
    assert [(one.state.children, one.observed_at) for one in task.versions] == [(children, START)]
    assert [json.loads(one) for (one,) in hashes] == [[payload_of({"night": 0}).hash, "children", "list"]]


def test_reading_the_same_again_adds_no_version(uow: SqlUnitOfWork) -> None:
    for night in range(3):
        read(uow, night, Seen(True, rows=2))
    with uow:
        assert uow.tasks.count_versions() == 1
        (task,) = uow.tasks.histories()
    assert task.last_seen_at == START + timedelta(days=2)
    assert [one.row.content for one in task.flow] == ["dòng 0", "dòng 1"]


def test_a_progress_row_is_known_to_lie_between_two_readings_of_the_progress(uow: SqlUnitOfWork) -> None:
    read(uow, 0, Seen(True, rows=1))
    read(uow, 1, Seen(True, rows=2))
    with uow:
        (task,) = uow.tasks.histories()
    assert [(one.observed_after, one.observed_at) for one in task.flow] == [
        (None, START),
        (START, START + timedelta(days=1)),
    ]


def test_a_vanished_task_keeps_everything_and_comes_back_as_the_same_one(uow: SqlUnitOfWork) -> None:
    for night, there in enumerate((True, False, True)):
        read(uow, night, Seen(there))
    with uow:
        (task,) = uow.tasks.histories()
        assert not uow.tasks.known("test", ["90001"])["90001"].missing
    assert [one.state.present for one in task.versions] == [True, False, True]
    assert task.versions[0].state == task.versions[2].state


def test_the_raw_answer_behind_a_version_can_be_shown_and_is_kept_once(uow: SqlUnitOfWork) -> None:
    payload = payload_of({"id": "90001", "name": "Tham mưu"})
    with uow:
        uow.raw.keep([payload, payload_of({"name": "Tham mưu", "id": "90001"})], START)
        uow.raw.keep([payload], START + timedelta(days=1))
        uow.commit()
    with uow:
        assert uow.raw.body(payload.hash) == payload.body
        assert "Tham mưu" in payload.body


def test_a_clock_set_back_puts_no_version_before_the_one_it_follows(uow: SqlUnitOfWork) -> None:
    read(uow, 5, Seen(True))
    read(uow, 2, Seen(True, status=Status.DONE))
    read(uow, 1, Seen(False))
    with uow:
        (task,) = uow.tasks.histories()
    moments = [one.observed_at for one in task.versions]
    assert moments == sorted(moments)
    assert [one.until for one in task.versions] == [*moments[1:], None]


# -- what a plan needs to know -----------------------------------------------------------------------------------------

LINES = (Line("Sở Y tế", Role.LEAD, "Xử lý chính", "Chưa hoàn thành", day("2022-02-10"), None, Status.IN_PROGRESS),)


def save(
    uow: SqlUnitOfWork,
    *ids: str,
    run: int = 1,
    night: int = 0,
    whole: bool = True,
    reason: str = "new",
    **parts: object,
) -> None:
    """Tasks as one run read them: all parts, or those given."""
    moment = START + timedelta(days=night)
    everything = {
        "detail": detail(fetched_at=moment, files=("a.docx",)), "flow": (), "flow_read_at": moment, "lines": LINES,
        "children": (ChildTask("Xã", "Gửi số liệu", "Đã hoàn thành"),), "files": ("a.docx", "b.pdf"),
    }  # fmt: skip
    with uow:
        stored = uow.tasks.load("test", ids)
        merged = by_task(row(task_id=one, fetched_at=moment) for one in ids)
        changes = [
            task_change(merged[one], stored.get(one), TaskParts(one, **(parts or everything)), complete=whole)  # type: ignore[arg-type]
            for one in ids
        ]
        uow.tasks.save("test", run, changes, {}, dict.fromkeys(ids, reason))
        uow.commit()


def see(uow: SqlUnitOfWork, run: int, *ids: str, moment: datetime = START) -> None:
    """The run's list shows these tasks, and they were brought up to date with it."""
    with uow:
        uow.sightings.save(row().stream, [NewLine((one, ""), "", "", "LEAD", moment) for one in ids], run)
        uow.sightings.settle("test", "task", run, ids)
        uow.commit()


def known(uow: SqlUnitOfWork, task_id: str = "90001") -> KnownTask:
    with uow:
        return uow.tasks.known("test", [task_id])[task_id]


def test_a_task_read_whole_is_known_with_its_digest_and_the_time_of_its_oldest_part(uow: SqlUnitOfWork) -> None:
    save(uow, "90001")
    digest = by_task([row()])["90001"].digest
    assert known(uow) == KnownTask(digest, Status.IN_PROGRESS, False, True, TASK_PARTS, START, 1)
    save(uow, "90001", run=2, night=1, flow=(), flow_read_at=START + timedelta(days=1), lines=LINES)
    assert known(uow) == KnownTask(digest, Status.IN_PROGRESS, False, True, TASK_PARTS, START, 2)


def test_a_task_of_which_a_needed_part_failed_is_not_taken_for_known(uow: SqlUnitOfWork) -> None:
    save(uow, "90001", whole=False, lines=LINES)
    found = known(uow)
    assert (found.list_digest, found.read, found.read_run_id) == ("", frozenset({"processors"}), None)
    save(uow, "90001", run=2, night=1)
    save(uow, "90001", run=3, night=2, whole=False, lines=LINES)
    found = known(uow)
    assert found.list_digest == "", "to be asked for again, whatever the list says"
    assert (found.read, found.read_run_id) == (TASK_PARTS, None)


def test_every_part_comes_back_as_it_was_read(uow: SqlUnitOfWork) -> None:
    save(uow, "90001")
    with uow:
        state = uow.tasks.load("test", ["90001"])["90001"].state
    assert state.children == (ChildTask("Xã", "Gửi số liệu", "Đã hoàn thành"),)
    assert (state.files, state.lines, state.content) == (("a.docx", "b.pdf"), LINES, "Nội dung")
    save(uow, "90002", detail=None)
    with uow:
        never = uow.tasks.load("test", ["90002"])["90002"].state
    assert (never.children, never.files, never.lines, never.content) == (None, None, None, None), "not read, not empty"


def test_why_a_task_was_read_stays_with_it(uow: SqlUnitOfWork, engine: Engine) -> None:
    save(uow, "90001")
    save(uow, "90002", reason="hinted")
    save(uow, "90001", run=2, night=1, reason="changed")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT source_id, read_reason, read_run_id FROM task ORDER BY source_id")
        assert [tuple(one) for one in rows] == [("90001", "changed", 2), ("90002", "hinted", 1)]


def test_a_run_that_goes_on_for_another_takes_over_what_that_one_had_read(uow: SqlUnitOfWork) -> None:
    save(uow, "90001", run=1)
    save(uow, "90002", run=2)
    with uow:
        uow.tasks.adopt("khác", 1, 3)
        uow.tasks.adopt("test", 2, 3)
        uow.commit()
    assert (known(uow).read_run_id, known(uow, "90002").read_run_id) == (1, 3)


def test_the_tasks_a_runs_lists_show_were_seen_and_the_others_were_not(uow: SqlUnitOfWork) -> None:
    ids = [f"{number:04}" for number in range(1200)]
    save(uow, *ids)
    later = START + timedelta(days=1)
    see(uow, 2, *ids[:-2], "9999", moment=later)
    with uow:
        assert uow.tasks.touch_seen("test", 2) == 1198, "a task not stored yet is none of them"
        uow.commit()
        seen = {one.task_id: one.last_seen_at for one in uow.tasks.histories()}
        assert uow.tasks.count_visible("test") == 1200
        assert uow.tasks.unseen("test", 2, but=[]) == ids[-2:]
        assert uow.tasks.unseen("test", 2, but=[ids[-1]]) == [ids[-2]]
        assert uow.tasks.touch_seen("khác", 2) == uow.tasks.count_visible("khác") == 0
    assert {one: seen[one] for one in (ids[0], ids[-3], ids[-1])} == {ids[0]: later, ids[-3]: later, ids[-1]: START}


def test_many_tasks_vanish_at_once_and_those_that_have_are_not_visible(uow: SqlUnitOfWork) -> None:
    ids = [f"{number:04}" for number in range(700)]
    save(uow, *ids)
    see(uow, 2, ids[0])
    with uow:
        gone = uow.tasks.unseen("test", 2, but=[])
        uow.tasks.mark_vanished("test", gone, START + timedelta(days=1), 2)
        uow.commit()
        assert (len(gone), uow.tasks.count_visible("test"), uow.tasks.unseen("test", 3, but=[])) == (699, 1, [ids[0]])
        assert {one.missing for one in uow.tasks.known("test", gone).values()} == {True}
        assert sum(one.present for one in uow.tasks.contents("test")) == 1


def test_labels_nobody_has_mapped_are_counted_over_visible_tasks(uow: SqlUnitOfWork) -> None:
    odd = {"status": Status.UNKNOWN, "fetched_at": START}
    with uow:
        rows = [row(task_id="1", **odd), row(task_id="2", **odd), row(task_id="3", **odd), row(task_id="4")]
        rows[1] = replace(rows[1], status_label="Tạm gác")
        changes = [task_change(one, None, None, complete=True) for one in by_task(rows).values()]
        uow.tasks.save("test", 1, changes, {}, {})
        uow.tasks.mark_vanished("test", ["3"], START, 2)
        uow.commit()
        assert uow.tasks.unknown_labels("test") == {LABELS[Status.UNKNOWN]: 1, "Tạm gác": 1}
