"""SQL of waivers: what people let pass, and what they took back. None is ever deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from connector.domain.finding_life import Waiver
from connector.store.columns import table
from connector.store.tables import WaiverRow

WAIVER: Table = table(WaiverRow)


class WaiverStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Waiver]:
        """Past ones too, oldest first."""
        return [_waiver(row) for row in self._session.execute(select(WAIVER).order_by(WAIVER.c.id))]

    def add(self, waiver: Waiver) -> int:
        """Its id."""
        values = {
            "rule": waiver.rule, "subject_id": waiver.subject_id, "agency": waiver.agency, "reason": waiver.reason,
            "actor": waiver.actor, "since": waiver.since, "until": waiver.until, "ended_at": None,
        }  # fmt: skip
        return int(self._session.execute(insert(WAIVER).values(**values).returning(WAIVER.c.id)).scalar_one())

    def end(self, waiver_id: int, at: datetime) -> None:
        self._session.execute(update(WAIVER).where(WAIVER.c.id == waiver_id).values(ended_at=at))


def _waiver(row: Any) -> Waiver:
    return Waiver(
        rule=row.rule,
        subject_id=row.subject_id,
        agency=row.agency,
        reason=row.reason,
        actor=row.actor,
        since=row.since,
        until=row.until,
        ended_at=row.ended_at,
        id=row.id,
    )
