"""Faults that replace an answer, and the envelope; whose requests they hit and how often."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from connector.errors import TimelineError
from connector.standin.faults import EFFECTS, Fault
from connector.standin.server import StandIn
from tests.standin.client import Client
from tests.standin.proofs import proves

FLOW = "api/job/getlistjobflow/90121/"
COUNTERS = "api/document/countmenu/"
AUTH = "error_authentication_required"


def fault(standin: StandIn, effect: str, **fields: Any) -> None:
    standin.knobs.faults = [Fault(effect, **fields)]


@proves("busy", "error", "refuse", "unauthorised", "unauthorised_200", "faults")
@pytest.mark.parametrize(
    ("effect", "value", "status", "code"),
    [
        ("busy", "", 400, "busy"),
        ("error", "", 500, "1"),
        ("error", "404", 404, "1"),
        ("refuse", "Không có quyền", 200, "1"),
        ("unauthorised", "", 401, AUTH),
        ("unauthorised", AUTH.upper(), 401, AUTH.upper()),
        ("unauthorised", "khac", 401, "khac"),
        ("unauthorised_200", "", 200, AUTH),
        ("unauthorised_200", AUTH.upper(), 200, AUTH.upper()),
    ],
)
def test_an_error_hits_as_many_requests_as_it_was_told_and_no_others(
    client: Client, standin: StandIn, effect: str, value: str, status: int, code: str
) -> None:
    fault(standin, effect, path="getlistjobflow", times=2, skip=1, value=value)
    codes = [client.get(FLOW).json["status"]["code"] for _ in range(5)]
    assert codes == ["0", code, code, "0", "0"]
    fault(standin, effect, path="getlistjobflow", value=value)
    assert [client.get(FLOW).status for _ in range(20)] == [status] * 20, "for ever without times"
    assert client.get(COUNTERS).status == 200


@proves("throttle")
@pytest.mark.parametrize("value", ["3", "Mon, 28 Feb 2022 17:00:03 GMT", ""])
def test_a_throttled_request_says_when_to_come_back_or_does_not(client: Client, standin: StandIn, value: str) -> None:
    fault(standin, "throttle", times=1, value=value)
    reply = client.get(FLOW)
    assert (reply.status, reply.headers.get("retry-after", "")) == (429, value)


def test_retry_after_can_be_a_date_some_seconds_ahead_of_the_virtual_clock(client: Client, standin: StandIn) -> None:
    fault(standin, "throttle", value="+90")
    said = parsedate_to_datetime(client.get(FLOW).headers["retry-after"])
    assert (said - standin.now).total_seconds() == 90


@proves("html", "error", "unauthorised")
@pytest.mark.parametrize(
    ("effect", "value", "status"), [("html", "", 200), ("error", "502", 502), ("unauthorised", "html", 401)]
)
def test_a_page_comes_as_html(client: Client, standin: StandIn, effect: str, value: str, status: int) -> None:
    fault(standin, effect, times=1, value=value)
    reply = client.get(FLOW)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/html;charset=UTF-8")
    assert reply.body.startswith(b"<!DOCTYPE html>")


@proves("page_refused", "page_error")
@pytest.mark.parametrize(("effect", "status", "code"), [("page_refused", 200, "1"), ("page_error", 500, "1")])
def test_only_pages_larger_than_the_limit_are_refused(
    client: Client, standin: StandIn, effect: str, status: int, code: str
) -> None:
    body = {"pageNo": 1, "pageRec": 15, "name": "", "status": ""}
    documents = {"pageNo": "1", "pageRec": "16", "param": "", "kho": "DI_DA_PHAT_HANH"}
    fault(standin, effect, value="15")
    assert len(client.post("api/job/getlistjobdagiao/", body).data) == 15
    for reply in (
        client.post("api/job/getlistjobdagiao/", body | {"pageRec": 16}),
        client.post("api/document/getlistwaitingdocument/", documents),
    ):
        assert (reply.status, reply.json["status"]["code"]) == (status, code)
    assert client.get(FLOW).status == 200


@proves("no_data", "number_code")
def test_the_envelope_may_lack_its_data_or_have_a_number_as_its_code(client: Client, standin: StandIn) -> None:
    rows = client.get(FLOW).data
    fault(standin, "no_data")
    assert set(client.get(FLOW).json) == {"status"}
    fault(standin, "no_data", value="null")
    assert client.get(FLOW).json["data"] is None
    fault(standin, "number_code")
    assert client.get(FLOW).json == {"status": {"code": 0, "message": "Thành công"}, "data": rows}


def test_a_fault_may_hit_one_identity_or_the_login(client: Client, standin: StandIn) -> None:
    fault(standin, "busy", identity="5501")
    assert client.get(FLOW).status == 200
    fault(standin, "busy", path="login", times=1)
    assert client.login().status == 400
    assert client.login().status == 200


def test_faults_combine(client: Client, standin: StandIn) -> None:
    standin.knobs.faults = [Fault("busy", times=1), Fault("bom"), Fault("chunked"), Fault("numeric_ids")]
    reply = client.get(FLOW)
    assert (reply.status, reply.body[:3]) == (400, b"\xef\xbb\xbf")
    reply = client.post("api/job/getlistjobdagiao/", {"pageNo": 1, "pageRec": 2, "name": "", "status": ""})
    assert (reply.headers["transfer-encoding"], reply.body[:3]) == ("chunked", b"\xef\xbb\xbf")
    assert b'"id":9' in reply.body


def test_answers_are_the_real_ones_again_when_the_fault_is_over(client: Client, standin: StandIn) -> None:
    path = "api/job/getlistjobdagiao/"
    body = {"pageNo": 1, "pageRec": 500, "name": "", "status": ""}
    before = client.post(path, body).body
    for effect in EFFECTS.keys() - {"cut", "drop", "slow", "trickle", "huge"}:
        needs = {"add_field": "x", "drop_field": "name", "retype_field": "name", "rename_field": "name"}
        fault(standin, effect, name=needs.get(effect, ""), value="y" if effect == "rename_field" else "")
        client.post(path, body)
    standin.knobs.faults = []
    assert client.post(path, body).body == before


# --- mistakes


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"effect": "fire"}, "không có hiệu ứng 'fire'"),
        ({"effect": "repeat_lst"}, "tên gần nhất: repeat_last"),
        ({"effect": "cap", "value": "zehn"}, "'zehn' không phải là số"),
        ({"effect": "cap", "value": "nan"}, "'nan' không phải là số"),
        ({"effect": "busy", "value": "1"}, "busy không dùng giá trị"),
        ({"effect": "due_form", "value": "minut"}, "tên gần nhất: minute"),
        ({"effect": "drop_field"}, "drop_field cần tên trường"),
        ({"effect": "busy", "name": "endDate"}, "busy không dùng tên trường"),
        ({"effect": "rename_field", "name": "a"}, "cần tên mới"),
        ({"effect": "busy", "skip": -1}, "phải từ 0"),
    ],
)
def test_a_fault_that_makes_no_sense_is_a_named_error(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(TimelineError, match=words):
        Fault(**fields)
