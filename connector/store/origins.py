"""SQL of which record each row of a file is, and where each value of a record stood (F27)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from connector.domain.imports import SheetNotes, ToldBy
from connector.domain.records import Kind
from connector.domain.tables import address
from connector.normalise.exports.fields_told import column_of
from connector.store.columns import table
from connector.store.tables import DocumentRow, TaskRow
from connector.store.tables_imports import FileRowRow, ImportedFileRow

FILE: Table = table(ImportedFileRow)
FILE_ROW: Table = table(FileRowRow)
_RECORDS: dict[Kind, Table] = {"task": table(TaskRow), "document": table(DocumentRow)}


def told_by_files(session: Session, kind: Kind, pk: int) -> list[ToldBy]:
    """Rows of files that are the record, newest values first."""
    query = (
        select(FILE_ROW.c.sheet, FILE_ROW.c.row, FILE_ROW.c.as_of, FILE_ROW.c.kept, FILE.c.name, FILE.c.sheets)
        .join(FILE, FILE.c.id == FILE_ROW.c.file_id)
        .where(FILE_ROW.c.kind == kind, FILE_ROW.c.record_id == pk)
        .order_by(FILE_ROW.c.as_of.desc(), FILE.c.id.desc())
    )
    return [_told_by(row) for row in session.execute(query)]


def places(session: Session, source: str, sha256: str) -> dict[tuple[int, int], str]:
    """(sheet, row) → id of the record, of files of these bytes that were imported before."""
    found: dict[tuple[int, int], str] = {}
    for kind, record in _RECORDS.items():
        query = (
            select(FILE_ROW.c.sheet, FILE_ROW.c.row, record.c.source_id)
            .join(FILE, FILE.c.id == FILE_ROW.c.file_id)
            .join(record, record.c.id == FILE_ROW.c.record_id)
            .where(FILE.c.source == source, FILE.c.sha256 == sha256, FILE_ROW.c.kind == kind)
            .order_by(FILE.c.id)
        )
        found |= {(row.sheet, row.row): row.source_id for row in session.execute(query)}
    return found


def _told_by(row: Any) -> ToldBy:
    notes = SheetNotes.from_json(row.sheets[row.sheet])
    cells = {
        name: address(row.row, notes.columns[column] + 1)
        for name, column in column_of(notes.columns).items()
        if name not in (row.kept or ())
    }
    return ToldBy(row.as_of, notes.file or row.name, notes.name, row.row, cells)
