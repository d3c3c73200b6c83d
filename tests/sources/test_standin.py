"""The source against the stand-in: February 2022 whole, and the knobs of the wire notes' section 12."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import OFFICE_ZONE, FixedClock
from connector.domain.records import Rejected, TaskRow
from connector.domain.requests import PartRequest
from connector.errors import AuthNeeded
from connector.normalise.rest import RestNormaliser
from connector.normalise.vocabulary import Vocabularies
from connector.settings import AccountSettings
from connector.sources.rest.source import RestSource
from connector.standin.faults import Fault
from connector.standin.server import StandIn
from tests.sources.conftest import read_lists, settings

CUT_OFF = datetime.fromisoformat("2022-02-28T23:30:00+07:00")
NORMALISER = RestNormaliser(Vocabularies.of(), OFFICE_ZONE)


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn.packaged(CUT_OFF) as server:
        yield server
        assert server.ledger.violations == [], "nothing outside the allow-list was asked"


def open_source(standin: StandIn, **values: Any) -> RestSource:
    accounts = [AccountSettings(username=account.username) for account in standin.setup.accounts]
    passwords = {account.username: SecretStr(account.password) for account in standin.setup.accounts}
    section = settings(standin.url, accounts=accounts, **values)
    source = RestSource("vnpt", section, passwords, clock=FixedClock(CUT_OFF), sleep=lambda seconds: None)
    source.open()
    return source


def task_rows(source: RestSource) -> dict[tuple[str, ...], TaskRow]:
    rows: dict[tuple[str, ...], TaskRow] = {}
    for reading in read_lists(source, source.task_lists()):
        assert reading.complete, reading.progress.problem
        for raw in reading.rows:
            row = NORMALISER.task_row(raw)
            assert isinstance(row, TaskRow), row
            assert (raw.stream.account, *row.key) not in rows
            rows[(raw.stream.account, *row.key)] = row
    return rows


def shown(rows: dict[tuple[str, ...], TaskRow]) -> dict[tuple[str, ...], tuple[object, ...]]:
    return {key: (row.name, row.status, row.due_on, row.lead, row.role) for key, row in rows.items()}


@pytest.fixture
def undisturbed(standin: StandIn) -> dict[tuple[str, ...], tuple[object, ...]]:
    source = open_source(standin)
    rows = shown(task_rows(source))
    source.close()
    standin.ledger.clear()
    return rows


def test_the_month_is_read_whole_and_nothing_of_it_is_rejected(standin: StandIn) -> None:
    source = open_source(standin)
    rows = task_rows(source)
    assert {(key[0], key[1]) for key in rows} == {
        ("ketnoi.vp", "1001"), ("ketnoi.vp", "5501"), ("ketnoi.thnc", "1002"),
    }  # fmt: skip
    by_task = {row.task_id: row for row in rows.values()}
    parts = frozenset({"detail", "flow", "processors"})
    wanted = [PartRequest(row.task_id, row.stream, parts, "new", row.line_id) for row in by_task.values()]
    read = {"task_detail": NORMALISER.task_detail, "task_flow": NORMALISER.task_flow,
            "task_processors": NORMALISER.task_processors}  # fmt: skip
    readings = list(source.parts(wanted))
    assert sorted(one.request.subject for one in readings) == sorted(by_task)
    for reading in readings:
        assert not reading.failed
        assert not [raw for raw in reading.rows if isinstance(read[raw.kind](raw), Rejected)]

    documents = {}
    for listed in read_lists(source, source.document_lists()):
        assert listed.complete
        for raw in listed.rows:
            row = NORMALISER.document_row(raw)
            assert not isinstance(row, Rejected)
            documents[row.document_id] = row
    secret = source.secret_documents()
    assert secret is not None
    assert secret < set(documents)
    requests = [
        PartRequest(row.document_id, row.stream, frozenset({"log", "related"}), "new") for row in documents.values()
    ]
    logs = list(source.parts(requests))
    assert len(logs) == len(documents)
    for reading in logs:
        for raw in reading.rows:
            convert = NORMALISER.document_log if raw.kind == "document_log" else NORMALISER.document_related
            assert not isinstance(convert(raw), Rejected)
    counters = source.counters()
    assert counters["1001/CONGVIEC_DAGIAO"] == sum(key[1:3] == ("1001", "dagiao") for key in rows)
    assert source.requests == len(standin.ledger.entries)
    source.close()


@pytest.mark.parametrize(
    "faults",
    [
        [Fault("cap", "getlistjob", value="10")],
        [Fault("repeat_last", "getlistjob")],
        [Fault("null_when_empty")],
        [Fault("numeric_ids")],
        [Fault("nfd")],
        [Fault("bom"), Fault("gzip")],
        [Fault("busy", times=4), Fault("throttle", times=2, skip=9, value="3"), Fault("error", times=3, skip=20)],
        [Fault("cut", "getlistjob", times=2, skip=3), Fault("drop", times=2, skip=15), Fault("html", times=1, skip=30)],
        [Fault("shift", "getlistjobdagiao", times=1, skip=1, value="1")],
        [Fault("shift", "getlistjobdagiao", times=3, skip=2, value="-2")],
        [Fault("empty", "getlistjobdagiao", times=1, skip=1)],
    ],
    ids=lambda faults: "+".join(fault.effect for fault in faults),
)
def test_whatever_the_server_throws_at_us_the_rows_are_those_of_an_undisturbed_reading(
    faults: list[Fault], standin: StandIn, undisturbed: dict[tuple[str, ...], tuple[object, ...]]
) -> None:
    source = open_source(standin)
    standin.knobs.faults = faults
    rows = shown(task_rows(source))
    standin.knobs.faults = []
    source.close()
    assert rows == undisturbed


@pytest.mark.parametrize("cookie", [False, True])
def test_tokens_that_expire_all_the_time_lose_and_double_nothing(
    cookie: bool, standin: StandIn, undisturbed: dict[tuple[str, ...], tuple[object, ...]]
) -> None:
    standin.knobs.token_calls, standin.knobs.cookie_required = 7, cookie
    source = open_source(standin, concurrency=8)
    assert shown(task_rows(source)) == undisturbed
    source.close()


def test_a_server_that_allows_one_session_an_account_is_read_all_the_same(
    standin: StandIn, undisturbed: dict[tuple[str, ...], tuple[object, ...]]
) -> None:
    standin.knobs.single_session = True
    source = open_source(standin, concurrency=8)
    rows = task_rows(source)
    assert shown(rows) == undisturbed
    wanted = [PartRequest(row.task_id, row.stream, frozenset({"flow"}), "new") for row in rows.values()]
    assert not any(reading.failed for reading in source.parts(wanted))
    source.close()
    assert standin.ledger.count("api/login/") <= 3 + 2 + 2 + 2, "a few changes of identity, no duel"


@pytest.mark.parametrize("form", ["envelope", "401"])
def test_a_wrong_password_costs_one_request(form: str, standin: StandIn) -> None:
    standin.knobs.refused_login = form  # type: ignore[assignment]
    section = settings(standin.url, accounts=[AccountSettings(username="ketnoi.vp")])
    source = RestSource("vnpt", section, {"ketnoi.vp": SecretStr("sai")}, clock=FixedClock(CUT_OFF))
    with pytest.raises(AuthNeeded, match="Tên đăng nhập hoặc mật khẩu không đúng"):
        source.open()
    source.close()
    assert len(standin.ledger.entries) == 1
