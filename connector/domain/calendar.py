"""The working-day calendar: which local days count, and how many lie between two of them.

A day is off if it is listed as off, or a Saturday or Sunday that is not listed as a make-up working day. A year is
*confirmed* (the official notice has been entered) or *estimated*; a year without a table is an error, never silent
weekdays (F42). All dates are local days of the office.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from connector.errors import CalendarGap

_SATURDAY = 5
_WEEKEND = ("Thứ Bảy", "Chủ nhật")


@dataclass(frozen=True, slots=True)
class YearDays:
    """The listed days of one year, date → name: days ``off``, and Saturdays ``worked`` to make up for one."""

    off: Mapping[date, str]
    worked: Mapping[date, str]


class CountedDay(NamedTuple):
    """One day of an explanation. ``name``: of the holiday, of the make-up day, of the weekend day; else ""."""

    day: date
    working: bool
    name: str


@dataclass(frozen=True, slots=True)
class _Year:
    """A year ready for counting: its working days in order."""

    days: YearDays
    working: tuple[date, ...]


@dataclass(frozen=True)
class WorkCalendar:
    """``confirmed``: year → its official days. Other years of ``years`` (without gaps, ascending) come from ``fill``
    when they are first asked for; ``fill_version`` names where from.

    ``version``: 12 hex digits that change with any content; two calendars with the same version are equal.
    """

    confirmed: Mapping[int, YearDays] = field(compare=False, repr=False)
    years: range = field(compare=False)
    fill: Callable[[int], YearDays] | None = field(default=None, compare=False, repr=False)
    fill_version: str = field(default="", compare=False, repr=False)
    version: str = field(init=False)
    _known: dict[int, _Year] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", _digest(self.confirmed, self.years, self.fill_version))

    def covers(self, day: date) -> bool:
        """Whether the calendar knows this day; every question about another day raises CalendarGap."""
        return day.year in self.confirmed or (self.fill is not None and day.year in self.years)

    def is_confirmed(self, year: int) -> bool:
        """Whether the official days of the year have been entered; False for estimated and for unknown years."""
        return year in self.confirmed

    def is_working(self, day: date) -> bool:
        return _is_working(day, self._year(day.year).days)

    def next_working(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        return self.add(day, 0)

    def add(self, day: date, n: int) -> date:
        """The n-th working day after ``day``; before it for a negative n; ``next_working(day)`` for 0."""
        year, known = day.year, self._year(day.year)
        # The place of the day wanted, counted from the first working day of ``year``; it may lie in another year.
        place = n + (bisect_left(known.working, day) if n <= 0 else bisect_right(known.working, day) - 1)
        while place < 0:
            year -= 1
            known = self._year(year)
            place += len(known.working)
        while place >= len(known.working):
            place -= len(known.working)
            year += 1
            known = self._year(year)
        return known.working[place]

    def between(self, after: date, upto: date) -> int:
        """Working days later than ``after`` and not later than ``upto``; 0 if ``upto`` is not later."""
        if upto <= after:
            return 0
        start = after + timedelta(days=1)
        before_start = bisect_left(self._year(start.year).working, start)
        earlier_years = sum(len(self._year(year).working) for year in range(start.year, upto.year))
        return earlier_years + bisect_right(self._year(upto.year).working, upto) - before_start

    def days(self, after: date, upto: date) -> Iterator[CountedDay]:
        """Every day later than ``after`` and not later than ``upto``, as ``between`` counts it."""
        for ordinal in range(after.toordinal() + 1, upto.toordinal() + 1):
            day = date.fromordinal(ordinal)
            listed = self._year(day.year).days
            weekend = _WEEKEND[day.weekday() - _SATURDAY] if day.weekday() >= _SATURDAY else ""
            name = listed.worked.get(day) or listed.off.get(day) or weekend
            yield CountedDay(day, _is_working(day, listed), name)

    def _year(self, year: int) -> _Year:
        known = self._known.get(year)
        if known is None:
            if year in self.confirmed:
                listed = self.confirmed[year]
            elif self.fill is not None and year in self.years:
                listed = self.fill(year)
            else:
                first, last = self.years.start, self.years.stop - 1
                cause = f"no working-day table for {year} (known: {first}-{last})"
                raise CalendarGap(cause, date=f"năm {year}", year=year, first_year=first, last_year=last)
            known = self._known[year] = _Year(listed, _working_days(year, listed))
        return known


def _is_working(day: date, listed: YearDays) -> bool:
    return day in listed.worked or (day.weekday() < _SATURDAY and day not in listed.off)


def _working_days(year: int, listed: YearDays) -> tuple[date, ...]:
    everything = map(date.fromordinal, range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1))
    return tuple(day for day in everything if _is_working(day, listed))


def _digest(confirmed: Mapping[int, YearDays], years: range, fill_version: str) -> str:
    lines = [f"{years.start} {years.stop} {fill_version}"]
    for year, listed in sorted(confirmed.items()):
        lines.append(str(year))
        lines += [f"- {day} {name}" for day, name in sorted(listed.off.items())]
        lines += [f"+ {day} {name}" for day, name in sorted(listed.worked.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
