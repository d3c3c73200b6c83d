"""Months and their borders in local time."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month. Text form: "2022-02"."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Raises ValueError for anything but YYYY-MM."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
        if not match or not 1 <= int(match[2]) <= 12:
            raise ValueError(text)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def next(self) -> Month:
        return Month.of(self.last + timedelta(days=1))


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """00:00:00 of a local day, aware."""
    return datetime.combine(day, time(), zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day, 23:59:59, aware."""
    return datetime.combine(day, time(23, 59, 59), zone)
