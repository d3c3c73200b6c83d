"""The short text that lies beside a file the clerk dropped: what came in, what did not and why, what to do. Pure.

No content of a record is shown, only cells and reasons: the text may be read by others than the file (F107).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import MANY, Advice
from connector.normalise.exports.problems import SKIPPED, RejectedRow, SkippedRow

_MOST_RANGES = 10
_BASIS = {
    "stated": "theo ô {cell}",
    "file": "theo giờ lưu của tệp",
    "rows": "theo ngày mới nhất trong bảng vì giờ lưu của tệp không thể đúng",
}


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """What came of one sheet. ``table``: None where it was not recognised. ``asked``: rows that wait for a person to
    say which record they are, with why."""

    sheet: str
    table: Literal["task", "document"] | None
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    repeated: int = 0
    as_of: AsOf | None = None
    skipped: Sequence[SkippedRow] = ()
    rejected: Sequence[RejectedRow] = ()
    asked: Sequence[tuple[int, str]] = ()
    advices: Sequence[Advice] = ()


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of a file. ``reason``: why it was refused, where that is not in the sheets' advices. ``duplicate_of``:
    the file of the same content that was taken before, "" if there is none."""

    file: str
    sheets: Sequence[SheetOutcome]
    refused: bool
    reason: str = ""
    duplicate_of: str = ""


def report_text(outcome: FileOutcome, zone: ZoneInfo) -> str:
    """Plain text, CRLF at the ends of lines as Notepad likes them."""
    return "\r\n".join((*_lines(outcome, zone), ""))


def _lines(outcome: FileOutcome, zone: ZoneInfo) -> Iterator[str]:
    yield f"Tệp: {outcome.file}"
    if outcome.duplicate_of:
        yield f"Kết quả: KHÔNG NHẬP LẠI, nội dung giống hệt tệp đã nhập {outcome.duplicate_of}"
        return
    yield "Kết quả: BỊ TỪ CHỐI, không dòng nào được nhập" if outcome.refused else "Kết quả: ĐÃ NHẬP"
    if outcome.reason:
        yield f"Lý do: {outcome.reason}"
    for sheet in outcome.sheets:
        yield ""
        yield from _sheet(sheet, zone, refused=outcome.refused)


def _sheet(sheet: SheetOutcome, zone: ZoneInfo, *, refused: bool) -> Iterator[str]:
    name = {"task": "danh sách nhiệm vụ", "document": "sổ văn bản", None: "không nhận ra bảng"}[sheet.table]
    yield f"Trang “{sheet.sheet}”: {name}"
    if not refused and sheet.table is not None:
        yield from _figures(sheet, zone)
    yield from _skipped(sheet.skipped)
    if sheet.advices:
        yield "  Cần xem:"
        for number, advice in enumerate(sheet.advices, 1):
            first, *others = advice.lines()
            yield f"    {number}. {first}"
            yield from (f"       {line}" for line in others)
    yield from _listed(
        "Dòng bị giữ lại, chưa nhập:",
        ((row.row.number, "; ".join(map(str, row.problems))) for row in sheet.rejected),
        len(sheet.rejected),
    )
    yield from _listed("Dòng chờ người quyết định, chưa nhập:", sheet.asked, len(sheet.asked))


def _figures(sheet: SheetOutcome, zone: ZoneInfo) -> Iterator[str]:
    what = "nhiệm vụ" if sheet.table == "task" else "văn bản"
    yield f"  Đã đọc {sheet.read} {what}: {sheet.new} mới, {sheet.changed} có thay đổi, {sheet.unchanged} không đổi"
    if sheet.older:
        yield f"  {sheet.older} {what} giữ giá trị cũ ở một số cột vì đã có số liệu mới hơn tệp này"
    if sheet.repeated:
        yield f"  {sheet.repeated} dòng trùng, chỉ lấy một lần"
    if sheet.as_of is not None:
        basis = _BASIS[sheet.as_of.basis].format(cell=sheet.as_of.cell)
        yield f"  Số liệu tính đến {sheet.as_of.at.astimezone(zone):%H:%M %d/%m/%Y} ({basis})"


def _skipped(rows: Sequence[SkippedRow]) -> Iterator[str]:
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(SKIPPED[row.reason], []).append(row.number)
    if numbers:
        yield "  Dòng không phải dữ liệu, bỏ qua:"
        yield from (f"    - {reason}: {ranges(found)}" for reason, found in numbers.items())


def _listed(title: str, rows: Iterable[tuple[int, str]], count: int) -> Iterator[str]:
    if count:
        yield f"  {title} ({count})"
        for (number, text), _ in zip(rows, range(MANY), strict=False):
            yield f"    Dòng {number}: {text}"
        if count > MANY:
            yield f"    … và {count - MANY} dòng nữa; xem: connector quarantine list"


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
