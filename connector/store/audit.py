"""SQL of the record of who did what. Triggers of the database refuse to change or delete an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from connector.domain.audit import Deed, Entry, chained
from connector.store.columns import insert_rows, table
from connector.store.tables_audit import AuditRow

AUDIT: Table = table(AuditRow)


class AuditStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, deeds: Iterable[Deed]) -> None:
        """Behind the newest entry; writers queue up, so nobody else adds one meanwhile."""
        newest = select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)
        last = self._session.execute(newest).one_or_none()
        rows = [
            {
                "number": one.number, "at": one.deed.at, "actor": one.deed.actor, "action": str(one.deed.action),
                "subject": one.deed.subject, "detail": dict(one.deed.detail), "before": one.before, "hash": one.hash,
            }
            for one in chained(deeds, *(last or (0, "")))
        ]  # fmt: skip
        if rows:
            insert_rows(self._session, AUDIT, rows)

    def entries(self, since: datetime | None = None) -> Iterator[Entry]:
        """Oldest first; while the unit of work is open."""
        return read_entries(self._session.connection(), since)


def read_entries(connection: Connection, since: datetime | None = None) -> Iterator[Entry]:
    """One row at a time. Raises ValueError or TypeError at an entry whose values are none any more."""
    query = select(AUDIT).order_by(AUDIT.c.number)
    if since is not None:
        query = query.where(AUDIT.c.at >= since)
    with connection.execute(query.execution_options(stream_results=True)) as rows:  # closed also by who stops early
        for row in rows:
            deed = Deed(row.at, row.actor, row.action, row.subject, row.detail)
            yield Entry(row.number, deed, row.before, row.hash)
