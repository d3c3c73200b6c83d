"""From a file to records: what the readers hand over is what the normaliser takes, and every format tells the same."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from connector.domain.status import Status
from connector.domain.tables import Cell, Range
from connector.normalise.exports.problems import RejectedRow, SkippedRow
from connector.normalise.exports.records import ExportDocument, ExportTask
from connector.normalise.exports.sheet import Read, SheetReading, file_stops
from connector.sources.files.reader import open_table
from tests.normalise.exports.builders import DOCUMENT_HEADER, TASK_HEADER, TITLES, rules
from tests.sources.files import books

HALF_PAST_FIVE = datetime(2022, 2, 28, 17, 30)  # noqa: DTZ001 (a spreadsheet knows no zone)
LEADER, HELPERS = "Lãnh đạo Mẫu 01", "Sở Nội vụ; Sở Văn hóa, Thể thao và Du lịch"
OPEN, DONE = "Chưa hoàn thành", "Đã hoàn thành"
GIVEN, DUE, ENDED = date(2022, 2, 14), date(2022, 2, 18), date(2022, 2, 21)

TASKS: list[books.Row] = [
    *TITLES,
    TASK_HEADER,
    ["I", "Lĩnh vực tài chính"],
    [1, "Rà soát; báo cáo, đề xuất", "44/UBND-NN", GIVEN, LEADER, "Sở Tài chính", HELPERS, GIVEN, DUE, ENDED, DONE, 2],
    [2, "Xếp loại “A”", "45/UBND-TH", GIVEN, LEADER, "UBND huyện Cao Lộc", None, GIVEN, HALF_PAST_FIVE, None, OPEN],
    [3, None, "46/UBND-TH", GIVEN, LEADER, "Sở Y tế", None, GIVEN, DUE, None, OPEN, 0],
    [4, "Trả lời cử tri", "47/UBND-TH", "31/02/2022", LEADER, "Sở Y tế", None, GIVEN, "01/02/22", None, OPEN, 0],
    [None, "Tổng cộng", None, None, None, None, None, None, None, None, "4 nhiệm vụ"],
    [None, None, None, None, None, None, None, None, None, "NGƯỜI LẬP BIỂU"],
]  # fmt: skip
MERGED_HEADER: list[books.Row] = [
    ["DANH SÁCH NHIỆM VỤ", None, None, None, None, None, None],
    ["STT", "Tên nhiệm vụ", "Văn bản giao", None, "Cơ quan chủ trì", "Hạn hoàn thành", "Trạng thái"],
    [None, None, "Số ký hiệu", "Ngày", None, None, None],
    [1, "Lập kế hoạch", "44/UBND-NN", GIVEN, "Sở Tài chính", DUE, OPEN],
    [2, None, "45/UBND-NN", GIVEN, "Sở Nội vụ", DUE, OPEN],
]
MERGES = [Range(1, 1, 1, 7), *(Range(2, column, 3, column) for column in (1, 2, 5, 6, 7)), Range(2, 3, 2, 4),
          Range(4, 2, 5, 2)]  # fmt: skip
DOCUMENTS: list[books.Row] = [
    ["SỔ VĂN BẢN ĐI"],
    DOCUMENT_HEADER,
    [1, "Về việc tuyển sinh", "15/UBND-MAU", "Đã ký số", GIVEN, "UBND tỉnh", "Nguyễn Văn Mẫu"],
    [2, "Về việc tuyển quân", "16/UBND-MAU", None, GIVEN, "UBND tỉnh", "Nguyễn Văn Mẫu"],
]


def read_file(path: Path) -> tuple[list[SheetReading], list[Read]]:
    """All sheets of a file and what became of their rows, as an import goes about it."""
    readings: list[SheetReading] = []
    found: list[Read] = []
    with open_table(path, books.SMALL) as sheets:
        for sheet in sheets:
            reading = SheetReading(path.name, sheet, rules())
            found += reading.records()
            readings.append(reading)
    return readings, found


def said(reading: SheetReading) -> list[tuple[str, str, dict[str, str]]]:
    return [(one.code, one.cell, dict(one.values)) for one in reading.remarks]


@pytest.mark.parametrize("kind", books.WRITERS)
def test_a_task_export_gives_the_same_records_from_every_format(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "nhiem-vu.xls"  # the name says nothing
    books.WRITERS[kind](path, TASKS)
    (reading,), found = read_file(path)
    assert not file_stops([reading])
    assert said(reading) == []  # the total of four is what was read
    first, second = [one for one in found if isinstance(one, ExportTask)]
    assert (first.row, first.state.name, first.state.lead) == (7, "Rà soát; báo cáo, đề xuất", "Sở Tài chính")
    assert first.document is not None
    assert (first.document.notations[0], first.document.issued_on) == ("44/UBND-NN", GIVEN)
    assert first.cooperating == ("Sở Nội vụ", "Sở Văn hóa, Thể thao và Du lịch")
    state = first.state
    assert (state.assigned_on, state.due_on, state.completed_on) == (GIVEN, DUE, ENDED)
    assert (state.status, state.urged, state.due_at) == (Status.DONE, True, None)
    assert second.state.due_at is not None
    assert second.state.due_at.isoformat() == "2022-02-28T17:30:00+07:00"
    assert (second.state.status, second.state.completed_on) == (Status.IN_PROGRESS, None)
    assert [[(one.cell, one.value) for one in row.problems] for row in found if isinstance(row, RejectedRow)] == [
        [("B9", "")],
        [("D10", "31/02/2022"), ("I10", "01/02/22")],
    ]
    assert [(one.number, one.reason) for one in found if isinstance(one, SkippedRow)] == [
        (1, "title"), (2, "title"), (3, "title"), (5, "header"), (6, "group"), (11, "total"), (12, "signature"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", books.MERGING)
def test_merged_headers_and_cells_mean_the_same_in_every_format(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "nhiem-vu.xls"
    books.MERGING[kind](path, MERGED_HEADER, MERGES)
    (reading,), found = read_file(path)
    tasks = [one for one in found if isinstance(one, ExportTask)]
    assert [(one.row, one.state.name, one.state.lead, one.document and one.document.words) for one in tasks] == [
        (4, "Lập kế hoạch", "Sở Tài chính", "số 44/UBND-NN ngày 14/02/2022"),
        (5, "Lập kế hoạch", "Sở Nội vụ", "số 45/UBND-NN ngày 14/02/2022"),
    ]
    assert said(reading) == [("merged_down", "", {"count": "1"})]


@pytest.mark.parametrize("kind", books.WRITERS)
def test_a_document_export_gives_the_same_records_from_every_format(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "van-ban.csv"
    books.WRITERS[kind](path, DOCUMENTS)
    _, found = read_file(path)
    documents = [one for one in found if isinstance(one, ExportDocument)]
    assert [(one.row, one.state.notation, one.state.issued_on, one.state.subject) for one in documents] == [
        (3, "15/UBND-MAU", GIVEN, "Về việc tuyển sinh"),
        (4, "16/UBND-MAU", GIVEN, "Về việc tuyển quân"),
    ]
    assert {one.state.outgoing for one in documents} == {True}


def test_an_archive_of_exports_gives_the_records_of_each(tmp_path: Path) -> None:
    books.xlsx(tmp_path / "a.xlsx", TASKS)
    books.WRITERS["csv utf-8"](tmp_path / "b.csv", DOCUMENTS)
    path = tmp_path / "xuat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.xlsx", "b.csv"):
            archive.write(tmp_path / name, name)
    readings, found = read_file(path)
    assert [reading.counts["records"] for reading in readings] == [2, 2]
    assert [type(one) for one in found if isinstance(one, ExportTask | ExportDocument)] == [
        ExportTask, ExportTask, ExportDocument, ExportDocument,
    ]  # fmt: skip


def test_a_refused_row_of_a_file_holds_its_cells_as_they_were_read(tmp_path: Path) -> None:
    path = tmp_path / "nhiem-vu.xlsx"
    books.xlsx(path, TASKS)
    _, found = read_file(path)
    (row,) = [one.row for one in found if isinstance(one, RejectedRow) and one.row.number == 10]
    assert row.cells[3] == Cell("31/02/2022", "31/02/2022", "text")
    assert row.cells[7] == Cell(GIVEN, "14/02/2022", "date")
