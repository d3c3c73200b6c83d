"""SQL of rows of files that were not loaded: kept whole until a person settles them (F11, F12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from connector.domain.imports import Entry, NewEntry, Problem, SheetNotes
from connector.store.columns import insert_rows, table
from connector.store.tables_imports import ImportedFileRow, QuarantineRow

ENTRY: Table = table(QuarantineRow)
FILE: Table = table(ImportedFileRow)


class QuarantineStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, source: str, file_id: int, entries: Iterable[NewEntry], at: datetime) -> None:
        rows = [
            {
                "source": source, "file_id": file_id, "sheet": one.sheet, "row": one.row, "kind": one.kind,
                "record": one.table, "problems": _problems(one.problems), "packed": list(one.packed),
                "own_id": one.own_id, "candidates": list(one.candidates), "state": "waiting", "since": at,
                "settled_at": None, "answer": "",
            }
            for one in entries
        ]  # fmt: skip
        if rows:
            insert_rows(self._session, ENTRY, rows)

    def waiting(self, limit: int | None = None) -> list[Entry]:
        """Oldest first."""
        query = select(ENTRY, FILE.c.name, FILE.c.sheets).join(FILE, FILE.c.id == ENTRY.c.file_id)
        rows = self._session.execute(query.where(ENTRY.c.state == "waiting").order_by(ENTRY.c.id).limit(limit))
        return [_entry(row) for row in rows]

    def entry(self, entry_id: int) -> Entry | None:
        """In whatever state it is."""
        query = select(ENTRY, FILE.c.name, FILE.c.sheets).join(FILE, FILE.c.id == ENTRY.c.file_id)
        row = self._session.execute(query.where(ENTRY.c.id == entry_id)).one_or_none()
        return None if row is None else _entry(row)

    def count_waiting(self) -> dict[str, int]:
        """Kind ("row", "question") → entries that wait."""
        query = select(ENTRY.c.kind, func.count().label("rows")).where(ENTRY.c.state == "waiting")
        return {row.kind: row.rows for row in self._session.execute(query.group_by(ENTRY.c.kind))}

    def settle(self, entry_id: int, state: Literal["loaded", "dropped"], at: datetime, answer: str = "") -> None:
        """``answer``: id of the record that the row is."""
        values = {"state": state, "settled_at": at, "answer": answer}
        self._session.execute(update(ENTRY).where(ENTRY.c.id == entry_id).values(values))

    def keep_waiting(self, entry_id: int, found: NewEntry) -> None:
        """The row was read again, and still cannot be loaded: with today's reasons."""
        values = {"kind": found.kind, "problems": _problems(found.problems), "own_id": found.own_id,
                  "candidates": list(found.candidates)}  # fmt: skip
        self._session.execute(update(ENTRY).where(ENTRY.c.id == entry_id).values(values))

    def answers(self, source: str) -> dict[str, str]:
        """Own id of a row → id of the record a person said it is. The newest file's answer counts; where it has two
        rows of one id that are different records, there is none."""
        query = select(ENTRY.c.own_id, ENTRY.c.file_id, ENTRY.c.answer).where(
            ENTRY.c.source == source, ENTRY.c.own_id != "", ENTRY.c.answer != ""
        )
        found: dict[str, tuple[int, set[str]]] = {}
        for row in self._session.execute(query.order_by(ENTRY.c.file_id, ENTRY.c.settled_at, ENTRY.c.id)):
            file_id, said = found.get(row.own_id, (row.file_id, set()))
            found[row.own_id] = (row.file_id, {*(said if file_id == row.file_id else ()), row.answer})
        return {own_id: next(iter(said)) for own_id, (_, said) in found.items() if len(said) == 1}

    def rename(self, source: str, ids: Sequence[tuple[str, str]]) -> None:
        """Answers follow their records to a new id (old, new)."""
        for old, new in ids:
            mine = (ENTRY.c.source == source, ENTRY.c.answer == old)
            self._session.execute(update(ENTRY).where(*mine).values(answer=new))


def _problems(problems: Iterable[Problem]) -> list[list[str]]:
    return [[one.cell, one.header, one.value, one.reason] for one in problems]


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        source=row.source,
        file_id=row.file_id,
        file=row.name,
        since=row.since,
        state=row.state,
        row=NewEntry(
            sheet=row.sheet, row=row.row, kind=row.kind, table=row.record,
            problems=tuple(Problem(*one) for one in row.problems), packed=row.packed, own_id=row.own_id,
            candidates=tuple(row.candidates),
        ),
        notes=SheetNotes.from_json(row.sheets[row.sheet]),
    )  # fmt: skip
