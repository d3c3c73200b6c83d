"""SQL of the outbox: letters wait here until the relay has taken them.

Claim, send, mark: a letter is claimed by a conditional update with a lease, so two processes never send the same one
at the same time; it is marked after the relay's answer, so a crash repeats a letter rather than losing it (F63, F64).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, or_, select, update
from sqlalchemy.orm import Session

from connector.domain.letters import Delivery, Letter, OutboxItem
from connector.store.columns import table
from connector.store.tables import DeliveryRow, OutboxRow

OUTBOX: Table = table(OutboxRow)
DELIVERY: Table = table(DeliveryRow)


class OutboxStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, letter: Letter, agency: str = "") -> int | None:
        """Put a letter in; None if a letter with this key is there already (it is then left as it is).
        Raises ValueError for a letter to nobody: it could only ever block the queue."""
        if not letter.recipients:
            raise ValueError(f"letter {letter.key} has no recipient")
        if self._session.scalar(select(OUTBOX.c.id).where(OUTBOX.c.key == letter.key)) is not None:
            return None
        result = self._session.execute(
            insert(OUTBOX).values(
                key=letter.key, kind=letter.kind, agency=agency, message_id=letter.message_id,
                recipients=list(letter.recipients), recipients_left=list(letter.recipients), subject=letter.subject,
                text=letter.text, html=letter.html, created_at=letter.created_at, state="waiting", attempts=0,
                last_error="",
            ).returning(OUTBOX.c.id)
        )  # fmt: skip
        return int(result.scalar_one())

    def waiting(self, now: datetime) -> list[int]:
        """Letters due now and claimed by nobody, oldest first."""
        query = (
            select(OUTBOX.c.id)
            .where(
                OUTBOX.c.state == "waiting",
                or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until < now),
                or_(OUTBOX.c.next_attempt_at.is_(None), OUTBOX.c.next_attempt_at <= now),
            )
            .order_by(OUTBOX.c.id)
        )
        return list(self._session.scalars(query))

    def claim(self, pk: int, now: datetime, lease: timedelta) -> OutboxItem | None:
        """Take a letter for ``lease``; None if another process has it."""
        taken = self._session.execute(
            update(OUTBOX)
            .where(
                OUTBOX.c.id == pk,
                OUTBOX.c.state == "waiting",
                or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until < now),
            )
            .values(claimed_until=now + lease, attempts=OUTBOX.c.attempts + 1)
            .returning(OUTBOX)
        ).one_or_none()
        return None if taken is None else _item(taken)

    def settle(
        self,
        item: OutboxItem,
        deliveries: Sequence[Delivery],
        *,
        at: datetime,
        left: Sequence[str],
        retry_at: datetime | None,
        error: str,
    ) -> None:
        """Record the outcome of one attempt. ``left``: recipients to try again; none left: sent if anybody got it,
        else dead. ``retry_at`` None with recipients left: given up, dead."""
        self._session.execute(
            insert(DELIVERY),
            [
                {
                    "outbox_id": item.id, "at": at, "recipient": one.recipient, "outcome": one.outcome,
                    "reply": one.reply, "seconds": one.seconds,
                }
                for one in deliveries
            ],
        )  # fmt: skip
        reached = self._session.scalar(
            select(func.count())
            .select_from(DELIVERY)
            .where(DELIVERY.c.outbox_id == item.id, DELIVERY.c.outcome == "sent")
        )
        state = "waiting" if left and retry_at else "sent" if reached and not left else "dead"
        self._session.execute(
            update(OUTBOX)
            .where(OUTBOX.c.id == item.id)
            .values(
                state=state,
                recipients_left=list(left),
                claimed_until=None,
                next_attempt_at=retry_at,
                sent_at=at if state == "sent" else None,
                last_error=error,
            )
        )

    def release(self, item: OutboxItem, *, retry_at: datetime | None, error: str) -> None:
        """The relay did not answer: nothing is known of any recipient. ``retry_at`` None: given up."""
        self._session.execute(
            update(OUTBOX)
            .where(OUTBOX.c.id == item.id)
            .values(
                state="waiting" if retry_at else "dead", claimed_until=None, next_attempt_at=retry_at, last_error=error
            )
        )

    def count_by_state(self) -> dict[str, int]:
        rows = self._session.execute(select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state))
        return {row[0]: row[1] for row in rows}

    def oldest_waiting(self) -> datetime | None:
        """When the oldest waiting letter was written."""
        found: datetime | None = self._session.scalar(
            select(func.min(OUTBOX.c.created_at)).where(OUTBOX.c.state == "waiting")
        )
        return found


def _item(row: Any) -> OutboxItem:
    return OutboxItem(
        id=row.id,
        attempts=row.attempts,
        letter=Letter(
            key=row.key,
            recipients=tuple(row.recipients_left),
            subject=row.subject,
            text=row.text,
            html=row.html,
            message_id=row.message_id,
            created_at=row.created_at,
            kind=row.kind,
        ),
    )
