"""A large office: a page must not cost what the whole list costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connector.standin import records, wire
from connector.standin.checking import Json
from connector.standin.faults import Fault
from connector.standin.server import StandIn
from connector.standin.timeline import Created, Timeline, View, packaged
from tests.standin.client import Client, local

TASKS = 20_000


@pytest.fixture(scope="module")
def large() -> Iterator[tuple[StandIn, Client]]:
    timeline, setup = packaged()
    first = next(event for event in timeline.events if isinstance(event, Created))
    views = (View("1001", "dagiao", (None,), "Người giao"),)
    events = [
        first.model_copy(
            update={"ref": f"T{number}", "id": str(number), "doc": None, "views": views, "assigned": at, "at": at}
        )
        for number in range(100_000, 100_000 + TASKS)
        if (at := local("2022-01-01 08:00") + timedelta(seconds=number))
    ]
    server = StandIn(Timeline(tuple(events)), setup, now=local("2022-02-28 23:59"))
    with server as standin, Client(standin.url) as client:
        client.login()
        yield standin, client


@pytest.mark.parametrize("faults", [[], [Fault("numeric_ids"), Fault("nfd"), Fault("cap", value="15")]])
def test_rows_are_made_once_and_a_page_touches_only_its_own(
    large: tuple[StandIn, Client], faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    standin, client = large
    standin.knobs.faults = faults
    standin.move_to(standin.now + timedelta(days=1))  # a new day: nothing is remembered
    made: list[int] = []
    changed: list[int] = []
    make, change = wire.task_rows, records.change_records

    def counted_make(*arguments: object) -> list[Json]:
        rows = make(*arguments)  # type: ignore[arg-type]
        made.append(len(rows))
        return rows

    def counted_change(data: object, *arguments: object) -> object:
        changed.append(len(data) if isinstance(data, list) else 0)
        return change(data, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(wire, "task_rows", counted_make)
    monkeypatch.setattr("connector.standin.server.change_records", counted_change)
    pages = [client.tasks(number=number, size=15) for number in (1, 2, 500, 1333, 1334, 1335)]
    assert [len(page) for page in pages] == [15, 15, 15, 15, 5, 0]
    assert made == [TASKS]
    assert changed == [len(page) for page in pages]


def test_paging_reaches_every_task_once(large: tuple[StandIn, Client]) -> None:
    standin, client = large
    standin.knobs.faults = []
    ids: list[str] = []
    while page := client.tasks(number=len(ids) // 500 + 1, size=500):
        ids += [row["id"] for row in page]
    assert len(ids) == len(set(ids)) == TASKS == client.counters()["CONGVIEC_DAGIAO"]
