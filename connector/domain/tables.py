"""A table as a file shows it, before anybody reads meaning into it: sheets, rows, cells.

Readers of every format give the same rows for the same content (F23), so what reads them need not know the format.
Rows and columns count from 1, as Excel shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from connector.domain.packages import Package

CellValue = str | int | float | bool | date | datetime | None
CellKind = Literal["text", "number", "bool", "date", "empty", "error"]
FileKind = Literal["xlsx", "xls", "ods", "html", "spreadsheetml", "csv", "tsv", "zip", "edxml"]

# What a reader could not be sure of, or what a person should know about a cell. Several are joined by "; ".
FORMULA = "công thức"  # the value is the one the office program calculated last; we never calculate
FORMULA_WITHOUT_VALUE = "công thức chưa có kết quả"
DATE_WITHOUT_YEAR = "Excel có thể đã tự đổi số ký hiệu thành ngày"  # 15/9 typed, shown as 15-Sep
DATE_WITHOUT_DAY = "ô chỉ hiện tháng, không hiện ngày"  # 2/2022 typed, kept as the first of the month
LEADING_APOSTROPHE = "có dấu nháy đơn ở đầu"  # typed as text on purpose, e.g. '0123
LONG_NUMBER = "số quá 15 chữ số, Excel có thể đã làm tròn"
TIME_ONLY = "chỉ có giờ, không có ngày"
MERGED = "gộp với ô {origin}"  # the value stands in the origin only, e.g. B3


class Cell(NamedTuple):
    """``text``: as a person would read it: dd/mm/yyyy[ HH:MM[:SS]], whole numbers without ".0", decimal comma.

    ``value``: text of CSV and HTML stays text; an error has None and its name in ``text``. A NamedTuple, not a
    dataclass, because a large file makes a million of them.
    """

    value: CellValue
    text: str
    kind: CellKind
    note: str = ""


EMPTY = Cell(None, "", "empty")


class SheetRow(NamedTuple):
    """A row with anything in it; empty rows are left out, empty cells at the end too. ``cells[0]`` is column A."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Cells from the first corner to the last, both included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __str__(self) -> str:
        return f"{address(self.first_row, self.first_column)}:{address(self.last_row, self.last_column)}"


def address(row: int, column: int) -> str:
    """The name of a cell, e.g. (3, 28) → "AB3"."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


class Sheet(Protocol):
    """One sheet of a workbook, one table of a page, one delimited file. Sheets and rows are read once, in order.

    ``file``: the member of an archive it stands in, else "". ``merged`` holds every merged range that begins in a row
    handed out so far, or all of them; the value stands in its first cell only, the others carry the note MERGED.
    A hidden sheet is named, but its rows are not read. ``rows`` raises FileRefused when the file turns out bad.
    ``modified_at``: of the member of an archive, local time without a zone; None if there is none or it cannot be.
    ``epoch_1904``: days kept as plain numbers count from 1 January 1904. ``delimited``: cells are told apart by marks
    in the text, so one mark too many moves all behind it. ``unended``: (row, its fields) of a delimited last row that
    no line end follows, known when it is handed out: the file may have been cut there.
    """

    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def hidden(self) -> bool: ...
    @property
    def merged(self) -> Sequence[Range]: ...
    @property
    def modified_at(self) -> datetime | None: ...
    @property
    def epoch_1904(self) -> bool: ...
    @property
    def delimited(self) -> bool: ...
    @property
    def unended(self) -> tuple[int, int] | None: ...
    @property
    def rows(self) -> Iterator[SheetRow]: ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is by its content. ``encoding``: of text kinds only; ``said_by``: why we think so, for people;
    ``suffix_lies``: the name promises something else."""

    kind: FileKind
    encoding: str | None
    said_by: str
    suffix_lies: bool


class Table(Protocol):
    """An opened file: its sheets, once and in order, and what it was recognised as. A file of kind "edxml" has no
    sheets but ``packages``, to be read once as well; every other kind has none."""

    @property
    def recognised(self) -> Recognised: ...
    @property
    def packages(self) -> Iterator[Package]: ...
    def __iter__(self) -> Iterator[Sheet]: ...
    def __next__(self) -> Sheet: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost at most (F26). Sizes in bytes, ``seconds`` of reading, both processor and waiting."""

    file_bytes: int = 128 * 2**20
    unpacked_bytes: int = 512 * 2**20
    unpacked_ratio: int = 250
    members: int = 1000
    rows: int = 500_000
    columns: int = 500
    text_length: int = 32_767
    seconds: float = 25
    memory_bytes: int = 300 * 2**20
