"""SQL of what packages say of whether documents are in force (F108)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from connector.domain.imports import Notice
from connector.store.columns import insert_rows, table
from connector.store.tables_imports import NoticeRow

NOTICE: Table = table(NoticeRow)


class NoticeStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, source: str, notices: Iterable[Notice]) -> None:
        rows = [
            {
                "file_id": one.place[0], "sheet": one.place[1], "place": one.place[2], "source": source,
                "notation": one.notation, "issued_on": one.issued_on, "issuer": one.issuer, "standing": one.standing,
                "as_of": one.as_of, "asked": one.asked,
            }
            for one in notices
        ]  # fmt: skip
        if rows:
            insert_rows(self._session, NOTICE, rows)

    def all(self, source: str) -> list[Notice]:
        """In the order in which they came."""
        query = select(NOTICE).where(NOTICE.c.source == source)
        rows = self._session.execute(query.order_by(NOTICE.c.file_id, NOTICE.c.sheet, NOTICE.c.place))
        return [
            Notice((row.file_id, row.sheet, row.place), row.notation, row.issued_on, row.issuer, row.standing,
                   row.as_of, row.asked)
            for row in rows
        ]  # fmt: skip

    def mark_asked(self, place: tuple[int, int, int]) -> None:
        mine = (NOTICE.c.file_id == place[0], NOTICE.c.sheet == place[1], NOTICE.c.place == place[2])
        self._session.execute(update(NOTICE).where(*mine).values(asked=True))
