from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from connector.clock import OFFICE_ZONE
from connector.domain.report import Counts, NotEvaluableCount
from connector.report.xlsx import render_xlsx
from tests.builders_report import report_of, seed_report, task, uneven_report

SHEETS = [
    "Tổng hợp",
    "Được giao",
    "Đúng hạn",
    "Quá hạn (hoàn thành)",
    "Còn hạn",
    "Quá hạn chưa xong",
    "Vi phạm",
    "Theo cơ quan",
    "Không đánh giá được",
]


def book(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def rows(page: Any) -> list[tuple[Any, ...]]:
    """Without the heading."""
    return list(page.iter_rows(min_row=2, values_only=True))


def column(page: Any, heading: str) -> list[Any]:
    index = next(cell.column for cell in page[1] if cell.value == heading)
    return [row[index - 1] for row in rows(page)]


def summary(page: Any) -> dict[str, tuple[Any, Any]]:
    return {row[0]: row[1:3] for row in page.iter_rows(values_only=True) if row[0]}


@pytest.fixture(scope="module")
def seed() -> Any:
    return book(render_xlsx(seed_report(), OFFICE_ZONE))


@pytest.fixture(scope="module")
def uneven() -> Any:
    return book(render_xlsx(uneven_report(), OFFICE_ZONE))


def test_every_figure_has_a_sheet_with_as_many_records(seed: Any) -> None:
    assert seed.sheetnames == SHEETS
    figures = {"Được giao": 183, "Đúng hạn": 119, "Quá hạn (hoàn thành)": 0, "Còn hạn": 58, "Quá hạn chưa xong": 6}
    assert {name: len(rows(seed[name])) for name in figures} == figures
    shown = summary(seed["Tổng hợp"])
    assert shown["Tổng số nhiệm vụ được giao"][0] == 183
    assert shown["Đã hoàn thành đúng hạn"][0] == 119
    assert shown["Chưa hoàn thành"][0] == 64
    assert shown["- Trong đó quá thời hạn"][0] == 6
    assert shown["Nhiệm vụ các tháng trước còn tồn"][0] == 18


def test_figures_of_the_summary_lead_to_their_sheet(seed: Any) -> None:
    targets = {cell.hyperlink.location for row in seed["Tổng hợp"].iter_rows() for cell in row if cell.hyperlink}
    assert targets == {f"'{name}'!A1" for name in SHEETS[1:]}


def test_the_overdue_list_carries_the_records_behind_06(seed: Any) -> None:
    page = seed["Quá hạn chưa xong"]
    assert column(page, "Mã nhiệm vụ") == ["90003", "90054", "90037", "90036", "90022", "90091"]
    assert column(page, "Số ngày quá hạn") == [10, 6, 12, 11, 6, 7]
    assert column(page, "Hạn xử lý")[0] == datetime.fromisoformat("2022-02-18")
    assert page.cell(2, 9).number_format == "dd/mm/yyyy"


def test_violations_open_down_to_each_finding(seed: Any) -> None:
    page = seed["Vi phạm"]
    assert column(page, "Cơ quan") == ["Sở Thông tin và Truyền thông"] * 3 + ["Sở Kế hoạch và Đầu tư"] + [
        "UBND huyện Hữu Lũng"
    ]
    assert column(page, "Mã quy định")[:3] == ["PV01_RECEIVE_LATE", "PV02_FORWARD_LATE", "PV06_SILENT_AT_DUE"]
    assert column(page, "Số, ký hiệu văn bản")[3:] == ["42/UBND-NN", "43/UBND-TH"]


def test_agencies_add_up_to_the_total_row_and_their_documents_are_counted_once(seed: Any) -> None:
    *agencies, total = rows(seed["Theo cơ quan"])
    assert total[2:] == ("Tổng cộng", 183, 119, 0, 58, 6, 0, 3)
    assert [sum(row[index] for row in agencies) for index in range(3, 10)] == list(total[3:])


def test_an_agency_with_violations_only_is_listed_too() -> None:
    report = seed_report()
    lean = tuple(line for line in report.by_agency if line[0].code != "UBND_H_HUU_LUNG")
    names = [row[2] for row in rows(book(render_xlsx(replace(report, by_agency=lean), OFFICE_ZONE))["Theo cơ quan"])]
    assert names[-2:] == ["UBND huyện Hữu Lũng", "Tổng cộng"]


def test_each_list_has_a_frozen_heading_a_filter_and_times_new_roman(seed: Any) -> None:
    for name in SHEETS[1:]:
        page = seed[name]
        assert page.freeze_panes == "A2"
        assert page.auto_filter.ref.startswith("A1:")
        assert {cell.font.name for row in page.iter_rows(max_row=3) for cell in row} == {"Times New Roman"}
        assert page.column_dimensions["B"].width > 10
    assert seed["Theo cơ quan"].auto_filter.ref == f"A1:J{seed['Theo cơ quan'].max_row - 1}"


def test_texts_that_look_like_formulas_stay_texts(uneven: Any) -> None:
    odd = [task(str(number), name=f"{start}1+1") for number, start in enumerate("=+-@")]
    report = replace(report_of(Counts(4, 4)), tasks=tuple(odd))
    content = render_xlsx(report, OFFICE_ZONE)
    page = book(content)["Được giao"]
    assert column(page, "Nội dung nhiệm vụ") == ["=1+1", "+1+1", "-1+1", "@1+1"]
    assert {page.cell(row, 3).data_type for row in range(2, 6)} <= {"s", "inlineStr"}
    for each in (content, render_xlsx(uneven_report(), OFFICE_ZONE)):
        with zipfile.ZipFile(io.BytesIO(each)) as archive:
            assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "sheet" in name)
    assert column(uneven["Quá hạn chưa xong"], "Số, ký hiệu văn bản")[0] == "-1+1"


def test_secret_content_is_in_no_part_of_the_file(uneven: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(render_xlsx(uneven_report(), OFFICE_ZONE))) as archive:
        assert not any("bí mật X".encode() in archive.read(name) for name in archive.namelist())
    assert column(uneven["Quá hạn chưa xong"], "Nội dung nhiệm vụ")[1] == "(nội dung mật)"
    assert column(uneven["Vi phạm"], "Lý do")[0] == "(nội dung mật)"


def test_the_summary_says_how_good_the_data_is(uneven: Any, seed: Any) -> None:
    shown = summary(uneven["Tổng hợp"])
    assert shown["Lần đọc đầy đủ gần nhất"][0] == "chưa có lần nào"
    assert shown["Tuổi dữ liệu khi lập báo cáo (giờ)"][0] == "chưa rõ"
    assert shown["Có lần đọc đầy đủ sau thời điểm chốt số liệu"][0] == "Không"
    assert shown["Nhiệm vụ hoàn thành chỉ quan sát được, không có ngày ghi nhận"][0] == 1
    assert shown["Nhiệm vụ được tính theo hướng có lợi cho cơ quan vì chưa chắc chắn"][0] == 1
    assert shown["Nhiệm vụ không còn thấy trên iOffice trước thời điểm chốt"] == (2, "90073, 90075")
    assert shown["Nhiệm vụ đã hủy trước thời điểm chốt"] == (3, "90061, 90065, 90069")
    assert shown["Mã 90777: @Nhiệm vụ lạ"] == (None, "Trạng thái chưa có trong bảng quy đổi")
    everything = [cell for row in uneven["Tổng hợp"].iter_rows(values_only=True) for cell in row]
    assert "Chưa có lần đọc đầy đủ nào sau thời điểm chốt số liệu." in everything
    # 23:30 in the office's zone, whatever zone the machine has.
    assert summary(seed["Tổng hợp"])["Lần đọc đầy đủ gần nhất"][0] == datetime.fromisoformat("2022-02-28T23:30")


def test_what_could_not_be_evaluated_is_listed_with_its_reasons_and_zero_is_said() -> None:
    counts = (
        NotEvaluableCount("PV01_RECEIVE_LATE", 3, {"thiếu nhật ký": 2}),
        NotEvaluableCount("PV08_NO_EVIDENCE", 0, {}),
    )
    page = book(render_xlsx(seed_report(not_evaluable=counts), OFFICE_ZONE))["Không đánh giá được"]
    assert [(row[0], row[2], row[3]) for row in rows(page)] == [
        ("PV01_RECEIVE_LATE", "thiếu nhật ký", 2),
        ("PV01_RECEIVE_LATE", "không rõ lý do", 1),
        ("PV08_NO_EVIDENCE", "mọi trường hợp đều đánh giá được", 0),
    ]


def test_an_observed_completion_shows_the_interval_it_fell_in(uneven: Any) -> None:
    basis = column(uneven["Được giao"], "Căn cứ ngày hoàn thành")
    assert "Quan sát được: sau 23:30 ngày 20/02/2022, chậm nhất 23:30 ngày 21/02/2022" in basis
    assert "iOffice ghi nhận" in basis


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    report = replace(report_of(Counts(1, 1)), tasks=(task("1", name="dài " * 10_000),))
    name = column(book(render_xlsx(report, OFFICE_ZONE))["Được giao"], "Nội dung nhiệm vụ")[0]
    assert name.endswith("… (đã cắt bớt)")
    assert 32_000 < len(name) < 32_767


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_xlsx(seed_report(), OFFICE_ZONE) == render_xlsx(seed_report(), OFFICE_ZONE)
