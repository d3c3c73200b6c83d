"""The days behind a finding, counted one by one on the working-day calendar (F54). Pure.

Only what the finding proves is counted: where the source does not say when something ended, the count stops at the
first day too late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.domain.deadlines import Deadlines
from connector.domain.findings import Hit

_DAY = timedelta(days=1)


class Manner(StrEnum):
    """DUE: calendar days from a due date. LIMIT: working days allowed after a day, then calendar days too late.
    REMINDER: the working days that are left."""

    DUE = "due"
    LIMIT = "limit"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class DayLine:
    """``name``: why the day is off (or worked on a Saturday), "" for an ordinary one. ``number``: it is the n-th
    working day allowed, ``overdue``: the n-th calendar day too late; 0 for neither."""

    day: date
    working: bool
    name: str
    number: int
    overdue: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """``start``: the due date, or the day that is counted from and is itself not counted. ``allowed``: working days.
    ``last_day``: the last one in time. ``days``: every day from ``start`` on, the cut-off being the last.
    ``agrees``: counted like this, the finding comes true on the day it says. ``ended_between``: the source does not
    tell when it ended, so that days after the first one too late are not counted."""

    manner: Manner
    start: date
    allowed: int | None
    last_day: date
    days: tuple[DayLine, ...]
    agrees: bool
    ended_between: bool = False

    @property
    def overdue(self) -> int:
        """Calendar days too late at the cut-off."""
        return self.days[-1].overdue


_FROM_DUE = frozenset({"TD01_OVERDUE", "TD02_DONE_LATE", "TD03_LONG_OVERDUE", "PV06_SILENT_AT_DUE", "PV12_DUE_CHANGED"})
_FROM_DAY = {
    "PV01_RECEIVE_LATE": "gửi",
    "PV02_FORWARD_LATE": "tiếp nhận",
    "PV03_ASSIGN_LATE": "tiếp nhận",
    "PV05_NO_PROGRESS": "since",
    "PV07_RESULT_NOT_UPDATED": "answered_on",
    "PV14_REWORK_PENDING": "since",
    "PV16_CONFIRM_LATE": "since",
}
"""Rule → the fact that tells the day its working days are counted from."""
_END_LOGGED = frozenset({"PV01_RECEIVE_LATE", "PV02_FORWARD_LATE", "PV03_ASSIGN_LATE"})
"""Rules whose cure is a moment in a document's log, not the reading that saw it."""


def count_days(
    hit: Hit, thresholds: Mapping[str, object], deadlines: Deadlines, local_date: Callable[[datetime], date]
) -> DayCount | None:
    """None for a rule that counts no days. ``thresholds``: of the rule as the finding was made by it. Raises
    CalendarGap for days the calendar does not know."""
    rule, facts = hit.key.rule, hit.facts
    if rule in _FROM_DUE:
        due = _day(facts.get("due"), local_date)
        return None if due is None else _from_due(hit, due, deadlines, local_date)
    if rule == "TD05_DUE_SOON":
        due = _day(facts.get("due"), local_date)
        return None if due is None else _left(hit, due, deadlines)
    since = _day(facts.get(_FROM_DAY.get(rule, "")), local_date)
    return None if since is None else _after(hit, since, thresholds, deadlines, local_date)


def _from_due(hit: Hit, due: date, deadlines: Deadlines, local_date: Callable[[datetime], date]) -> DayCount:
    rule, days = hit.key.rule, hit.facts.get("days_overdue")
    late_on = deadlines.first_day_late(deadlines.ends_at(due))
    seen_only = rule == "TD02_DONE_LATE" and bool(hit.facts.get("observed"))
    finished = None if seen_only else _day(hit.facts.get("finished"), local_date)
    upto = due + timedelta(days=days) if isinstance(days, int) else finished or late_on
    if rule == "TD03_LONG_OVERDUE":
        agrees = hit.breached_on == due + timedelta(days=int(hit.key.band) + 1)
    else:
        agrees = late_on <= hit.breached_on if rule == "PV12_DUE_CHANGED" else late_on == hit.breached_on
    lines = tuple(
        DayLine(
            one.day, one.working, one.name, 0, deadlines.days_overdue(due, one.day) if one.day >= late_on else 0
        )
        for one in deadlines.calendar.days(due - _DAY, max(upto, due))
    )  # fmt: skip
    return DayCount(Manner.DUE, due, None, deadlines.last_day(due), lines, agrees, seen_only)


def _left(hit: Hit, due: date, deadlines: Deadlines) -> DayCount:
    last, band = deadlines.last_day(due), int(hit.key.band)
    since = deadlines.calendar.add(last, -band)
    lines = tuple(_numbered(deadlines, since, last, last))
    return DayCount(Manner.REMINDER, since, band, last, lines, since == hit.breached_on)


def _after(
    hit: Hit,
    since: date,
    thresholds: Mapping[str, object],
    deadlines: Deadlines,
    local_date: Callable[[datetime], date],
) -> DayCount:
    named = [value for name, value in thresholds.items() if name.endswith("working_days") and isinstance(value, int)]
    limits = {deadlines.first_day_late(deadlines.limit_after(since, number)): number for number in named}
    agrees = hit.breached_on in limits
    last = hit.breached_on - _DAY
    allowed = limits.get(hit.breached_on, deadlines.calendar.between(since, last))
    logged = hit.key.rule in _END_LOGGED
    ended = local_date(hit.cured_at) if hit.cured_at is not None and logged else hit.breached_on
    lines = tuple(_numbered(deadlines, since, last, max(ended, hit.breached_on)))
    return DayCount(Manner.LIMIT, since, allowed, last, lines, agrees, hit.cured_at is not None and not logged)


def _numbered(deadlines: Deadlines, since: date, last: date, upto: date) -> Iterator[DayLine]:
    number = 0
    for one in deadlines.calendar.days(since - _DAY, upto):
        counts = one.working and since < one.day <= last
        number += counts
        yield DayLine(one.day, one.working, one.name, number if counts else 0, max(0, (one.day - last).days))


def _day(value: object, local_date: Callable[[datetime], date]) -> date | None:
    """A fact as a local day: it is an ISO date or moment."""
    if not isinstance(value, str):
        return None
    return date.fromisoformat(value) if len(value) == len("2022-02-28") else local_date(datetime.fromisoformat(value))
