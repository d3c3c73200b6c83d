"""What came of a file, in figures and in words for its report."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.imports import LeftOut, NewEntry
from connector.domain.records import Kind
from connector.domain.runs import RunCounts
from connector.jobs.import_read import FileRead, SheetRead, problems_of
from connector.jobs.import_records import Applied
from connector.normalise.exports.as_of import AsOf
from connector.normalise.exports.explain import MANY, Advice, explain
from connector.normalise.exports.headers import Layout
from connector.normalise.exports.problems import RejectedRow, pack, ranges
from connector.normalise.exports.records import ExportDocument, ExportTask
from connector.normalise.exports.report import SheetOutcome


def rejected_entry(number: int, table: Kind, row: RejectedRow) -> NewEntry:
    """Of a row that could not be read. ``number``: of its sheet."""
    return NewEntry(number, row.row.number, "row", table, problems_of(row.problems), pack(row.row))


def counts_of(read: FileRead, applied: Sequence[Applied], waiting: int) -> RunCounts:
    rows = sum(one.read + len(one.rejected) + len(one.early) for one in read.known)
    total = {name: sum(one.outcomes[name] for one in applied) for name in ("new", "changed", "filled", "unchanged")}
    return RunCounts(
        fetched=rows, rejected=waiting, inserted=total["new"], updated=total["changed"] + total["filled"],
        unchanged=total["unchanged"],
    )  # fmt: skip


def sheet_outcome(read: SheetRead, time: AsOf | None, applied: Applied | None) -> SheetOutcome:
    """``applied``: None where nothing of the sheet was imported."""
    layout = read.reading.layout
    told = applied or Applied()
    return SheetOutcome(
        sheet=read.reading.sheet,
        file=read.reading.file,
        table=layout.table if isinstance(layout, Layout) else None,
        read=read.read,
        new=told.outcomes["new"],
        changed=told.outcomes["changed"] + told.outcomes["filled"],
        unchanged=told.outcomes["unchanged"],
        older=told.older,
        repeated=told.repeated,
        as_of=time,
        skipped=read.skipped,
        rejected=read.rejected,
        asked=[
            (one.row, "; ".join(f"{why.cell} {why.reason}".strip() for why in one.problems))
            for one in (*read.early, *told.asked)
        ],
        advices=[*explain(read.reading, read.rejected), *_reopened(told), *_doubts(read)],
    )


def _reopened(told: Applied) -> list[Advice]:
    """Nobody would look for it: it is how a list that is older than it seems shows."""
    if not told.reopened:
        return []
    return [
        Advice(
            "",
            f"{len(told.reopened)} nhiệm vụ đã hoàn thành nay lại là chưa xong theo tệp này "
            f"(dòng {ranges(told.reopened)})",
            "nhiệm vụ bị trả lại, hoặc tệp là danh sách cũ được lưu lại sau này",
            "xem thời điểm số liệu ở trên; nếu tệp cũ, xuất lại danh sách hiện nay rồi nhập",
            stops=False,
        )
    ]


def left_out_advice(missing: Sequence[LeftOut]) -> Advice:
    """Open tasks that this file no longer shows, by where they stood last."""
    rows: dict[str, list[int]] = {}
    for one in missing:
        rows.setdefault(one.file, []).append(one.row)
    shown = "; ".join(f"“{file}” dòng {ranges(sorted(found))}" for file, found in sorted(rows.items()))
    return Advice(
        "",
        f"{len(missing)} nhiệm vụ chưa xong của danh sách trước không còn trong tệp này ({shown}): không rõ đã xong, "
        "đã thu hồi hay bị lọc bỏ; không tính vi phạm cho đến khi có số liệu mới",
        "bộ lọc khi xuất đã bỏ các nhiệm vụ này (ví dụ chỉ xuất việc chưa hoàn thành)",
        "xuất cả nhiệm vụ đã hoàn thành, hoặc xuất riêng các nhiệm vụ này",
        stops=False,
    )


def _doubts(read: SheetRead) -> list[Advice]:
    """What does not go together in rows that were imported all the same."""
    records: list[ExportTask | ExportDocument] = [*read.tasks, *read.documents]
    found = [(one.row, doubt) for one in records for doubt in one.doubts]
    told = [Advice("", f"dòng {row}: {doubt}", "", "", stops=False) for row, doubt in found[:MANY]]
    if len(found) > MANY:
        told.append(Advice("", f"còn {len(found) - MANY} chỗ không khớp như vậy", "", "", stops=False))
    return told
