"""The record of who did what, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.audit import Action, Entry, Verdict
from connector.domain.wording import moment_text

_ACTIONS: Mapping[str, str] = {
    Action.FINDING_OPENED: "có phát hiện",
    Action.FINDING_ACKNOWLEDGED: "ghi nhận phát hiện",
    Action.FINDING_WAIVED: "miễn xét phát hiện",
    Action.FINDING_RESUMED: "xét lại phát hiện",
    Action.FINDING_CLOSED: "khép lại phát hiện",
    Action.FINDING_REOPENED: "mở lại phát hiện",
    Action.WAIVER_GIVEN: "quyết định miễn xét số",
    Action.WAIVER_ENDED: "thôi quyết định miễn xét số",
    Action.ROW_RETRIED: "nhập lại dòng chờ",
    Action.ROW_DROPPED: "bỏ dòng chờ",
    Action.RECORDS_JOINED: "nhập làm một bản ghi",
    Action.HEADER_MAPPED: "khai nghĩa các cột của mẫu",
    Action.SHRINK_ACCEPTED: "chấp nhận số nhiệm vụ giảm, nguồn",
    Action.LOGIN_RETRIED: "cho đăng nhập lại, nguồn",
    Action.COUNTERS_RELEARNT: "cho học lại các số đếm, nguồn",
    Action.UPGRADED: "nâng cơ sở dữ liệu lên phiên bản",
    Action.RESTORED: "khôi phục cơ sở dữ liệu từ",
    Action.COPIED: "chép cơ sở dữ liệu từ",
}
_DETAILS = {"rule": "quy tắc", "subject_id": "mã", "agency": "cơ quan", "reason": "lý do", "until": "đến hết ngày",
            "file": "tệp", "sheet": "trang", "row": "dòng", "as": "là", "record": "vào", "into": "vào",
            "from": "từ phiên bản"}  # fmt: skip
"""What is printed of an entry's detail; JSON has all of it."""


def entry_text(one: Entry, zone: ZoneInfo) -> str:
    deed = one.deed
    said = "; ".join(f"{word} {deed.detail[key]}" for key, word in _DETAILS.items() if deed.detail.get(key))
    what = f"{_ACTIONS.get(deed.action, deed.action)} {deed.subject}"
    return f"{one.number:6d}  {moment_text(deed.at, zone)}  {deed.actor}: {what}" + (f" ({said})" if said else "")


def entry_json(one: Entry) -> dict[str, Any]:
    deed = one.deed
    return {
        "number": one.number, "at": deed.at.isoformat(), "actor": deed.actor, "action": str(deed.action),
        "subject": deed.subject, "detail": dict(deed.detail), "before": one.before, "hash": one.hash,
    }  # fmt: skip


def verdict_json(one: Verdict) -> dict[str, Any]:
    return {"entries": one.entries, "hash": one.head, "broken": one.broken, "why": one.why}


def verdict_text(one: Verdict) -> list[str]:
    return [
        f"{one.entries} mục đầu nối tiếp nhau, không mục nào bị sửa.",
        *([f"Mã băm của mục cuối trong số đó: {one.head}"] if one.head else []),
    ]
