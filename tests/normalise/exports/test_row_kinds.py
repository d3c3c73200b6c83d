"""Which rows are records: nothing that may be one is passed over, and no second header is read as the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from connector.domain.tables import Range
from connector.normalise.exports.problems import RejectedRow, SkippedRow
from connector.normalise.exports.records import ExportTask
from connector.normalise.exports.rows import CUT_SHORT, MEANS_NOTHING, OUTSIDE, UNDER_MERGED
from connector.normalise.exports.sheet import Read, SheetReading, reread
from tests.normalise.exports.builders import (
    DOCUMENT_HEADER,
    TASK_HEADER,
    Value,
    document,
    read,
    reading,
    rejected,
    rules,
    sheet,
    task_row,
)
from tests.normalise.exports.fonts import tcvn3

HEADER = ("STT", "Tên nhiệm vụ", "Người giao", "Đơn vị chủ trì", "Ngày giao", "Hạn hoàn thành", "Trạng thái")
DONE, OPEN = "Đã hoàn thành", "Đang thực hiện"
FULL = (1, "Việc một", "UBND tỉnh", "Sở Y tế", "01/02/2022", "15/02/2022", OPEN)


def kinds(*values: Sequence[Value], header: Sequence[str] = HEADER) -> list[str]:
    """What became of each row below the header."""
    return [one.reason if isinstance(one, SkippedRow) else type(one).__name__ for one in read(header, *values)]


def without_lead(number: Value, name: str = "Việc con", status: Value = OPEN) -> tuple[Value, ...]:
    return (number, name, None, None, "01/02/2022", "15/02/2022", status)


def test_a_number_and_a_name_alone_are_a_heading_wherever_they_stand() -> None:
    heading = (1, "Lĩnh vực nội chính", None, None, None, None, None)
    assert kinds(heading, FULL, (2, *heading[1:]), FULL) == ["group", "ExportTask", "group", "ExportTask"]
    assert kinds(FULL, (2, "Việc hai", None, None, None, None, OPEN)) == ["ExportTask", "ExportTask"]


# -- groups, signatures, totals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["a", "b", "V", "I", "iv"])
def test_a_numbered_part_that_lacks_its_lead_is_refused_with_what_it_lacks(number: str) -> None:
    _, found = read(HEADER, FULL, without_lead(number))
    assert isinstance(found, RejectedRow)
    assert [(one.cell, one.reason) for one in found.problems] == [
        ("A3", "không rõ là dòng dữ liệu hay dòng khác: không có số thứ tự, thiếu “Đơn vị chủ trì” hoặc “Người giao”")
    ]


@pytest.mark.parametrize(
    "row",
    [
        ("a", "Việc con", None, None, None, None, OPEN),
        ("a", "Việc con", None, None, None, None, "Tạm để đó"),
        ("a", "Việc con", None, None, None, date(2022, 2, 15)),
        ("a", "Việc con", None, None, None, 44607),
        ("a", "Việc con", None, None, None, "ngày 15/02/2022"),
        ("a", "Việc con", None, None, "2022-02-15"),
    ],
)
def test_one_date_or_status_is_enough_to_be_no_group(row: Sequence[Value]) -> None:
    assert kinds(FULL, row) == ["ExportTask", "RejectedRow"]


@pytest.mark.parametrize(
    "row",
    [
        ("I", "Nhóm"),
        ("II", "Khối huyện", None, None, 12, 7, "12"),
        ("III", "Khối huyện", None, None, None, None, "3 nhiệm vụ"),
        ["Khối huyện"] * 7,
    ],
)
def test_a_group_may_count_and_may_be_copied_into_all_its_columns(row: Sequence[Value]) -> None:
    assert kinds(FULL, row) == ["ExportTask", "group"]


def test_a_heading_that_looks_like_a_signature_hides_no_row_below_it() -> None:
    heading = ("Chủ tịch UBND tỉnh giao",)
    unsure = (None, "Việc", None, "Sở Y tế", None, None, "?")
    assert kinds(FULL, heading, without_lead(None)) == ["ExportTask", "signature", "RejectedRow"]
    assert kinds(heading, without_lead(None, status="Tạm để đó")) == ["signature", "RejectedRow"]
    assert kinds(heading, FULL, (None, "Việc", None, None, None, None, "?")) == [
        "signature", "ExportTask", "RejectedRow",
    ]  # fmt: skip
    assert kinds(heading, unsure) == ["signature", "ExportTask"]


def test_signatures_side_by_side_with_their_names_are_no_records() -> None:
    assert kinds(
        FULL,
        (None, None, None, None, None, "Lạng Sơn, ngày 28 tháng 02 năm 2022"),
        (None, "NGƯỜI LẬP BIỂU", None, None, None, None, "CHÁNH VĂN PHÒNG"),
        (None, "Nguyễn Văn Mẫu", None, None, None, None, "Trần Thị Mẫu"),
    ) == ["ExportTask", "signature", "signature", "signature"]


def test_a_record_that_is_named_like_a_total_is_a_record_and_a_total_is_none() -> None:
    header, name = HEADER[1:], "Tổng số văn bản 2026"
    assert kinds((name, "UBND tỉnh", "Sở Y tế", "01/02/2022", "15/02/2022", OPEN), header=header) == ["ExportTask"]
    assert kinds((name, "UBND tỉnh", "Sở Y tế"), header=header) == ["ExportTask"]
    assert kinds(("Tổng cộng", None, None, None, "15/02/2022"), header=header) == ["RejectedRow"]
    for total in (("Tổng cộng", "3", 2), ("Tổng số văn bản 2026", None, None, 3), ("Tổng cộng: 5 nhiệm vụ",)):
        assert kinds(total, header=header) == ["total"]


# -- a second table ----------------------------------------------------------------------------------------------------


def second(*header: Value, rows: Sequence[Sequence[Value]] = ()) -> SheetReading:
    found = reading(HEADER, FULL, (), ("DANH SÁCH 2",), header, *rows)
    list(found.records())
    return found


@pytest.mark.parametrize(
    ("header", "changed"),
    [
        (
            ("STT", "Tên nhiệm vụ", "Đơn vị chủ trì", "Người giao", "Hạn hoàn thành", "Ngày giao", "Trạng thái"),
            "C5 “Đơn vị chủ trì”, D5 “Người giao”, E5 “Hạn hoàn thành”",
        ),
        (
            ("STT", "Tên nhiệm vụ", "Người giao", "Đơn vị chủ trì", "Hạn hoàn thành", "Ngày giao", "Trạng thái"),
            "E5 “Hạn hoàn thành”, F5 “Ngày giao”",
        ),
        (
            ("TT", "Nội dung nhiệm vụ", "Cơ quan chủ trì", "Người giao việc", "Hạn xử lý", "Trạng thái"),
            "C5 “Cơ quan chủ trì”, D5 “Người giao việc”, E5 “Hạn xử lý”",
        ),
        (
            ("STT", "Tên nhiệm vụ", "Người giao", "Đơn vị chủ trì", "Ngày giao", "Ngày hoàn thành", "Trạng thái"),
            "F5 “Ngày hoàn thành”",
        ),
        (
            ("STT", "Tên nhiệm vụ", "Người giao", "Bên làm", "Ngày giao", "Hạn hoàn thành", "Trạng thái"),
            "D5 “Bên làm”",
        ),
        (DOCUMENT_HEADER, "B5 “Trích yếu”, C5 “Số ký hiệu”, D5 “Văn bản ký số”"),
    ],
)
def test_a_header_whose_columns_stand_elsewhere_stops_the_sheet(header: Sequence[Value], changed: str) -> None:
    found = second(*header, rows=[(1, "Việc hai", "Sở Xây dựng", "UBND tỉnh", "05/12/2022", "01/11/2022", OPEN)])
    assert [(one.code, one.cell, one.values["changed"]) for one in found.remarks if one.stops] == [
        ("second_table", "dòng 5", changed)
    ]


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        [one.upper() for one in HEADER],
        ("TT", "Nhiệm vụ", "Người giao việc", "Chủ trì", "Ngày giao", "Hạn xử lý", "Trạng thái"),
        HEADER[:5],
    ],
)
def test_the_same_columns_under_the_same_headers_are_one_table(header: Sequence[Value]) -> None:
    found = second(*header, rows=[(2, *FULL[1:])])
    assert not found.stopped
    assert found.counts["header_again"] == 1
    assert found.counts["records"] == 2


def test_a_repeated_header_in_an_old_font_is_known_again() -> None:
    values = [[tcvn3(one) if isinstance(one, str) else one for one in row] for row in (HEADER, FULL, HEADER, FULL)]
    found = reading(*values)
    list(found.records())
    assert (found.counts["header_again"], found.stopped) == (1, False)


# -- rows that were moved or cut ---------------------------------------------------------------------------------------


def delimited(*values: Sequence[Value], unended: tuple[int, int] | None = None) -> tuple[SheetReading, list[Read]]:
    found = SheetReading("x.csv", sheet(*values, delimited=True, unended=unended), rules())
    return found, [one for one in found.records() if not isinstance(one, SkippedRow)]


MOVED = ("1", "Việc A", " phần 2", *FULL[2:])


def test_a_delimited_row_that_reaches_beyond_the_header_is_refused_at_its_first_cell() -> None:
    _, (one, two, three) = delimited(HEADER, MOVED, (*FULL, None, "thừa", "cột"), FULL)
    assert isinstance(one, RejectedRow)
    assert [(p.cell, p.header, p.value, p.reason) for p in one.problems] == [("H2", "", "", OUTSIDE)]
    assert isinstance(two, RejectedRow)
    assert [str(p) for p in two.problems] == [f"I3: {OUTSIDE}"]
    assert isinstance(three, ExportTask)


def test_beside_a_table_of_cells_may_stand_notes() -> None:
    assert kinds((*FULL, None, "xem lại")) == ["ExportTask"]


def test_a_last_row_without_line_end_that_lacks_fields_is_refused_and_told() -> None:
    found, (_, cut) = delimited(HEADER, FULL, ("2", *FULL[1:5]), unended=(3, 5))
    assert isinstance(cut, RejectedRow)
    assert [(one.cell, one.reason) for one in cut.problems] == [("E3", CUT_SHORT)]
    assert [(one.code, one.cell, dict(one.values), one.stops) for one in found.remarks] == [
        ("cut_short", "dòng 3", {"fields": "5", "width": "7"}, False)
    ]
    assert (found.counts["records"], found.counts["rejected"]) == (1, 1)


def test_a_last_row_without_line_end_is_whole_with_all_its_fields_and_a_total_may_be_short() -> None:
    found, records = delimited(HEADER, FULL, FULL, unended=(3, 7))
    assert [type(one) for one in records] == [ExportTask, ExportTask]
    total, _ = delimited(HEADER, FULL, ("Tổng cộng: 1 nhiệm vụ",), unended=(3, 1))
    assert found.remarks == total.remarks == []


def test_rows_that_were_moved_or_cut_are_refused_again_when_they_are_read_again() -> None:
    found, records = delimited(HEADER, MOVED, ("2", *FULL[1:5]), unended=(3, 5))
    kept = found.kept()
    for one, reason in zip(records, (OUTSIDE, CUT_SHORT), strict=True):
        assert isinstance(one, RejectedRow)
        again = list(reread("x.csv", "", kept, [one.row], rules()).records())
        assert [row.problems[0].reason for row in again if isinstance(row, RejectedRow)] == [reason]


def test_what_was_kept_before_files_told_of_it_can_be_read_again() -> None:
    found, _ = delimited(HEADER, MOVED)
    kept = {name: value for name, value in found.kept().items() if name not in ("delimited", "unended")}
    assert len(list(reread("x.csv", "", kept, [], rules()).records())) == 1


def test_a_cell_under_the_spare_part_of_a_merged_header_refuses_its_row() -> None:
    header = ("STT", "Tên nhiệm vụ", None, "Đơn vị chủ trì", "Hạn hoàn thành")
    good = [(number, "Việc", None, "Sở Y tế", "15/02/2022") for number in range(1, 1_100)]
    found = reading(header, *good, (1_100, "Việc", "tiếp", "Sở Y tế", "15/02/2022"), merged=[Range(1, 2, 1, 3)])
    refused = [one for one in found.records() if isinstance(one, RejectedRow)]
    assert [(p.cell, p.reason) for one in refused for p in one.problems] == [("C1101", UNDER_MERGED)]
    again = reread("x", "", found.kept(), [refused[0].row], rules()).records()
    assert [p.reason for one in again if isinstance(one, RejectedRow) for p in one.problems] == [UNDER_MERGED]


def test_a_word_for_nothing_is_not_told_as_an_empty_cell() -> None:
    found = document(1, "V/v", "undefined", "x", "20/12/2021", "UBND tỉnh", "")
    assert isinstance(found, RejectedRow)
    assert [(one.cell, one.value, one.reason) for one in found.problems] == [("C2", "undefined", MEANS_NOTHING)]
    assert [(one.value, one.reason) for one in rejected(name="null").problems] == [("null", MEANS_NOTHING)]
    assert [(one.value, one.reason) for one in rejected(name=None).problems] == [("", "bắt buộc nhưng để trống")]


def test_a_task_header_of_two_tables_of_many_columns_is_known_again() -> None:
    assert kinds(task_row(1), TASK_HEADER, task_row(2), header=TASK_HEADER) == [
        "ExportTask", "header_again", "ExportTask",
    ]  # fmt: skip
