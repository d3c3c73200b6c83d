from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from connector.clock import FixedClock
from connector.domain.records import Stream
from connector.domain.requests import ListRequest, PartReading, PartRequest
from connector.errors import AuthNeeded, SettingsError, SourceGarbled, SourceUnavailable
from connector.ports import Source
from connector.settings import AccountSettings
from connector.sources.rest.source import RestSource
from tests.sources.conftest import NOW, PASSWORD, MakeSource, read_lists, settings
from tests.sources.fake import FakeOffice, Json, Reply, Seen, envelope, expired

DAGIAO = Stream("vnpt", "ketnoi.mau", "1001", "dagiao")
DUOCGIAO = Stream("vnpt", "ketnoi.mau", "1001", "duocgiao")


def tasks(count: int) -> list[Json]:
    return [{"id": str(90_000 + n), "nxlId": str(500 + n), "name": f"Nhiệm vụ {n}"} for n in range(count)]


def wanted(count: int, *parts: str, stream: Stream = DAGIAO) -> list[PartRequest]:
    return [PartRequest(str(n), stream, frozenset(parts or {"flow"}), "new") for n in range(count)]


def ids(rows: Iterable[Any]) -> list[str]:
    return sorted(row.payload["id"] for row in rows)


def test_it_is_a_source(make_source: MakeSource) -> None:
    source: Source = make_source()
    assert (source.name, source.requests) == ("vnpt", 0)


# -- lists -------------------------------------------------------------------------------------------------------------


def test_every_list_of_every_identity_is_read_to_its_end(office: FakeOffice, make_source: MakeSource) -> None:
    office.identities = ("5501",)
    office.lists = {"getlistjobdagiao": tasks(45), "getlistjobduocgiao": tasks(7)}
    source = make_source(concurrency=1)
    source.open()
    readings = read_lists(source, source.task_lists())
    assert [(str(one.stream), len(one.rows), one.complete) for one in readings] == [
        ("vnpt/ketnoi.mau/1001/dagiao", 45, True),
        ("vnpt/ketnoi.mau/1001/duocgiao", 7, True),
        ("vnpt/ketnoi.mau/5501/dagiao", 45, True),
        ("vnpt/ketnoi.mau/5501/duocgiao", 7, True),
    ]
    row = readings[0].rows[16]
    assert (row.kind, row.fetched_at, row.payload) == ("task_row", NOW, tasks(45)[16])
    bodies = [one.body for one in office.asked("getlistjob")]
    assert {"pageNo": 1, "pageRec": 15, "name": "", "status": ""} in bodies
    assert {"pageNo": 1, "pageRec": 15, "name": "", "status": "", "coquan": -1} in bodies
    assert source.requests == len(office.seen)


def test_document_stores_come_from_the_menu_or_from_the_settings(office: FakeOffice, make_source: MakeSource) -> None:
    office.lists = {"DI_DA_PHAT_HANH": tasks(23), "DEN_CHO_XU_LY": tasks(3)}
    for stores, expected in (("menu", {"DI_DA_PHAT_HANH": 23}), (["DEN_CHO_XU_LY", "X"], {"DEN_CHO_XU_LY": 3, "X": 0})):
        source = make_source(document_stores=stores, document_lists=())
        source.open()
        found = read_lists(source, source.document_lists())
        assert {one.stream.list: len(one.rows) for one in found} == expected
    first = office.asked("getlistwaitingdocument")[0].body
    assert first == {"pageNo": "1", "pageRec": "10", "param": "", "kho": "DI_DA_PHAT_HANH"}


def test_a_line_is_a_row_in_received_tasks_and_a_task_is_one_in_given_ones(
    office: FakeOffice, make_source: MakeSource
) -> None:
    twice = [{"id": 7, "nxlId": 1}, {"id": "7", "nxlId": "2"}, {"id": 7.0, "nxlId": 1}, "hỏng", {"name": "không mã"}]
    office.lists = {"getlistjobdagiao": twice, "getlistjobduocgiao": twice}
    source = make_source()
    source.open()
    given, received = read_lists(source, source.task_lists())
    assert (len(given.rows), len(received.rows)) == (3, 4)
    assert "hỏng" in [row.payload for row in received.rows], "what cannot be read is kept for the normaliser to reject"


def test_a_refused_list_is_incomplete_and_the_others_are_read(office: FakeOffice, make_source: MakeSource) -> None:
    office.lists = {"getlistjobduocgiao": tasks(20)}
    office.plan("getlistjobdagiao", Reply(envelope(None, "7", "Không có quyền")))
    source = make_source()
    source.open()
    given, received = read_lists(source, source.task_lists())
    assert (given.complete, given.progress.problem, given.rows) == (False, "code 7: Không có quyền", [])
    assert (received.complete, len(received.rows)) == (True, 20)


def test_a_list_that_breaks_off_keeps_what_was_read(office: FakeOffice, make_source: MakeSource) -> None:
    office.lists = {"getlistjobdagiao": tasks(40)}
    office.answer = lambda seen, _: {"no": "list"} if (seen.body or {}).get("pageNo") == 2 else None
    source = make_source(task_lists=("dagiao", "duocgiao"))
    source.open()
    given, received = read_lists(source, source.task_lists())
    assert (given.complete, len(given.rows), received.complete) == (False, 15, True)


def test_if_no_list_at_all_can_be_read_the_reading_fails(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source()
    source.open()
    office.plan("getlistjob", *[Reply(b"<html>bao tri</html>")] * 20)
    with pytest.raises(SourceGarbled):
        read_lists(source, source.task_lists())


def test_a_source_that_goes_down_raises(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source()
    source.open()
    office.plan("getlistjob", *[Reply(envelope(), 503)] * 50)
    with pytest.raises(SourceUnavailable):
        read_lists(source, source.task_lists())


def test_a_source_that_is_not_open_says_so(make_source: MakeSource) -> None:
    source = make_source()
    with pytest.raises(SourceUnavailable, match="not open"):
        source.pages([ListRequest(DAGIAO)])
    with pytest.raises(SourceUnavailable, match="not open"):
        source.parts(wanted(1))


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_pages_of_a_list_are_asked_for_than_may_be_lost_by_a_kill(
    concurrency: int, office: FakeOffice, make_source: MakeSource
) -> None:
    office.lists = {"getlistjobdagiao": tasks(200), "getlistjobduocgiao": tasks(100)}
    lock = threading.Lock()
    unstored: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def count(seen: Seen, _: str) -> None:
        name = "dagiao" if "dagiao" in seen.path else "duocgiao"
        there = 200 if name == "dagiao" else 100
        with lock:
            unstored[name] += (seen.body["pageNo"] - 1) * seen.body["pageRec"] < there  # not the empty pages
            most[name] = max(most[name], unstored[name])

    office.answer = count
    source = make_source(concurrency=concurrency)
    source.open()
    requests = [ListRequest(DAGIAO, rows=200), ListRequest(DUOCGIAO, rows=100)]
    for pages in source.pages(requests):
        with lock:
            for page in pages:
                unstored[page.stream.list] -= bool(page.rows)
    ahead = concurrency + max(2, concurrency // 2)
    assert set(most.values()) <= set(range(1, ahead + 1))


# -- logins ------------------------------------------------------------------------------------------------------------


def test_a_refused_login_ends_opening_with_exactly_one_request(office: FakeOffice, make_source: MakeSource) -> None:
    office.refuse_login = Reply(envelope(None, "1", "Sai mật khẩu"))
    source = make_source(accounts=[AccountSettings(username=name) for name in ("a", "b", "c")])
    with pytest.raises(AuthNeeded):
        source.open()
    source.close()
    assert [one.path for one in office.seen] == ["/qlvb/api/login/v2/"]


def test_an_account_without_a_password_is_a_settings_error_before_any_request(office: FakeOffice) -> None:
    source = RestSource("vnpt", settings(office.url), {}, clock=FixedClock(NOW))
    with pytest.raises(SettingsError, match=r"ketnoi\.mau"):
        source.open()
    assert office.seen == []


def test_with_the_token_expiring_under_eight_workers_one_login_more_brings_every_row_once(
    office: FakeOffice, make_source: MakeSource
) -> None:
    office.lists = {"getlistjobdagiao": tasks(200)}
    office.pause = 0.003
    source = make_source(concurrency=8, task_lists=("dagiao",))
    source.open()
    [listed] = read_lists(source, source.task_lists())
    requests = [PartRequest(one.payload["id"], DAGIAO, frozenset({"flow", "detail"}), "new") for one in listed.rows]
    office.answer = lambda seen, _: {"of": seen.path} if "getdetail" in seen.path else []
    readings: list[PartReading] = []
    for reading in source.parts(requests):
        readings.append(reading)
        if len(readings) == 100:
            office.expire()
    assert office.count("login") == 2
    assert Counter(one.request.subject for one in readings) == Counter(str(90_000 + n) for n in range(200))
    assert all(not one.failed and len(one.rows) == 2 for one in readings)
    for one in readings:
        detail = next(row for row in one.rows if row.kind == "task_detail")
        assert one.request.subject in detail.payload["of"], "no answer landed with another record"


def test_a_token_that_expires_on_page_seven_of_a_list_costs_one_login_and_no_row(
    office: FakeOffice, make_source: MakeSource
) -> None:
    office.lists = {"getlistjobdagiao": tasks(150)}
    source = make_source(task_lists=("dagiao",), concurrency=1)
    source.open()

    def expire_once(seen: Seen, _: str) -> None:
        if seen.body["pageNo"] == 6 and office.count("login") == 1:
            office.expire()

    office.answer = expire_once
    [listed] = read_lists(source, source.task_lists())
    assert (ids(listed.rows), listed.complete) == (ids_of(150), True)
    assert office.count("login") == 2
    assert [seen.body["pageNo"] for seen in office.asked("dagiao")][5:9] == [6, 7, 7, 8], "page 7 is replayed"


def ids_of(count: int) -> list[str]:
    return sorted(row["id"] for row in tasks(count))


def test_identities_that_end_each_others_session_are_read_one_after_another(
    office: FakeOffice, make_source: MakeSource
) -> None:
    office.identities, office.single_session = ("5501", "5502"), True
    office.lists = {"getlistjobdagiao": tasks(60)}
    source = make_source(concurrency=8)
    source.open()
    assert [len(one.rows) for one in read_lists(source, source.task_lists())] == [60, 0] * 3
    assert office.count("login") <= 3 + 6, "one for each change of identity, of which a list causes one at most"
    streams = [Stream("vnpt", "ketnoi.mau", one, "dagiao") for one in ("1001", "5501", "5502")]
    requests = [PartRequest(str(n), streams[n // 20], frozenset({"flow"}), "new") for n in range(60)]
    readings = list(source.parts(requests))
    assert sorted(int(one.request.subject) for one in readings) == list(range(60))
    assert not any(one.failed for one in readings)
    assert office.count("login") <= 3 + 6 + 6, "far from one a record: those of one identity come together"


def test_several_accounts_are_read_side_by_side(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source(accounts=[AccountSettings(username=name) for name in ("a", "b")], task_lists=("dagiao",))
    source.open()
    assert [one.stream.account for one in read_lists(source, source.task_lists())] == ["a", "b"]


# -- parts -------------------------------------------------------------------------------------------------------------


def test_a_part_that_fails_is_named_and_stops_nobody_else(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source(attempts=2)
    source.open()
    office.plan("getlistjobflow/3/", Reply(envelope(None, "1", "Lỗi")))
    office.plan("getlistjobflow/5/", *[Reply(b"<html>")] * 3)
    office.plan("getlistjobflow/7/", *[Reply(envelope(), 500)] * 2)
    requests = [*wanted(10, "flow", "processors"), PartRequest("../x", DAGIAO, frozenset({"flow"}), "new")]
    failed = {one.request.subject: dict(one.failed) for one in source.parts(requests) if one.failed}
    assert {subject: list(parts) for subject, parts in failed.items()} == {
        "3": ["flow"],
        "5": ["flow"],
        "7": ["flow"],
        "../x": ["flow"],
    }
    assert failed["3"]["flow"] == "code 1: Lỗi"
    assert not office.count("..")


def test_a_record_of_an_identity_no_longer_read_fails_by_itself(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source()
    source.open()
    [reading] = source.parts(wanted(1, stream=Stream("vnpt", "ketnoi.mau", "7777", "dagiao")))
    assert list(reading.failed) == ["flow"]


def test_several_records_unavailable_in_a_row_mean_the_source_is_down(
    office: FakeOffice, make_source: MakeSource
) -> None:
    source = make_source(attempts=1, concurrency=2)
    source.open()
    office.plan("getlistjobflow", *[Reply(envelope(), 503)] * 100)
    with pytest.raises(SourceUnavailable):
        list(source.parts(wanted(100)))
    assert office.count("getlistjobflow") <= 10


def test_a_login_refused_in_the_middle_ends_the_reading_with_one_login(
    office: FakeOffice, make_source: MakeSource
) -> None:
    source = make_source(concurrency=8)
    source.open()
    office.expire()
    office.refuse_login = expired()
    with pytest.raises(AuthNeeded):
        list(source.parts(wanted(50)))
    source.close()
    assert office.count("login") == 2


def test_parts_are_read_ahead_only_as_far_as_there_are_workers(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source(concurrency=3)
    source.open()
    taken: list[int] = []

    def endless() -> Iterable[PartRequest]:
        for n in range(10**9):
            taken.append(n)
            yield PartRequest(str(n), DAGIAO, frozenset({"flow"}), "new")

    readings = source.parts(endless())
    for _ in range(20):
        next(readings)
    assert len(taken) <= 20 + 2 * 3


def test_no_more_requests_are_under_way_than_configured(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source(concurrency=5)
    source.open()
    office.pause = 0.005
    assert len(list(source.parts(wanted(60)))) == 60
    assert office.most_at_once == 5


# -- figures and secrecy -----------------------------------------------------------------------------------------------


def test_secret_documents_are_the_union_of_all_codes_and_identities(
    office: FakeOffice, make_source: MakeSource
) -> None:
    office.identities = ("5501",)

    def search(seen: Seen, identity: str) -> list[Json] | None:
        if "lookupdocument" not in seen.path:
            return None
        assert len(seen.body["parameter"]) == 19
        found = {("1001", "MAT"): ["1", "2"], ("5501", "MAT"): ["2", "3"], ("5501", "TOIMAT"): ["4"]}
        key = (identity, seen.body["parameter"]["confidential"])
        return [{"id": one} for one in found.get(key, [])] if seen.body["pageNo"] == "1" else []

    office.answer = search
    source = make_source(confidential_codes={"Mật": "MAT", "Tối mật": "TOIMAT"})
    source.open()
    assert source.secret_documents() == frozenset({"1", "2", "3", "4"})


def test_if_the_server_refuses_to_search_nothing_is_known_of_secrecy(
    office: FakeOffice, make_source: MakeSource
) -> None:
    source = make_source()
    source.open()
    office.plan("lookupdocument", Reply(envelope(None, "1", "Không hỗ trợ")))
    assert source.secret_documents() is None
    source = make_source(confidential_codes={})
    source.open()
    assert source.secret_documents() is None


def test_counters_are_told_by_identity_and_their_absence_harms_nobody(
    office: FakeOffice, make_source: MakeSource
) -> None:
    menu = [{"name": "CONGVIEC_DAGIAO", "number": 2}, {"name": "X", "number": "7"}, {"name": "Y", "number": None}]
    office.answer = lambda seen, _: {"countmenu": menu, "jobreport/2": {"total": 12, "quaHan": "3"}}[
        next(part for part in ("countmenu", "jobreport/2") if part in seen.path)
    ]
    source = make_source()
    source.open()
    assert source.counters() == {
        "ketnoi.mau/1001/CONGVIEC_DAGIAO": 2,
        "ketnoi.mau/1001/X": 7,
        "ketnoi.mau/1001/jobreport.total": 12,
        "ketnoi.mau/1001/jobreport.quaHan": 3,
    }
    office.plan("countmenu", *[Reply(b"<html>")] * 3)
    office.plan("jobreport", *[Reply(envelope(), 500)] * 9)
    assert source.counters() == {}


# -- the end -----------------------------------------------------------------------------------------------------------


def test_closing_logs_every_session_out_and_never_raises(office: FakeOffice, make_source: MakeSource) -> None:
    office.identities = ("5501",)
    source = make_source()
    source.close()
    source.open()
    office.plan("logout", Reply(b"<html>", 502))
    source.close()
    source.close()
    assert office.count("logout") == 2


def test_it_can_be_opened_again(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source(task_lists=("dagiao",))
    for _ in range(2):
        source.open()
        assert [one.complete for one in read_lists(source, source.task_lists())] == [True]
        source.close()


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("what", ["lists", "parts"])
@pytest.mark.parametrize("end", ["stop", "close"])
def test_reading_ends_within_a_second_or_two_when_another_thread_says_so(
    end: str, what: str, concurrency: int, office: FakeOffice
) -> None:
    section = settings(office.url, concurrency=concurrency)
    source = RestSource("vnpt", section, {"ketnoi.mau": SecretStr(PASSWORD)}, clock=FixedClock(NOW))
    source.open()
    office.plan("getlistjob", *[Reply(pause=60)] * 100)
    timer = threading.Timer(0.2, getattr(source, end))
    timer.start()
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="stopped"):
        read_lists(source, source.task_lists()) if what == "lists" else list(source.parts(wanted(100)))
    timer.join()
    source.close()
    assert time.monotonic() - began < 3
    assert not [one.name for one in threading.enumerate() if one.name.startswith(("lists-", "rest-"))]


# -- nothing secret leaves (F90) ---------------------------------------------------------------------------------------


def test_no_password_token_cookie_or_body_appears_in_a_log_line_or_an_error(
    office: FakeOffice, make_source: MakeSource
) -> None:
    office.lists = {"getlistjobdagiao": [{"id": "1", "name": "Nội dung RIÊNG TƯ"}]}
    errors: list[str] = []
    with structlog.testing.capture_logs() as logs:
        source = make_source(attempts=3)
        office.plan("login", Reply(envelope({"token": "tok-SECRET"}), 500))
        source.open()
        office.plan("getlistjobdagiao", Reply(envelope({"x": "Nội dung RIÊNG TƯ"})[:-3]), Reply(b"RIENG TU", 500))
        office.plan("countmenu", expired(), Reply(envelope(None, "9", "token=tok-SECRET-1 sai")))
        read_lists(source, source.task_lists())
        list(source.parts(wanted(3)))
        source.counters()
        source.close()
        office.refuse_login = Reply(envelope(None, "1", f"Sai mật khẩu {PASSWORD}"))
        with pytest.raises(AuthNeeded) as caught:
            source.open()
        errors += [str(caught.value), repr(caught.value.fields), repr(source.__dict__)]
    text = repr(logs) + repr(errors)
    assert {"rest.opened", "rest.retry_scheduled", "rest.logged_in_again"} <= {line["event"] for line in logs}
    for private in ("SECRET", "COOKIE-", "Mat-khau", "RIÊNG TƯ", "RIENG TU", "Nhiệm vụ"):
        assert private not in text, text[max(0, text.find(private) - 200) :][:300]
