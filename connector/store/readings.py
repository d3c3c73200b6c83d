"""When the sources were read: needed to say what was known at an earlier moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from connector.domain.history import TaskVersion
from connector.domain.runs import USABLE
from connector.store.columns import table
from connector.store.tables import RunRow

RUN: Table = table(RunRow)


class Readings:
    """Reading times as they were known at a moment (None: now). A task keeps only its newest reading times; those of
    an earlier moment follow from the runs: every usable run read every list."""

    def __init__(self, session: Session, known_at: datetime | None) -> None:
        self._known_at = known_at
        self._starts: dict[str, list[datetime]] = {}
        if known_at is None:
            return
        query = (
            select(RUN.c.source, RUN.c.started_at)
            .where(RUN.c.job == "sync", RUN.c.outcome.in_([str(one) for one in USABLE]))
            .order_by(RUN.c.started_at)
        )
        for row in session.execute(query):
            self._starts.setdefault(row.source, []).append(row.started_at)

    def last_read(self, source: str, newest: datetime | None) -> datetime | None:
        """The newest reading not after the moment; None if there was none."""
        if self._known_at is None or newest is None or newest <= self._known_at:
            return newest
        starts = self._starts.get(source, [])
        place = bisect_right(starts, self._known_at)
        return starts[place - 1] if place else None

    def last_seen(self, source: str, newest: datetime, versions: Sequence[TaskVersion]) -> datetime:
        """The newest reading not after the moment that showed a task with these versions."""
        current = versions[-1]
        if self._known_at is None or newest <= self._known_at:
            return newest
        if not current.state.present:
            return current.observed_after or current.observed_at
        return max(self.last_read(source, newest) or current.observed_at, current.observed_at)
