"""SQL of imported files: which were taken, which record each of their rows is, and how the records of a file are
written, by the thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session

from connector.domain.imports import OWN, FileFacts, LeftOut, SheetNotes, TakenFile, ToldBy
from connector.domain.records import Kind
from connector.domain.status import Status
from connector.normalise.exports.telling import Stored, Telling
from connector.store import documents, task_rows
from connector.store.columns import chunks, insert_rows, table
from connector.store.listings import left_out
from connector.store.origins import places, told_by_files
from connector.store.tables import DocumentRow, DocumentVersionRow, TaskRow, TaskVersionRow
from connector.store.tables_imports import FileRowRow, ImportedFileRow
from connector.store.tables_lists import SightingRow

FILE: Table = table(ImportedFileRow)
FILE_ROW: Table = table(FileRowRow)
LINE: Table = table(SightingRow)


@dataclass(frozen=True, slots=True)
class _Records:
    """Where records of a kind are kept. ``key``: fields that find a record; ``listed``: fields that a list of the
    source tells; ``filled``: values of a new record's row beside its source, id and times."""

    record: Table
    version: Table
    of_record: str
    key: tuple[str, ...]
    columns: Callable[[object], dict[str, Any]]
    state_of: Callable[[Any], Any]
    listed: frozenset[str]
    read: dict[str, str]
    filled: dict[str, Any]


_KINDS: dict[Kind, _Records] = {
    "task": _Records(
        table(TaskRow), table(TaskVersionRow), "task_id",
        ("name", "lead", "assigned_on", "due_on", "content"), task_rows.state_columns, task_rows.state_of,
        frozenset({"name", "assigner", "lead", "status", "assigned_on", "due_on", "priority", "urged", "evaluation",
                   "evaluation_note"}),
        {"content": "detail_read_at", "lines": "lines_read_at"},
        {"list_digest": "", "read_reason": "", "authoritative": True},
    ),
    "document": _Records(
        table(DocumentRow), table(DocumentVersionRow), "document_id",
        ("notation", "issued_on", "issuer"), documents.state_columns, documents.state_of,
        frozenset({"issued_on", "issuer", "subject", "urgency"}), {"due_on": "detail_read_at"},
        {"identity": "", "account": "", "list": ""},
    ),
}  # fmt: skip


class ImportStore:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._sheets: dict[int, list[SheetNotes]] = {}

    # -- files -----------------------------------------------------------------------------------------------------

    def taken(self, source: str, sha256: str) -> TakenFile | None:
        """The first file of these bytes that was imported (F21)."""
        query = select(FILE.c.name, FILE.c.read_at, FILE.c.modified_at).where(
            FILE.c.source == source, FILE.c.sha256 == sha256, FILE.c.outcome == "imported"
        )
        row = self._session.execute(query.order_by(FILE.c.id).limit(1)).one_or_none()
        return None if row is None else TakenFile(row.name, row.read_at, row.modified_at)

    def places(self, source: str, sha256: str) -> dict[tuple[int, int], str]:
        """(sheet, row) → id of the record, of files of these bytes that were imported before."""
        return places(self._session, source, sha256)

    def keep_file(
        self,
        source: str,
        run_id: int,
        facts: FileFacts,
        at: datetime,
        *,
        kind: str = "",
        sheets: Sequence[SheetNotes] = (),
        reason: str = "",
    ) -> int:
        """``reason``: why it was refused, "" if it was imported. The id under which its rows are kept."""
        values = {
            "run_id": run_id, "source": source, "sha256": facts.sha256, "name": facts.name, "size": facts.size,
            "kind": kind, "modified_at": facts.modified_at, "read_at": at,
            "as_of": max((one.as_of for one in sheets), default=None),
            "outcome": "refused" if reason else "imported", "reason": reason,
            "sheets": [one.to_json() for one in sheets],
        }  # fmt: skip
        found: int = self._session.execute(insert(FILE).values(**values).returning(FILE.c.id)).scalar_one()
        return found

    def sheets(self, file_id: int) -> list[SheetNotes]:
        if file_id not in self._sheets:
            found = self._session.execute(select(FILE.c.sheets).where(FILE.c.id == file_id)).scalar_one()
            self._sheets[file_id] = [SheetNotes.from_json(one) for one in found]
        return self._sheets[file_id]

    def told_by_files(self, kind: Kind, pk: int) -> list[ToldBy]:
        """Rows of files that are the record with our number ``pk``, newest values first."""
        return told_by_files(self._session, kind, pk)

    def left_out(self) -> dict[int, LeftOut]:
        """Open task (our number of it) → the newer list that no longer shows it."""
        return left_out(self._session)

    def count_files(self) -> dict[str, int]:
        """Outcome → files."""
        query = select(FILE.c.outcome, func.count().label("files")).group_by(FILE.c.outcome)
        return {row.outcome: row.files for row in self._session.execute(query)}

    def newest(self, until: datetime | None = None) -> datetime | None:
        """As of when the newest imported tasks were; ``until``: only of files read by then."""
        query = (
            select(func.max(FILE_ROW.c.as_of))
            .join(FILE, FILE.c.id == FILE_ROW.c.file_id)
            .where(FILE_ROW.c.kind == "task", *([] if until is None else [FILE.c.read_at <= until]))
        )
        found: datetime | None = self._session.scalar(query)
        return found

    # -- records ---------------------------------------------------------------------------------------------------

    def names(self, source: str, kind: Kind, *, own: bool = False) -> Iterator[Any]:
        """What records are found by, one row each: source_id, and the fields of a task's or a document's key. ``own``:
        only of those that have an id we made."""
        where = _KINDS[kind]
        version = where.version.c
        query = (
            select(where.record.c.source_id, *(version[name] for name in where.key))
            .join(where.version, version[where.of_record] == where.record.c.id)
            .where(
                where.record.c.source == source,
                version.until.is_(None),
                *([where.record.c.source_id.startswith(OWN)] if own else []),
            )
        )
        return iter(self._session.execute(query.execution_options(yield_per=2000)))

    def load(
        self, source: str, kind: Kind, ids: Iterable[str], day_of: Callable[[datetime], Any]
    ) -> dict[str, Stored[Any]]:
        """``day_of``: local day of a moment."""
        where = _KINDS[kind]
        found: dict[str, Stored[Any]] = {}
        for some in chunks(ids):
            record = where.record.c
            rows = self._session.execute(
                select(
                    record.id.label("pk"), record.source_id, record.last_seen_at,
                    *(record[column] for column in where.read.values()), where.version,
                )
                .join(where.version, where.version.c[where.of_record] == record.id)
                .where(record.source == source, record.source_id.in_(some), where.version.c.until.is_(None))
            ).all()  # fmt: skip
            listed = self._listed(source, kind, some)
            told = self._told(kind, [row.pk for row in rows])
            opened = self._last_open([row.pk for row in rows]) if kind == "task" else {}
            for row in rows:
                known = self._known(where, row, listed.get(row.source_id), told.get(row.pk, {}))
                last = max(row.last_seen_at, row.observed_at)
                last_open = day_of(opened[row.pk]) if row.pk in opened else None
                found[row.source_id] = Stored(
                    row.pk, where.state_of(row), known, last, last_open, row.source_id in listed
                )
        return found

    def _known(
        self, where: _Records, row: Any, listed: datetime | None, told: Mapping[str, datetime]
    ) -> Mapping[str, datetime]:
        """Field → when what is stored was true: by the source's lists, by its parts, by files."""
        read = {name: at for name, column in where.read.items() if (at := row._mapping[column])}
        if listed is None and not read:
            return told
        known = dict.fromkeys(where.listed, listed) if listed is not None else {}
        if listed is not None and where.of_record == "document_id" and row.secret is not None:
            known["secret"] = listed
        known |= read
        for name, at in told.items():
            known[name] = max(at, known.get(name, at))
        return known

    def _listed(self, source: str, kind: Kind, ids: Sequence[str]) -> dict[str, datetime]:
        """Record → when the source's lists last showed it: the stalest of its lines counts."""
        there = func.min(case((LINE.c.gone_at.is_(None), LINE.c.last_seen_at)))
        query = (
            select(LINE.c.record_id, func.coalesce(there, func.max(LINE.c.last_seen_at)).label("at"))
            .where(LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id.in_(ids))
            .group_by(LINE.c.record_id)
        )
        return {row.record_id: row.at for row in self._session.execute(query)}

    def _told(self, kind: Kind, pks: Sequence[int]) -> dict[int, Mapping[str, datetime]]:
        """Record → field → as of when the newest file told what is stored."""
        found: dict[int, Mapping[str, datetime]] = {}
        query = select(
            FILE_ROW.c.record_id, FILE_ROW.c.file_id, FILE_ROW.c.sheet, FILE_ROW.c.as_of, FILE_ROW.c.kept
        ).where(FILE_ROW.c.kind == kind, FILE_ROW.c.record_id.in_(pks))  # fmt: skip
        whole: dict[tuple[int, int, datetime], Mapping[str, datetime]] = {}
        for row in self._session.execute(query):
            place = (row.file_id, row.sheet, row.as_of)
            if place not in whole:
                whole[place] = dict.fromkeys(self.sheets(row.file_id)[row.sheet].told, row.as_of)
            told = whole[place]
            if row.kept:
                told = {name: at for name, at in told.items() if name not in row.kept}
            before = found.get(row.record_id)
            if before is not None:
                told = {**before, **{name: max(at, before.get(name, at)) for name, at in told.items()}}
            found[row.record_id] = told
        return found

    def _last_open(self, pks: Sequence[int]) -> dict[int, datetime]:
        """Task → the last reading that saw it unfinished."""
        version, task = _KINDS["task"].version.c, _KINDS["task"].record
        query = (
            select(version.task_id, version.status, version.observed_at, version.observed_after, task.c.last_seen_at)
            .join(task, task.c.id == version.task_id)
            .where(version.task_id.in_(pks), version.present)
            .order_by(version.task_id, version.id)
        )
        found: dict[int, datetime] = {}
        was_open: set[int] = set()
        for row in self._session.execute(query):
            if row.task_id in was_open and row.observed_after is not None:
                found[row.task_id] = row.observed_after
            was_open.discard(row.task_id)
            if Status(row.status).is_open:
                found[row.task_id] = max(row.observed_at, row.last_seen_at)
                was_open.add(row.task_id)
        return found

    def save(self, source: str, kind: Kind, run_id: int, place: tuple[int, int], told: Sequence[Telling[Any]]) -> None:
        """What the rows of a sheet do to their records. ``place``: file id, number of the sheet."""
        where = _KINDS[kind]
        new = [one for one in told if one.pk is None]
        before = self._session.scalar(select(func.max(where.record.c.id))) or 0
        if new:
            insert_rows(self._session, where.record, [
                {"source": source, "source_id": one.record_id, "first_seen_at": one.as_of, "last_seen_at": one.as_of,
                 **where.filled}
                for one in new
            ])  # fmt: skip
        made = select(where.record.c.id, where.record.c.source_id).where(
            where.record.c.id > before, where.record.c.source == source
        )
        pks = {row.source_id: row.id for row in self._session.execute(made)} if new else {}
        versions = [one for one in told if one.outcome in ("new", "changed")]
        changed = [one for one in versions if one.pk is not None]
        if changed:
            self._session.execute(
                update(where.version)
                .where(where.version.c[where.of_record] == bindparam("b_pk"), where.version.c.until.is_(None))
                .values(until=bindparam("b_until")),
                [{"b_pk": one.pk, "b_until": one.as_of} for one in changed],
            )
        if versions:
            insert_rows(self._session, where.version, [
                {where.of_record: pks.get(one.record_id, one.pk), "observed_at": one.as_of, "observed_after": one.after,
                 "until": None, "run_id": run_id, "payload_hashes": [], **where.columns(one.state)}
                for one in versions
            ])  # fmt: skip
        for one in told:
            if one.outcome == "filled":
                current = (where.version.c[where.of_record] == one.pk, where.version.c.until.is_(None))
                self._session.execute(update(where.version).where(*current).values(where.columns(one.state)))
        seen = [{"b_pk": one.pk, "b_at": one.as_of} for one in told if one.pk is not None and one.seen]
        if seen:
            self._session.execute(
                update(where.record)
                .where(where.record.c.id == bindparam("b_pk"), where.record.c.last_seen_at < bindparam("b_at"))
                .values(last_seen_at=bindparam("b_at")),
                seen,
            )
        if told:
            insert_rows(self._session, FILE_ROW, [
                {"file_id": place[0], "sheet": place[1], "row": one.row, "kind": kind,
                 "record_id": pks.get(one.record_id, one.pk), "as_of": one.as_of, "kept": list(one.kept) or None}
                for one in told
            ])  # fmt: skip

    def rename(self, source: str, kind: Kind, ids: Sequence[tuple[str, str]]) -> None:
        """Records that files made get the source's id (old, new); it must not be taken."""
        record = _KINDS[kind].record
        if ids:
            self._session.execute(
                update(record)
                .where(record.c.source == source, record.c.source_id == bindparam("b_old"))
                .values(source_id=bindparam("b_new")),
                [{"b_old": old, "b_new": new} for old, new in ids],
            )

    def absorb(self, source: str, kind: Kind, old: str, new: str) -> bool:
        """A record that files made and one of the source's are the same: its history goes before the other's. False if
        either is not there, or their histories overlap: then nothing is changed."""
        where = _KINDS[kind]
        record, version = where.record.c, where.version.c
        owner = version[where.of_record]
        rows = {
            row.source_id: row
            for row in self._session.execute(
                select(record.id, record.source_id, record.first_seen_at, record.last_seen_at,
                       func.min(version.observed_at).label("first"), func.max(version.observed_at).label("last"))
                .join(where.version, owner == record.id)
                .where(record.source == source, record.source_id.in_((old, new)))
                .group_by(record.id)
            )
        }  # fmt: skip
        if len(rows) < 2 or rows[old].last >= rows[new].first:
            return False
        told, kept = rows[old], rows[new]
        execute = self._session.execute
        if kind == "document":  # withdrawn stays withdrawn
            withdrawn = execute(select(version.standing).where(owner == told.id, version.until.is_(None))).scalar_one()
            if withdrawn:
                current = (owner == kept.id, version.until.is_(None))
                execute(update(where.version).where(*current).values(standing=withdrawn))
        execute(update(where.version).where(owner == told.id, version.until.is_(None)).values(until=kept.first))
        execute(
            update(where.version)
            .where(owner == kept.id, version.observed_at == kept.first)
            .values(observed_after=min(told.last_seen_at, kept.first))
        )
        execute(update(where.version).where(owner == told.id).values({where.of_record: kept.id}))
        execute(
            update(FILE_ROW).where(FILE_ROW.c.kind == kind, FILE_ROW.c.record_id == told.id).values(record_id=kept.id)
        )
        execute(where.record.delete().where(record.id == told.id))
        execute(update(where.record).where(record.id == kept.id).values(first_seen_at=told.first_seen_at))
        return True
