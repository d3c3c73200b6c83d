"""As of when an export says what it says: an older one must not overwrite newer values (F22). Pure.

A file's time is when it was written or copied, so a moment that the title states comes before it. A period ("từ ngày …
đến ngày …") is none: it says which tasks were listed, and an export made weeks later shows how they stand by then. Of
several moments that can be right the earliest is taken: then a value is kept that could have been updated, and the
report says so; the other way round a newer value would be lost. None can be right that lies before the latest day on
which something has happened by the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Basis = Literal["stated", "file", "rows"]
_DAY = r"(?P<day>\d{1,2})(?:\s*[/.-]\s*|\s+tháng\s+)(?P<month>\d{1,2})(?:\s*[/.-]\s*|,?\s+năm\s+)(?P<year>\d{4})"
_STATED = re.compile(
    r"(?:tính\s+đến|số\s+liệu\s+đến|(?:thời\s+điểm|ngày|giờ)\s+(?:xuất|in|kết\s+xuất|lập|tổng\s+hợp|báo\s+cáo)"
    r"|xuất\s+(?:lúc|ngày)|cập\s+nhật\s+(?:đến|lúc|ngày))[^\d]{0,20}"
    rf"(?:(?P<hour>\d{{1,2}})\s*(?:giờ|[:hg])\s*(?P<minute>\d{{2}})?(?:\s*phút)?[^\d]{{1,10}})?{_DAY}"
    r"(?:\s+(?P<hour2>\d{1,2}):(?P<minute2>\d{2}))?",
    re.IGNORECASE,
)
_DATED = re.compile(
    rf"(?:(?:báo\s+cáo|kết\s+quả|tình\s+hình|tổng\s+hợp|danh\s+sách|tuần)[^\d]{{0,60}}(?:\d{{1,3}}[^\d]{{0,20}})?\(?đến\s+(?:hết\s+)?"
    rf"(?:ngày\s+)?|^[^\d]{{0,40}},\s*ngày\s+){_DAY}\)?\s*$",
    re.IGNORECASE,
)
"""A report "(đến ngày …)", or the place and day under which it was made out: that day ends what it can tell."""
_FROM = re.compile(r"từ\s+(?:ngày\s+)?\d{1,2}[^()\d]{1,9}\d{1,2}[^()\d]{1,9}\d{4}[\s,–-]*", re.IGNORECASE)
_FILTER = re.compile(r"\btừ\b|\bhạn\b|\b(?:giao|ban\s+hành)\s+đến\b", re.IGNORECASE)
"""What was asked for, not when."""
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class AsOf:
    """``at``: aware. ``basis``: what it rests on; "rows": the end of the latest day in them, for no other moment can
    be right. ``cell``: where it is stated, else ""."""

    at: datetime
    basis: Basis
    cell: str = ""


def as_of(
    titles: Iterable[tuple[str, str]],
    file_times: Sequence[datetime],
    happened: Iterable[date],
    now: datetime,
    zone: ZoneInfo,
) -> AsOf:
    """``titles``: (cell, text) above the table. ``file_times``: when the file was last written, by everything that
    tells it, aware; what lies after ``now`` was written while a clock was wrong. ``happened``: days on which something
    was given or finished by the rows; one after ``now`` is a mistake and proves nothing."""
    today = now.astimezone(zone).date()
    newest = max((day for day in happened if day <= today), default=date.min)
    known = [AsOf(min(at, now), "file") for at in file_times]
    stated = [(cell, at) for cell, at in _stated(titles, zone) if at.astimezone(zone).date() <= today]
    known += [AsOf(_told_apart(at, file_times), "stated", cell) for cell, at in stated[:1]]
    possible = [one for one in known if one.at.astimezone(zone).date() >= newest]
    end = AsOf(min(datetime.combine(newest, _END_OF_DAY, zone), now), "rows")
    return min(possible, key=lambda one: one.at, default=end)


def _told_apart(stated: datetime, file_times: Sequence[datetime]) -> datetime:
    """Of two lists that state the same day the one written later corrects the other: as many microseconds later as it
    was written minutes after that day."""
    if stated.time() != _END_OF_DAY:
        return stated
    minutes = int((min(file_times) - stated).total_seconds() // 60)
    return stated + timedelta(microseconds=min(max(minutes, 0), 999_999))


def _stated(titles: Iterable[tuple[str, str]], zone: ZoneInfo) -> Iterable[tuple[str, datetime]]:
    for cell, text in titles:
        match = _STATED.search(text)
        if match is None and not _FILTER.search(text):
            match = _DATED.search(text)
        if match is not None and not _ends_a_period(text[: match.start()]):
            moment = _moment(match, zone)
            if moment is not None:
                yield cell, moment


def _ends_a_period(before: str) -> bool:
    """ "Từ ngày 01/10/2026 tính đến ngày 31/10/2026" is a period as well."""
    return any(found.end() == len(before) for found in _FROM.finditer(before))


def _moment(match: re.Match[str], zone: ZoneInfo) -> datetime | None:
    parts = match.groupdict()
    try:
        day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        hour = parts.get("hour") or parts.get("hour2")
        minute = parts.get("minute") or parts.get("minute2")
        return datetime.combine(day, time(int(hour), int(minute or 0)) if hour else _END_OF_DAY, zone)
    except ValueError:
        return None
