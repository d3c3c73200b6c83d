"""How the report of a file begins, and what it calls its parts."""

from __future__ import annotations

import pytest

from connector.clock import OFFICE_ZONE
from connector.normalise.exports.report import FileOutcome, SheetOutcome, report_text, sheet_title
from tests.normalise.exports.builders import rejected


@pytest.mark.parametrize(
    ("refused", "dry_run", "said"),
    [
        (False, False, "ĐÃ NHẬP"),
        (False, True, "SẼ NHẬP ĐƯỢC (chạy thử, chưa ghi gì)"),
        (True, False, "BỊ TỪ CHỐI, không dòng nào được nhập"),
        (True, True, "SẼ BỊ TỪ CHỐI (chạy thử, chưa ghi gì)"),
    ],
)
def test_a_dry_run_never_says_that_something_was_done(refused: bool, dry_run: bool, said: str) -> None:
    text = report_text(FileOutcome("a.xlsx", [], refused=refused), OFFICE_ZONE, dry_run=dry_run)
    assert text.split("\r\n") == ["Tệp: a.xlsx", f"Kết quả: {said}", ""]


def test_a_duplicate_says_how_it_is_taken_all_the_same() -> None:
    text = report_text(FileOutcome("b.xlsx", [], refused=False, duplicate_of="“a.xlsx”"), OFFICE_ZONE)
    assert text.endswith("hoặc cách đọc cột đã đổi, chạy: connector import --again TỆP\r\n")


@pytest.mark.parametrize(
    ("refused", "dry_run", "title", "more"),
    [
        (False, False, "30 dòng bị giữ lại, chưa nhập:", "… và 10 dòng nữa; xem: connector quarantine list"),
        (False, True, "30 dòng bị giữ lại, chưa nhập:", "… và 10 dòng nữa"),
        (True, False, "30 dòng không đọc được:", "… và 10 dòng nữa"),
    ],
)
def test_rows_are_said_to_lie_in_quarantine_only_where_they_do(
    refused: bool, dry_run: bool, title: str, more: str
) -> None:
    sheet = SheetOutcome("Nhiệm vụ", "task", rejected=[rejected(assigned=20220208)] * 30)
    text = report_text(FileOutcome("a.xlsx", [sheet], refused=refused), OFFICE_ZONE, dry_run=dry_run)
    lines = [line.strip() for line in text.split("\r\n")]
    assert title in lines
    assert more in lines


@pytest.mark.parametrize(
    ("file", "sheet", "title"),
    [
        ("a.xlsx", "Sheet1", "trang “Sheet1”"),
        ("a.csv", "", "bảng"),
        ("a.zip › b/c.xlsx", "Sheet1", "tệp con “b/c.xlsx”, trang “Sheet1”"),
        ("a.zip › c.csv", "", "tệp con “c.csv”"),
    ],
)
def test_a_sheet_is_called_what_people_can_find(file: str, sheet: str, title: str) -> None:
    assert sheet_title(file, sheet) == title
