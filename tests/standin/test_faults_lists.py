"""Faults about which rows a list has and which page of them is given."""

from __future__ import annotations

from typing import Any

import pytest

from connector.standin.server import StandIn
from tests.standin.client import Client
from tests.standin.proofs import proves
from tests.standin.test_faults import FLOW, fault

LIST = "getlistjobdagiao"


@proves("cap")
def test_a_capped_page_is_shorter_than_asked_and_nothing_is_lost(client: Client, standin: StandIn) -> None:
    whole = client.tasks()
    fault(standin, "cap", path=LIST, value="10")
    pages = [client.tasks(number=number, size=15) for number in range(1, 17)]
    assert {len(page) for page in pages[:-1]} == {10}
    assert [row for page in pages for row in page] == whole


@proves("repeat_last")
def test_the_last_page_can_come_for_ever(client: Client, standin: StandIn) -> None:
    last = client.tasks(number=11, size=15)
    fault(standin, "repeat_last", path=LIST)
    assert 0 < len(last) < 15
    assert client.tasks(number=12, size=15) == client.tasks(number=99, size=15) == last


@proves("shift")
def test_rows_that_come_in_between_pages_repeat_others_and_rows_that_go_away_hide_others(
    client: Client, standin: StandIn
) -> None:
    whole = client.tasks()
    fault(standin, "shift", path=LIST, value="2")
    assert client.tasks(number=2, size=15) == whole[13:28]
    fault(standin, "shift", path=LIST, value="-2")
    assert client.tasks(number=2, size=15) == whole[17:32]


@proves("full_pages")
@pytest.mark.parametrize("size", [10, 15, 50])
def test_the_last_page_can_be_full_for_any_page_size(client: Client, standin: StandIn, size: int) -> None:
    whole = client.tasks()
    fault(standin, "full_pages", path=LIST)
    pages = [client.tasks(number=number, size=size) for number in range(1, len(whole) // size + 2)]
    assert [len(page) for page in pages] == [size] * (len(whole) // size) + [0]
    assert [row for page in pages for row in page] == whole[: len(whole) // size * size]


@proves("full_pages", "null_when_empty", "missing_when_empty")
@pytest.mark.parametrize(("effect", "rest"), [("null_when_empty", {"data": None}), ("missing_when_empty", {})])
def test_an_empty_page_can_be_null_or_no_data_at_all(
    client: Client, standin: StandIn, effect: str, rest: dict[str, Any]
) -> None:
    whole = client.tasks()
    fault(standin, effect)
    body = {"pageNo": 2, "pageRec": len(whole), "name": "", "status": ""}
    assert len(client.tasks(size=len(whole))) == len(whole)
    answer = client.post("api/job/getlistjobdagiao/", body).json
    assert {name: value for name, value in answer.items() if name != "status"} == rest
    notices = client.post("api/notifycation/getlistnotify/v2/", {"pageNo": "999", "pageRec": "10"}).data
    assert notices.get("notifys", "missing") == rest.get("data", "missing")


@proves("empty", "shrink")
def test_lists_can_be_empty_or_shrunk(client: Client, standin: StandIn) -> None:
    whole = client.tasks()
    fault(standin, "empty", path=LIST, times=1)
    assert client.tasks() == []
    assert client.tasks() == whole
    fault(standin, "shrink", path=LIST, value="0.8")
    assert client.tasks() == whole[: round(len(whole) * 0.8)]
    fault(standin, "empty")
    assert client.documents("DI_DA_PHAT_HANH") == client.get(FLOW).data == []
    body = {"pageNo": "-1", "pageRec": "10", "param": "", "kho": "DI_DA_PHAT_HANH"}
    count = client.post("api/document/getpagingwaitingdocument/", body).data
    assert count == {"pageNo": 0, "pageRec": 0}, "the count agrees with its list"


@proves("line_status")
def test_co_operating_lines_can_show_their_own_status(client: Client, standin: StandIn) -> None:
    fault(standin, "line_status", path="getlistjobduocgiao")
    own = {row["nxlId"]: row["status"] for row in client.tasks("duocgiao") if row["vaitro"] == "Phối hợp"}
    standin.knobs.faults = []
    tasks = {row["nxlId"]: row["status"] for row in client.tasks("duocgiao") if row["vaitro"] == "Phối hợp"}
    assert own.keys() == tasks.keys()
    assert set(own.values()) <= {"Chưa hoàn thành", "Chưa thực hiện"}
    assert own != tasks
