from __future__ import annotations

from connector.standin.endpoints_documents import SEARCH_KEYS
from connector.standin.server import StandIn
from tests.standin.client import Client, local

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


def test_every_document_list_of_the_allow_list_answers(client: Client, standin: StandIn) -> None:
    page: dict[str, object] = {"pageNo": "1", "pageRec": "10"}
    asked: dict[str, dict[str, object]] = {
        "processed": {"parameter": {"param": ""}},
        "notify": {"parameter": {"param": "", "status": "TATCA"}},
        "outdate": {"param": ""},
    }
    for name, body in asked.items():
        rows = client.post(f"api/document/getlist{name}document/", page | body).data
        count = client.post(f"api/document/getpaging{name}document/", page | body).data
        assert (count["pageRec"] >= len(rows), len(rows) == 10) == (True, name == "processed")
    assert client.post("api/document/getlistsigneddocument/", page | {"parameter": {"param": ""}}).data == []
    assert client.post("api/document/pagingsigneddocument/", page | {"parameter": {"param": ""}}).data["pageRec"] == 0
    assert len(client.post("api/document/getlistlookupbyparam/", page | {"param": "41/UBND-KGVX"}).data) >= 1
    assert client.post("api/document/paginglookupbyparam/", page | {"param": "không có"}).data["pageRec"] == 0
    for name in ("typecode", "field", "priority", "unit", "unitpublish"):
        assert client.get(f"api/document/getlist{name}/").data
    assert standin.ledger.violations == []


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
