"""The short text that lies beside a file the clerk dropped: what came in, what did not and why, what to do. Pure.

No content of a record is shown, only cells and reasons: the text may be read by others than the file (F107).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import MANY, Advice
from connector.normalise.exports.problems import SKIPPED, RejectedRow, SkippedRow, ranges

_HEADINGS = {
    (False, False): "ĐÃ NHẬP",
    (False, True): "SẼ NHẬP ĐƯỢC (chạy thử, chưa ghi gì)",
    (True, False): "BỊ TỪ CHỐI, không dòng nào được nhập",
    (True, True): "SẼ BỊ TỪ CHỐI (chạy thử, chưa ghi gì)",
}
"""(refused, dry run) → what is said."""
_BASIS = {
    "stated": "theo ô {cell}",
    "file": "theo giờ lưu của tệp",
    "rows": "theo ngày mới nhất trong bảng vì giờ lưu của tệp không thể đúng",
}


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """What came of one sheet. ``table``: None where it was not recognised. ``asked``: rows that wait for a person to
    say which record they are, with why. ``file``: as the reading names it, with the member of an archive."""

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
    file: str = ""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of a file. ``reason``: why it was refused, where that is not in the sheets' advices. ``duplicate_of``:
    the file of the same content that was taken before, "" if there is none; ``itself``: it is this very file, and the
    program ended before it could move it away."""

    file: str
    sheets: Sequence[SheetOutcome]
    refused: bool
    reason: str = ""
    duplicate_of: str = ""
    itself: bool = False


def report_text(outcome: FileOutcome, zone: ZoneInfo, *, dry_run: bool = False) -> str:
    """Plain text, CRLF at the ends of lines as Notepad likes them. ``dry_run``: nothing was written."""
    return "\r\n".join((*_lines(outcome, zone, dry_run=dry_run), ""))


def _lines(outcome: FileOutcome, zone: ZoneInfo, *, dry_run: bool) -> Iterator[str]:
    yield f"Tệp: {outcome.file}"
    if outcome.itself:
        yield f"Kết quả: ĐÃ NHẬP từ trước, chính tệp này ({outcome.duplicate_of}); không nhập lại"
        yield "Dòng bị giữ lại của tệp, nếu có, xem: connector quarantine list"
        yield "Nếu cách đọc cột đã đổi, chạy: connector import --again TỆP"
        return
    if outcome.duplicate_of:
        yield f"Kết quả: KHÔNG NHẬP LẠI, nội dung giống hệt tệp đã nhập {outcome.duplicate_of}"
        yield ("Nếu đây là bản xuất mới có cùng nội dung, hoặc cách đọc cột đã đổi, chạy: connector import --again TỆP")
        return
    yield f"Kết quả: {_HEADINGS[outcome.refused, dry_run]}"
    if outcome.reason:
        yield f"Lý do: {outcome.reason}"
    for sheet in outcome.sheets:
        yield ""
        yield from _sheet(sheet, zone, kept=not outcome.refused and not dry_run, refused=outcome.refused)


def sheet_title(file: str, sheet: str) -> str:
    """What a person calls it. A delimited file has no sheets; in an archive the member is named, several may have a
    sheet of one name."""
    _, _, member = file.partition(" › ")
    parts = [f"tệp con “{member}”"] if member else []
    parts += [f"trang “{sheet}”"] if sheet else []
    return ", ".join(parts) or "bảng"


def _sheet(sheet: SheetOutcome, zone: ZoneInfo, *, kept: bool, refused: bool) -> Iterator[str]:
    """``kept``: rows that were not loaded lie in quarantine; of a refused file, or a dry run, nothing is kept."""
    name = {"task": "danh sách nhiệm vụ", "document": "sổ văn bản", None: "không nhận ra bảng"}[sheet.table]
    title = sheet_title(sheet.file, sheet.sheet)
    yield f"{title[0].upper()}{title[1:]}: {name}"
    if not refused and sheet.table is not None:
        yield from _figures(sheet, zone)
    yield from _skipped(sheet.skipped)
    if sheet.advices:
        yield "  Cần xem:"
        for number, advice in enumerate(sheet.advices, 1):
            first, *others = advice.lines()
            yield f"    {number}. {first}"
            yield from (f"       {line}" for line in others)
    rejected = [(row.row.number, "; ".join(map(str, row.problems))) for row in sheet.rejected]
    yield from _listed("dòng không đọc được" if refused else "dòng bị giữ lại, chưa nhập", rejected, kept=kept)
    yield from _listed("dòng chờ người quyết định, chưa nhập", sheet.asked, kept=kept)


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


def _listed(what: str, rows: Sequence[tuple[int, str]], *, kept: bool) -> Iterator[str]:
    if rows:
        yield f"  {len(rows)} {what}:"
        yield from (f"    Dòng {number}: {text}" for number, text in rows[:MANY])
        if len(rows) > MANY:
            where = "; xem: connector quarantine list" if kept else ""
            yield f"    … và {len(rows) - MANY} dòng nữa{where}"
