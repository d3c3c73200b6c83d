from __future__ import annotations

import pytest

from connector.standin.server import StandIn
from tests.standin.client import Client, local

SEARCH = dict.fromkeys(
    "trichYeu soKyHieu type linhVuc priority confidential startDateBanHanh endDateBanHanh startDateSoanThao "
    "endDateSoanThao startDateHanXuLy endDateHanXuLy coQuanBanHanh soVanBan soDen txtToanVan searchToanVan fieldSort "
    "sort".split(),
    "",
)


def search(client: Client, **wanted: str) -> list[dict[str, str]]:
    body = {"pageNo": "1", "pageRec": "1000", "parameter": SEARCH | wanted}
    rows: list[dict[str, str]] = client.post("api/document/lookupdocument/", body).data
    return rows


# --- session


@pytest.mark.parametrize("path", ["api/login/", "api/login/v2/", "api/login/v3/"])
def test_every_login_generation_gives_a_token_a_cookie_and_the_stores(guest: Client, path: str) -> None:
    guest.login(path=path)
    assert guest.cookie.startswith("JSESSIONID=")
    assert [child["param"] for menu in guest.welcome["menu"] for child in menu["child"]] == guest.welcome["kho"]
    assert guest.welcome["switchUser"] == [{"userid": "5501", "name": "Tổ công tác (kiêm nhiệm)"}]
    assert len(guest.tasks()) > 100


@pytest.mark.parametrize("token", ["", "tok-khac"])
def test_a_missing_or_wrong_token_is_answered_with_401(guest: Client, token: str) -> None:
    guest.token = token
    reply = guest.get("api/job/getlistjobflow/90141/")
    assert (reply.status, reply.json["status"]["code"]) == (401, "error_authentication_required")


def test_a_wrong_password_is_a_business_error_with_a_vietnamese_message(guest: Client, standin: StandIn) -> None:
    reply = guest.login(password="sai")
    assert (reply.status, reply.json["status"]["code"], reply.json["data"]) == (200, "1", None)
    assert "mật khẩu" in reply.json["status"]["message"]
    standin.knobs.refused_login = "401"
    assert guest.login(password="sai").status == 401


def test_switching_gives_a_new_token_ends_the_old_one_and_shows_the_other_lists(client: Client) -> None:
    old, mine = client.token, {row["id"] for row in client.tasks()}
    client.switch("5501")
    assert client.welcome["unitName"] == "Tổ công tác (kiêm nhiệm)"
    other = {row["id"] for row in client.tasks()}
    assert len(other) == 13
    assert other != mine
    client.token = old
    assert client.get("api/document/countmenu/").status == 401


def test_an_identity_of_another_account_cannot_be_switched_to(client: Client) -> None:
    assert client.get("api/switch/1002/").json["status"]["code"] == "1"


def test_after_logout_the_token_is_dead(client: Client) -> None:
    assert client.get("api/logout/").data is None
    assert client.get("api/document/countmenu/").status == 401


def test_a_token_needs_its_cookie_where_the_server_wants_one(client: Client, standin: StandIn) -> None:
    standin.knobs.cookie_required = True
    assert client.get("api/document/countmenu/").status == 200
    client.cookie = ""
    assert client.get("api/document/countmenu/").status == 401


# --- tasks


def test_rows_of_given_and_received_tasks_have_the_fields_and_types_of_the_wire(client: Client) -> None:
    given, received = client.tasks()[0], client.tasks("duocgiao")[0]
    names = "id nxlId name status vaitro chuTri lanhDaoGiaoViec startDate endDate mucDo dondoc statusDanhGia"
    assert list(given) == list(received) == [*names.split(), "noiDungDanhGia"]
    assert given["nxlId"] is None
    assert given["dondoc"] is False
    assert received["nxlId"].isdigit()


def test_a_task_with_two_lines_is_two_rows(client: Client) -> None:
    lines = [row["nxlId"] for row in client.tasks("duocgiao") if row["id"] == "90051"]
    assert lines == ["4000481", "4000482"]


def test_lists_are_newest_first_and_keep_entities_as_they_are(client: Client) -> None:
    rows = client.tasks()
    days = [tuple(reversed(row["startDate"][:10].split("/"))) for row in rows]
    assert days == sorted(days, reverse=True)
    assert "KT&amp;XH &lt;bản trình&gt;" in next(row["name"] for row in rows if row["id"] == "90107")


def test_dates_come_with_and_without_a_time_and_stay_as_they_are(client: Client) -> None:
    rows = client.tasks()
    assert {len(row["startDate"]) for row in rows} == {10, 16, 19}
    assert {len(row["endDate"] or "") for row in rows} == {0, 10, 16, 19}
    assert rows == client.tasks()


@pytest.mark.parametrize("size", [1, 11, 14, 15, 77, 154, 155])
def test_pages_join_to_the_whole_list_and_end_with_an_empty_page(client: Client, size: int) -> None:
    whole, pages = client.tasks(), []
    while page := client.tasks(number=len(pages) + 1, size=size):
        pages.append(page)
    assert [row for page in pages for row in page] == whole
    assert len(whole) == 154  # an exact multiple of 1, 11, 14, 77 and 154
    assert all(len(page) == size for page in pages[:-1])


def test_the_name_and_status_filters_of_the_list_work(client: Client) -> None:
    values = {row["name"]: row["value"] for row in client.get("api/job/getliststatus/TRANGTHAITIMKIEM/").data}
    assert values["Tất cả"] == -1
    body = {"pageNo": 1, "pageRec": 500, "name": "THAM MƯU", "status": str(values["Đã hủy"])}
    rows = client.post("api/job/getlistjobdagiao/", body).data
    assert rows
    assert {row["status"] for row in rows} == {"Đã hủy"}
    assert all("tham mưu" in row["name"].lower() for row in rows)


@pytest.mark.parametrize(
    ("task", "before", "at", "label", "then"),
    [
        ("90041", "2022-02-15 15:37", "2022-02-15 15:38", "Đang thực hiện", "Đã hoàn thành"),
        ("90041", "2022-02-17 13:27", "2022-02-17 13:28", "Đã hoàn thành", "Chưa hoàn thành"),
        ("90048", "2022-02-15 14:47", "2022-02-15 14:48", "Đã hoàn thành", "Trả lại"),
        ("90061", "2022-02-14 16:40", "2022-02-14 16:41", "Đang thực hiện", "Đã hủy"),
        ("90114", "2022-02-28 16:29", "2022-02-28 16:30", "Chưa hoàn thành", "Chờ phê duyệt"),
    ],
)
def test_labels_change_at_their_events(
    client: Client, standin: StandIn, task: str, before: str, at: str, label: str, then: str
) -> None:
    shown = []
    for moment in (before, at):
        standin.move_to(local(moment))
        shown += [row["status"] for row in _everywhere(standin) if row["id"] == task][:1]
    assert shown == [label, then]


def _everywhere(standin: StandIn) -> list[dict[str, str]]:
    """Rows of all lists of all identities."""
    rows = []
    for username, password, identities in (
        ("ketnoi.vp", "Thu-nghiem-1", ["1001", "5501"]),
        ("ketnoi.thnc", "Thu-nghiem-2", ["1002"]),
    ):
        with Client(standin.url) as client:
            client.login(username, password)
            for identity in identities:
                client.switch(identity)
                rows += client.tasks("dagiao") + client.tasks("duocgiao")
    return rows


def test_the_number_of_visible_tasks_follows_the_timeline(standin: StandIn) -> None:
    counts = []
    for moment in (
        "2021-12-20 08:48",
        "2021-12-31 23:30",
        "2022-01-31 23:30",
        "2022-02-14 23:30",
        "2022-02-28 23:59:59",
    ):
        standin.now = local(moment)
        counts.append(len({row["id"] for row in _everywhere(standin)}))
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == 217 - len(["90073", "90075"])  # all created so far but the two deleted ones


def test_a_task_hidden_for_a_day_is_gone_and_comes_back(standin: StandIn) -> None:
    there = []
    for moment in ("2022-02-14 11:59", "2022-02-14 12:00", "2022-02-15 11:59", "2022-02-15 12:00"):
        standin.move_to(local(moment))
        there.append("90080" in {row["id"] for row in _everywhere(standin)})
    assert there == [True, False, False, True]


def test_a_deleted_task_is_gone_from_lists_and_details(standin: StandIn) -> None:
    standin.move_to(local("2022-02-15 15:47"))
    assert "90073" in {row["id"] for row in _everywhere(standin)}
    standin.move_to(local("2022-02-15 15:48"))
    assert "90073" not in {row["id"] for row in _everywhere(standin)}
    with Client(standin.url) as client:
        client.login()
        assert client.get("api/job/getlistjobflow/90073/").json["status"]["code"] == "1"


def test_a_lead_change_shows_in_the_list_and_among_the_processors(client: Client, standin: StandIn) -> None:
    shown = []
    for moment in ("2022-02-14 09:25", "2022-02-14 09:26"):
        standin.move_to(local(moment))
        row = client.task("90121")
        assert row is not None
        lines = client.get("api/job/getlistprocesser/90121/").data
        shown.append((row["chuTri"], [(line["name"], line["vaiTro"]) for line in lines]))
    assert shown == [
        ("Sở Tư pháp", [("Sở Tư pháp", "Xử lý chính"), ("Sở Y tế", "Phối hợp")]),
        ("Sở Y tế", [("Sở Y tế", "Xử lý chính")]),
    ]


def test_a_removed_line_leaves_the_lead_alone(client: Client, standin: StandIn) -> None:
    standin.move_to(local("2022-02-14 12:39"))
    assert len(client.get("api/job/getlistprocesser/90125/").data) == 2
    standin.move_to(local("2022-02-14 12:40"))
    assert [line["name"] for line in client.get("api/job/getlistprocesser/90125/").data] == ["Sở Tư pháp tỉnh Lạng Sơn"]


def test_a_co_operating_line_done_does_not_finish_the_task(client: Client) -> None:
    row = client.task("90054")
    assert row is not None
    lines = client.get("api/job/getlistprocesser/90054/").data
    assert row["status"] == "Chưa hoàn thành"
    assert [line["status"] for line in lines] == ["Chưa hoàn thành", "Đã hoàn thành", "Chưa hoàn thành"]


def test_urging_and_evaluation_show_in_the_list(standin: StandIn) -> None:
    rows = {row["id"]: row for row in _everywhere(standin)}
    assert rows["90120"]["dondoc"] is True
    assert (rows["90117"]["statusDanhGia"], rows["90117"]["noiDungDanhGia"]) == ("Tốt", "Đúng yêu cầu")


def test_the_flow_tells_reports_and_evidence_but_no_time(client: Client) -> None:
    task = next(row["id"] for row in client.tasks() if row["status"] == "Đã hoàn thành")
    rows = client.get(f"api/job/getlistjobflow/{task}/").data
    assert all(set(row) == {"name", "content", "status", "startDate", "endDate", "files"} for row in rows)
    inside = [row for row in rows if row["content"] is None]
    assert [row["name"].startswith("Phòng Mẫu") for row in inside] == [True]
    assert rows[-1]["content"].startswith("Đã hoàn thành, kết quả tại")
    assert isinstance(rows[-1]["files"][0]["id"], int)


def test_details_follow_the_list_they_belong_to(client: Client) -> None:
    row = client.tasks("duocgiao")[0]
    detail = client.get(f"api/job/getdetailjobduocgiao/{row['id']}/{row['nxlId']}/").data
    assert (detail["name"], detail["ngayHetHan"]) == (row["name"], row["endDate"])
    assert "<p>Thực hiện <b>Công văn số" in detail["noiDung"]
    assert client.get(f"api/job/getdetailjobduocgiao/{row['id']}/999/").json["status"]["code"] == "1"
    given = client.tasks()[0]["id"]
    assert client.get(f"api/job/getdetailjobdagiao/{given}/").data["status"]


def test_children_are_listed_without_an_id(client: Client) -> None:
    children = client.get("api/job/getlistchildjob/90095/").data
    assert len(children) == 3
    assert {tuple(child) for child in children} == {("name", "content", "status")}


def test_pick_lists_reports_and_notices_answer(client: Client) -> None:
    assert {unit["name"] for unit in client.get("api/job/getlistunit/").data} >= {"Sở Y tế", "UBND tỉnh Lạng Sơn"}
    assert "Lãnh đạo Mẫu 01" in {boss["name"] for boss in client.get("api/job/getlistboss/").data}
    assert client.get("api/job/getlistperson/2001/").data
    assert client.get("api/job/getlistfile/90050/").data[0]["name"] == "phieu-giao-viec.pdf"
    report = client.get("api/report/jobreport/2/").data
    assert report["total"] == report["chuaThucHien"] + report["dangThucHien"] + report["daThucHien"] > 0
    assert all(isinstance(value, str) for value in client.get("api/report/documentreport/").data.values())
    notices = client.post("api/notifycation/getlistnotify/v2/", {"pageNo": "1", "pageRec": "10"}).data
    assert len(notices["notifys"]) == 10
    newest = client.tasks("duocgiao")[0]
    assert notices["notifys"][0]["link"].split("|")[1] == newest["id"]


def test_the_counters_agree_with_the_lists_unless_told_otherwise(client: Client, standin: StandIn) -> None:
    counters = {row["name"]: row["number"] for row in client.get("api/document/countmenu/").data}
    assert counters["CONGVIEC_DAGIAO"] == len(client.tasks())
    assert counters["CONGVIEC_DUOCGIAO"] == len(client.tasks("duocgiao"))
    assert counters["DI_DA_PHAT_HANH"] == len(client.documents("DI_DA_PHAT_HANH"))
    standin.knobs.counters_off = 2
    off = {row["name"]: row["number"] for row in client.get("api/document/countmenu/").data}
    assert off["CONGVIEC_DAGIAO"] == counters["CONGVIEC_DAGIAO"] + 2


# --- documents


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
    page = {"pageNo": "1", "pageRec": "10"}
    asked = {
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
    assert [row["soKihieu"] for row in search(client, soKyHieu="41/UBND-KGVX", coQuanBanHanh="UBND tỉnh")] == [
        "41/UBND-KGVX"
    ]


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
    assert [unit["unit"] for unit in log][0] == "UBND tỉnh Lạng Sơn"
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


# --- allow-list and ledger


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/job/updatestatus/"),
        ("GET", "api/document/signeddocument/450009/"),
        ("POST", "api/checkversion/"),
        ("GET", "api/getcontacts/"),
        ("GET", "api/job/getlistjobflow/90141"),  # the slash at the end is part of the path
        ("GET", "api/job/getlistjobduocgiao/"),
        ("DELETE", "api/job/getlistjobflow/90141/"),
        ("GET", "api/login/v2/"),
    ],
)
def test_anything_off_the_allow_list_is_refused_and_recorded(
    client: Client, standin: StandIn, method: str, path: str
) -> None:
    assert client.send(method, path).status == 404
    assert [one.partition(":")[0] for one in standin.ledger.violations] == [
        f"{method} /qlvb/{path}".replace("/qlvb/", "")
    ]


def test_a_path_outside_the_base_is_a_violation(client: Client, standin: StandIn) -> None:
    assert client.send("GET", "/api/logout/", base="").status == 404
    assert len(standin.ledger.violations) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("api/job/getlistjobdagiao/", {"pageNo": "1", "pageRec": "15", "name": "", "status": ""}),
        ("api/job/getlistjobdagiao/", {"pageNo": 1, "pageRec": 15, "name": "", "status": "", "coquan": -1}),
        ("api/document/getlistwaitingdocument/", {"pageNo": 1, "pageRec": 10, "param": "", "kho": "X"}),
        ("api/document/lookupdocument/", {"pageNo": "1", "pageRec": "10", "parameter": {"trichYeu": ""}}),
        ("api/job/getlistjobdagiao/", [1]),
    ],
)
def test_a_body_the_app_would_never_send_is_refused_and_recorded(
    client: Client, standin: StandIn, path: str, body: object
) -> None:
    assert client.post(path, body).json["status"]["code"] == "1"
    assert len(standin.ledger.violations) == 1


def test_the_ledger_has_every_request_with_virtual_time_identity_and_status(client: Client, standin: StandIn) -> None:
    standin.ledger.clear()
    standin.move_to(local("2022-02-10 09:00"))
    client.tasks()
    client.token = ""
    client.get("api/logout/")
    entries = [(entry.method, entry.path, entry.identity, entry.status) for entry in standin.ledger.entries]
    assert entries == [
        ("POST", "/qlvb/api/job/getlistjobdagiao/", "1001", 200),
        ("GET", "/qlvb/api/logout/", "", 401),
    ]
    assert {entry.at for entry in standin.ledger.entries} == {local("2022-02-10 09:00")}
    assert standin.ledger.count("getlistjob") == 1


def test_without_a_fixed_instant_the_stand_in_follows_the_system_clock() -> None:
    with StandIn.packaged(None) as standin, Client(standin.url) as client:
        client.login()
        assert standin.now.year >= 2025
        assert client.task("90080") is not None
