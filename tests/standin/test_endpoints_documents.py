from __future__ import annotations

from datetime import date

from connector.standin.endpoints_documents import SEARCH_KEYS
from connector.standin.server import StandIn
from connector.standin.timeline import packaged
from connector.standin.world import World
from tests.standin.client import Client, local
from tests.standin.proofs import proves

SEARCH = dict.fromkeys(SEARCH_KEYS, "")


def search(client: Client, **wanted: str) -> list[dict[str, str]]:
    body = {"pageNo": "1", "pageRec": "1000", "parameter": SEARCH | wanted}
    rows: list[dict[str, str]] = client.post("api/document/lookupdocument/", body).data
    return rows


def test_documents_stand_in_their_stores_with_strings_only(client: Client) -> None:
    issued, incoming = client.documents("DI_DA_PHAT_HANH"), client.documents("DEN_DA_XU_LY")
    assert {row["coQuanBanHanh"] for row in issued} == {"UBND tỉnh Lạng Sơn"}
    assert {row["congVanDenDi"] for row in issued} == {"2"}
    assert {row["congVanDenDi"] for row in incoming} == {"1"}
    assert {row["doKhan"] for row in issued} == {"Thường", "Hỏa tốc"}
    assert "null" in {row["ngayNhan"] for row in issued}
    assert all(isinstance(value, str | None) for row in issued for value in row.values())
    assert "soKihieu" in issued[0]


def test_the_count_call_gives_pages_and_records(client: Client) -> None:
    total = len(client.documents("DI_DA_PHAT_HANH"))
    body = {"pageNo": "-1", "pageRec": "10", "param": "", "kho": "DI_DA_PHAT_HANH"}
    assert client.post("api/document/getpagingwaitingdocument/", body).data == {
        "pageNo": -(-total // 10),
        "pageRec": total,
    }


def listed(client: Client, name: str, **body: object) -> list[dict[str, str]]:
    """A whole document list, its count checked."""
    page: dict[str, object] = {"pageNo": "1", "pageRec": "1000", **body}
    rows: list[dict[str, str]] = client.post(f"api/document/getlist{name}/", page).data
    count = name.replace("lookupbyparam", "paginglookupbyparam").replace("signed", "pagingsigned")
    path = count if count != name else f"getpaging{name}"
    assert client.post(f"api/document/{path}/", page).data["pageRec"] == len(rows)
    return rows


def test_every_document_list_of_the_allow_list_answers(client: Client, standin: StandIn) -> None:
    processed = listed(client, "processeddocument", parameter={"param": ""})
    assert processed == client.documents("DEN_DA_XU_LY")
    assert listed(client, "signeddocument", parameter={"param": ""}) == []
    assert len(listed(client, "lookupbyparam", param="41/UBND-KGVX")) >= 1
    assert listed(client, "lookupbyparam", param="không có") == []
    for name in ("typecode", "field", "priority", "unit", "unitpublish"):
        assert client.get(f"api/document/getlist{name}/").data
    assert standin.ledger.violations == []


def test_documents_to_be_known_are_answers_to_others_tasks_and_what_no_task_rests_on(client: Client) -> None:
    shown = listed(client, "notifydocument", parameter={"param": "", "status": "TATCA"})
    assert client.counters()["XEM_DE_BIET"] == len(shown) > 1
    assert {row["isChuTri"] for row in shown} == {"FALSE"}
    outgoing = [row["id"] for row in shown if row["congVanDenDi"] == "2"]
    assert outgoing == ["450166"]
    client.get(f"api/document/getdetaildocument/{shown[0]['id']}/")
    unread = listed(client, "notifydocument", parameter={"param": "", "status": "CHUADOC"})
    assert [row["id"] for row in unread] == [row["id"] for row in shown[1:]]
    with Client(client.url) as other:
        other.login("ketnoi.thnc", "Thu-nghiem-2")
        theirs = listed(other, "notifydocument", parameter={"param": "", "status": "TATCA"})
    assert {row["id"] for row in theirs} != {row["id"] for row in shown}


def test_outdated_documents_are_those_with_a_task_past_its_due_date_and_not_done(
    client: Client, standin: StandIn
) -> None:
    late = {row["id"] for row in listed(client, "outdatedocument", param="")}
    by_deadline = {row["id"] for row in search(client, endDateHanXuLy="27/02/2022")}
    assert late < by_deadline, "others were due as well, but are done"
    for document in late:
        deadline = client.get(f"api/document/getdetaildocument/{document}/").data["hanGiaiQuyet"]
        day, month, year = deadline.split("/")
        assert (year, month, day) < ("2022", "02", "28")
    assert client.get("api/report/documentreport/").data["diQuaHan"] == str(len(late))
    state = World(*packaged()).at(standin.now)
    assert late == {
        document.id
        for document in state.documents.values()
        for task in map(state.tasks.__getitem__, document.tasks)
        if document.outgoing and not task.deleted and task.due and task.due < date(2022, 2, 28)
        and task.label not in ("Đã hoàn thành", "Đã hủy")
    }  # fmt: skip


def test_the_deadline_of_a_document_is_the_earliest_of_its_tasks_and_moves_with_an_extension(
    client: Client, standin: StandIn
) -> None:
    def deadline() -> str | None:
        found: str | None = client.get(f"api/document/getdetaildocument/{document}/").data["hanGiaiQuyet"]
        return found

    task = World(*packaged()).at(local("2022-02-11 08:00")).task("90035")
    assert task is not None
    document = (task.created.doc or "").removeprefix("D")
    standin.move_to(local("2022-02-11 08:18"))
    before = deadline()
    standin.move_to(local("2022-02-11 17:40"))
    assert (before != deadline(), deadline()) == (True, "18/02/2022")
    found = search(client, startDateHanXuLy="18/02/2022", endDateHanXuLy="18/02/2022")
    assert document in [row["id"] for row in found]
    assert document not in [row["id"] for row in search(client, startDateHanXuLy="19/02/2022")]
    answer = client.documents("DEN_DA_XU_LY")[0]["id"]
    assert client.get(f"api/document/getdetaildocument/{answer}/").data["hanGiaiQuyet"] is None


def test_windows_of_deadlines_join_to_all_documents_with_one(client: Client) -> None:
    dated = search(client, startDateHanXuLy="01/01/2020")
    split = search(client, endDateHanXuLy="10/02/2022") + search(client, startDateHanXuLy="11/02/2022")
    assert sorted(row["id"] for row in split) == sorted(row["id"] for row in dated)
    assert 0 < len(dated) < len(search(client))


def test_attachments_are_there_when_the_list_says_so_and_the_related_files_are_those_of_the_answers(
    client: Client,
) -> None:
    answered = 0
    for row in client.documents("DI_DA_PHAT_HANH")[:60]:
        attached = client.get(f"api/file/getfileattach/{row['id']}/").data
        assert bool(attached) == (row["hasFile"] != "none")
        related = client.get(f"api/document/getdocrelated/{row['id']}/").data
        expected = [
            {name: file[name] for name in ("id", "name", "attachmentId", "creator")}
            for one in related
            for file in client.get(f"api/file/getfileattach/{one['id']}/").data
        ]
        assert client.get(f"api/file/getfilerelated/{row['id']}/").data == expected
        answered += bool(expected)
    assert answered > 3


def test_the_search_takes_windows_of_issue_dates_with_both_ends(client: Client) -> None:
    found = search(client, startDateBanHanh="10/02/2022", endDateBanHanh="11/02/2022")
    assert {row["ngayVanBan"] for row in found} == {"10/02/2022", "11/02/2022"}
    assert len(search(client)) == len(found) + len(search(client, endDateBanHanh="09/02/2022")) + len(
        search(client, startDateBanHanh="12/02/2022")
    )
    found = search(client, soKyHieu="41/UBND-KGVX", coQuanBanHanh="UBND tỉnh")
    assert [row["soKihieu"] for row in found] == ["41/UBND-KGVX", "241/UBND-KGVX"]


def test_only_the_secrecy_filter_and_the_detail_tell_a_secret_document(client: Client) -> None:
    secret = search(client, confidential="MAT")
    assert [row["id"] for row in secret] == ["450166"]
    assert all("Mật" not in str(row) for row in client.documents("DI_DA_PHAT_HANH"))
    assert client.get("api/document/getdetaildocument/450166/").data["doMat"] == "Mật"
    assert client.get("api/document/getdetaildocument/450009/").data["doMat"] == "Thường"


@proves("secrecy_ignored")
def test_a_search_can_ignore_the_secrecy_asked_for(client: Client, standin: StandIn) -> None:
    assert len(search(client, confidential="MAT")) == 1
    standin.knobs.secrecy_ignored = True
    assert len(search(client, confidential="MAT")) == len(search(client)) > 1


def test_the_subject_of_a_secret_document_shows_in_lists_and_detail_only(client: Client) -> None:
    subject = "CANARY-MAT-4711"
    assert any(subject in row["trichYeu"] for row in client.documents("DI_DA_PHAT_HANH"))
    for path in ("document/getactivitylog", "document/getdocrelated", "file/getfileattach", "file/getfilerelated"):
        assert subject not in client.get(f"api/{path}/450166/").body.decode()
    assert not any(subject in row["trichYeu"] for row in client.documents("DEN_DA_XU_LY"))


def test_the_activity_log_names_recipients_and_each_agency_step(client: Client, standin: StandIn) -> None:
    log = client.get("api/document/getactivitylog/450670/").data
    assert log[0]["unit"] == "UBND tỉnh Lạng Sơn"
    sent = log[0]["parameter"][0]
    assert (sent["action"], sent["updateDate"]) == ("Phát hành", "20/12/2021 08:42")
    assert sent["chuyenToi"] == "XLC: huyện Đình Lập|PH: UBND huyện Hữu Lũng; Sở Kế hoạch và Đầu tư|XEM: |XYK: "
    steps = next(unit["parameter"] for unit in log if unit["unit"] == "Sở Kế hoạch và Đầu tư")
    assert [row["action"] for row in steps][:3] == ["Tiếp nhận", "Chuyển xử lý", "Phân công"]
    standin.move_to(local("2021-12-20 08:46"))
    log = client.get("api/document/getactivitylog/450670/").data
    assert [len(unit["parameter"]) for unit in log] == [1, 1]


def test_the_answer_is_related_to_its_source_and_comes_from_the_agency(client: Client) -> None:
    related = client.get("api/document/getdocrelated/450168/").data
    assert related == [{"id": "450169", "name": "Báo cáo 856/BC-SOYT", "ngayVanBan": "07/02/2022"}]
    answer = next(row for row in client.documents("DEN_DA_XU_LY") if row["id"] == "450169")
    assert answer["coQuanBanHanh"] == "Sở Y tế"


@proves("detail_marks_read")
def test_opening_a_document_marks_it_read_for_this_identity_alone(client: Client, standin: StandIn) -> None:
    def read_by(one: Client) -> set[str]:
        return {row["id"] for row in one.documents("DI_DA_PHAT_HANH") if row["isRead"] == "TRUE"}

    assert read_by(client) == set()
    client.get("api/document/getdetaildocument/450009/")
    assert read_by(client) == {"450009"}
    standin.knobs.detail_marks_read = False
    client.get("api/document/getdetaildocument/450011/")
    assert read_by(client) == {"450009"}
    with Client(standin.url) as other:
        other.login("ketnoi.thnc", "Thu-nghiem-2")
        assert read_by(other) == set()
