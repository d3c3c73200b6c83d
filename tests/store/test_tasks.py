"""Versions on a real database: one per change, without gap or overlap, whatever the readings showed (F28, F104)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from connector.domain.records import TaskParts
from connector.domain.status import Status
from connector.reconcile.changes import task_change
from connector.reconcile.merge import by_task
from connector.reconcile.payloads import payload_of
from connector.store.unit_of_work import SqlUnitOfWork
from tests.builders import at, day
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
        known = uow.tasks.known("test")
        if not seen.there:
            gone = [task_id] if task_id in known and not known[task_id].missing else []
            uow.tasks.mark_vanished("test", gone, moment, run_id=night + 1)
        else:
            merged = by_task([row(status=seen.status, due_on=day(seen.due), fetched_at=moment, task_id=task_id)])
            stored = uow.tasks.load("test", [task_id])
            flow = tuple(flow_row(f"dòng {number}") for number in range(seen.rows))
            parts = TaskParts(task_id, detail(status=seen.status, fetched_at=moment), flow, moment, ())
            change = task_change(merged[task_id], stored.get(task_id), parts, complete=True)
            uow.tasks.save("test", night + 1, [change], {task_id: [payload_of({"night": night})]})
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
        assert not uow.tasks.known("test")["90001"].missing
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
