"""The one clock. Nothing else may ask for the time of day (ruff: DTZ, TID251).

A run under a faked system clock behaves like a run on that day; the demo moves a ``FixedClock``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connector.domain.periods import OFFICE_ZONE

__all__ = ["OFFICE_ZONE", "FixedClock", "SystemClock"]


@dataclass(frozen=True)
class SystemClock:
    """``now`` is aware UTC; local days are those of ``zone``."""

    zone: ZoneInfo = OFFICE_ZONE

    def now(self) -> datetime:
        return datetime.now(UTC)

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass
class FixedClock:
    """Stands still until it is moved; for the demo's replay and for tests."""

    moment: datetime
    zone: ZoneInfo = OFFICE_ZONE

    def now(self) -> datetime:
        return self.moment.astimezone(UTC)

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def move_to(self, moment: datetime) -> None:
        self.moment = moment
