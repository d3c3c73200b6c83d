"""What came of importing files, and what waits in quarantine, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.imports import Entry
from connector.domain.wording import moment_text
from connector.jobs.import_explain import Explained
from connector.jobs.import_file import ImportResult
from connector.jobs.import_mapping import Proposed
from connector.jobs.quarantine import Retried
from connector.normalise.exports.columns import TITLES
from connector.normalise.exports.problems import shown
from connector.normalise.exports.report import report_text, sheet_title
from connector.views_source import counts_json

_KINDS = {"row": "không đọc được", "question": "cần người quyết định"}
_STATES = {"waiting": "đang chờ", "loaded": "đã nhập", "dropped": "đã bỏ"}


def import_text(result: ImportResult, zone: ZoneInfo, *, dry_run: bool) -> list[str]:
    lines = report_text(result.outcome, zone, dry_run=dry_run).splitlines()
    if result.quarantined and not dry_run:
        lines.append(f"{result.quarantined} dòng đang chờ xử lý; xem: connector quarantine list")
    return lines


def import_json(result: ImportResult, proposed: Proposed | None = None, *, dry_run: bool = False) -> dict[str, Any]:
    outcome = result.outcome
    return {
        "file": outcome.file,
        "run": result.run_id,
        "outcome": "refused" if outcome.refused else "duplicate" if outcome.duplicate_of else "imported",
        **counts_json(result.counts),
        "quarantined": result.quarantined,
        "sheets": [
            {
                "file": one.file, "sheet": one.sheet, "table": one.table, "read": one.read, "new": one.new,
                "changed": one.changed,
                "unchanged": one.unchanged, "older": one.older, "repeated": one.repeated,
                "as_of": one.as_of.at.isoformat() if one.as_of else None, "as_of_by": one.as_of and one.as_of.basis,
                "rejected": [[row.row.number, [str(problem) for problem in row.problems]] for row in one.rejected],
                "asked": [list(row) for row in one.asked], "advices": [advice.lines() for advice in one.advices],
            }
            for one in outcome.sheets
        ],
        "reason": outcome.reason,
        "duplicate_of": outcome.duplicate_of,
        "dry_run": dry_run,
        **_mapping_json(proposed),
    }  # fmt: skip


def explained_text(found: Explained) -> Iterator[str]:
    yield f"Tệp: {found.file}" + (f" ({found.said_by})" if found.said_by else "")
    if found.reason:
        yield f"  Không đọc được: {found.reason}"
    for sheet in found.sheets:
        what = {"task": "danh sách nhiệm vụ", "document": "sổ văn bản"}.get(sheet.table, "không nhận ra bảng")
        title = sheet_title(sheet.file, sheet.name)
        yield f"{title[0].upper()}{title[1:]}: {what}; {sheet.records} dòng đọc được, {sheet.rejected} dòng không"
        yield from (f"  {header}: {TITLES[sheet.table][name]}" for header, name in sheet.columns)  # type: ignore[index]
        for number, advice in enumerate(sheet.advices, 1):
            first, *others = advice.lines()
            yield f"  {number}. {first}"
            yield from (f"     {line}" for line in others)
    yield "Kết luận: " + ("tệp sẽ BỊ TỪ CHỐI" if found.refused else "nhập được")


def explained_json(found: Explained, proposed: Proposed | None = None) -> dict[str, Any]:
    return {
        "file": found.file, "said_by": found.said_by, "refused": found.refused, "reason": found.reason,
        "sheets": [
            {"file": one.file, "sheet": one.name, "table": one.table or None, "records": one.records,
             "rejected": one.rejected,
             "columns": dict(one.columns),
             "advices": [advice.lines() for advice in one.advices]}
            for one in found.sheets
        ],
        **_mapping_json(proposed),
    }  # fmt: skip


def proposed_text(proposed: Proposed) -> Iterator[str]:
    title = sheet_title(proposed.file, proposed.sheet)
    yield f"{title[0].upper()}{title[1:]}, các dòng đầu đọc theo cách khai này:"
    for letter, header, meaning in proposed.preview.columns:
        yield f"  {letter}: {header or '(không tên)'} → {meaning or 'không dùng'}"
    yield from ("  | " + " | ".join(map(shown, row)) for row in proposed.preview.rows)


def _mapping_json(proposed: Proposed | None) -> dict[str, Any]:
    """Only where a mapping was given."""
    if proposed is None:
        return {}
    columns = [{"column": letter, "header": header, "meaning": meaning or None}
               for letter, header, meaning in proposed.preview.columns]  # fmt: skip
    return {"mapping": {"sheet": proposed.sheet, "columns": columns, "rows": [list(r) for r in proposed.preview.rows]}}


def entry_text(one: Entry) -> str:
    reasons = "; ".join(" ".join(filter(None, (p.cell, p.reason))) for p in one.row.problems)
    file = one.notes.file or one.file  # with the member of an archive
    place = ", ".join((file, *([f"trang “{one.notes.name}”"] if one.notes.name else []), f"dòng {one.row.row}"))
    return f"{one.id:6d}  {place}: {_KINDS[one.row.kind]}: {reasons}"


def entry_lines(one: Entry, zone: ZoneInfo) -> Iterator[str]:
    """One entry, whole."""
    yield entry_text(one)
    yield f"  Từ lúc {moment_text(one.since, zone)}, {_STATES[one.state]}; số liệu tính đến " + moment_text(
        one.notes.as_of, zone
    )
    for problem in one.row.problems:
        if problem.cell:
            value = problem.value or "(trống)"
            yield f"  Ô {problem.cell} (cột “{problem.header}”): {problem.reason}; giá trị: {value}"
    if one.row.candidates:
        yield f"  Có thể là: {', '.join(one.row.candidates)}"
    if one.state == "waiting" and one.row.kind == "question":
        yield f"  Quyết định bằng: connector quarantine retry {one.id} --as MÃ (hoặc --as new nếu là bản ghi mới)"


def entry_json(one: Entry) -> dict[str, Any]:
    return {
        "id": one.id, "state": one.state, "kind": one.row.kind, "file": one.file, "sheet": one.notes.name,
        "row": one.row.row, "table": one.row.table, "since": one.since.isoformat(),
        "as_of": one.notes.as_of.isoformat(),
        "problems": [{"cell": p.cell, "header": p.header, "value": p.value, "reason": p.reason}
                     for p in one.row.problems],
        "candidates": list(one.row.candidates),
    }  # fmt: skip


def retried_text(found: list[Retried], waiting: list[Entry]) -> Iterator[str]:
    """``waiting``: all that wait now, those that a person must decide among them."""
    for one in found:
        came = f"đã nhập vào bản ghi {one.record_id}" if one.record_id else f"vẫn chờ: {one.why}"
        yield f"{one.entry.id:6d}  dòng {one.entry.row.row} của {one.entry.notes.file or one.entry.file}: {came}"
    loaded = sum(bool(one.record_id) for one in found)
    asked = sum(one.row.kind == "question" for one in waiting)
    yield f"Đã nhập {loaded} dòng, còn chờ {len(waiting)}" + (f" ({asked} cần người quyết định)." if asked else ".")
