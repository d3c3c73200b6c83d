"""One record with the origin of each value, as text and as JSON. Texts are shown on demand only: they may be secret."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.records import Line
from connector.domain.wording import day_text, moment_text
from connector.jobs.record import Record, Value

_TITLES = {
    "name": "Tên nhiệm vụ", "assigner": "Người giao", "lead": "Đơn vị chủ trì", "status": "Trạng thái",
    "status_label": "Trạng thái trên iOffice", "assigned_on": "Ngày giao", "due_on": "Hạn xử lý",
    "priority": "Mức độ ưu tiên", "urged": "Đã bị đôn đốc", "evaluation": "Trạng thái đánh giá",
    "evaluation_note": "Nội dung đánh giá", "content": "Nội dung", "lines": "Các đơn vị", "children": "Nhiệm vụ con",
    "completed_on": "Ngày hoàn thành", "present": "Còn trong danh sách", "notation": "Số, ký hiệu",
    "issued_on": "Ngày ban hành", "issuer": "Cơ quan ban hành", "subject": "Trích yếu", "urgency": "Độ khẩn",
    "outgoing": "Văn bản đi", "secret": "Mật", "files": "Tệp đính kèm", "standing": "Hiệu lực",
}  # fmt: skip
_TEXTS = frozenset({"name", "content", "evaluation_note", "subject", "files", "children"})
_HIDDEN = "(ẩn; thêm --content để xem)"


def record_text(found: Record, zone: ZoneInfo, *, content: bool) -> Iterator[str]:
    what = "Nhiệm vụ" if found.kind == "task" else "Văn bản"
    yield f"{what} {found.record_id} (nguồn {found.source})"
    for one in found.values:
        if one.field in _TITLES and one.value not in (None, "", ()):
            yield f"  {_TITLES[one.field]}: {_shown(one, zone, content=content)}  [{_origin(one, zone)}]"
    if found.rows:
        yield "  Dòng của tệp:"
        for row in found.rows:
            as_of = moment_text(row.as_of, zone)
            yield f"    {_where(row.file, row.sheet)}, dòng {row.row}; số liệu tính đến {as_of}"
    if found.versions:
        yield "  Các lần thay đổi nhìn thấy được:"
        for version in found.versions:
            state = version.state
            due = f", hạn {day_text(state.due_on)}" if state.due_on else ""
            between = f"giữa {moment_text(version.observed_after, zone)} và " if version.observed_after else "từ "
            gone = "" if state.present else ", không còn trong danh sách"
            stands = f"{state.status_label or state.status}{due}{gone}"
            yield f"    {between}{moment_text(version.observed_at, zone)}: {stands}"


def record_json(found: Record, *, content: bool) -> dict[str, Any]:
    return {
        "kind": found.kind, "source": found.source, "id": found.record_id,
        "values": {
            one.field: {
                "value": None if one.field in _TEXTS and not content else _plain(one.value),
                "at": one.at.isoformat() if one.at else None, "file": one.file, "sheet": one.sheet, "cell": one.cell,
            }
            for one in found.values
        },
        "rows": [
            {"file": row.file, "sheet": row.sheet, "row": row.row, "as_of": row.as_of.isoformat()} for row in found.rows
        ],
        "versions": [
            {"observed_after": one.observed_after.isoformat() if one.observed_after else None,
             "observed_at": one.observed_at.isoformat(), "status": str(one.state.status),
             "status_label": one.state.status_label,
             "due_on": one.state.due_on.isoformat() if one.state.due_on else None, "present": one.state.present}
            for one in found.versions
        ],
    }  # fmt: skip


def _where(file: str, sheet: str) -> str:
    return f"{file}, trang “{sheet}”" if sheet else file


def _origin(one: Value, zone: ZoneInfo) -> str:
    when = f", lúc {moment_text(one.at, zone)}" if one.at else ""
    if one.cell:
        return f"{_where(one.file, one.sheet)}, ô {one.cell}{when}"
    return f"iOffice{when}" if one.at else "chưa nguồn nào nói riêng"


def _shown(one: Value, zone: ZoneInfo, *, content: bool) -> str:
    if one.field in _TEXTS and not content:
        return _HIDDEN
    value = one.value
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, datetime):
        return moment_text(value, zone)
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, tuple):
        return "; ".join(part.name if isinstance(part, Line) else str(part) for part in value)
    return str(value)


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [part.name if isinstance(part, Line) else str(part) for part in value]
    return value if value is None or isinstance(value, str | bool | int) else str(value)
