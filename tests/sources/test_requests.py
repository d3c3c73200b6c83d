"""The words of the API as they go over the wire: paths, bodies, keys of rows (VNPT's misspellings included)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connector.domain.records import Stream
from connector.domain.requests import PartRequest, Term, Window
from connector.errors import SourceGarbled, SourceRefused
from connector.sources.rest import requests as wire
from tests.sources.conftest import MakeSource, read_lists
from tests.sources.fake import FakeOffice, Seen

FEBRUARY = (date(2022, 2, 1), date(2022, 2, 28))
SEARCH = {
    "trichYeu": "", "soKyHieu": "", "type": "", "linhVuc": "", "priority": "", "confidential": "",
    "startDateBanHanh": "", "endDateBanHanh": "", "startDateSoanThao": "", "endDateSoanThao": "",
    "startDateHanXuLy": "", "endDateHanXuLy": "", "coQuanBanHanh": "", "soVanBan": "", "soDen": "", "txtToanVan": "",
    "searchToanVan": "0", "fieldSort": "", "sort": "",
}  # fmt: skip


def asked(office: FakeOffice, name: str) -> list[tuple[str, str, Any]]:
    return [(one.method, one.path.removeprefix("/qlvb/api/"), one.body) for one in office.asked(name)]


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("dagiao", "job/getlistjobdagiao/", {"pageNo": 1, "pageRec": 15, "name": "", "status": ""}),
        ("duocgiao", "job/getlistjobduocgiao/", {"pageNo": 1, "pageRec": 15, "name": "", "status": "", "coquan": -1}),
        ("DEN_CHO_XU_LY", "document/getlistwaitingdocument/",
         {"pageNo": "1", "pageRec": "10", "param": "", "kho": "DEN_CHO_XU_LY"}),
        ("processed", "document/getlistprocesseddocument/",
         {"pageNo": "1", "pageRec": "10", "parameter": {"param": ""}}),
        ("notify", "document/getlistnotifydocument/",
         {"pageNo": "1", "pageRec": "10", "parameter": {"param": "", "status": "TATCA"}}),
        ("outdated", "document/getlistoutdatedocument/", {"pageNo": "1", "pageRec": "10", "param": ""}),
        ("issued:2022-02-01..2022-02-28", "document/lookupdocument/",
         {"pageNo": "1", "pageRec": "10",
          "parameter": SEARCH | {"startDateBanHanh": "01/02/2022", "endDateBanHanh": "28/02/2022"}}),
        ("due:2022-02-01..2022-02-28", "document/lookupdocument/",
         {"pageNo": "1", "pageRec": "10",
          "parameter": SEARCH | {"startDateHanXuLy": "01/02/2022", "endDateHanXuLy": "28/02/2022"}}),
    ],
)  # fmt: skip
def test_every_list_is_asked_for_in_the_words_of_the_api(
    name: str, path: str, body: dict[str, Any], office: FakeOffice, make_source: MakeSource
) -> None:
    source = make_source()
    source.open()
    [listed] = read_lists(source, [Stream("vnpt", "ketnoi.mau", "1001", name)])
    assert listed.complete
    first, second = asked(office, path)
    assert first == ("POST", path, body)
    large = {"pageRec": 150} if isinstance(body["pageRec"], int) else {"pageRec": "100"}
    assert second == ("POST", path, body | large)
    assert [type(value) for value in first[2].values()] == [type(value) for value in body.values()]


def test_the_lists_of_a_source_are_those_of_the_settings_for_every_identity(
    office: FakeOffice, make_source: MakeSource
) -> None:
    office.identities = ("5501",)
    source = make_source()
    source.open()
    assert [(one.identity, one.list, one.kind) for one in source.task_lists()] == [
        (identity, name, "task") for identity in ("1001", "5501") for name in ("dagiao", "duocgiao")
    ]
    assert [(one.identity, one.list, one.kind) for one in source.document_lists()] == [
        (identity, name, "document")
        for identity in ("1001", "5501")
        for name in ("DI_DA_PHAT_HANH", "processed", "notify", "outdated")
    ]
    windows = [Window("issued", *FEBRUARY), Window("due", *FEBRUARY)]
    assert [(one.identity, one.list, one.kind) for one in source.windows(windows)] == [
        (identity, f"{field}:2022-02-01..2022-02-28", "document")
        for identity in ("1001", "5501")
        for field in ("issued", "due")
    ]
    some = make_source(task_lists=("duocgiao",), document_stores=["K", "K"], document_lists=("outdated",))
    some.open()
    assert {one.list for one in some.task_lists()} == {"duocgiao"}
    assert [one.list for one in some.document_lists() if one.identity == "1001"] == ["K", "outdated"]


def test_rows_of_a_list_come_with_their_place_and_their_key(office: FakeOffice, make_source: MakeSource) -> None:
    office.lists = {"lookupdocument": [{"id": 450_000 + n, "nxlId": "5"} for n in range(23)]}
    source = make_source()
    source.open()
    [window] = source.windows([Window("issued", *FEBRUARY)])
    [listed] = read_lists(source, [window])
    assert [row.position for row in listed.rows] == list(range(23)), "counted over the whole list"
    assert {(row.kind, row.key, row.subject) for row in listed.rows} == {
        ("document_row", (str(450_000 + n), ""), None) for n in range(23)
    }


@pytest.mark.parametrize(
    ("name", "row", "key"),
    [
        ("duocgiao", {"id": 7.0, "nxlId": "31"}, ("7", "31")),
        ("duocgiao", {"id": "7", "nxlId": None}, ("7", "")),
        ("duocgiao", {"id": "7", "nxlId": ["?"]}, ("7", "")),
        ("dagiao", {"id": "7", "nxlId": "31"}, ("7", "")),
        ("processed", {"id": "7"}, ("7", "")),
        ("dagiao", {"id": None}, None),
        ("dagiao", {"id": {"x": 1}}, None),
        ("dagiao", "hỏng", None),
        ("dagiao", None, None),
    ],
)
def test_a_row_is_told_by_its_id_and_in_received_tasks_by_its_line(name: str, row: Any, key: Any) -> None:
    assert wire.key_of(name)(row) == key


@pytest.mark.parametrize("name", ["issued:2022-02-01..2022-02-28", "due:2021-12-01..2021-12-31"])
def test_a_window_and_its_list_have_one_name(name: str) -> None:
    window = Window.parse(name)
    assert str(window) == name


@pytest.mark.parametrize("name", ["dagiao", "DEN_CHO_XU_LY", "issued:2022-02-01", "read:2022-02-01..2022-02-28"])
def test_other_lists_are_no_windows(name: str) -> None:
    assert Window.parse(name) is None


# -- parts of a record -------------------------------------------------------------------------------------------------


def test_each_part_is_asked_where_the_api_keeps_it(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source(concurrency=1)
    source.open()
    of_task = frozenset({"detail", "flow", "processors", "children", "files"})
    of_document = frozenset({"log", "related", "files"})
    given, received, store = (Stream("vnpt", "ketnoi.mau", "1001", name) for name in ("dagiao", "duocgiao", "K"))
    readings = list(
        source.parts([
            PartRequest("7", given, of_task, "new"),
            PartRequest("8", received, of_task, "new", "31"),
            PartRequest("9", store, of_document, "new"),
        ])
    )  # fmt: skip
    assert [(one.method, one.path.removeprefix("/qlvb/api/")) for one in office.seen[1:]] == [
        ("GET", "job/getlistchildjob/7/"),
        ("GET", "job/getdetailjobdagiao/7/"),
        ("GET", "job/getlistfile/7/"),
        ("GET", "job/getlistjobflow/7/"),
        ("GET", "job/getlistprocesser/7/"),
        ("GET", "job/getlistchildjob/8/"),
        ("GET", "job/getdetailjobduocgiao/8/31/"),
        ("GET", "job/getlistfile/8/"),
        ("GET", "job/getlistjobflow/8/"),
        ("GET", "job/getlistprocesser/8/"),
        ("GET", "file/getfileattach/9/"),
        ("GET", "document/getactivitylog/9/"),
        ("GET", "document/getdocrelated/9/"),
    ]
    assert [(row.kind, row.subject) for one in readings for row in one.rows] == [
        *((f"task_{part}", task) for task in ("7", "8") for part in sorted(of_task)),
        *((f"document_{part}", "9") for part in sorted(of_document)),
    ]
    assert not any(one.failed for one in readings)


def test_a_received_task_without_a_line_has_no_detail_to_ask_for(office: FakeOffice, make_source: MakeSource) -> None:
    source = make_source()
    source.open()
    received = Stream("vnpt", "ketnoi.mau", "1001", "duocgiao")
    [reading] = source.parts([PartRequest("7", received, frozenset({"detail", "flow"}), "new")])
    assert list(reading.failed) == ["detail"]
    assert "nxlId" in reading.failed["detail"]
    assert [row.kind for row in reading.rows] == ["task_flow"]
    with pytest.raises(SourceRefused):
        wire.part("detail", PartRequest("7", received, frozenset({"detail"}), "new"))


DETAIL = PartRequest("9", Stream("vnpt", "ketnoi.mau", "1001", "K"), frozenset({"detail", "files"}), "new")


def test_document_detail_is_not_sent_as_it_may_mark_the_document_as_read(
    office: FakeOffice, make_source: MakeSource
) -> None:
    source = make_source()
    source.open()
    [reading] = source.parts([DETAIL])
    assert list(reading.failed) == ["detail"]
    assert "not on the allow-list" in reading.failed["detail"]
    assert [row.kind for row in reading.rows] == ["document_files"], "the other parts are read all the same"
    assert office.count("getdetaildocument") == 0


def test_document_detail_is_sent_only_where_the_settings_allow_it(office: FakeOffice, make_source: MakeSource) -> None:
    office.answer = lambda seen, _: {"hanGiaiQuyet": "20/09/2025"} if "getdetaildocument" in seen.path else None
    source = make_source(read_document_detail=True)
    source.open()
    [reading] = source.parts([DETAIL])
    assert asked(office, "getdetaildocument") == [("GET", "document/getdetaildocument/9/", None)]
    assert not reading.failed
    assert [row.payload for row in reading.rows if row.kind == "document_detail"] == [{"hanGiaiQuyet": "20/09/2025"}]


# -- vocabularies ------------------------------------------------------------------------------------------------------


def test_every_vocabulary_is_read_where_the_api_keeps_it(office: FakeOffice, make_source: MakeSource) -> None:
    answers: dict[str, list[dict[str, Any]]] = {
        "getliststatus/TRANGTHAITIMKIEM": [{"name": "Tất cả", "value": -1}, {"name": "Chưa hoàn thành", "value": 0}],
        "getliststatus/MUCDOCONGVIEC": [{"name": "Khẩn", "value": "2"}],
        "job/getlistunit": [
            {"id": "U1200", "name": "UBND tỉnh (mẫu)", "parentId": "0", "level": 1, "unitId": "1200"},
            {"id": "U1310", "name": "Sở Mẫu A", "parentId": "U1200", "level": 2, "unitId": "1310"},
        ],
        "document/getlistunit/": [{"id": 1310, "name": "Sở Mẫu A"}],
        "getlisttypecode": [{"code": "CV", "name": "Công văn"}],
    }

    def answer(seen: Seen, _: str) -> Any:
        return next((rows for path, rows in answers.items() if path in seen.path), None)

    office.answer = answer
    source = make_source()
    source.open()
    found = source.vocabularies()
    assert {one.method for one in office.seen[1:]} == {"GET"}
    assert sorted(one.path.removeprefix("/qlvb/api/") for one in office.seen[1:]) == sorted([
        "job/getliststatus/TRANGTHAITIMKIEM/", "job/getliststatus/TINHTRANGCONGVIEC/",
        "job/getliststatus/MUCDOCONGVIEC/", "job/getliststatus/DANHGIACONGVIEC/", "job/getlistunit/",
        "document/getlisttypecode/", "document/getlistfield/", "document/getlistpriority/", "document/getlistunit/",
        "document/getlistunitpublish/",
    ])  # fmt: skip
    assert found == dict.fromkeys(wire.VOCABULARIES, ()) | {
        "TRANGTHAITIMKIEM": (Term("-1", "Tất cả"), Term("0", "Chưa hoàn thành")),
        "MUCDOCONGVIEC": (Term("2", "Khẩn"),),
        "unit": (Term("U1200", "UBND tỉnh (mẫu)", "0"), Term("U1310", "Sở Mẫu A", "U1200")),
        "document_unit": (Term("1310", "Sở Mẫu A"),),
        "type": (Term("CV", "Công văn"),),
    }


@pytest.mark.parametrize("data", [{"x": 1}, "x", 7])
def test_what_is_no_list_is_garbled(data: Any) -> None:
    with pytest.raises(SourceGarbled):
        wire.terms("unit", data)
    assert wire.rows(None) == []


# -- notifications -----------------------------------------------------------------------------------------------------


def test_the_record_of_a_notification_is_the_part_after_the_first_bar_of_its_link() -> None:
    rows: list[Any] = [
        {"id": "71001", "link": "CV|90215|311870", "type": "3"},
        {"id": 71002, "link": "VB| 450123 ", "type": 1},
        {"id": "71003", "link": "lichcongtac", "type": "5"},
        {"id": "71004", "link": None, "type": None},
        {"link": "CV|90216", "type": "3"},
        "hỏng",
    ]
    assert wire.notices({"count": "6", "notifys": rows}) == [
        ("71001", "3", "90215"), ("71002", "1", "450123"), ("71003", "5", ""), ("71004", "", ""),
    ]  # fmt: skip
    assert wire.notices({"count": "0", "notifys": None}) == wire.notices(None) == []
