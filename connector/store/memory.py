"""SQL of what a source told about itself: its vocabularies, and what is remembered of it from run to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from connector.domain.requests import Term
from connector.normalise.proposals import Table
from connector.store.columns import chunks, table, upsert
from connector.store.tables import DocumentRow, DocumentVersionRow, LogEntryRow, TaskRow, TaskVersionRow
from connector.store.tables_lists import MemoryRow, VocabularyRow

MEMORY: SqlTable = table(MemoryRow)
WORD: SqlTable = table(VocabularyRow)
TASK: SqlTable = table(TaskRow)
TASK_VERSION: SqlTable = table(TaskVersionRow)
DOCUMENT: SqlTable = table(DocumentRow)
DOCUMENT_VERSION: SqlTable = table(DocumentVersionRow)
LOG: SqlTable = table(LogEntryRow)


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

    def labels_met(self, source: str) -> dict[Table, dict[str, int]]:
        """Labels that stored records show, by the table of the settings they belong to → in how many records."""
        tasks = (
            select(TASK_VERSION)
            .join(TASK, TASK.c.id == TASK_VERSION.c.task_id)
            .where(TASK.c.source == source, TASK_VERSION.c.until.is_(None), TASK_VERSION.c.present)
        )
        documents = (
            select(DOCUMENT_VERSION)
            .join(DOCUMENT, DOCUMENT.c.id == DOCUMENT_VERSION.c.document_id)
            .where(DOCUMENT.c.source == source, DOCUMENT_VERSION.c.until.is_(None))
        )
        entries = select(LOG).join(DOCUMENT, DOCUMENT.c.id == LOG.c.document_id).where(DOCUMENT.c.source == source)
        roles: Counter[str] = Counter()
        lines = tasks.with_only_columns(TASK_VERSION.c.lines).execution_options(yield_per=1000)
        for row in self._session.execute(lines):
            roles.update({str(line["role_label"]) for line in row.lines or ()})
        return {
            "status": self._counted(tasks, TASK_VERSION.c.status_label),
            "roles": dict(roles),
            "log_actions": self._counted(entries, LOG.c.action_label),
            "normal_urgency": self._counted(documents, DOCUMENT_VERSION.c.urgency),
        }

    def labels_read(self, source: str) -> Iterator[tuple[str, set[tuple[Table, str, str]]]]:
        """Task by task the labels of its current version: (table of the settings, label, word it was read as)."""
        query = (
            select(TASK.c.source_id, TASK_VERSION.c.status_label, TASK_VERSION.c.status, TASK_VERSION.c.lines)
            .join(TASK, TASK.c.id == TASK_VERSION.c.task_id)
            .where(TASK.c.source == source, TASK_VERSION.c.until.is_(None))
        )
        for row in self._session.execute(query.execution_options(yield_per=1000)):
            found: set[tuple[Table, str, str]] = {("status", row.status_label, row.status)}
            for line in row.lines or ():
                found |= {("roles", line["role_label"], line["role"]), ("status", line["status_label"], line["status"])}
            yield row.source_id, found

    def forget_lists(self, source: str, tasks: Iterable[str]) -> None:
        """Whatever a list shows of these tasks is news: they are read again whole."""
        for some in chunks(tasks):
            mine = (TASK.c.source == source, TASK.c.source_id.in_(some))
            self._session.execute(update(TASK).where(*mine).values(list_digest=""))

    def _counted(self, rows: Select[Any], column: ColumnElement[str]) -> dict[str, int]:
        query = rows.with_only_columns(column.label("label"), func.count().label("rows")).group_by(column)
        return {row.label: row.rows for row in self._session.execute(query) if row.label}
