from __future__ import annotations

import gzip
import http.client
import json
import time
import unicodedata
from typing import Any

import pytest

from connector.errors import TimelineError
from connector.standin.faults import EFFECTS, Fault, Knobs
from connector.standin.server import StandIn
from tests.standin.client import Client

FLOW = "api/job/getlistjobflow/90121/"
LIST = "getlistjobdagiao"


def fault(standin: StandIn, effect: str, **fields: Any) -> None:
    standin.knobs.faults = [Fault(effect, **fields)]


# --- answers instead of the real one


@pytest.mark.parametrize(
    ("effect", "value", "status", "code"),
    [
        ("busy", "", 400, "busy"),
        ("error", "", 500, "1"),
        ("refuse", "Không có quyền", 200, "1"),
        ("unauthorised", "ERROR_AUTHENTICATION_REQUIRED", 401, "ERROR_AUTHENTICATION_REQUIRED"),
    ],
)
def test_an_error_hits_as_many_requests_as_it_was_told_and_no_others(
    client: Client, standin: StandIn, effect: str, value: str, status: int, code: str
) -> None:
    fault(standin, effect, path="getlistjobflow", times=2, skip=1, value=value)
    codes = [client.get(FLOW).json["status"]["code"] for _ in range(5)]
    assert codes == ["0", code, code, "0", "0"]
    fault(standin, effect, path="getlistjobflow", value=value)
    assert client.get(FLOW).status == status
    assert client.get("api/document/countmenu/").status == 200


@pytest.mark.parametrize("value", ["3", "Mon, 28 Feb 2022 17:00:03 GMT"])
def test_a_throttled_request_says_when_to_come_back(client: Client, standin: StandIn, value: str) -> None:
    fault(standin, "throttle", times=1, value=value)
    reply = client.get(FLOW)
    assert (reply.status, reply.headers["retry-after"]) == (429, value)


@pytest.mark.parametrize(("effect", "value", "status"), [("html", "", 200), ("error", "502", 502)])
def test_a_page_comes_as_html(client: Client, standin: StandIn, effect: str, value: str, status: int) -> None:
    fault(standin, effect, times=1, value=value)
    reply = client.get(FLOW)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/html;charset=UTF-8")
    assert reply.body.startswith(b"<!DOCTYPE html>")


def test_a_fault_may_hit_one_identity_or_the_login(client: Client, standin: StandIn) -> None:
    fault(standin, "busy", identity="5501")
    assert client.get(FLOW).status == 200
    fault(standin, "busy", path="login", times=1)
    assert client.login().status == 400
    assert client.login().status == 200


# --- tokens


def test_a_token_dies_after_its_calls(client: Client, standin: StandIn) -> None:
    standin.knobs.token_calls = 3
    assert [client.get(FLOW).status for _ in range(5)] == [200, 200, 200, 401, 401]
    client.login()
    assert client.get(FLOW).status == 200


def test_a_new_login_ends_the_old_session_where_only_one_is_allowed(client: Client, standin: StandIn) -> None:
    old = client.token
    client.login()
    new, client.token = client.token, old
    assert client.get(FLOW).status == 200
    standin.knobs.single_session = True
    client.login()
    for token in (old, new):
        client.token = token
        assert client.get(FLOW).status == 401


def test_all_sessions_can_be_ended_at_once(client: Client, standin: StandIn) -> None:
    standin.sessions.expire()
    assert client.get(FLOW).status == 401


# --- spoilt answers


@pytest.mark.parametrize(
    ("effect", "error"), [("cut", http.client.IncompleteRead), ("drop", http.client.RemoteDisconnected)]
)
def test_a_connection_ends_too_early(client: Client, standin: StandIn, effect: str, error: type[Exception]) -> None:
    fault(standin, effect, times=1)
    with pytest.raises(error):
        client.get(FLOW)
    client.connection.close()
    assert client.get(FLOW).status == 200


def test_a_trickle_gives_the_whole_answer_byte_by_byte(client: Client, standin: StandIn) -> None:
    whole = client.get(FLOW).body
    fault(standin, "trickle", times=1, value="0.0002")
    started = time.perf_counter()
    assert client.get(FLOW).body == whole
    assert time.perf_counter() - started >= 0.0002 * len(whole)


def test_a_slow_answer_comes_after_its_pause(client: Client, standin: StandIn) -> None:
    fault(standin, "slow", times=1, value="0.05")
    started = time.perf_counter()
    client.get(FLOW)
    assert time.perf_counter() - started >= 0.05


def test_stopping_does_not_wait_for_a_slow_answer(client: Client, standin: StandIn) -> None:
    fault(standin, "slow", value="600")
    client.connection.request("GET", client.base + FLOW, headers={"X-Authentication-Token": client.token})
    started = time.perf_counter()
    standin.stop()
    assert time.perf_counter() - started < 3


def test_bom_gzip_and_decomposed_text_carry_the_same_content(client: Client, standin: StandIn) -> None:
    plain = client.get(FLOW)
    fault(standin, "bom")
    assert client.get(FLOW).body == b"\xef\xbb\xbf" + plain.body
    fault(standin, "gzip")
    zipped = client.get(FLOW)
    assert (zipped.headers["content-encoding"], gzip.decompress(zipped.body)) == ("gzip", plain.body)
    fault(standin, "nfd")
    text = client.get(FLOW).body.decode()
    assert text != plain.body.decode()
    assert unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", plain.body.decode())


# --- lists


def test_a_capped_page_is_shorter_than_asked_and_nothing_is_lost(client: Client, standin: StandIn) -> None:
    whole = client.tasks()
    fault(standin, "cap", path=LIST, value="10")
    pages = [client.tasks(number=number, size=15) for number in range(1, 17)]
    assert {len(page) for page in pages[:-1]} == {10}
    assert [row for page in pages for row in page] == whole


def test_the_last_page_can_come_for_ever(client: Client, standin: StandIn) -> None:
    last = client.tasks(number=11, size=15)
    fault(standin, "repeat_last", path=LIST)
    assert 0 < len(last) < 15
    assert client.tasks(number=12, size=15) == client.tasks(number=99, size=15) == last


def test_rows_that_come_in_between_pages_repeat_others_and_rows_that_go_away_hide_others(
    client: Client, standin: StandIn
) -> None:
    whole = client.tasks()
    fault(standin, "shift", path=LIST, value="2")
    assert client.tasks(number=2, size=15) == whole[13:28]
    fault(standin, "shift", path=LIST, value="-2")
    assert client.tasks(number=2, size=15) == whole[17:32]


def test_lists_can_be_empty_null_or_shrunk(client: Client, standin: StandIn) -> None:
    whole = client.tasks()
    fault(standin, "empty", path=LIST, times=1)
    assert client.tasks() == []
    assert client.tasks() == whole
    fault(standin, "shrink", path=LIST, value="0.8")
    assert client.tasks() == whole[: round(len(whole) * 0.8)]
    fault(standin, "null_when_empty", path=LIST)
    assert client.tasks(number=2) is None
    fault(standin, "empty", path="getlistwaitingdocument")
    assert client.documents("DI_DA_PHAT_HANH") == []


def test_ids_can_be_numbers(client: Client, standin: StandIn) -> None:
    fault(standin, "numeric_ids", path="getlistjob")
    row = client.tasks("duocgiao")[0]
    assert (type(row["id"]), type(row["nxlId"])) == (int, int)


def test_a_status_nobody_knows_shows_on_the_given_tasks_only(client: Client, standin: StandIn) -> None:
    fault(standin, "unknown_status", ids=("90121",))
    assert [row["id"] for row in client.tasks() if row["status"] == "Đang theo dõi"] == ["90121"]


@pytest.mark.parametrize("how", ["no_id", "bad_date", "no_object"])
def test_a_row_can_be_made_unreadable(client: Client, standin: StandIn, how: str) -> None:
    whole = client.tasks()
    fault(standin, "broken_row", ids=("90121",), value=how)
    changed = [(old, new) for old, new in zip(whole, client.tasks(), strict=True) if old != new]
    assert [old["id"] for old, _ in changed] == ["90121"]
    new = changed[0][1]
    assert {"no_id": "id" not in new, "bad_date": "32/13/2022" in str(new), "no_object": isinstance(new, str)}[how]


def test_co_operating_lines_can_show_their_own_status(client: Client, standin: StandIn) -> None:
    fault(standin, "line_status", path="getlistjobduocgiao")
    own = {row["nxlId"]: row["status"] for row in client.tasks("duocgiao") if row["vaitro"] == "Phối hợp"}
    standin.knobs.faults = []
    tasks = {row["nxlId"]: row["status"] for row in client.tasks("duocgiao") if row["vaitro"] == "Phối hợp"}
    assert own.keys() == tasks.keys()
    assert set(own.values()) <= {"Chưa hoàn thành", "Chưa thực hiện"}
    assert own != tasks


def test_flow_rows_can_follow_the_task_instead_of_keeping_their_moment(client: Client, standin: StandIn) -> None:
    path = "api/job/getlistjobflow/90035/"
    kept = {row["endDate"][:10] for row in client.get(path).data}
    standin.knobs.flow_follows_task = True
    followed = {row["endDate"][:10] for row in client.get(path).data}
    assert followed == {"18/02/2022"} < kept


def test_answers_are_the_real_ones_again_when_the_fault_is_over(client: Client, standin: StandIn) -> None:
    before = client.get(FLOW).body
    for effect in EFFECTS:
        if effect not in ("cut", "drop", "slow", "trickle"):
            fault(standin, effect, times=1)
            client.get(FLOW)
    standin.knobs.faults = []
    assert client.get(FLOW).body == before


# --- setting knobs


def test_knobs_can_be_set_from_json() -> None:
    knobs = Knobs()
    knobs.change(json.loads('{"token_calls": 5, "faults": [{"effect": "cap", "value": "10", "ids": ["1"]}]}'))
    assert (knobs.token_calls, knobs.faults) == (5, [Fault("cap", value="10", ids=("1",))])


@pytest.mark.parametrize(
    "values",
    [
        {"tokens": 1},
        {"token_calls": "3"},
        {"faults": [{"effect": "fire"}]},
        {"faults": [{"path": "x"}]},
        {"faults": [{"effect": "cap", "much": 1}]},
        {"faults": {"effect": "cap"}},
    ],
)
def test_an_unknown_knob_is_a_named_error(values: dict[str, Any]) -> None:
    with pytest.raises(TimelineError):
        Knobs().change(values)
