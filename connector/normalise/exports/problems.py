"""What is said about rows and cells: refused with every reason, passed over with one, or remarked on. Pure (F11)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast

from connector.domain.tables import EMPTY, Cell, CellKind, SheetRow, address
from connector.normalise.fields import clean

_SHOWN = 60
_MOST_RANGES = 10

SkipReason = Literal["title", "header", "header_again", "numbering", "group", "total", "signature"]
SKIPPED: Mapping[SkipReason, str] = {
    "title": "dòng tiêu đề phía trên bảng",
    "header": "dòng tên cột",
    "header_again": "dòng tên cột lặp lại",
    "numbering": "dòng đánh số cột",
    "group": "dòng nhóm",
    "total": "dòng tổng cộng",
    "signature": "dòng ký, ngày lập",
}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """``cell``: e.g. "D15". ``header``: of its column, as written. ``value``: as found, shortened."""

    cell: str
    header: str
    value: str
    reason: str

    def __str__(self) -> str:
        header = f" ({self.header})" if self.header else ""
        return f"{self.cell}{header}: {self.reason}" + (f" (giá trị: {self.value})" if self.value else "")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be read, with all its problems. ``row`` is kept whole, so that it can be read again once
    the mapping is right (F12)."""

    file: str
    sheet: str
    row: SheetRow
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no record. ``text``: what stands in it, shortened."""

    number: int
    reason: SkipReason
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something people should know of a sheet; ``code`` finds its words in ``explain``, ``values`` fill them.
    ``stops``: the file is refused."""

    code: str
    cell: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    stops: bool = False


def place(row: int, index: int) -> str:
    """``index`` counts from 0."""
    return address(row, index + 1)


def shown(text: str) -> str:
    line = clean(text)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def ranges(numbers: Iterable[int]) -> str:
    """E.g. "1-3, 5"; of many only the first."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found[:_MOST_RANGES])
    total = sum(last - first + 1 for first, last in found)
    return f"{shown}, … (tất cả {total} dòng)" if len(found) > _MOST_RANGES else shown


def pack(row: SheetRow) -> list[Any]:
    """A row as JSON can hold it: its number, then for each cell value, text, kind and note."""
    return [row.number, *([_plain(cell.value), cell.text, cell.kind, cell.note] for cell in row.cells)]


def unpack(packed: Sequence[Any]) -> SheetRow:
    """The row that ``pack`` took apart. Raises ValueError."""
    try:
        return SheetRow(int(packed[0]), tuple(_cell(*cell) for cell in packed[1:]))
    except (TypeError, LookupError) as error:
        raise ValueError("not a packed row") from error


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # no number of JSON; the text still says what stood there
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any, text: str, kind: str, note: str) -> Cell:
    if kind == "empty" and not note:
        return EMPTY
    if kind == "date" and isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return Cell(value, text, cast(CellKind, kind), note)
