"""When a due day is over. Every moment is aware, in the office's zone, whatever the zone of the server (F43).

A limit is the first moment too late: work at that very moment is late, a moment earlier it is in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.domain.calendar import WorkCalendar

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deadlines:
    """``closes_at``: local time at which a due day ends, 00:00 for the midnight after it. ``roll_forward``: a due
    date on a day off is met until the end of the next working day.

    Raises CalendarGap for days the calendar does not know.
    """

    calendar: WorkCalendar
    zone: ZoneInfo
    closes_at: time = _MIDNIGHT
    roll_forward: bool = True

    def last_day(self, due_on: date) -> date:
        """The last local day on which a task due on ``due_on`` is in time."""
        return self.calendar.next_working(due_on) if self.roll_forward else due_on

    def ends_at(self, due_on: date) -> datetime:
        """The first moment that is too late for ``due_on``."""
        day = self.last_day(due_on)
        if self.closes_at == _MIDNIGHT:
            return self._start_of(day + _DAY)
        return datetime.combine(day, self.closes_at, self.zone)

    def limit_after(self, day: date, working_days: int) -> datetime:
        """The end of the n-th working day after ``day``: the first moment of the day that follows it. 0: the same
        day, or the next working day when it is a day off."""
        return self._start_of(self.calendar.add(day, working_days) + _DAY)

    def first_day_late(self, limit: datetime) -> date:
        """The local day a limit falls on: the first day too late."""
        return limit.astimezone(self.zone).date()

    def days_overdue(self, due_on: date, on: date) -> int:
        """Calendar days from the due date as printed to ``on``, as readers are told; 0 before and on it."""
        return max(0, (on - due_on).days)

    def is_overdue(self, due_on: date, moment: datetime) -> bool:
        """Whether the time for ``due_on`` is up at an aware moment."""
        return moment >= self.ends_at(due_on)

    def working_days_left(self, due_on: date, today: date) -> int:
        """Working days after ``today`` up to the last day; 0 on the last day and later."""
        return self.calendar.between(today, self.last_day(due_on))

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, _MIDNIGHT, self.zone)
