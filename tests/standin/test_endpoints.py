from __future__ import annotations

from typing import Any

import pytest

from connector.standin.server import StandIn
from connector.standin.timeline import Account, Created, Timeline, View, packaged
from tests.standin.client import Client, local
from tests.standin.proofs import proves


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
    whole = client.tasks()
    pages: list[list[dict[str, str]]] = []
    while page := client.tasks(number=len(pages) + 1, size=size):
        pages.append(page)
    assert [row for page in pages for row in page] == whole
    assert len(whole) == 154  # an exact multiple of 1, 11, 14, 77 and 154
    assert all(len(page) == size for page in pages[:-1])


def test_the_name_and_status_filters_of_the_list_work(client: Client) -> None:
    values = {row["name"]: row["value"] for row in client.get("api/job/getliststatus/TRANGTHAITIMKIEM/").data}
    assert values["Tất cả"] == -1
    body = {"pageNo": 1, "pageRec": 500, "name": "THAM MƯU", "status": str(values["Đã hoàn thành"])}
    rows = client.post("api/job/getlistjobdagiao/", body).data
    assert rows
    assert {row["status"] for row in rows} == {"Đã hoàn thành"}
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


def _everywhere(standin: StandIn) -> list[dict[str, Any]]:
    """Rows of all lists of all identities."""
    rows: list[dict[str, Any]] = []
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


def test_the_lists_at_the_end_of_the_cut_off_day_hold_the_figures_of_the_month(standin: StandIn) -> None:
    counted = {"UBND tỉnh", *(f"Lãnh đạo Mẫu 0{number}" for number in range(1, 5))}
    cohort = {
        row["id"]: row
        for row in _everywhere(standin)
        if row["startDate"][3:10] == "02/2022" and row["lanhDaoGiaoViec"] in counted and row["status"] != "Đã hủy"
    }
    unfinished = [row for row in cohort.values() if row["status"] != "Đã hoàn thành"]
    overdue = [
        row["id"] for row in unfinished if row["endDate"] and _day(row["endDate"]) < (2022, 2, 26)
    ]  # a Saturday: met until Monday 28
    assert (len(cohort), len(unfinished)) == (183, 64)
    assert sorted(overdue) == ["90003", "90022", "90036", "90037", "90054", "90091"]


def _day(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in reversed(text[:10].split("/")))


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
    done = [row["id"] for row in client.tasks() if row["status"] == "Đã hoàn thành"]
    flows = [client.get(f"api/job/getlistjobflow/{task}/").data for task in done]
    rows = next(rows for rows in flows if rows[-1]["files"])
    assert all(set(row) == {"name", "content", "status", "startDate", "endDate", "files"} for row in rows)
    inside = [row for row in rows if row["content"] is None]
    assert [row["name"].startswith("Phòng Mẫu") for row in inside] == [True]
    assert rows[-1]["content"].startswith("Đã hoàn thành")
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


@proves("flow_follows_task")
def test_flow_rows_can_follow_the_task_instead_of_keeping_their_moment(client: Client, standin: StandIn) -> None:
    path = "api/job/getlistjobflow/90035/"
    kept = {row["endDate"][:10] for row in client.get(path).data}
    standin.knobs.flow_follows_task = True
    followed = {row["endDate"][:10] for row in client.get(path).data}
    assert followed == {"18/02/2022"} < kept


def test_the_files_of_a_task_are_the_assigners_and_those_of_its_progress(client: Client) -> None:
    told = 0
    for row in client.tasks():
        flow = client.get(f"api/job/getlistjobflow/{row['id']}/").data
        detail = client.get(f"api/job/getdetailjobdagiao/{row['id']}/").data
        evidence = [file for line in flow for file in line["files"] or []]
        files = client.get(f"api/job/getlistfile/{row['id']}/").data
        assert files == [{"id": str(file["id"]), "name": file["name"]} for file in detail["files"] + evidence]
        told += bool(evidence)
    assert told > 10


def test_units_form_a_tree_and_each_has_a_person(client: Client) -> None:
    tree = client.get("api/job/getlistunit/").data
    root, *units = tree
    assert (root["parentId"], root["level"]) == ("0", 1)
    assert {unit["parentId"] for unit in units} == {root["id"]}
    flat = {unit["id"]: unit["name"] for unit in client.get("api/document/getlistunit/").data}
    assert flat == {unit["unitId"]: unit["name"] for unit in units}
    assert client.get("api/document/getlistunitpublish/").data == client.get("api/document/getlistunit/").data
    for unit in units[:3]:
        (person,) = client.get(f"api/job/getlistperson/{unit['unitId']}/").data
        assert person["parentId"] == unit["id"]


def test_vocabularies_hold_every_word_the_records_use(client: Client) -> None:
    def words(kind: str) -> set[str]:
        return {row["name"] for row in client.get(f"api/job/getliststatus/{kind}/").data}

    rows = client.tasks() + client.tasks("duocgiao")
    assert {row["status"] for row in rows} <= words("TINHTRANGCONGVIEC") == words("TRANGTHAITIMKIEM") - {"Tất cả"}
    assert {row["mucDo"] for row in rows} <= words("MUCDOCONGVIEC")
    assert {row["statusDanhGia"] for row in rows if row["statusDanhGia"]} <= words("DANHGIACONGVIEC")
    assert client.get("api/job/getliststatus/KHAC/").json["status"]["code"] == "1"
    urgency = {row["name"] for row in client.get("api/document/getlistpriority/").data}
    assert {row["doKhan"] for row in client.documents("DI_DA_PHAT_HANH")} <= urgency


@proves("counters")
def test_the_counters_agree_with_the_lists_unless_told_otherwise(client: Client, standin: StandIn) -> None:
    counters = client.counters()
    assert counters["CONGVIEC_DAGIAO"] == len(client.tasks())
    assert counters["CONGVIEC_DUOCGIAO"] == len(client.tasks("duocgiao"))
    for kho in ("DI_DA_PHAT_HANH", "DEN_DA_XU_LY", "DEN_CHO_XU_LY"):
        assert counters[kho] == len(client.documents(kho))
    standin.knobs.counters = {"CONGVIEC_DAGIAO": 2, "DI_DA_PHAT_HANH": -1}
    assert client.counters() == counters | {
        "CONGVIEC_DAGIAO": counters["CONGVIEC_DAGIAO"] + 2,
        "DI_DA_PHAT_HANH": counters["DI_DA_PHAT_HANH"] - 1,
    }


@proves("counters_mean")
def test_the_counters_can_mean_unfinished_tasks_and_unread_documents(client: Client, standin: StandIn) -> None:
    whole = client.counters()
    standin.knobs.counters_mean = "open"
    closed = {"Đã hoàn thành", "Đã hủy"}
    assert client.counters()["CONGVIEC_DAGIAO"] == sum(row["status"] not in closed for row in client.tasks())
    assert client.counters()["DI_DA_PHAT_HANH"] == whole["DI_DA_PHAT_HANH"]
    client.get("api/document/getdetaildocument/450009/")
    assert client.counters()["DI_DA_PHAT_HANH"] == whole["DI_DA_PHAT_HANH"] - 1
    standin.knobs.counters_mean = "all"
    assert client.counters() == whole


@proves("jobreport")
def test_the_job_report_agrees_with_the_lists_unless_told_otherwise(client: Client, standin: StandIn) -> None:
    report = client.get("api/report/jobreport/2/").data
    rows = {row["id"]: row for row in client.tasks() + client.tasks("duocgiao") if row["startDate"][3:10] == "02/2022"}
    assert report["total"] == len(rows)
    assert report["daThucHien"] == sum(row["status"] == "Đã hoàn thành" for row in rows.values())
    standin.knobs.jobreport = {"total": -1, "quaHan": 3}
    off = client.get("api/report/jobreport/2/").data
    assert off == report | {"total": report["total"] - 1, "quaHan": report["quaHan"] + 3}


def test_a_task_can_be_seen_by_three_accounts() -> None:
    timeline, setup = packaged()
    accounts = tuple(
        Account(username=f"ketnoi.{one}", password=f"Thu-nghiem-{one}", identities=(one,)) for one in setup.identities
    )
    events = tuple(
        event.model_copy(
            update={"views": tuple(View(one, "dagiao", (None,), "Người giao") for one in setup.identities)}
        )
        if isinstance(event, Created) and event.id == "90121"
        else event
        for event in timeline.events
    )
    three = StandIn(Timeline(events), setup.model_copy(update={"accounts": accounts}), now=local("2022-02-28 23:59"))
    with three as standin:
        for account in accounts:
            with Client(standin.url) as client:
                client.login(account.username, account.password)
                assert client.task("90121") is not None
