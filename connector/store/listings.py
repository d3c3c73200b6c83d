"""SQL of tasks that a newer list of their kind no longer shows.

An export shows what was filtered for it, so what it leaves out has not vanished. But where a newer file of the same
header shows most of what an older one did, a task it leaves out has left that list: finished, withdrawn or moved,
nobody knows. What the older file said of it is no proof any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from connector.domain.imports import LeftOut
from connector.domain.status import Status
from connector.store.columns import table
from connector.store.tables import TaskRow, TaskVersionRow
from connector.store.tables_imports import FileRowRow, ImportedFileRow

FILE: Table = table(ImportedFileRow)
FILE_ROW: Table = table(FileRowRow)
TASK: Table = table(TaskRow)
VERSION: Table = table(TaskVersionRow)
_OPEN = [str(one) for one in Status if one.is_open]
_MOST = 0.5
"""Share of an older list that a newer one must show to be the same list."""


@dataclass(frozen=True, slots=True)
class _Listing:
    file_id: int
    sheet: int
    file: str
    as_of: datetime
    header: tuple[str, str]

    @property
    def place(self) -> tuple[int, int]:
        return (self.file_id, self.sheet)


def left_out(session: Session, known_at: datetime | None = None) -> dict[int, LeftOut]:
    """Open task → the newer list that no longer shows it; of tasks that nothing has shown since. ``known_at``: only by
    files read until then."""
    listings = _listings(session, known_at)
    if len(listings) < 2:
        return {}
    of_file = FILE_ROW.c.file_id.in_({one.file_id for one in listings})
    newest = (
        select(FILE_ROW.c.record_id, func.max(FILE_ROW.c.as_of).label("as_of"))
        .where(FILE_ROW.c.kind == "task", of_file)
        .group_by(FILE_ROW.c.record_id)
        .subquery()
    )
    last = (
        select(FILE_ROW.c.record_id, FILE_ROW.c.file_id, FILE_ROW.c.sheet, FILE_ROW.c.row)
        .join(newest, (newest.c.record_id == FILE_ROW.c.record_id) & (newest.c.as_of == FILE_ROW.c.as_of))
        .join(TASK, TASK.c.id == FILE_ROW.c.record_id)
        .join(VERSION, (VERSION.c.task_id == TASK.c.id) & VERSION.c.until.is_(None))
        .where(FILE_ROW.c.kind == "task", of_file, newest.c.as_of < max(one.as_of for one in listings))
        .where(TASK.c.last_seen_at <= newest.c.as_of, VERSION.c.status.in_(_OPEN))
        .order_by(FILE_ROW.c.record_id, FILE_ROW.c.file_id)
    )
    by_place = {one.place: one for one in listings}
    followed: dict[tuple[int, int], _Listing | None] = {}
    found: dict[int, LeftOut] = {}
    for row in session.execute(last):
        one = by_place.get((row.file_id, row.sheet))
        if one is None:
            continue
        if one.place not in followed:
            followed[one.place] = next(_followers(session, one, listings), None)
        if (later := followed[one.place]) is not None:
            found[row.record_id] = LeftOut(later.as_of, later.file_id, one.file, row.row)
    return found


def _listings(session: Session, known_at: datetime | None) -> list[_Listing]:
    """Of tasks, newest first."""
    query = select(FILE.c.id, FILE.c.source, FILE.c.name, FILE.c.sheets).where(FILE.c.outcome == "imported")
    if known_at is not None:
        query = query.where(FILE.c.read_at <= known_at)
    found = [
        _Listing(row.id, number, row.name, datetime.fromisoformat(one["as_of"]), (row.source, one["fingerprint"]))
        for row in session.execute(query)
        for number, one in enumerate(row.sheets)
        if one["table"] == "task"
    ]
    return sorted(found, key=lambda one: (one.as_of, one.place), reverse=True)


def _followers(session: Session, older: _Listing, listings: list[_Listing]) -> Iterator[_Listing]:
    """Newer lists that are the same list again."""
    mine, theirs = FILE_ROW.alias(), FILE_ROW.alias()
    size = session.scalar(
        select(func.count()).where(mine.c.file_id == older.file_id, mine.c.sheet == older.sheet, mine.c.kind == "task")
    )
    for one in listings:
        if one.header == older.header and one.as_of > older.as_of:
            shared = session.scalar(
                select(func.count(mine.c.record_id.distinct()))
                .join(theirs, (theirs.c.record_id == mine.c.record_id) & (theirs.c.kind == mine.c.kind))
                .where(mine.c.file_id == older.file_id, mine.c.sheet == older.sheet, mine.c.kind == "task")
                .where(theirs.c.file_id == one.file_id, theirs.c.sheet == one.sheet)
            )
            if shared and size and shared >= _MOST * size:
                yield one
