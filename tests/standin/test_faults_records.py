"""Records in other words: ids, dates, labels, texts, and other fields than before."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from connector.standin.faults import Fault
from connector.standin.server import StandIn
from tests.standin.client import Client
from tests.standin.proofs import proves
from tests.standin.test_faults import FLOW, fault
from tests.standin.test_faults_lists import LIST

Rows = list[dict[str, Any]]


@proves("numeric_ids")
@pytest.mark.parametrize(("value", "make"), [("", int), ("float", float), ("text", "{}.0".format)])
def test_ids_can_be_numbers_of_several_kinds(
    client: Client, standin: StandIn, value: str, make: Callable[[str], object]
) -> None:
    rows = client.tasks("duocgiao")
    fault(standin, "numeric_ids", path="getlistjob", value=value)
    changed = client.tasks("duocgiao")
    assert [(row["id"], row["nxlId"]) for row in changed] == [(make(row["id"]), make(row["nxlId"])) for row in rows]
    assert {type(row["id"]) for row in changed} == {type(make("1"))}
    assert client.tasks()[0]["nxlId"] is None
    fault(standin, "numeric_ids", value=value)
    assert type(client.documents("DI_DA_PHAT_HANH")[0]["id"]) is type(make("1"))


@proves("no_line")
@pytest.mark.parametrize(("value", "line"), [("", "missing"), ("null", None), ("empty", "")])
def test_the_line_of_an_assignee_can_be_missing(client: Client, standin: StandIn, value: str, line: str | None) -> None:
    fault(standin, "no_line", value=value)
    assert {row.get("nxlId", "missing") for row in client.tasks("duocgiao")} == {line}


@proves("due_form")
@pytest.mark.parametrize(("value", "lengths"), [("day", {10}), ("minute", {16}), ("second", {19})])
def test_due_dates_come_in_one_form(client: Client, standin: StandIn, value: str, lengths: set[int]) -> None:
    days = [(row["endDate"] or "")[:10] for row in client.tasks()]
    fault(standin, "due_form", value=value)
    rows = client.tasks()
    assert {len(row["endDate"]) for row in rows if row["endDate"]} == lengths
    assert [(row["endDate"] or "")[:10] for row in rows] == days
    detail = client.get(f"api/job/getdetailjobdagiao/{rows[0]['id']}/").data
    assert detail["ngayHetHan"] == (rows[0]["endDate"] or "")


@pytest.mark.parametrize(("value", "absent"), [("null", None), ("empty", "")])
def test_a_missing_due_date_is_null_or_empty(client: Client, standin: StandIn, value: str, absent: str | None) -> None:
    def without() -> Rows:
        return [row for row in client.tasks() if not row["endDate"]]

    count = len(without())
    fault(standin, "due_form", value=value)
    assert (len(without()), {row["endDate"] for row in without()}) == (count, {absent})
    assert count > 0


@proves("unknown_status")
def test_a_status_nobody_knows_shows_on_the_given_tasks_only(client: Client, standin: StandIn) -> None:
    fault(standin, "unknown_status", ids=("90121",))
    assert [row["id"] for row in client.tasks() if row["status"] == "Đang theo dõi"] == ["90121"]
    assert {row["status"] for row in client.get(FLOW).data} == {"Đang theo dõi"}, "by the id in the path"
    assert client.get("api/job/getdetailjobdagiao/90121/").data["status"] == "Đang theo dõi"
    assert client.get("api/job/getdetailjobdagiao/90050/").data["status"] != "Đang theo dõi"
    fault(standin, "unknown_status", value="Tạm dừng")
    assert {row["status"] for row in client.tasks()} == {"Tạm dừng"}


@proves("unknown_role")
def test_a_role_nobody_knows_shows_in_lists_and_among_processors(client: Client, standin: StandIn) -> None:
    fault(standin, "unknown_role")
    assert {row["vaitro"] for row in client.tasks("duocgiao")} == {"Theo dõi"}
    assert {row["vaiTro"] for row in client.get("api/job/getlistprocesser/90054/").data} == {"Theo dõi"}


@proves("broken_row")
@pytest.mark.parametrize("how", ["no_id", "bad_date", "no_object"])
def test_a_row_can_be_made_unreadable(client: Client, standin: StandIn, how: str) -> None:
    whole = client.tasks()
    fault(standin, "broken_row", ids=("90121",), value=how)
    changed = [(old, new) for old, new in zip(whole, client.tasks(), strict=True) if old != new]
    assert [old["id"] for old, _ in changed] == ["90121"]
    new = changed[0][1]
    assert {"no_id": "id" not in new, "bad_date": "32/13/2022" in str(new), "no_object": isinstance(new, str)}[how]


@proves("null_words")
@pytest.mark.parametrize("word", ["null", "none"])
def test_a_word_can_stand_for_nothing(client: Client, standin: StandIn, word: str) -> None:
    rows = client.tasks()
    fault(standin, "null_words", value=word)
    for old, new in zip(rows, client.tasks(), strict=True):
        assert new == {name: word if value in (None, "") else value for name, value in old.items()}
    assert word in {row["content"] for row in client.get(FLOW).data}


@proves("entities")
def test_names_can_be_written_with_html_entities(client: Client, standin: StandIn) -> None:
    rows, log = client.tasks(), client.get("api/document/getactivitylog/450670/").data
    fault(standin, "entities")
    coded = client.tasks()
    for name in ("name", "chuTri", "lanhDaoGiaoViec"):
        assert [html.unescape(row[name]) for row in coded] == [html.unescape(row[name]) for row in rows]
        assert all(row[name].isascii() for row in coded)
    assert [row["status"] for row in coded] == [row["status"] for row in rows], "labels stay"
    units = [unit["unit"] for unit in client.get("api/document/getactivitylog/450670/").data]
    assert [html.unescape(unit) for unit in units] == [unit["unit"] for unit in log] != units


@proves("invisible")
def test_names_and_labels_can_hold_characters_nobody_sees(client: Client, standin: StandIn) -> None:
    rows = client.tasks()
    fault(standin, "invisible")
    for old, new in zip(rows, client.tasks(), strict=True):
        for name in ("name", "status", "vaitro", "chuTri"):
            assert new[name] != old[name]
            visible = new[name].replace("\u200b", "")
            assert unicodedata.normalize("NFKC", visible) == unicodedata.normalize("NFKC", old[name])
        assert (new["id"], new["endDate"]) == (old["id"], old["endDate"])


# --- other fields than before

PLACES: list[tuple[str, str, Callable[[Client], Rows], str]] = [
    (LIST, "endDate", lambda client: client.tasks(), "endDate"),
    ("getdetailjob", "noiDung", lambda client: [client.get("api/job/getdetailjobdagiao/90050/").data], "noiDung"),
    ("getdetailjob", "files.name", lambda c: c.get("api/job/getdetailjobdagiao/90050/").data["files"], "name"),
    ("getlistjobflow", "content", lambda client: client.get(FLOW).data, "content"),
    ("getlistprocesser", "vaiTro", lambda client: client.get("api/job/getlistprocesser/90054/").data, "vaiTro"),
    ("getlistchildjob", "status", lambda client: client.get("api/job/getlistchildjob/90095/").data, "status"),
    ("getlistfile", "name", lambda client: client.get("api/job/getlistfile/90050/").data, "name"),
    ("getfileattach", "fileSize", lambda client: client.get("api/file/getfileattach/450168/").data, "fileSize"),
    ("getlistwaiting", "trichYeu", lambda client: client.documents("DI_DA_PHAT_HANH"), "trichYeu"),
    ("getactivitylog", "unit", lambda client: client.get("api/document/getactivitylog/450670/").data, "unit"),
    (
        "getactivitylog",
        "parameter.action",
        lambda c: [row for unit in c.get("api/document/getactivitylog/450670/").data for row in unit["parameter"]],
        "action",
    ),
    (
        "getlistnotify",
        "title",
        lambda c: c.post("api/notifycation/getlistnotify/v2/", {"pageNo": "1", "pageRec": "9"}).data["notifys"],
        "title",
    ),
]


@proves("add_field", "drop_field", "retype_field", "rename_field")
@pytest.mark.parametrize(("path", "field", "rows_of", "name"), PLACES, ids=lambda one: one if type(one) is str else "")
def test_a_field_of_any_record_can_come_go_or_change(
    client: Client, standin: StandIn, path: str, field: str, rows_of: Callable[[Client], Rows], name: str
) -> None:
    rows = rows_of(client)
    assert rows
    below = field.rpartition(".")[0]
    new = f"{below}.moi" if below else "moi"
    fault(standin, "add_field", path=path, name=new, value='{"a": 1}')
    assert rows_of(client) == [row | {"moi": {"a": 1}} for row in rows]
    fault(standin, "drop_field", path=path, name=field)
    assert rows_of(client) == [{key: value for key, value in row.items() if key != name} for row in rows]
    fault(standin, "retype_field", path=path, name=field, value="object")
    assert rows_of(client) == [row | {name: {"value": row[name]}} for row in rows]
    fault(standin, "rename_field", path=path, name=field, value="ten_khac")
    assert rows_of(client) == [{"ten_khac" if key == name else key: row[key] for key in row} for row in rows]


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("number", lambda old, new: new == int(old)),
        ("text", lambda old, new: new == old),
        ("list", lambda old, new: new == [old]),
        ("bool", lambda old, new: new is True),
        ("null", lambda old, new: new is None),
    ],
)
def test_a_field_can_become_of_another_type_on_one_record(
    client: Client, standin: StandIn, kind: str, check: Callable[[Any, Any], bool]
) -> None:
    before = client.tasks()
    fault(standin, "retype_field", path=LIST, name="id", value=kind, ids=("90121",))
    for old, new in zip(before, client.tasks(), strict=True):
        assert check(old["id"], new["id"]) if old["id"] == "90121" else old == new


def test_a_new_field_may_hold_plain_text_and_changes_may_follow_each_other(client: Client, standin: StandIn) -> None:
    standin.knobs.faults = [
        Fault("add_field", name="tienDo", value="50 %"),
        Fault("rename_field", name="tienDo", value="tyLe"),
        Fault("retype_field", name="tyLe", value="number"),
    ]
    assert {row["tyLe"] for row in client.tasks()} == {50}


def test_a_login_can_come_without_its_token(guest: Client, standin: StandIn) -> None:
    fault(standin, "drop_field", path="login", name="token")
    answer = guest.post("api/login/v2/", {"username": "ketnoi.vp", "password": "Thu-nghiem-1", "tokenFireBase": ""})
    assert "token" not in answer.data
    assert answer.data["username"] == "ketnoi.vp"
    fault(standin, "retype_field", path="login", name="token", value="null")
    answer = guest.post("api/login/v2/", {"username": "ketnoi.vp", "password": "Thu-nghiem-1", "tokenFireBase": ""})
    assert answer.data["token"] is None
