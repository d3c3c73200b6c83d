"""What each list showed and how far it has been read, on a real database (F05, F07, F17, F104)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from connector.domain.records import Kind, RawRow, Stream
from connector.domain.requests import ListRequest, Progress
from connector.domain.status import Status
from connector.reconcile.lines import KnownLines, NewLine, fingerprint
from connector.reconcile.payloads import payload_of
from connector.reconcile.plan import TASK_PARTS, TaskPlan, task_parts
from connector.store.sighting_counts import LINE, TASK, VERSION
from connector.store.task_rows import PART_TIMES, state_columns
from connector.store.unit_of_work import SqlUnitOfWork
from tests.builders import at, state

NIGHT, NEXT_NIGHT = at("2022-02-14"), at("2022-02-15")
GIVEN = Stream("test", "ketnoi.mau", "1001", "dagiao")
RECEIVED = replace(GIVEN, list="duocgiao")
STORE = replace(GIVEN, list="DI_DA_PHAT_HANH")
WHOLE = Progress(number=2, page=1, size=150, distinct=9, larger=True, done=True, complete=True)
HALF = Progress(number=1, page=2, size=15, chain="c", last="l", keys=30, distinct=30)
BROKEN = replace(HALF, done=True, problem="code 7")

Rows = Mapping[str, object]
"""Record id → payload; the line id stands behind a slash."""


def key_of(name: str) -> tuple[str, str]:
    record, _, line = name.partition("/")
    return record, line


def raw(stream: Stream, rows: Rows, moment: datetime) -> list[RawRow]:
    return [RawRow(f"{stream.kind}_row", stream, payload, moment, key=key_of(name)) for name, payload in rows.items()]


def keep(
    uow: SqlUnitOfWork, stream: Stream, run: int, rows: Sequence[RawRow], known: KnownLines, number: int, page: int
) -> None:
    """A page as a sync keeps it."""
    found = known.compare(rows)
    uow.raw.keep((payload_of(row.payload) for _, _, row in found.new), NIGHT)
    uow.sightings.save(
        stream,
        [NewLine(key, print_, payload_of(row.payload).hash, "LEAD", row.fetched_at) for key, print_, row in found.new],
        run,
    )
    uow.sightings.keep_page(stream, number, page, [*found.unchanged, *(key for key, _, _ in found.new)])


def read(
    uow: SqlUnitOfWork, stream: Stream, run: int, rows: Rows, moment: datetime = NIGHT, progress: Progress = WHOLE
) -> None:
    """A list read in one page and to its end, or given up (``progress``)."""
    with uow:
        known = uow.sightings.begin(ListRequest(stream), run)
        keep(uow, stream, run, raw(stream, rows, moment), known, 1, 1)
        uow.sightings.keep_progress(stream, run, progress, moment)
        if progress.done:
            uow.sightings.finish(stream, run, known, moment)
        uow.commit()


def same(*names: str) -> Rows:
    return {name: {"id": name} for name in names}


def request(uow: SqlUnitOfWork, stream: Stream = GIVEN, run: int = 2, *, prove: bool = False) -> ListRequest | None:
    with uow:
        return uow.sightings.list_request(stream, run, prove=prove, since=NIGHT)


def seen(uow: SqlUnitOfWork, run: int, kind: Kind = "task") -> dict[str, tuple[bool, bool]]:
    """Record → whether it is pending, whether it lost a line."""
    with uow:
        return {one.record_id: (one.pending, one.lost) for one in uow.sightings.seen("test", kind, run, "", 9999)}


def shown(uow: SqlUnitOfWork, run: int, *ids: str) -> set[tuple[str, str]]:
    """(list, record) of the rows a record has after a run."""
    with uow:
        return {(one.stream.list, one.key[0]) for one in uow.sightings.rows("test", "task", run, ids) if one.key}


# -- how far a reading has come ----------------------------------------------------------------------------------------


def test_a_list_never_read_is_read_from_its_start(uow: SqlUnitOfWork) -> None:
    assert request(uow) == ListRequest(GIVEN)


def test_what_the_last_whole_reading_found_helps_the_next_one(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1"))
    assert request(uow) == ListRequest(GIVEN, rows=9, larger=True)
    assert request(uow, prove=True) == ListRequest(GIVEN, rows=9, larger=None)
    read(uow, GIVEN, 2, same("1"), progress=replace(BROKEN, distinct=3, larger=None))
    assert request(uow, run=3) == ListRequest(GIVEN, rows=9, larger=True), "one that broke off says nothing new"


def test_a_list_whose_first_reading_broke_off_is_of_unknown_length(uow: SqlUnitOfWork) -> None:
    """Or its next reading would ask for one page after the other from where it is thought to end."""
    read(uow, GIVEN, 1, same("1"), progress=HALF)
    found = request(uow, run=1)
    assert found is not None
    assert (found.rows, found.larger) == (0, None)
    assert request(uow, run=2) == ListRequest(GIVEN)


def test_an_unfinished_list_is_gone_on_with_where_its_pass_stopped(uow: SqlUnitOfWork) -> None:
    with uow:
        known = uow.sightings.begin(ListRequest(RECEIVED), 1)
        keep(uow, RECEIVED, 1, raw(RECEIVED, same("1/31", "2/32"), NIGHT), known, 1, 1)
        keep(uow, RECEIVED, 1, raw(RECEIVED, same("2/32", "3/33"), NIGHT), known, 2, 1)
        keep(uow, RECEIVED, 1, raw(RECEIVED, same("4/34"), NIGHT), known, 2, 2)
        uow.sightings.keep_progress(RECEIVED, 1, replace(HALF, number=2), NIGHT)
        uow.commit()
    found = request(uow, RECEIVED, run=1)
    assert found is not None
    assert found.progress == replace(HALF, number=2)
    assert found.seen == {("2", "32"), ("3", "33"), ("4", "34")}, "of the unfinished pass only"
    assert request(uow, RECEIVED, run=2) == ListRequest(RECEIVED), "another run begins anew"


def test_a_list_read_to_its_end_is_not_read_again_in_the_same_run_and_one_given_up_is(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 2, same("1"))
    read(uow, RECEIVED, 2, same("1"), progress=BROKEN)
    assert request(uow) is None
    assert request(uow, RECEIVED) == ListRequest(RECEIVED)
    assert request(uow, RECEIVED) is not None


def test_lists_that_were_not_read_to_their_end_are_told_with_the_reason(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1"))
    read(uow, RECEIVED, 1, same("1"), progress=BROKEN)
    read(uow, STORE, 1, same("1"), progress=HALF)
    with uow:
        assert uow.sightings.incomplete("test", 1) == {RECEIVED: "code 7", STORE: "chưa đọc hết"}
        assert uow.sightings.incomplete("test", 2) == uow.sightings.incomplete("khác", 1) == {}
        assert uow.sightings.rows_read("test", 1) == {GIVEN: 9, RECEIVED: 30, STORE: 30}


def test_a_run_that_goes_on_for_another_takes_over_its_lists_and_lines(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1"))
    read(uow, STORE, 1, same("9"), progress=HALF)
    with uow:
        uow.sightings.adopt("khác", 1, 5)
        uow.sightings.adopt("test", 1, 2)
        uow.commit()
    assert request(uow) is None
    assert seen(uow, 2) == {"1": (True, False)}
    assert seen(uow, 1) == seen(uow, 5) == {}
    found = request(uow, STORE)
    assert found is not None
    assert found == ListRequest(STORE, HALF, frozenset({("9", "")}))


# -- lines -------------------------------------------------------------------------------------------------------------


def test_a_line_is_pending_from_when_it_is_new_until_its_record_is_up_to_date(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1", "2"))
    assert seen(uow, 1) == {"1": (True, False), "2": (True, False)}
    with uow:
        uow.sightings.settle("test", "task", 1, ["1"])
        uow.commit()
    assert seen(uow, 1) == {"1": (False, False), "2": (True, False)}
    read(uow, GIVEN, 2, {**same("1"), "2": {"id": "2"}})
    assert seen(uow, 2) == {"1": (False, False), "2": (True, False)}, "nobody has looked at it yet"
    with uow:
        uow.sightings.settle("test", "task", 2, ["1", "2"])
        uow.commit()
    read(uow, GIVEN, 3, {"1": {"id": "1", "status": "mới"}, **same("2")})
    assert seen(uow, 3) == {"1": (True, False), "2": (False, False)}


def test_only_lines_the_run_saw_are_settled(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1"))
    read(uow, RECEIVED, 2, same("1"))
    with uow:
        uow.sightings.settle("test", "task", 2, ["1"])
        uow.commit()
    assert seen(uow, 2) == {"1": (True, True)}, "the other list's line is not known to be up to date"


def test_with_other_words_every_record_is_looked_at_anew(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1"))
    read(uow, STORE, 1, same("9"))
    with uow:
        uow.sightings.settle("test", "task", 1, ["1"])
        uow.sightings.settle("test", "document", 1, ["9"])
        uow.sightings.unsettle("test")
        uow.commit()
    assert seen(uow, 1) == {"1": (True, False)}
    assert seen(uow, 1, "document") == {"9": (True, False)}


def test_an_unchanged_line_was_seen_when_its_list_has_been_read_and_one_not_met_was_not(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1", "2"))
    read(uow, GIVEN, 2, same("1"), NEXT_NIGHT)
    with uow:
        (one,) = uow.sightings.seen("test", "task", 2, "", 10)
        assert (one.record_id, one.seen_at) == ("1", NEXT_NIGHT)
        assert uow.sightings.count_seen("test", 2) == {GIVEN: 1}


@pytest.mark.parametrize("gone", [0, 1, 600])
@pytest.mark.parametrize("left", [0, 3, 600])
def test_however_many_lines_are_gone_the_others_were_seen(uow: SqlUnitOfWork, gone: int, left: int) -> None:
    stay, go = [f"a{number}" for number in range(left)], [f"b{number}" for number in range(gone)]
    read(uow, GIVEN, 1, same(*stay, *go))
    read(uow, GIVEN, 2, same(*stay), NEXT_NIGHT)
    assert set(seen(uow, 2)) == set(stay)
    with uow:
        uow.sightings.close_unseen(GIVEN, 2, NEXT_NIGHT)
        uow.commit()
        assert set(uow.sightings.hashes("test", "task", [*stay, *go])) == set(stay)


def test_a_reading_gone_on_with_counts_what_was_met_before_the_interruption(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1", "2", "3"))
    with uow:
        known = uow.sightings.begin(ListRequest(GIVEN), 2)
        keep(uow, GIVEN, 2, raw(GIVEN, same("1"), NEXT_NIGHT), known, 1, 1)
        uow.sightings.keep_progress(GIVEN, 2, HALF, NEXT_NIGHT)
        uow.commit()
    with uow:
        going_on = uow.sightings.list_request(GIVEN, 2, prove=False, since=NIGHT)
        assert going_on is not None
        known = uow.sightings.begin(going_on, 2)
        keep(uow, GIVEN, 2, raw(GIVEN, same("2"), NEXT_NIGHT), known, 1, 2)
        uow.sightings.finish(GIVEN, 2, known, NEXT_NIGHT)
        uow.commit()
    assert set(seen(uow, 2)) == {"1", "2"}


def test_the_keys_of_pages_are_kept_only_while_their_list_is_being_read(uow: SqlUnitOfWork, engine: Engine) -> None:
    def pages() -> int:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM list_page").scalar_one())

    read(uow, GIVEN, 1, same("1"), progress=HALF)
    read(uow, RECEIVED, 1, same("1"), progress=HALF)
    assert pages() == 2
    read(uow, GIVEN, 1, same("1"))
    assert pages() == 1, "those of another list are left alone"
    with uow:
        uow.sightings.begin(ListRequest(RECEIVED), 1)
        uow.commit()
    assert pages() == 0, "a reading from the start knows nothing of an earlier one"


def test_a_line_that_is_gone_and_comes_back_is_new_again(uow: SqlUnitOfWork, engine: Engine) -> None:
    read(uow, GIVEN, 1, same("1", "2"))
    with uow:
        uow.sightings.settle("test", "task", 1, ["1", "2"])
        uow.commit()
    read(uow, GIVEN, 2, same("2"), NEXT_NIGHT)
    with uow:
        uow.sightings.close_unseen(GIVEN, 2, NEXT_NIGHT)
        uow.commit()
    assert seen(uow, 2) == {"2": (False, False)}
    assert shown(uow, 2, "1", "2") == {("dagiao", "2")}
    read(uow, GIVEN, 3, same("1", "2"), NEXT_NIGHT + timedelta(days=1))
    assert seen(uow, 3) == {"1": (True, False), "2": (False, False)}
    with uow:
        (row,) = uow.sightings.rows("test", "task", 3, ["1"])
    assert row.payload == {"id": "1"}
    with engine.connect() as connection:
        first = connection.scalar(select(LINE.c.first_seen_at).where(LINE.c.record_id == "1"))
    assert first == NIGHT, "it is the same line as before"


def test_the_rows_of_a_record_are_those_seen_now(uow: SqlUnitOfWork) -> None:
    for stream in (GIVEN, RECEIVED):
        read(uow, stream, 1, same("1", "2"))
    read(uow, GIVEN, 2, same("1"), NEXT_NIGHT)
    read(uow, RECEIVED, 2, {}, NEXT_NIGHT, BROKEN)
    assert shown(uow, 2, "1", "2", "3") == {("dagiao", "1")}, "a list that could not be read says nothing tonight"
    assert seen(uow, 2) == {"1": (True, True)}


def test_a_row_comes_back_as_it_was_read(uow: SqlUnitOfWork) -> None:
    payload = {"name": "Tham mưu", "id": 1, "files": [None]}
    read(uow, RECEIVED, 1, {"1/31": payload})
    with uow:
        assert uow.sightings.rows("test", "task", 1, ["1"]) == [
            RawRow("task_row", RECEIVED, payload, NIGHT, key=("1", "31"))
        ]
        assert uow.sightings.hashes("test", "task", ["1", "2"]) == {"1": [payload_of(payload).hash]}
        assert uow.sightings.rows("test", "document", 1, ["1"]) == uow.sightings.rows("khác", "task", 1, ["1"]) == []


def test_rows_that_could_not_be_read_keep_their_line_in_the_list(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("1", "2"))
    with uow:
        assert uow.sightings.stored(GIVEN, [("1", ""), ("9", "")]) == {("1", "")}
        uow.sightings.mark_there(GIVEN, [("1", "")], 2)
        uow.sightings.close_unseen(GIVEN, 2, NEXT_NIGHT)
        uow.commit()
        assert uow.sightings.stored(GIVEN, [("1", ""), ("2", "")]) == {("1", "")}
    assert set(seen(uow, 2)) == {"1"}


def test_seen_records_come_in_chunks_by_their_id(uow: SqlUnitOfWork) -> None:
    read(uow, GIVEN, 1, same("3", "1", "2"))
    read(uow, RECEIVED, 1, same("2/31", "2/32", "4/33"))
    with uow:
        first = uow.sightings.seen("test", "task", 1, "", 2)
        rest = uow.sightings.seen("test", "task", 1, first[-1].record_id, 2)
    assert [[one.record_id for one in some] for some in (first, rest)] == [["1", "2"], ["3", "4"]]


# -- the sieve ---------------------------------------------------------------------------------------------------------

OLD, YOUNG = at("2022-01-01"), NIGHT
STORED = st.fixed_dictionaries(
    {
        "status": st.sampled_from([Status.DONE, Status.DONE, Status.CANCELLED, Status.IN_PROGRESS, Status.UNKNOWN]),
        "missing": st.sampled_from([False, False, False, True]),
        "authoritative": st.sampled_from([True, True, False]),
        "digest": st.sampled_from(["d", "d", "d", ""]),
        "times": st.sampled_from([
            dict.fromkeys(TASK_PARTS, YOUNG),
            dict.fromkeys(TASK_PARTS, YOUNG),
            dict.fromkeys(TASK_PARTS, YOUNG) | {"detail": OLD},
            dict.fromkeys({"detail", "flow", "processors"}, YOUNG),
        ]),
        "pending": st.sampled_from([False, False, True]),
        "lost": st.sampled_from([False, False, True]),
        "here": st.sampled_from([True, True, False]),
        "known": st.sampled_from([True, True, True, False]),
    }
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tasks=st.lists(STORED, min_size=1, max_size=25),
    full=st.sampled_from([False, False, True]),
    hinted=st.frozensets(st.sampled_from([f"{number:02}" for number in range(25)]), max_size=4),
    reread=st.sampled_from([None, OLD + timedelta(days=1)]),
)
def test_the_sieve_lets_through_every_task_of_which_a_part_would_be_read(
    engine: Engine,
    tasks: list[dict[str, Any]],
    full: bool,
    hinted: frozenset[str],
    reread: datetime | None,
) -> None:
    plan = TaskPlan(TASK_PARTS, 2, full, hinted, reread)
    with engine.begin() as connection:
        for name in ("task_version", "task", "sighting"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
        for number, task in enumerate(tasks):
            _put(connection, f"{number:02}", task)
    uow = SqlUnitOfWork(engine)
    with uow:
        everything = uow.sightings.seen("test", "task", 2, "", 100)
        let_through = {one.record_id for one in uow.sightings.to_look_at("test", 2, plan, "", 100)}
        known = uow.tasks.known("test", [one.record_id for one in everything])
    here = {f"{number:02}" for number, task in enumerate(tasks) if task["here"]}
    assert let_through <= {one.record_id for one in everything} == here
    quiet = 0
    for one in everything:
        stored = known.get(one.record_id)
        digest, authoritative = (stored.list_digest, stored.authoritative) if stored else ("", True)
        parts, _ = task_parts(one.record_id, digest, authoritative, stored, plan)
        if parts or one.pending or one.lost:
            assert one.record_id in let_through
        quiet += not (parts or one.pending or one.lost or (stored and stored.list_digest == ""))
    assert len(everything) - len(let_through) == quiet, "and those of which nothing would be read cost nothing"


def _put(connection: Connection, task_id: str, task: Mapping[str, Any]) -> None:
    """A task as an earlier run left it, and its line in the list of run 2 (or not)."""
    execute = connection.execute
    line = {
        "source": "test", "identity": "1001", "list": "dagiao", "record_id": task_id, "line_id": "", "kind": "task",
        "account": "a", "role": "", "payload_hash": "", "fingerprint": fingerprint(""), "first_seen_at": NIGHT,
        "last_seen_at": NIGHT, "seen_run_id": 2 if task["here"] else 1, "pending": task["pending"], "gone_at": None,
    }  # fmt: skip
    execute(insert(LINE), [line, *([line | {"line_id": "x", "seen_run_id": 1}] if task["lost"] else [])])
    if not task["known"]:
        return
    times = {column: task["times"].get(part) for part, column in PART_TIMES.items()}
    values = {
        "source": "test", "source_id": task_id, "first_seen_at": NIGHT, "last_seen_at": NIGHT,
        "missing_since": NIGHT if task["missing"] else None, "list_digest": task["digest"],
        "authoritative": task["authoritative"], "read_run_id": 1, "read_reason": "", **times,
    }  # fmt: skip
    pk = execute(insert(TASK).returning(TASK.c.id), values).scalar_one()
    version = {"task_id": pk, "observed_at": NIGHT, "payload_hashes": [], **state_columns(state(task["status"]))}
    execute(insert(VERSION), version)
