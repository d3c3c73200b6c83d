"""Lists that change while they are read, and the truth about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import TimelineError
from connector.standin.churn import Churn, ListHistory, Step
from connector.standin.process import StandInProcess
from connector.standin.server import StandIn
from tests.standin.client import Client, local
from tests.standin.proofs import proves

SIZE = 50


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def churn(standin: StandIn, *steps: Step, **fields: Any) -> None:
    standin.knobs.churn = [Churn(steps, **{"path": "getlistjobdagiao"} | fields)]


def page(client: Client, number: int) -> list[str]:
    return names(client.tasks(number=number, size=SIZE))


@proves("churn")
def test_rows_inserted_at_the_top_push_the_others_to_the_next_page(client: Client, standin: StandIn) -> None:
    whole = names(client.tasks())
    churn(standin, Step(2, "insert", "top", 2), Step(3, "insert"))
    assert page(client, 1) == whole[3 : 3 + SIZE]
    second = page(client, 2)
    assert second[:2] == page_end(whole[3:])[-2:], "the last two of the first page come again"
    assert page(client, 1) == whole[:SIZE], "in the end the list is the whole one"


def page_end(rows: list[str]) -> list[str]:
    return rows[:SIZE]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(2, "remove", "top", 3), lambda rows: rows[3:]),
        (Step(2, "remove", "end", 3), lambda rows: rows[:-3]),
        (Step(2, "remove", 10, 3), lambda rows: rows[:10] + rows[13:]),
        (Step(2, "remove", "middle", 2), lambda rows: rows[: (len(rows) - 2) // 2] + rows[(len(rows) - 2) // 2 + 2 :]),
        (Step(2, "remove", "top", 10_000), lambda rows: []),
        (Step(2, "move", "end", 2), lambda rows: rows[-2:] + rows[:-2]),
        (Step(2, "move", 40), lambda rows: rows[40:41] + rows[:40] + rows[41:]),
        (Step(2, "insert", "end", 2), lambda rows: rows[2:] + rows[:2]),
        (Step(2, "insert", "middle"), lambda rows: [*rows[1:77], rows[0], *rows[77:]]),
        (Step(2, "insert", 5), lambda rows: [*rows[1:6], rows[0], *rows[6:]]),
    ],
    ids=str,
)
def test_a_step_changes_the_list_before_its_request(
    client: Client, standin: StandIn, step: Step, expected: Any
) -> None:
    whole = names(client.tasks())
    churn(standin, step)
    first, second = names(client.tasks()), names(client.tasks())
    assert first == (whole[step.count :] if step.do == "insert" else whole)
    assert second == expected(whole)
    assert names(client.tasks()) == second, "once is enough"


def test_the_history_of_a_list_tells_what_was_there_throughout_and_what_ever(client: Client, standin: StandIn) -> None:
    whole = names(client.tasks())
    churn(standin, Step(2, "insert", "top", 2), Step(2, "remove", "end", 3), Step(99, "remove", "top", 50))
    page(client, 1)
    page(client, 2)
    (history,) = standin.lists()
    assert (history.identity, history.path, history.requests) == ("1001", "api/job/getlistjobdagiao/", 2)
    assert history.throughout == frozenset(whole[2:-3])
    assert history.ever == frozenset(whole)
    assert history.now == tuple(whole[:-3])
    assert ListHistory.from_json(history.to_json()) == history


def test_each_list_counts_its_own_requests_and_other_lists_stand_still(client: Client, standin: StandIn) -> None:
    given_, received = client.tasks(), client.tasks("duocgiao")
    standin.knobs.churn = [Churn((Step(2, "remove"),), path="getlistjob", identity="1001")]
    for _ in range(2):
        last = client.tasks(), client.tasks("duocgiao")
    assert last == (given_[1:], received[1:])
    lined = {history.path: history.now[0] for history in standin.lists()}["api/job/getlistjobduocgiao/"]
    assert lined == f"{received[1]['id']}/{received[1]['nxlId']}"
    client.switch("5501")
    before = client.tasks()
    assert client.tasks() == before


def test_documents_churn_too_each_store_by_itself(client: Client, standin: StandIn) -> None:
    issued, done = (names(client.documents(kho)) for kho in ("DI_DA_PHAT_HANH", "DEN_DA_XU_LY"))
    churn(standin, Step(2, "move", "end", 1), path="getlistwaitingdocument")
    client.documents("DI_DA_PHAT_HANH")
    assert names(client.documents("DI_DA_PHAT_HANH")) == issued[-1:] + issued[:-1]
    assert names(client.documents("DEN_DA_XU_LY")) == done


def test_a_churned_list_follows_the_timeline(client: Client, standin: StandIn) -> None:
    standin.move_to(local("2022-02-15 15:47"))
    before = names(client.tasks())
    churn(standin, Step(1, "remove", 0, 1), Step(1, "move", "end", 1))
    client.tasks()
    standin.move_to(local("2022-02-16 15:47"))
    standin_now = set(names(client.tasks()))
    standin.knobs.churn = []
    now = names(client.tasks())
    assert "90073" in before
    assert "90073" not in now, "deleted in between"
    assert standin_now == set(now) - {before[0]}


def test_churn_is_the_same_from_another_process() -> None:
    steps = [{"request": 2, "do": "remove", "count": 2}]
    with StandInProcess(now=local("2022-02-28 23:59")) as process, Client(process.url) as client:
        client.login()
        whole = names(client.tasks())
        process.change_knobs(churn=[{"path": "getlistjobdagiao", "steps": steps}])
        client.tasks()
        assert names(client.tasks()) == whole[2:]
        (history,) = process.lists()
        assert (history.ever, history.now) == (frozenset(whole), tuple(whole[2:]))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"request": 0, "do": "insert"}, "request — phải từ 1"),
        ({"request": 1, "do": "insert", "count": 0}, "count — phải từ 1"),
        ({"request": 1, "do": "insert", "where": -1}, "where — phải từ 0"),
        ({"request": 1, "do": "insert", "where": "midle"}, "tên gần nhất: middle"),
    ],
)
def test_a_step_that_makes_no_sense_is_a_named_error(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(TimelineError, match=words):
        Step(**fields)


STEPS = st.lists(
    st.builds(
        Step,
        request=st.integers(1, 8),
        do=st.sampled_from(["insert", "remove", "move"]),
        where=st.sampled_from(["top", "middle", "end"]) | st.integers(0, 200),
        count=st.integers(1, 40),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def reader() -> Iterator[tuple[StandIn, Client, list[str]]]:
    with StandIn.packaged(local("2022-02-28 23:59:59")) as standin, Client(standin.url) as client:
        client.login()
        yield standin, client, names(client.tasks())


@given(steps=STEPS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_history_is_what_a_reader_could_see(
    reader: tuple[StandIn, Client, list[str]], steps: list[Step]
) -> None:
    """Read whole before each request's turn: the history is the intersection and the union of what was read."""
    standin, client, whole = reader
    churn(standin, *steps)
    seen = [names(client.tasks()) for _ in range(9)]
    (history,) = standin.lists()
    assert history.throughout == frozenset.intersection(*map(frozenset, seen))
    assert history.ever == frozenset().union(*seen) <= frozenset(whole)
    assert history.now == tuple(seen[-1])
    assert all(len(rows) == len(set(rows)) for rows in seen), "no row is there twice"
    if not any(step.do == "remove" for step in steps):
        assert set(seen[-1]) == set(whole), "all held back rows have come in"


@given(steps=STEPS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_schedule_gives_the_same_pages(reader: tuple[StandIn, Client, list[str]], steps: list[Step]) -> None:
    standin, client, _ = reader
    readings = []
    for _ in range(2):
        churn(standin, *steps)
        readings.append([page(client, number) for number in range(1, 6)])
    assert readings[0] == readings[1]
