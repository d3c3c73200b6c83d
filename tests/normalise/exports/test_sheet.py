"""A whole sheet: every row is accounted for, and what stops a file is known at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clock import OFFICE_ZONE
from connector.domain.status import Status
from connector.domain.tables import MERGED, Cell, Range
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.fields_told import column_of
from connector.normalise.exports.headers import HeaderProblem, Layout
from connector.normalise.exports.problems import RejectedRow, SkippedRow, pack, unpack
from connector.normalise.exports.records import ExportDocument, ExportTask
from connector.normalise.exports.sheet import HEAD, SheetReading, file_stops, reread
from tests.normalise.exports.builders import (
    DOCUMENT_HEADER,
    TASK_HEADER,
    TITLES,
    Value,
    cell,
    read,
    reading,
    rows,
    rules,
    sheet,
    task_row,
)
from tests.normalise.exports.fonts import misread, tcvn3, vni

SIGNED = (
    (None, "Tổng cộng", *[None] * 8, "3 nhiệm vụ", 1),
    (),
    (*[None] * 9, "Lạng Sơn, ngày 28 tháng 02 năm 2022"),
    (*[None] * 9, "NGƯỜI LẬP BIỂU"),
    (*[None] * 9, "(Ký, ghi rõ họ tên)"),
    (*[None] * 9, "Nguyễn Văn Mẫu"),
)


def kinds(*values: Sequence[Value]) -> list[str]:
    """What became of each row below the header."""
    return [one.reason if isinstance(one, SkippedRow) else type(one).__name__ for one in read(*values)]


# -- every row is something --------------------------------------------------------------------------------------------


def test_titles_header_totals_and_signatures_are_listed_not_lost() -> None:
    found = reading(*TITLES, TASK_HEADER, task_row(1), task_row(2), task_row(3), *SIGNED)
    result = list(found.records())
    assert [(one.number, one.reason) for one in result if isinstance(one, SkippedRow)] == [
        (1, "title"), (2, "title"), (3, "title"), (5, "header"),
        (9, "total"), (11, "signature"), (12, "signature"), (13, "signature"), (14, "signature"),
    ]  # fmt: skip
    assert sum(isinstance(one, ExportTask) for one in result) == 3
    assert not found.stopped
    assert found.remarks == []


def test_a_total_that_speaks_of_more_records_than_there_are_is_remarked_on() -> None:
    found = reading(TASK_HEADER, task_row(1), task_row(2), *SIGNED)
    Counter(map(type, found.records()))
    (remark,) = found.remarks
    assert (remark.code, remark.cell, remark.values["stated"], remark.values["count"]) == (
        "total_differs", "dòng 4", "3", "2",
    )  # fmt: skip


def test_groups_column_numbers_and_repeated_headers_are_passed_over() -> None:
    assert kinds(
        TASK_HEADER,
        [f"({number})" for number in range(1, 13)],
        ("I", "Khối các sở, ban, ngành"),
        task_row(1),
        ("II", "Khối huyện", None, None, None, None, None, None, None, None, "12", 3),
        task_row(2),
        TASK_HEADER,
        ("Các nhiệm vụ khác",),
        task_row(3),
    ) == ["numbering", "group", "ExportTask", "group", "ExportTask", "header_again", "group", "ExportTask"]


def test_a_group_that_html_repeats_over_all_columns_is_one_group() -> None:
    assert kinds(TASK_HEADER, ["Khối huyện"] * 12, task_row(1)) == ["group", "ExportTask"]


def test_a_record_without_a_number_is_a_record() -> None:
    assert kinds(TASK_HEADER, task_row(None), task_row("1.2"), task_row(3)) == ["ExportTask"] * 3


@pytest.mark.parametrize(
    "name", ["Tổng hợp, báo cáo 5 nhiệm vụ", "Tổng số liệu năm 2022", "Ngày 5 tháng 3 năm 2022 họp"]
)
def test_a_task_is_not_taken_for_a_total_or_a_signature(name: str) -> None:
    assert kinds(TASK_HEADER, task_row(None, name=name)) == ["ExportTask"]


def test_a_row_that_is_nothing_we_know_is_refused_not_passed_over() -> None:
    (found,) = read(TASK_HEADER, (None, "Việc chưa xong", None, None, "Lãnh đạo Mẫu 09", None, None, "?"))
    assert isinstance(found, RejectedRow)
    assert [one.cell for one in found.problems] == ["H2"]


def test_a_row_without_number_that_lacks_what_a_record_needs_is_refused() -> None:
    (found,) = read(TASK_HEADER, (None, "Việc chưa xong", None, None, None, None, None, None, None, None, "Tạm để đó"))
    assert isinstance(found, RejectedRow)
    assert [(one.cell, one.reason[:11]) for one in found.problems] == [("B2", "không rõ là")]


def test_totals_of_a_register_are_seen_in_any_column() -> None:
    values = (1, "V/v", "1/UBND", "x", "20/12/2021", "UBND tỉnh", "")
    assert kinds(DOCUMENT_HEADER, values, ("Tổng số: 1 văn bản",)) == ["ExportDocument", "total"]


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(), st.text(max_size=12), st.integers(-5, 50_000), st.dates(), st.booleans(),
                st.sampled_from(["Tổng cộng", "I", "Đã hoàn thành", "08/02/2022", "Sở Y tế", "NGƯỜI LẬP BIỂU"]),
            ),
            max_size=14,
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_stands_below_a_header_each_row_is_one_thing(values: list[list[Value]]) -> None:
    found = reading(TASK_HEADER, *values)
    result = list(found.records())
    numbers = [one.row.number if isinstance(one, RejectedRow) else _number(one) for one in result]
    assert numbers == [row.number for row in rows(TASK_HEADER, *values)]
    assert all(one.problems for one in result if isinstance(one, RejectedRow))


@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=20), st.integers(), st.floats()), max_size=8), max_size=30)
)
def test_whatever_a_sheet_holds_nothing_breaks(values: list[list[Value]]) -> None:
    found = reading(*values)
    list(found.records())
    assert found.preview() is None or isinstance(found.stopped, bool)
    assert isinstance(found.layout, HeaderProblem) is found.stopped or found.remarks


def _number(one: ExportTask | ExportDocument | SkippedRow) -> int:
    return one.number if isinstance(one, SkippedRow) else one.row


# -- merged cells in the data ------------------------------------------------------------------------------------------


def test_cells_merged_downwards_say_the_same_and_it_is_remarked_on() -> None:
    joined = Cell(None, "", "empty", MERGED.format(origin="B2"))
    values = (TASK_HEADER, task_row(1, name="Việc chung"), task_row(2, name=joined), task_row(3, name=joined))
    found = reading(*values, merged=[Range(2, 2, 4, 2)])
    assert [one.state.name for one in found.records() if isinstance(one, ExportTask)] == ["Việc chung"] * 3
    assert [(one.code, one.values["count"]) for one in found.remarks] == [("merged_down", "2")]


def test_a_merge_does_not_reach_over_missing_rows() -> None:
    """Rows that were refused are read again without the rows between them."""
    joined = Cell(None, "", "empty", MERGED.format(origin="G9"))
    values = (TASK_HEADER, task_row(1, helpers="Sở Nội vụ"), *[()] * 6, task_row(2, helpers=joined))
    _, below = [one for one in reading(*values, merged=[Range(9, 7, 10, 7)]).records() if isinstance(one, ExportTask)]
    assert (below.row, below.cooperating) == (9, ())


def test_cells_merged_sideways_are_not_copied() -> None:
    sideways = Cell(None, "", "empty", MERGED.format(origin="F2"))
    (found,) = read(TASK_HEADER, task_row(1, helpers=sideways))
    assert isinstance(found, ExportTask)
    assert found.cooperating == ()


# -- codings and dates of the whole ------------------------------------------------------------------------------------

LEADS = ("Sở Tài chính", "Sở Nội vụ", "Sở Tư pháp", "Sở Y tế", "UBND huyện Hữu Lũng", "Văn phòng UBND tỉnh")


@pytest.mark.parametrize("encode", [tcvn3, vni, misread])
def test_a_file_in_an_old_font_gives_the_same_records_and_says_so(encode: Callable[[str], str]) -> None:
    values = [*TITLES, TASK_HEADER, *(task_row(number, lead=lead) for number, lead in enumerate(LEADS, 1)), *SIGNED]
    plain = reading(*values)
    found = reading(*([encode(one) if isinstance(one, str) else one for one in row] for row in values))
    states = [one.state for one in found.records() if isinstance(one, ExportTask)]
    assert [(one.lead, one.status) for one in states] == [(lead, Status.IN_PROGRESS) for lead in LEADS]
    assert sum(1 for _ in plain.records()) == sum(found.counts.values()) + 4
    assert found.counts == plain.counts
    converted = [one for one in found.remarks if one.code == "text_converted"]
    assert converted
    assert all(0 < one.values["examples"].count("→") <= 3 for one in converted)
    assert not found.stopped


def test_a_column_in_two_codings_stops_the_file() -> None:
    values = [task_row(number, lead=lead) for number, lead in enumerate((*LEADS, *map(tcvn3, LEADS)), 1)]
    found = reading(TASK_HEADER, *values)
    assert found.stopped
    assert [(one.code, one.cell) for one in found.remarks] == [("text_mixed", "F1")]


def test_dates_of_the_other_order_stop_the_file_at_the_cell() -> None:
    values = [task_row(number, due=f"02/{day}/2022") for number, day in enumerate((11, 18, 25), 1)]
    found = reading(TASK_HEADER, *values)
    before = found.stopped
    assert sum(isinstance(one, RejectedRow) for one in found.records()) == 2
    assert (before, found.stopped) == (False, True)
    assert [(one.code, one.cell, one.values["value"]) for one in found.remarks if one.stops] == [
        ("dates_other_order", "I3", "02/18/2022")
    ]


def test_an_end_date_of_unfinished_tasks_is_no_completion() -> None:
    header = ("Tên nhiệm vụ", "Chủ trì", "Hạn xử lý", "Ngày kết thúc", "Trạng thái")
    found = reading(header, ("Việc", "Sở Y tế", "18/02/2022", "18/02/2022", "Đang thực hiện"))
    list(found.records())
    assert [(one.code, one.cell) for one in found.remarks if one.stops] == [("end_is_planned", "D1")]


def test_labels_nobody_mapped_are_counted() -> None:
    found = reading(TASK_HEADER, task_row(1, status="Tạm để đó"), task_row(2, status="Tạm để đó"))
    list(found.records())
    assert [(one.code, one.values["labels"]) for one in found.remarks] == [("status_unknown", "“Tạm để đó” (2)")]


def test_the_head_is_not_the_whole() -> None:
    values = [task_row(number) for number in range(1, HEAD + 50)]
    found = reading(TASK_HEADER, *values, task_row(HEAD + 50, lead="Së Tµi chÝnh"))
    result = list(found.records())
    assert len(result) == HEAD + 51
    assert isinstance(result[-1], RejectedRow)


def test_a_sheet_of_something_else_stops_no_file_and_a_broken_one_of_ours_does() -> None:
    good, other = reading(TASK_HEADER, task_row(1)), reading(("Mã", "Tên đơn vị", "Ghi chú"), ("A", "B", "C"))
    broken = reading(("Tên nhiệm vụ", "Cơ quan chủ trì"), ("Việc", "Sở Y tế"))
    assert [file_stops(one) for one in ([good], [good, other], [other], [good, broken], [])] == [
        False, False, True, True, True,
    ]  # fmt: skip


# -- where values come from --------------------------------------------------------------------------------------------


def test_every_field_that_is_told_has_its_column() -> None:
    found = reading((), TASK_HEADER, task_row(1))
    assert isinstance(found.layout, Layout)
    columns = column_of(found.layout.columns)
    assert (columns["completed_on"], columns["status_label"]) == ("completed_on", "status")
    assert "content" not in columns
    assert found.told == {
        "name", "assigner", "assigned_on", "assigned_at", "due_on", "due_at", "completed_on", "status", "status_label",
        "lead", "lines", "urged",
    }  # fmt: skip


def test_without_a_status_column_the_completion_date_tells_the_status() -> None:
    found = reading(("Tên nhiệm vụ", "Chủ trì", "Ngày bắt đầu", "Ngày hoàn thành"), ("Việc", "Sở Y tế", "08/02/2022"))
    assert isinstance(found.layout, Layout)
    columns = column_of(found.layout.columns)
    assert (columns["status"], columns["assigned_on"]) == ("completed_on", "starts_on")
    (task,) = (one for one in found.records() if isinstance(one, ExportTask))
    assert task.state.assigned_on == date(2022, 2, 8)


def test_as_of_comes_from_the_title_the_file_its_member_or_the_rows() -> None:
    at, now = datetime(2022, 3, 9, tzinfo=OFFICE_ZONE), datetime(2022, 3, 20, tzinfo=OFFICE_ZONE)
    member = datetime(2022, 3, 1, 8)  # noqa: DTZ001 (an archive knows no zone)
    stated = [["Tính đến ngày 28/02/2022"], *TITLES]

    def found(titles: Sequence[Sequence[Value]], file_time: datetime, **facts: Any) -> AsOf:
        one = SheetReading("x", sheet(*titles, TASK_HEADER, task_row(1, assigned="10/02/2022"), **facts), rules())
        list(one.records())
        return one.as_of(file_time, now)

    assert found(stated, at).cell == "A1"
    assert found(TITLES, at) == AsOf(at, "file")
    assert found(TITLES, at, modified_at=member) == AsOf(member.replace(tzinfo=OFFICE_ZONE), "file")
    assert found(TITLES, now.replace(year=1970)).at == datetime(2022, 2, 10, 23, 59, 59, tzinfo=OFFICE_ZONE)


# -- refused rows are read again ---------------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.text(max_size=9), st.integers(), st.booleans(), st.dates(), st.datetimes())))
def test_a_row_comes_back_from_json_as_it_was(values: list[Value]) -> None:
    for row in rows(values, first=7):
        assert unpack(json.loads(json.dumps(pack(row)))) == row


@given(st.floats())
def test_a_packed_number_is_one_that_json_knows(value: float) -> None:
    (row,) = rows((Cell(value, "x", "number"),))
    assert unpack(json.loads(json.dumps(pack(row), allow_nan=False))).cells[0].text == "x"


@pytest.mark.parametrize("packed", [[], ["x"], [1, 2], [1, ["a"]], {}])
def test_what_is_no_packed_row_is_told(packed: list[object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpack(packed)


def test_refused_rows_are_read_again_by_the_rules_of_today() -> None:
    header = [tcvn3(one) for one in TASK_HEADER]
    plain = [task_row(number, lead=lead) for number, lead in enumerate(LEADS, 1)]
    values = [[tcvn3(one) if isinstance(one, str) else one for one in row] for row in plain]
    values[3][8] = "02/13/2022"
    found = reading(*TITLES, header, *values)
    (refused,) = [one for one in found.records() if isinstance(one, RejectedRow)]
    kept = json.loads(json.dumps(found.kept()))
    row = unpack(json.loads(json.dumps(pack(refused.row))))
    again = reread("nhiem-vu.xlsx", "Nhiệm vụ", kept, [row], rules(order="month_first"))
    (task,) = [one for one in again.records() if isinstance(one, ExportTask)]
    assert (task.row, task.state.lead, task.state.due_on) == (9, "Sở Y tế", date(2022, 2, 13))
    assert isinstance(again.layout, Layout)
    assert isinstance(found.layout, Layout)
    assert again.layout.columns == found.layout.columns


def test_plain_numbers_follow_the_calendar_of_the_workbook() -> None:
    values = (TASK_HEADER, task_row(1, due=43158))
    (task,) = [
        one
        for one in SheetReading("x", sheet(*values, epoch_1904=True), rules()).records()
        if isinstance(one, ExportTask)
    ]
    assert task.state.due_on == date(2022, 2, 28)
    assert cell(43158).kind == "number"
