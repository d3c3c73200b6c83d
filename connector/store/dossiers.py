"""SQL of what the dossier of one finding rests on. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from connector.domain.letters import Attempt, ToldLetter
from connector.store.columns import table
from connector.store.tables import (
    DeliveryRow,
    DocumentRow,
    DocumentVersionRow,
    FindingRow,
    OutboxRow,
    RuleVersionRow,
    TaskRow,
    TaskVersionRow,
    ToldRow,
)

FINDING: Table = table(FindingRow)
RULE_VERSION: Table = table(RuleVersionRow)
OUTBOX, TOLD, DELIVERY = table(OutboxRow), table(ToldRow), table(DeliveryRow)
TASK, TASK_VERSION = table(TaskRow), table(TaskVersionRow)
DOCUMENT, DOCUMENT_VERSION = table(DocumentRow), table(DocumentVersionRow)


class DossierStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def calendar_of(self, finding_id: int) -> str:
        """Version of the calendar the finding was made with, "" for one made before versions were kept."""
        return str(self._session.scalar(select(FINDING.c.calendar_version).where(FINDING.c.id == finding_id)) or "")

    def rule_as_used(self, version: str) -> Mapping[str, Any] | None:
        """What a rule said in that version, as ``rules.definition_json``; None if it was not kept."""
        found: Mapping[str, Any] | None = self._session.scalar(
            select(RULE_VERSION.c.definition).where(RULE_VERSION.c.version == version)
        )
        return found

    def letters(self, finding_id: int) -> list[ToldLetter]:
        """Letters the finding stood in, with every attempt to deliver them, oldest first."""
        query = select(OUTBOX).join(TOLD, TOLD.c.outbox_id == OUTBOX.c.id).where(TOLD.c.finding_id == finding_id)
        rows = self._session.execute(query.order_by(OUTBOX.c.id)).all()
        attempts: dict[int, list[Attempt]] = {row.id: [] for row in rows}
        tried = select(DELIVERY).where(DELIVERY.c.outbox_id.in_(attempts)).order_by(DELIVERY.c.id)
        for row in self._session.execute(tried):
            attempts[row.outbox_id].append(Attempt(row.at, row.recipient, row.outcome))
        return [
            ToldLetter(
                id=row.id,
                key=row.key,
                agency=row.agency,
                recipients=tuple(row.recipients),
                state=row.state,
                created_at=row.created_at,
                sent_at=row.sent_at,
                attempts=tuple(attempts[row.id]),
            )
            for row in rows
        ]

    def task_payloads(self, source: str, task_id: str) -> list[tuple[str, ...]]:
        """Hashes of the answers each version of a task was made from, in the order of its versions."""
        query = (
            select(TASK_VERSION.c.payload_hashes)
            .join(TASK, TASK.c.id == TASK_VERSION.c.task_id)
            .where(TASK.c.source == source, TASK.c.source_id == task_id)
            .order_by(TASK_VERSION.c.id)
        )
        return [tuple(hashes) for hashes in self._session.scalars(query)]

    def document_payloads(self, source: str, document_id: str) -> tuple[str, ...]:
        """The same of a document's version in force."""
        query = (
            select(DOCUMENT_VERSION.c.payload_hashes)
            .join(DOCUMENT, DOCUMENT.c.id == DOCUMENT_VERSION.c.document_id)
            .where(DOCUMENT.c.source == source, DOCUMENT.c.source_id == document_id, DOCUMENT_VERSION.c.until.is_(None))
        )
        return tuple(self._session.scalar(query) or ())
