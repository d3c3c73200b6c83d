"""What a file holds and the import does not use, as people are told it."""

from __future__ import annotations

import pytest

from connector.normalise.exports.explain import explain_remark
from connector.normalise.exports.problems import Remark
from connector.normalise.exports.records import ExportTask
from connector.normalise.exports.untold import hidden_sheets, untold
from tests.normalise.exports.builders import TASK_HEADER, Value, reading, rules, task_row


def remarks(header: tuple[Value, ...], *rows: list[Value]) -> list[Remark]:
    found = reading(header, *rows)
    tasks = [one for one in found.records() if isinstance(one, ExportTask)]
    assert len(tasks) == len(rows)
    return list(untold(found.layout, tasks, rules()))


def said(*found: Remark) -> list[str]:
    return [explain_remark(one).lines()[0] for one in found]


def test_columns_nobody_understood_are_named_with_their_cells_and_the_way_to_map_them() -> None:
    (found,) = remarks((*TASK_HEADER, "Bên làm", "Hẹn"), [*task_row(), "Sở Y tế", "01/03/2022"])
    told = explain_remark(found)
    assert told.what == "cột không dùng: M1 “Bên làm”; N1 “Hẹn”"
    assert 'connector import TỆP --map "Bên làm=TRƯỜNG"' in told.remedy
    assert not told.stops


def test_a_column_that_is_known_to_hold_nothing_we_keep_is_not_told() -> None:
    assert remarks((*TASK_HEADER, "Ghi chú", None), [*task_row(), "x"]) == []


def test_leads_in_no_table_are_named_with_their_rows() -> None:
    names = ["Sở Tài chính", "Sở Y tế; Sở Tài chính", "Các sở, ban, ngành", "Các sở, ban, ngành"]
    found = remarks(TASK_HEADER, *(task_row(n, name=f"Việc {n}", lead=name) for n, name in enumerate(names, 1)))
    assert said(*found) == [
        "đơn vị chủ trì không có trong bảng cơ quan: “Sở Y tế; Sở Tài chính” (dòng 3); “Các sở, ban, ngành” (dòng "
        "4-5); nhiệm vụ vẫn được nhập nhưng không tính cho cơ quan nào"
    ]


def test_of_very_many_names_only_the_first_are_listed() -> None:
    found = remarks(TASK_HEADER, *(task_row(n, name=f"Việc {n}", lead=f"Tổ {n}") for n in range(1, 31)))
    (line,) = said(*found)
    assert "“Tổ 20” (dòng 21); … và 10 tên nữa;" in line
    assert "“Tổ 21”" not in line


def test_a_unit_that_only_helps_is_no_lead() -> None:
    header = ["Đơn vị xử lý" if one == "Cơ quan chủ trì" else one for one in TASK_HEADER]
    header[6] = "Vai trò xử lý"
    rows = [task_row(1, lead="Tổ một", helpers="Phối hợp"), task_row(2, lead="Tổ hai", helpers="Chủ trì")]
    (line,) = said(*remarks(tuple(header), *rows))
    assert "“Tổ hai”" in line
    assert "“Tổ một”" not in line


@pytest.mark.parametrize("names", [["Ẩn"], ["Ẩn", "a.xlsx › Phụ"]])
def test_hidden_sheets_are_named(names: list[str]) -> None:
    listed = "; ".join(f"“{name}”" for name in names)
    told = explain_remark(hidden_sheets(names))
    assert told.what == f"trang bị ẩn nên không đọc: {listed}"
    assert "Unhide" in told.remedy


def test_of_a_sheet_that_was_not_understood_there_is_nothing_to_add() -> None:
    found = reading(("Họ và tên", "Ngày sinh", "Quê quán"))
    assert list(untold(found.layout, [], rules())) == []
