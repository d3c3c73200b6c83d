"""The source against the stand-in: February 2022 whole, and the knobs of the wire notes' section 12."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clock import OFFICE_ZONE, FixedClock
from connector.domain.records import DocumentRow, RawRow, Rejected, Stream, TaskRow
from connector.domain.requests import ListRequest, PartRequest, Progress, Window
from connector.errors import AuthNeeded
from connector.normalise.rest import RestNormaliser
from connector.normalise.vocabulary import Vocabularies
from connector.reconcile.plan import TASK_PARTS
from connector.settings import AccountSettings
from connector.sources.rest.requests import VOCABULARIES
from connector.sources.rest.source import RestSource
from connector.standin.faults import Fault
from connector.standin.server import StandIn
from tests.sources.conftest import MakeSource, read_lists, settings

CUT_OFF = datetime.fromisoformat("2022-02-28T23:30:00+07:00")
NORMALISER = RestNormaliser(Vocabularies.of(), OFFICE_ZONE)


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn.packaged(CUT_OFF) as server:
        yield server
        assert server.ledger.violations == [], "nothing outside the allow-list was asked"


@pytest.fixture
def open_source(standin: StandIn) -> Iterator[MakeSource]:
    """Opens a source with settings of its own; closed also where a test fails."""
    made: list[RestSource] = []

    def make(**values: Any) -> RestSource:
        accounts = [AccountSettings(username=account.username) for account in standin.setup.accounts]
        passwords = {account.username: SecretStr(account.password) for account in standin.setup.accounts}
        section = settings(standin.url, accounts=accounts, **values)
        made.append(RestSource("vnpt", section, passwords, clock=FixedClock(CUT_OFF), sleep=lambda seconds: None))
        made[-1].open()
        return made[-1]

    yield make
    for source in made:
        source.close()


Key = tuple[Stream, str, str]


def task_rows(source: RestSource) -> dict[Key, TaskRow]:
    rows: dict[Key, TaskRow] = {}
    for reading in read_lists(source, source.task_lists()):
        assert reading.complete, reading.progress.problem
        for raw in reading.rows:
            row = NORMALISER.task_row(raw)
            assert isinstance(row, TaskRow), row
            assert row.key not in rows
            rows[row.key] = row
    return rows


def shown(rows: dict[Key, TaskRow]) -> dict[Key, tuple[object, ...]]:
    return {key: (row.name, row.status, row.due_on, row.lead, row.role) for key, row in rows.items()}


@pytest.fixture
def undisturbed(standin: StandIn, open_source: MakeSource) -> dict[Key, tuple[object, ...]]:
    source = open_source()
    rows = shown(task_rows(source))
    source.close()
    standin.ledger.clear()
    return rows


READERS: dict[str, Callable[[RawRow], object]] = {
    "task_detail": NORMALISER.task_detail, "task_flow": NORMALISER.task_flow,
    "task_processors": NORMALISER.task_processors, "task_children": NORMALISER.task_children,
    "task_files": NORMALISER.task_files, "document_log": NORMALISER.document_log,
    "document_related": NORMALISER.document_related, "document_files": NORMALISER.document_files,
    "document_detail": NORMALISER.document_detail,
}  # fmt: skip


def parts_of(source: RestSource, requests: Sequence[PartRequest]) -> dict[str, dict[str, Any]]:
    """Record → part → what was read of it; nothing fails and nothing is rejected."""
    found: dict[str, dict[str, Any]] = {}
    for reading in source.parts(requests):
        assert not reading.failed
        assert {raw.kind.partition("_")[2] for raw in reading.rows} == reading.request.parts
        found[reading.request.subject] = read = {raw.kind: READERS[raw.kind](raw) for raw in reading.rows}
        assert not [one for one in read.values() if isinstance(one, Rejected)]
    assert sorted(found) == sorted(request.subject for request in requests)
    return found


def documents_of(source: RestSource, streams: Sequence[Stream]) -> dict[str, DocumentRow]:
    found = {}
    for listed in read_lists(source, streams):
        assert listed.complete
        for raw in listed.rows:
            row = NORMALISER.document_row(raw)
            assert not isinstance(row, Rejected)
            found[row.document_id] = row
    return found


def test_the_month_is_read_whole_and_nothing_of_it_is_rejected(standin: StandIn, open_source: MakeSource) -> None:
    source = open_source()
    rows = task_rows(source)
    assert {stream.reader for stream, *_ in rows} == {
        ("ketnoi.vp", "1001"), ("ketnoi.vp", "5501"), ("ketnoi.thnc", "1002"),
    }  # fmt: skip
    by_task = {row.task_id: row for row in rows.values()}
    read = parts_of(
        source, [PartRequest(row.task_id, row.stream, TASK_PARTS, "new", row.line_id) for row in by_task.values()]
    )
    assert any(one["task_children"] for one in read.values())
    assert any(one["task_files"] for one in read.values())

    documents = documents_of(source, source.document_lists())
    secret = source.secret_documents()
    assert secret is not None
    assert secret < set(documents)
    parts = frozenset({"log", "related", "files"})
    logs = parts_of(source, [PartRequest(row.document_id, row.stream, parts, "new") for row in documents.values()])
    assert any(one["document_files"] for one in logs.values())
    counters = source.counters()
    mine = Stream(source.name, "ketnoi.vp", "1001", "dagiao")
    assert counters["ketnoi.vp/1001/CONGVIEC_DAGIAO"] == sum(stream == mine for stream, *_ in rows)
    assert source.requests == len(standin.ledger.entries)
    source.close()


def test_searched_months_of_issue_find_every_document_of_those_months(
    standin: StandIn, open_source: MakeSource
) -> None:
    source = open_source()
    listed = documents_of(source, source.document_lists())
    february = Window("issued", date(2022, 2, 1), date(2022, 2, 28))
    december = Window("issued", date(2021, 12, 1), date(2021, 12, 31))
    for window in (february, december):
        found = documents_of(source, source.windows([window]))
        assert {row.state.issued_on for row in found.values()} <= {
            window.first + timedelta(days=number) for number in range(31)
        }
        assert set(found) == {
            key for key, row in listed.items()
            if row.state.issued_on is not None and window.first <= row.state.issued_on <= window.last
        }  # fmt: skip
        assert found
    source.close()


def test_searched_months_of_deadline_find_the_documents_that_are_due_then(
    standin: StandIn, open_source: MakeSource
) -> None:
    """Only the detail shows the deadline; to open it, the settings have to allow it."""
    source = open_source(read_document_detail=True)
    documents = documents_of(source, source.document_lists()).values()
    details = parts_of(
        source, [PartRequest(row.document_id, row.stream, frozenset({"detail"}), "new") for row in documents]
    )
    due = {key: one["document_detail"].due_on for key, one in details.items()}
    first, last = date(2022, 2, 1), date(2022, 2, 28)
    found = documents_of(source, source.windows([Window("due", first, last)]))
    assert set(found) == {key for key, day in due.items() if day is not None and first <= day <= last}
    assert found
    source.close()


def test_notifications_name_the_tasks_that_came_since(standin: StandIn, open_source: MakeSource) -> None:
    standin.move_to(CUT_OFF - timedelta(days=4))
    source = open_source()
    before = {row.task_id for row in task_rows(source).values()}
    newest = source.hints({}).newest
    standin.move_to(CUT_OFF)
    hints = source.hints(newest)
    new = {row.task_id for row in task_rows(source).values()} - before
    assert new
    assert new <= hints.tasks
    assert source.hints(hints.newest).tasks == frozenset()
    source.close()


def test_the_offices_own_words_cover_every_status_its_lists_show(standin: StandIn, open_source: MakeSource) -> None:
    source = open_source()
    words = source.vocabularies()
    assert set(words) == set(VOCABULARIES)
    assert {row.status_label for row in task_rows(source).values()} <= {one.label for one in words["TINHTRANGCONGVIEC"]}
    assert ("-1", "Tất cả") in {(one.code, one.label) for one in words["TRANGTHAITIMKIEM"]}
    source.close()


def test_a_reading_stopped_after_any_of_its_pages_goes_on_in_another_source(
    standin: StandIn, open_source: MakeSource, undisturbed: dict[Key, tuple[object, ...]]
) -> None:
    """As a killed run does it: only what had been stored is known to the next."""
    rows: dict[Key, TaskRow] = {}
    progress: dict[Stream, Progress] = {}
    seen: dict[tuple[Stream, int], set[tuple[str, str]]] = {}
    for stop_after in (1, 2, 3, 5, 8, 1000):
        source = open_source()
        requests = []
        for stream in source.task_lists():
            at = progress.get(stream)
            if at is None or not at.done:
                met = frozenset(seen.get((stream, at.number), ())) if at else frozenset[tuple[str, str]]()
                requests.append(ListRequest(stream, at, met))
        pages = source.pages(requests)
        for _, some in zip(range(stop_after), pages, strict=False):
            for page in some:
                progress[page.stream] = page.progress
                for raw in page.rows:
                    row = NORMALISER.task_row(raw)
                    assert isinstance(row, TaskRow)
                    assert raw.key is not None
                    rows[row.key] = row
                    seen.setdefault((page.stream, page.progress.number), set()).add(raw.key)
        pages.close()  # type: ignore[attr-defined]
        source.close()
    assert all(one.complete for one in progress.values())
    assert shown(rows) == undisturbed


@pytest.mark.parametrize(
    "faults",
    [
        [Fault("cap", "getlistjob", value="10")],
        [Fault("cap", "getlistjob", value="40")],
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
    faults: list[Fault],
    standin: StandIn,
    open_source: MakeSource,
    undisturbed: dict[Key, tuple[object, ...]],
) -> None:
    source = open_source()
    standin.knobs.faults = faults
    rows = shown(task_rows(source))
    standin.knobs.faults = []
    source.close()
    assert rows == undisturbed


@pytest.mark.parametrize("cookie", [False, True])
def test_tokens_that_expire_all_the_time_lose_and_double_nothing(
    cookie: bool, standin: StandIn, open_source: MakeSource, undisturbed: dict[Key, tuple[object, ...]]
) -> None:
    standin.knobs.token_calls, standin.knobs.cookie_required = 7, cookie
    source = open_source(concurrency=8)
    assert shown(task_rows(source)) == undisturbed
    source.close()


def test_a_server_that_allows_one_session_an_account_is_read_all_the_same(
    standin: StandIn, open_source: MakeSource, undisturbed: dict[Key, tuple[object, ...]]
) -> None:
    standin.knobs.single_session = True
    source = open_source(concurrency=8)
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
