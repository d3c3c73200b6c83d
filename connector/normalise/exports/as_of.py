"""As of when an export says what it says: an older one must not overwrite newer values (F22). Pure.

A file's time is when it was written or copied, so what the title states comes first. The end of a period ("đến ngày
28/02/2022") is only where the list ends, but nothing newer can be told by it: it counts unless the rows hold later
days. In doubt the earlier moment is taken: then a value is kept that could have been updated, and the report says so;
the other way round a newer value would be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

Basis = Literal["stated", "period", "file"]
_DAY = r"(?P<day>\d{1,2})(?:\s*[/.-]\s*|\s+tháng\s+)(?P<month>\d{1,2})(?:\s*[/.-]\s*|,?\s+năm\s+)(?P<year>\d{4})"
_STATED = re.compile(
    r"(?:tính\s+đến|số\s+liệu\s+đến|(?:thời\s+điểm|ngày|giờ)\s+(?:xuất|in|kết\s+xuất|lập|tổng\s+hợp|báo\s+cáo)"
    r"|xuất\s+(?:lúc|ngày)|cập\s+nhật\s+(?:đến|lúc|ngày))[^\d]{0,20}"
    rf"(?:(?P<hour>\d{{1,2}})\s*(?:giờ|[:hg])\s*(?P<minute>\d{{2}})?(?:\s*phút)?[^\d]{{1,10}})?{_DAY}"
    r"(?:\s+(?P<hour2>\d{1,2}):(?P<minute2>\d{2}))?",
    re.IGNORECASE,
)
_PERIOD = re.compile(rf"đến\s+(?:hết\s+)?(?:ngày\s+)?{_DAY}", re.IGNORECASE)
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class AsOf:
    """``at``: aware. ``basis``: what it rests on. ``cell``: where that stands, "" for the file's time."""

    at: datetime
    basis: Basis
    cell: str = ""


def as_of(titles: Iterable[tuple[str, str]], file_time: datetime, newest: date | None, zone: ZoneInfo) -> AsOf:
    """``titles``: (cell, text) above the table. ``file_time``: when the file was last written, aware. ``newest``: the
    latest day on which something happened by the rows (given, finished)."""
    found: AsOf | None = None
    for cell, text in titles:
        for pattern, basis in ((_STATED, "stated"), (_PERIOD, "period")):
            match = pattern.search(text)
            moment = _moment(match, zone) if match else None
            if moment is not None and (found is None or (basis == "stated" and found.basis == "period")):
                found = AsOf(moment, "stated" if basis == "stated" else "period", cell)
    if found is None or found.at >= file_time or (newest is not None and newest > found.at.astimezone(zone).date()):
        return AsOf(file_time, "file")
    return found


def _moment(match: re.Match[str], zone: ZoneInfo) -> datetime | None:
    parts = match.groupdict()
    try:
        day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        hour = parts.get("hour") or parts.get("hour2")
        minute = parts.get("minute") or parts.get("minute2")
        return datetime.combine(day, time(int(hour), int(minute or 0)) if hour else _END_OF_DAY, zone)
    except ValueError:
        return None
