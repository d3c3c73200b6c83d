"""SQL of what a source told about itself: its vocabularies, and what is remembered of it from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from connector.domain.requests import Term
from connector.store.columns import table, upsert
from connector.store.tables_lists import MemoryRow, VocabularyRow

MEMORY: Table = table(MemoryRow)
WORD: Table = table(VocabularyRow)


class MemoryStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, source: str, name: str) -> dict[str, Any] | None:
        """What was remembered under a name; None if nothing was."""
        found: dict[str, Any] | None = self._session.scalar(
            select(MEMORY.c.value).where(MEMORY.c.source == source, MEMORY.c.name == name)
        )
        return found

    def put(self, source: str, name: str, value: Mapping[str, Any], at: datetime) -> None:
        row = {"source": source, "name": name, "value": dict(value), "updated_at": at}
        upsert(self._session, MEMORY, [row], keys=("source", "name"), overwrite=("value", "updated_at"))

    def vocabulary(self, source: str) -> dict[str, list[Term]]:
        """The deployment's own vocabularies as read last, by name."""
        found: dict[str, list[Term]] = {}
        query = select(WORD).where(WORD.c.source == source, WORD.c.gone_at.is_(None)).order_by(WORD.c.name, WORD.c.code)
        for row in self._session.execute(query):
            found.setdefault(row.name, []).append(Term(row.code, row.label, row.parent))
        return found

    def keep_vocabulary(self, source: str, name: str, terms: Iterable[Term], at: datetime) -> None:
        """The entries of a vocabulary as read now; those no longer shown are kept and marked."""
        rows = {
            term.code: {
                "source": source, "name": name, "code": term.code, "label": term.label, "parent": term.parent,
                "first_seen_at": at, "last_seen_at": at, "gone_at": None,
            }
            for term in terms
        }  # fmt: skip
        self._session.execute(
            update(WORD)
            .where(WORD.c.source == source, WORD.c.name == name, WORD.c.gone_at.is_(None))
            .values(gone_at=at)
        )
        if rows:
            upsert(self._session, WORD, list(rows.values()), keys=("source", "name", "code"),
                   overwrite=("label", "parent", "last_seen_at", "gone_at"))  # fmt: skip
