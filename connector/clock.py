"""The one clock. Nothing else may ask for the time of day (ruff: DTZ, TID251).

A run under a faked system clock behaves like a run on that day; the demo moves a ``FixedClock``.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connector.domain.periods import OFFICE_ZONE

__all__ = ["OFFICE_ZONE", "FixedClock", "SystemClock", "nap", "pause"]

_SLICE = 0.1


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


def pause(stop: threading.Event, seconds: float) -> bool:
    """Wait ``seconds``, or until ``stop`` is set; whether it is."""
    end = time.monotonic() + seconds
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        nap(min(left, _SLICE))
    return stop.is_set()


def nap(seconds: float) -> None:
    """Sleep for a moment, also under ``faketime``: there the timed wait of an Event or a Lock never ends, and
    ``time.sleep`` fails where the monotonic clock is left alone. ``select`` takes a span, not a point in time."""
    if sys.platform == "win32":
        time.sleep(seconds)
    else:
        select.select([], [], [], seconds)
