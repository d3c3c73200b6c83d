"""Lists that change while they are read, end in odd ways, shrink, or are refused; tasks in several of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.runs import Outcome
from connector.errors import SuspiciousShrink
from connector.standin.churn import Churn, ListHistory, Step
from connector.standin.faults import Fault, Knobs
from connector.standin.timeline import Account, Created, Timeline
from tests import databases
from tests.faults.measure import assert_true_or_told
from tests.faults.place import NEXT, NIGHT, Place, a_place, setup, small
from tests.faults.records import differences, stored, truth

GIVEN = "getlistjobdagiao"
QUICK: dict[str, Any] = {"document_stores": [], "task_parts": ["flow"], "task_page_size": 4}
"""Only what the lists are about; pages so small that the largest list has seven of them."""


# -- pages that shift --------------------------------------------------------------------------------------------------

STEPS = st.builds(
    Step,
    request=st.integers(1, 24),
    do=st.sampled_from(["insert", "remove", "move"]),
    where=st.sampled_from(["top", "middle", "end"]) | st.integers(0, 25),
    count=st.integers(1, 3),
)
SCHEDULES = st.lists(STEPS, min_size=1, max_size=8).flatmap(st.permutations)


def lines(place: Place, history: ListHistory) -> set[str]:
    """What is stored of a list, named as the stand-in names its rows."""
    which = history.path.rstrip("/").removeprefix("api/job/getlistjob")
    rows = place.rows(
        f"SELECT record_id, line_id FROM sighting WHERE identity = '{history.identity}' AND list = '{which}' "
        "AND gone_at IS NULL"
    )
    return {f"{record}/{line}" if line else record for record, line in rows}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=SCHEDULES, concurrency=st.sampled_from([1, 3]), knows=st.booleans())
def test_rows_that_come_go_and_move_between_pages_are_neither_lost_nor_made_up(
    schedule: list[Step], concurrency: int, knows: bool, database: Path, empty_database: Path, read_once: Path
) -> None:
    databases.copy(read_once if knows else empty_database, database)
    knobs = Knobs(churn=[Churn(tuple(schedule), path="getlistjob")])
    with a_place(
        database, NEXT if knows else NIGHT, knobs, concurrency=concurrency, max_vanished=1.0, **QUICK
    ) as place:
        result = place.app.sync("ioffice")
        assert result.outcome in (Outcome.OK, Outcome.INCOMPLETE)
        told = {problem.split(": ")[0] for problem in result.problems}
        assert (result.outcome is Outcome.OK) == (not told)
        for history in place.server.lists():
            found = lines(place, history)
            assert history.throughout <= found, "what was there all the time is lost"
            if not knows:
                assert found <= history.ever, "what never was there is stored"
            last_passes = 2 * (len(history.now) // QUICK["task_page_size"] + 2)
            if max(step.request for step in schedule) <= history.requests - last_passes:
                assert set(history.now) <= found, "it stood still in the end and was read to its end"
        place.server.knobs.churn = []
        assert place.app.sync("ioffice").outcome is Outcome.OK
        off = differences(truth(place), stored(place))
        unasked = {"lines", "content", "files", "children"}
        assert all(fields.keys() <= unasked for (kind, _), fields in off.items() if kind == "task"), off


# -- ends of lists -----------------------------------------------------------------------------------------------------

TASKS: dict[str, Any] = {"document_stores": []}


@pytest.mark.parametrize("cap", [1, 7, 20])
def test_a_silent_cap_loses_no_row(database: Path, cap: int) -> None:
    knobs = Knobs(faults=[Fault("cap", "getlistjobd", value=str(cap))])
    with a_place(database, knobs=knobs, **TASKS) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result, kinds=["task"])


@pytest.mark.parametrize(
    "effects",
    [
        [("repeat_last", ""), ("cap", "10")],
        [("null_when_empty", ""), ("page_error", "15")],
        [("missing_when_empty", ""), ("page_refused", "15")],
        [("shift", "1")],
        [("shift", "-1")],
        [("shift", "-3"), ("repeat_last", "")],
    ],
)
def test_however_a_list_ends_or_overlaps_its_rows_are_all_there(database: Path, effects: list[tuple[str, str]]) -> None:
    knobs = Knobs(faults=[Fault(effect, "getlist", value=value) for effect, value in effects])
    with a_place(database, knobs=knobs) as place:
        result = place.app.sync("ioffice")
        assert_true_or_told(place, result)
        assert result.outcome is Outcome.OK


@pytest.mark.parametrize("size", [1, 5, 20])
def test_lists_of_exactly_so_many_pages_are_read_to_their_end(database: Path, size: int) -> None:
    with a_place(database, task_page_size=size, **TASKS) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result, kinds=["task"])
        rows = place.rows("SELECT count(*) FROM sighting WHERE list = 'dagiao' GROUP BY identity ORDER BY 1")
        assert rows == [(5,), (10,), (20,)]


# -- lists that shrink -------------------------------------------------------------------------------------------------


def test_a_list_that_is_suddenly_empty_marks_nothing_until_somebody_says_so(known: Place) -> None:
    before = stored(known)
    known.breaks("empty", GIVEN, identity="1001")
    for _ in range(2):
        result = known.app.sync("ioffice")
        assert (result.outcome, type(result.error)) == (Outcome.GUARD_STOP, SuspiciousShrink)
        assert stored(known) == before
    assert known.one("SELECT count(*) FROM outbox WHERE kind = 'guard_stop'") == 1
    accepted = known.app.sync("ioffice", accept_shrink=True)
    assert accepted.outcome is Outcome.OK
    nowhere_else = {
        key
        for key, one in truth(known).items()
        if key[0] == "task" and all(line[:2] == ("1001", "dagiao") for line in one["in lists"])
    }
    assert truth(known).keys() - stored(known).keys() == nowhere_else
    assert accepted.counts.vanished == len(nowhere_else) > 0
    known.mend()
    result = known.app.sync("ioffice")
    assert_true_or_told(known, result)
    assert result.outcome is Outcome.OK
    assert result.plan["returned"] == accepted.counts.vanished


@pytest.mark.parametrize(("identity", "share"), [("5501", "0.9"), ("1001", "0.1")])
def test_some_tasks_may_vanish_and_many_may_not(known: Place, identity: str, share: str) -> None:
    before = stored(known)
    known.breaks("shrink", GIVEN, identity=identity, value=share)
    result = known.app.sync("ioffice")
    if share == "0.1":
        assert result.outcome is Outcome.GUARD_STOP
        assert stored(known) == before
    else:
        assert result.outcome is Outcome.OK
        assert result.counts.vanished == 1
        assert known.one("SELECT count(*) FROM task_version WHERE NOT present") == 1, "kept, with its history"


@pytest.mark.parametrize(("effect", "value"), [("refuse", ""), ("html", ""), ("no_data", "missing"), ("error", "404")])
def test_one_list_that_cannot_be_read_stops_no_other_and_nothing_vanishes(
    known: Place, effect: str, value: str
) -> None:
    known.at(NEXT)
    known.breaks(effect, GIVEN, identity="1002", value=value)
    result = known.app.sync("ioffice")
    if effect == "no_data":  # looks like an empty list
        assert result.outcome is Outcome.GUARD_STOP
    else:
        assert result.outcome is Outcome.INCOMPLETE
        assert [problem.partition(": ")[0] for problem in result.problems] == ["ioffice/ketnoi.thnc/1002/dagiao"]
        assert_true_or_told(known, result)
    assert known.one("SELECT count(*) FROM task WHERE missing_since IS NOT NULL") == 0
    known.mend()
    result = known.app.sync("ioffice")
    assert result.outcome is Outcome.OK
    assert_true_or_told(known, result)


def test_records_that_fail_are_named_one_by_one_and_read_the_next_time(known: Place) -> None:
    known.at(NEXT)
    known.breaks("refuse", "getlistjobflow/90032", value="Không có quyền")
    known.breaks("refuse", "getlistjobflow/90048", value="Không có quyền")
    known.breaks("error", "getlistjobflow/90044", value="500")
    known.breaks("error", "getlistprocesser/90044", value="500")
    result = known.app.sync("ioffice")
    assert result.outcome is Outcome.INCOMPLETE
    assert sorted(result.problems) == [
        "task 90032, 90048: flow: code 1: Không có quyền",
        "task 90044: flow: HTTP 500",
        "task 90044: processors: HTTP 500",
    ]
    missing = assert_true_or_told(known, result)
    assert missing.keys() == {("task", "90032"), ("task", "90048"), ("task", "90044")}
    known.mend()
    result = known.app.sync("ioffice")
    assert result.outcome is Outcome.OK
    assert_true_or_told(known, result)
    assert known.asked("getlistjobflow/90044") == 1, "finished since, and asked for all the same"


# -- one task, several views -------------------------------------------------------------------------------------------


@contextmanager
def three_accounts(database: Path, **knobs: Any) -> Iterator[Place]:
    """Every identity has an account of its own, and every task is seen by all three: given, given, received."""
    people = tuple(
        Account(username=f"ketnoi.{one}", password=f"Mat-khau-{one}", identities=(one,))
        for one in ("1001", "5501", "1002")
    )
    views = [("1001", "dagiao", [None], "Người giao"), ("5501", "dagiao", [None], "Người giao")]
    events = [
        Created.model_validate(
            one.model_dump() | {"views": [*views, ("1002", "duocgiao", [f"7{one.id}", f"8{one.id}"], "Phối hợp")]}
        )
        if isinstance(one, Created)
        else one
        for one in small().events
    ]
    timeline = Timeline(tuple(events))
    changed = setup().model_copy(update={"accounts": people})
    with a_place(database, knobs=Knobs(**knobs), timeline=timeline, setup=changed) as place:
        yield place


def test_a_task_seen_by_three_accounts_is_one_task(database: Path) -> None:
    with three_accounts(database, faults=[Fault("line_status")]) as place:
        result = place.app.sync("ioffice")
        assert result.outcome is Outcome.OK
        assert_true_or_told(place, result)
        tasks = place.one("SELECT count(*) FROM task")
        assert place.one("SELECT count(*) FROM sighting WHERE kind = 'task'") == 4 * tasks
        assert place.asked("getlistjobflow") == tasks, "and it is asked for once"
        assert place.asked("login") == 3


def test_what_one_of_three_accounts_may_not_see_any_more_is_still_there(database: Path) -> None:
    with three_accounts(database) as place:
        place.app.sync("ioffice")
        place.breaks("empty", GIVEN, identity="1001")
        result = place.app.sync("ioffice")
        assert (result.outcome, result.counts.vanished) == (Outcome.OK, 0)
        assert place.one("SELECT count(*) FROM sighting WHERE gone_at IS NOT NULL") == place.one(
            "SELECT count(*) FROM task"
        )
        off = differences(truth(place), stored(place))
        assert all(fields.keys() == {"in lists"} for fields in off.values())
        place.mend()
        assert_true_or_told(place, result := place.app.sync("ioffice"))
        assert result.outcome is Outcome.OK
