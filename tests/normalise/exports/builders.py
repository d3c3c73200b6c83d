"""Sheets as the readers of files hand them over, written down in a few words.

A value is a cell: text, number, date; None is an empty cell. Rows count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connector.clock import OFFICE_ZONE
from connector.domain.tables import EMPTY, Cell, CellValue, Range, SheetRow
from connector.normalise.exports.keys import agency_codes
from connector.normalise.exports.problems import RejectedRow, SkippedRow
from connector.normalise.exports.records import ExportDocument, ExportTask, Rules
from connector.normalise.exports.sheet import Read, SheetReading
from connector.normalise.vocabulary import Vocabularies
from connector.reference import load_agencies
from connector.reference.export_headers import load_export_headers

AGENCIES = load_agencies(None, ())
SYNONYMS = load_export_headers(None)
FEBRUARY = date(2022, 2, 28)
code_of = agency_codes(AGENCIES, FEBRUARY)

TASK_HEADER = (
    "STT", "Tên nhiệm vụ", "Số ký hiệu văn bản giao", "Ngày văn bản", "Lãnh đạo giao việc", "Cơ quan chủ trì",
    "Cơ quan phối hợp", "Ngày giao", "Hạn hoàn thành", "Ngày hoàn thành", "Trạng thái", "Số lần bị đôn đốc",
)  # fmt: skip
DOCUMENT_HEADER = (
    "STT", "Trích yếu", "Số ký hiệu", "Văn bản ký số", "Ngày ban hành", "Đơn vị ban hành", "Người ký chính",
)  # fmt: skip
TITLES = (
    ("VĂN PHÒNG UBND TỈNH LẠNG SƠN",),
    ("DANH SÁCH NHIỆM VỤ UBND TỈNH, CHỦ TỊCH, CÁC PHÓ CHỦ TỊCH UBND TỈNH GIAO",),
    ("(Từ ngày 01/12/2021 đến ngày 28/02/2022)",),
    (),
)


Value = CellValue | Cell


def cell(value: Value) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return Cell(value, "TRUE" if value else "FALSE", "bool")
    if isinstance(value, str):
        return Cell(value, value, "text")
    if isinstance(value, date):
        return Cell(value, f"{value:%d/%m/%Y %H:%M}" if isinstance(value, datetime) else f"{value:%d/%m/%Y}", "date")
    return Cell(value, str(int(value)) if float(value).is_integer() else str(value).replace(".", ","), "number")


def rows(*values: Sequence[Value], first: int = 1) -> list[SheetRow]:
    """Empty rows are left out, as the readers do."""
    found = [SheetRow(number, tuple(map(cell, one))) for number, one in enumerate(values, first)]
    return [row for row in found if any(one.kind != "empty" for one in row.cells)]


@dataclass
class TableSheet:
    """A sheet in memory; its rows can be read once, like a file's."""

    rows: Iterator[SheetRow]
    name: str = "Nhiệm vụ"
    merged: Sequence[Range] = ()
    file: str = ""
    hidden: bool = False
    modified_at: datetime | None = None
    epoch_1904: bool = False
    delimited: bool = False
    unended: tuple[int, int] | None = None


def sheet(*values: Sequence[Value], merged: Sequence[Range] = (), **facts: Any) -> TableSheet:
    """``facts``: what its reader tells of it."""
    return TableSheet(iter(rows(*values)), merged=merged, **facts)


def rules(**changes: object) -> Rules:
    known: dict[str, object] = {
        "synonyms": SYNONYMS,
        "words": Vocabularies.of(),
        "zone": OFFICE_ZONE,
        "is_agency": lambda name: AGENCIES.resolve(name, FEBRUARY).agency is not None,
    }
    return Rules(**{**known, **changes})  # type: ignore[arg-type]


def reading(*values: Sequence[Value], merged: Sequence[Range] = (), **changes: object) -> SheetReading:
    return SheetReading("nhiem-vu.xlsx", sheet(*values, merged=merged), rules(**changes))


def read(*values: Sequence[Value], **changes: object) -> list[Read]:
    """The records, refused and skipped rows below the header."""
    found = reading(*values, **changes)  # type: ignore[arg-type]
    return [one for one in found.records() if not (isinstance(one, SkippedRow) and one.reason in ("title", "header"))]


def task_row(number: Value = 1, **changes: Value) -> list[Value]:
    """A row under TASK_HEADER."""
    values: dict[str, Value] = {
        "number": number,
        "name": "Kiểm tra, báo cáo tuyển sinh đầu cấp",
        "notation": "44/UBND-NN",
        "dated": "08/02/2022",
        "assigner": "Lãnh đạo Mẫu 01",
        "lead": "Sở Tài chính",
        "helpers": None,
        "assigned": "08/02/2022",
        "due": "18/02/2022",
        "completed": None,
        "status": "Chưa hoàn thành",
        "urged": 0,
    }
    return list({**values, **changes}.values())


def task(**changes: Value) -> ExportTask:
    """The task of one row; fails if the row is no task."""
    (found,) = read(TASK_HEADER, task_row(**changes))
    assert isinstance(found, ExportTask), found
    return found


def rejected(**changes: Value) -> RejectedRow:
    (found,) = read(TASK_HEADER, task_row(**changes))
    assert isinstance(found, RejectedRow), found
    return found


def document(*values: Value, header: Sequence[str] = DOCUMENT_HEADER) -> ExportDocument | RejectedRow:
    (found,) = read(header, values)
    assert isinstance(found, ExportDocument | RejectedRow), found
    return found


def root() -> Path:
    return Path(__file__).resolve().parents[3]
