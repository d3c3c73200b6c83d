"""What a source's answers look like, run by run: what is told, when, and once (F13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.normalise.shape_deployment import AT, LOG, TASK, Deployment, also, tasks, told, without


def test_what_the_api_is_known_to_send_is_no_news() -> None:
    assert Deployment().run("task_row", tasks(200)) == []
    assert Deployment().run("document_log", [LOG] * 200) == []


def test_a_new_field_is_told_once_with_three_examples_and_their_records() -> None:
    office = Deployment()
    found = office.run("task_row", tasks(30, lambda i, row: row | ({"maNhiemVu": f"NV-{i}"} if i >= 10 else {})))
    assert told(found) == [("new_field", "maNhiemVu", "warn")]
    assert [(one.record, one.value) for one in found[0].examples] == [
        ("90010", "NV-10"), ("90011", "NV-11"), ("90012", "NV-12"),
    ]  # fmt: skip
    assert (found[0].rows, found[0].seen, found[0].now) == (20, 30, "chữ")
    assert "maNhiemVu" in found[0].sentence
    assert "danh sách nhiệm vụ" in found[0].sentence
    assert office.run("task_row", tasks(30, also(maNhiemVu="NV"))) == []
    assert office.run("task_row", tasks(30, also(maNhiemVu=None))) == []


def test_an_example_shows_what_differs_and_prefers_a_value() -> None:
    values = [None, "", "A", "A", "A", "B", "C"]
    (found,) = Deployment().run("task_row", tasks(7, lambda i, row: row | {"maMoi": values[i]}))
    assert [one.value for one in found.examples] == ["A", "B", "C"]


def test_new_fields_of_nested_records_are_told_with_the_task_they_belong_to() -> None:
    files = [{"id": 1, "name": "a.pdf", "hash": "ff00"}, {"id": 2, "name": "b.pdf"}]
    flow = [{"name": "Phòng", "content": "", "status": "", "startDate": "", "endDate": "", "files": files}]
    found = Deployment().run("task_flow", flow, flow, subject="90215")
    assert [(one.field, one.rows, one.seen) for one in found] == [("files[].hash", 2, 4)]
    assert found[0].examples[0].record == "90215"
    detail = Deployment().run("document_detail", {"id": 1, "process": {"step": {"nguoi": "A"}}})
    assert [one.field for one in detail] == ["process.step", "process.step.nguoi"]


def test_a_needed_field_that_is_nowhere_is_vanished_from_the_start() -> None:
    (status,) = Deployment().run("task_row", tasks(5, without("status")))
    assert (status.change, status.field, status.mode) == ("vanished_field", "status", "stop")
    (due,) = Deployment().run("task_row", tasks(60, without("endDate")))
    assert (due.field, due.mode) == ("endDate", "warn"), "an office whose tasks have no deadlines is possible"


@pytest.mark.parametrize("count", [0, 1, 4])
def test_few_records_prove_nothing(count: int) -> None:
    assert Deployment().run("task_row", tasks(count, without("status", "endDate"))) == []
    office = Deployment()
    office.run("task_row", tasks(500))
    assert office.run("task_row", tasks(count, without("status", "endDate", "chuTri"))) == []


# -- later runs --------------------------------------------------------------------------------------------------------


def test_a_vanished_field_is_told_once_and_again_when_it_returns() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    gone = office.run("task_row", tasks(300, without("mucDo")))
    assert told(gone) == [("vanished_field", "mucDo", "warn")]
    assert (gone[0].before, gone[0].now) == ("300/300 bản ghi", "không có")
    assert office.run("task_row", tasks(300, without("mucDo"))) == []
    assert office.run("task_row", tasks(300, also(mucDo=None))) == []
    assert told(office.run("task_row", tasks(300))) == [("returned_field", "mucDo", "warn")]
    assert office.run("task_row", tasks(300)) == []
    assert told(office.run("task_row", tasks(300, without("mucDo")))) == [("vanished_field", "mucDo", "warn")]


@pytest.mark.parametrize("change", [without("endDate"), also(endDate=None), also(endDate="")])
def test_deadlines_that_are_gone_stop_the_run_until_somebody_decides(change: Any) -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    for _ in range(3):
        (gone,) = office.run("task_row", tasks(300, change))
        assert (gone.change, gone.field, gone.mode, gone.before) == (
            "vanished_field", "endDate", "stop", "225/300 bản ghi",
        )  # fmt: skip
        assert '"task_row.endDate" = "accept"' in gone.sentence
        assert "dữ liệu đã lưu được giữ nguyên" in gone.sentence
    office.modes = {"task_row.endDate": "accept"}
    assert told(office.run("task_row", tasks(300, change))) == [("vanished_field", "endDate", "accept")]
    office.modes = {}
    assert office.run("task_row", tasks(300, change)) == []
    assert told(office.run("task_row", tasks(300))) == [("returned_field", "endDate", "warn")]


def test_a_stop_is_over_when_the_field_is_back() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    assert told(office.run("task_row", tasks(300, without("name")))) == [("vanished_field", "name", "stop")]
    assert office.run("task_row", tasks(300)) == []


def test_a_field_that_was_seldom_filled_is_not_missed_when_it_is_empty() -> None:
    office = Deployment()
    office.run("task_row", tasks(300, lambda i, row: row | {"noiDungDanhGia": "Tốt" if i % 5 == 0 else None}))
    assert office.run("task_row", tasks(300)) == []


def test_a_server_that_leaves_out_empty_fields_does_not_raise_an_alarm_over_a_few_new_tasks() -> None:
    def sparse(i: int, row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if value is not None}

    office = Deployment()
    office.run("task_row", tasks(400, sparse))
    assert office.run("task_row", tasks(40, without("endDate"))) == []
    assert told(office.run("task_row", tasks(80, without("endDate")))) == [("vanished_field", "endDate", "stop")]


def test_a_field_always_written_is_missed_in_a_small_office_too() -> None:
    office = Deployment()
    office.run("task_row", tasks(12))
    assert told(office.run("task_row", tasks(12, without("endDate")))) == [("vanished_field", "endDate", "stop")]
    assert office.run("task_row", tasks(12, also(endDate=None))) == [], "twelve tasks may well have no deadline"


def test_the_assignees_line_is_not_missed_when_only_tasks_we_gave_are_left() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    assert office.run("task_row", tasks(300, without("nxlId"))) == []


def test_files_are_not_missed_where_no_record_has_any() -> None:
    detail = {"name": "A", "files": [{"id": 1, "name": "a.pdf", "attachmentId": 2, "creator": "A", "fileSize": "1 KB"}]}
    office = Deployment()
    office.run("task_detail", *[detail] * 100)
    assert told(office.run("task_detail", *[detail | {"files": []}] * 100)) == [("vanished_field", "files", "warn")]


def test_a_renamed_field_is_told_with_its_likely_new_name() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    renamed = {"endDate": "ngayHetHan", "chuTri": "chutri"}
    found = office.run("task_row", tasks(300, lambda i, row: {renamed.get(k, k): v for k, v in row.items()}))
    assert {one.field: one.renamed for one in found if one.change == "vanished_field"} == renamed
    assert 'Có thể đã đổi tên thành "ngayHetHan"' in next(one.sentence for one in found if one.field == "endDate")


def test_another_spelling_the_normaliser_reads_is_no_loss() -> None:
    row = {"id": "1", "trichYeu": "V/v", "soKihieu": "15/UBND", "coQuanBanHanh": "UBND", "ngayVanBan": "02/09/2025"}
    office = Deployment()
    assert office.run("document_row", [row] * 100) == []
    other = {"soKiHieu" if name == "soKihieu" else name: value for name, value in row.items()}
    assert office.run("document_row", [other] * 100) == []
    neither = {name: value for name, value in row.items() if name != "soKihieu"}
    office = Deployment()
    office.run("document_row", [row] * 100)
    assert told(office.run("document_row", [neither] * 100)) == [("vanished_field", "soKihieu", "stop")]


def test_a_type_never_seen_before_is_told_once() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    found = office.run("task_row", tasks(300, lambda i, row: row | {"mucDo": 3 if i < 5 else "Khẩn"}))
    assert told(found) == [("retyped_field", "mucDo", "warn")]
    assert (found[0].before, found[0].now, found[0].rows) == ("chữ, trống (null)", "số", 5)
    assert {one.value for one in found[0].examples} == {"3"}
    assert office.run("task_row", tasks(300, also(mucDo=3))) == []


def test_ids_may_be_text_or_number() -> None:
    office = Deployment()
    office.run("task_row", tasks(100))
    assert office.run("task_row", tasks(100, lambda i, row: row | {"id": 90_000 + i, "nxlId": i})) == []


def test_status_codes_instead_of_labels_stop_the_run_one_odd_record_does_not() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    odd = office.run("task_row", tasks(300, lambda i, row: row | ({"name": {"vi": "x"}} if i == 7 else {})))
    assert ("retyped_field", "name", "warn") in told(odd)
    codes = office.run("task_row", tasks(300, also(status=1)))
    assert told(codes)[0] == ("retyped_field", "status", "stop")


def test_a_few_odd_records_first_do_not_open_the_door_to_the_rest() -> None:
    office = Deployment()
    office.run("task_row", tasks(300))
    few = tasks(300, lambda i, row: row | ({"status": 1} if i < 9 else {}))
    assert ("retyped_field", "status", "warn") in told(office.run("task_row", few))
    assert office.run("task_row", few) == []
    for _ in range(2):
        (all_,) = office.run("task_row", tasks(300, also(status=1)))
        assert (all_.change, all_.before, all_.now, all_.mode) == ("retyped_field", "chữ", "số", "stop")
        assert {one.value for one in all_.examples} == {"1"}
    office.modes = {"task_row.status": "accept"}
    assert told(office.run("task_row", tasks(300, also(status=1)))) == [("retyped_field", "status", "accept")]
    office.modes = {}
    assert office.run("task_row", tasks(300, also(status=1))) == []


def test_a_learned_field_may_be_null_but_not_of_another_type() -> None:
    office = Deployment()
    office.run("task_row", tasks(50, also(maMoi="x")))
    assert office.run("task_row", tasks(50, also(maMoi=None))) != [], "always filled until now"
    assert told(office.run("task_row", tasks(50, also(maMoi=[1])))) == [
        ("returned_field", "maMoi", "warn"), ("retyped_field", "maMoi", "warn"),
    ]  # fmt: skip


def test_shares_follow_the_recent_past_and_always_stays_always() -> None:
    office = Deployment()
    for _ in range(4):
        office.run("task_row", [TASK] * 45_000)
    assert office.known is not None
    due, shown = office.known["task_row"].fields["endDate"], office.known["task_row"].fields["statusDanhGia"]
    assert due.rows <= 100_000
    assert (due.absent, due.empty, due.filled_share) == (0, 0, 1.0)
    assert (shown.absent, shown.filled_share) == (0, 0.0)
    assert (due.first, due.last) == (AT, AT + timedelta(days=3))
