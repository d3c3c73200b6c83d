"""SQL of list lines: what each list of each identity showed, when, and how far the reading of a list has come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from connector.domain.records import Kind, RawRow, Stream
from connector.domain.requests import ListRequest, Progress
from connector.domain.status import Role, Status
from connector.reconcile.lines import KnownLine, NewLine, SeenRecord
from connector.reconcile.own_figures import TaskLine
from connector.store.columns import CHUNK, chunks, table, upsert
from connector.store.tables import TaskRow, TaskVersionRow
from connector.store.tables_lists import ListStateRow, PayloadRow, SightingRow

LINE: Table = table(SightingRow)
STATE: Table = table(ListStateRow)
PAYLOAD: Table = table(PayloadRow)
TASK: Table = table(TaskRow)
VERSION: Table = table(TaskVersionRow)
Key = tuple[str, str]


class SightingStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    # -- how far a reading has come --------------------------------------------------------------------------------

    def adopt(self, source: str, old_run: int, new_run: int) -> None:
        """A new run goes on where an interrupted one stopped: what that one saw counts as seen by this one."""
        for target, column in ((STATE, STATE.c.run_id), (LINE, LINE.c.seen_run_id)):
            statement = update(target).where(target.c.source == source, column == old_run)
            self._session.execute(statement.values({column.name: new_run}))

    def read_at(self, source: str, run_id: int) -> datetime | None:
        """When the run last kept a page; None if it never did."""
        query = select(func.max(STATE.c.updated_at)).where(STATE.c.source == source, STATE.c.run_id == run_id)
        found: datetime | None = self._session.scalar(query)
        return found

    def list_request(self, stream: Stream, run_id: int, *, prove: bool) -> ListRequest | None:
        """How to read a list in this run: from its start, or on from where the run it adopted stopped; None if that
        one had read it to its end. ``prove``: large pages are not trusted but tried again."""
        row = self._session.execute(select(STATE).where(*_of(STATE, stream))).one_or_none()
        if row is None:
            return ListRequest(stream)
        larger = None if prove else row.larger
        if row.run_id != run_id:
            return ListRequest(stream, rows=row.rows, larger=larger)
        progress = Progress.from_json(row.progress)
        if progress.done and progress.complete:
            return None
        if progress.done or not progress.page:
            return ListRequest(stream, rows=row.rows, larger=larger)
        seen = self._session.execute(
            select(LINE.c.record_id, LINE.c.line_id).where(
                *_of(LINE, stream), LINE.c.seen_run_id == run_id, LINE.c.seen_pass == progress.number
            )
        )
        return ListRequest(stream, progress, frozenset((one.record_id, one.line_id) for one in seen), row.rows, larger)

    def keep_progress(self, stream: Stream, run_id: int, progress: Progress, at: datetime) -> None:
        """To be called in the transaction that keeps the page's lines."""
        row: dict[str, Any] = {
            "source": stream.source, "identity": stream.identity, "list": stream.list, "account": stream.account,
            "run_id": run_id, "updated_at": at, "progress": progress.to_json(), "rows": progress.distinct,
            "larger": progress.larger,
        }  # fmt: skip
        whole = ("rows", "larger") if progress.complete else ()
        upsert(self._session, STATE, [row], keys=("source", "identity", "list"),
               overwrite=("account", "run_id", "updated_at", "progress", *whole))  # fmt: skip

    def rows_read(self, source: str, run_id: int) -> dict[Stream, int]:
        """Lists of this run, those an interrupted one had read for it too → different rows received."""
        rows = self._session.execute(select(STATE).where(STATE.c.source == source, STATE.c.run_id == run_id))
        return {Stream(source, row.account, row.identity, row.list): row.progress["distinct"] for row in rows}

    def incomplete(self, source: str, run_id: int) -> dict[Stream, str]:
        """Lists of this run that were not read to their end → why."""
        rows = self._session.execute(select(STATE).where(STATE.c.source == source, STATE.c.run_id == run_id))
        return {
            Stream(source, row.account, row.identity, row.list): row.progress["problem"] or "chưa đọc hết"
            for row in rows
            if not row.progress["complete"]
        }

    # -- lines -----------------------------------------------------------------------------------------------------

    def known(self, stream: Stream, keys: Sequence[Key]) -> dict[Key, KnownLine]:
        """What is stored of these lines of a list."""
        found: dict[Key, KnownLine] = {}
        for start in range(0, len(keys), CHUNK):
            rows = self._session.execute(
                select(LINE.c.record_id, LINE.c.line_id, LINE.c.payload_hash, LINE.c.gone_at).where(
                    *_of(LINE, stream), LINE.c.record_id.in_({one[0] for one in keys[start : start + CHUNK]})
                )
            )
            for row in rows:
                found[(row.record_id, row.line_id)] = KnownLine(row.payload_hash, row.gone_at is not None)
        return found

    def touch(self, stream: Stream, keys: Sequence[Key], run_id: int, number: int, at: datetime) -> None:
        """Unchanged lines were seen again, in that pass of the run's reading."""
        for start in range(0, len(keys), CHUNK):
            self._session.execute(
                update(LINE)
                .where(*_of(LINE, stream), tuple_(LINE.c.record_id, LINE.c.line_id).in_(keys[start : start + CHUNK]))
                .values(last_seen_at=at, seen_run_id=run_id, seen_pass=number)
            )

    def save(self, stream: Stream, lines: Iterable[NewLine], run_id: int, number: int) -> None:
        """New lines, and lines that show something else than before or have come back."""
        rows = [
            {
                "source": stream.source, "identity": stream.identity, "list": stream.list, "record_id": line.key[0],
                "line_id": line.key[1], "kind": stream.kind, "account": stream.account, "role": line.role,
                "payload_hash": line.payload_hash, "first_seen_at": line.at, "last_seen_at": line.at,
                "seen_run_id": run_id, "seen_pass": number, "pending": True, "gone_at": None,
            }
            for line in lines
        ]  # fmt: skip
        if rows:
            keys = ("source", "identity", "list", "record_id", "line_id")
            kept = {*keys, "kind", "first_seen_at"}
            upsert(self._session, LINE, rows, keys=keys, overwrite=[one for one in rows[0] if one not in kept])

    def seen(self, source: str, kind: Kind, run_id: int, after: str, limit: int) -> list[SeenRecord]:
        """Records that this run's lists show, ordered by id, from behind ``after``."""
        lost = case((and_(LINE.c.seen_run_id != run_id, LINE.c.gone_at.is_(None)), 1), else_=0)
        mine = case((LINE.c.seen_run_id == run_id, LINE.c.last_seen_at))
        rows = self._session.execute(
            select(
                LINE.c.record_id,
                func.max(case((LINE.c.pending, 1), else_=0)).label("pending"),
                func.max(lost).label("lost"),
                func.max(mine).label("seen_at"),
            )
            .where(LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id > after)
            .group_by(LINE.c.record_id)
            .having(func.max(mine).is_not(None))
            .order_by(LINE.c.record_id)
            .limit(limit)
        )
        return [SeenRecord(row.record_id, bool(row.pending), bool(row.lost), row.seen_at) for row in rows]

    def rows(self, source: str, kind: Kind, run_id: int, ids: Iterable[str]) -> list[RawRow]:
        """The list rows of records as they stand after this run's lists: those it saw, and those of lists that could
        not be read to their end, as they were seen last."""
        unread = [and_(*_of(LINE, stream)) for stream in self.incomplete(source, run_id)]
        found: list[RawRow] = []
        for some in chunks(ids):
            query = (
                select(LINE, PAYLOAD.c.body)
                .join(PAYLOAD, PAYLOAD.c.hash == LINE.c.payload_hash)
                .where(
                    LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id.in_(some), LINE.c.gone_at.is_(None),
                    or_(LINE.c.seen_run_id == run_id, *unread),
                )
            )  # fmt: skip
            found += [
                RawRow(
                    f"{kind}_row", Stream(source, row.account, row.identity, row.list), json.loads(row.body),
                    row.last_seen_at, key=(row.record_id, row.line_id),
                )
                for row in self._session.execute(query)
            ]  # fmt: skip
        return found

    def settle(self, source: str, kind: Kind, run_id: int, ids: Iterable[str]) -> None:
        """Records are up to date with the lines this run saw."""
        for some in chunks(ids):
            self._session.execute(
                update(LINE)
                .where(
                    LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id.in_(some), LINE.c.pending,
                    LINE.c.seen_run_id == run_id,
                )
                .values(pending=False)
            )  # fmt: skip

    def unsettle(self, source: str) -> None:
        """Every record is to be brought up to date anew: its lines are read with other words now."""
        self._session.execute(update(LINE).where(LINE.c.source == source).values(pending=True))

    def close_unseen(self, stream: Stream, run_id: int, at: datetime) -> None:
        """Lines of a completely read list that were not in it (F104)."""
        self._session.execute(
            update(LINE)
            .where(*_of(LINE, stream), LINE.c.gone_at.is_(None), LINE.c.seen_run_id != run_id)
            .values(gone_at=at)
        )

    def hashes(self, source: str, kind: Kind, ids: Iterable[str]) -> dict[str, list[str]]:
        """The payloads of the list rows that are there, by record."""
        found: dict[str, list[str]] = {}
        for some in chunks(ids):
            query = select(LINE.c.record_id, LINE.c.payload_hash).where(
                LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id.in_(some), LINE.c.gone_at.is_(None)
            )
            for row in self._session.execute(query.order_by(*LINE.primary_key)):
                found.setdefault(row.record_id, []).append(row.payload_hash)
        return found

    # -- what a run saw, counted -----------------------------------------------------------------------------------

    def count_seen(self, source: str, run_id: int) -> dict[tuple[str, str], int]:
        """(identity, list) → lines the run saw in it."""
        rows = self._session.execute(
            select(LINE.c.identity, LINE.c.list, func.count().label("lines"))
            .where(LINE.c.source == source, LINE.c.seen_run_id == run_id)
            .group_by(LINE.c.identity, LINE.c.list)
        )
        return {(row.identity, row.list): row.lines for row in rows}

    def task_lines(self, source: str, run_id: int) -> Iterator[list[TaskLine]]:
        """The lines of each task the run saw, with the state the task is in now; one list a task."""
        rows = self._session.execute(
            select(
                LINE.c.record_id, LINE.c.identity, LINE.c.list, LINE.c.role, VERSION.c.status, VERSION.c.assigned_on,
                VERSION.c.due_on,
            )
            .join(TASK, and_(TASK.c.source == LINE.c.source, TASK.c.source_id == LINE.c.record_id))
            .join(VERSION, and_(VERSION.c.task_id == TASK.c.id, VERSION.c.until.is_(None)))
            .where(LINE.c.source == source, LINE.c.kind == "task", LINE.c.seen_run_id == run_id)
            .order_by(LINE.c.record_id)
            .execution_options(yield_per=2000)
        )  # fmt: skip
        for _, lines in groupby(rows, key=lambda row: row.record_id):
            yield [
                TaskLine(one.identity, one.list, Status(one.status), Role(one.role), one.assigned_on, one.due_on)
                for one in lines
            ]

    def document_lines(self, source: str, run_id: int) -> list[tuple[str, str, bool | None, int]]:
        """(identity, list, whether read, how many) of the documents the run saw."""
        rows = self._session.execute(
            select(LINE.c.identity, LINE.c.list, LINE.c.role, func.count().label("lines"))
            .where(LINE.c.source == source, LINE.c.kind == "document", LINE.c.seen_run_id == run_id)
            .group_by(LINE.c.identity, LINE.c.list, LINE.c.role)
        )
        read = {"read": True, "unread": False}
        return [(row.identity, row.list, read.get(row.role), row.lines) for row in rows]


def _of(target: Table, stream: Stream) -> tuple[ColumnElement[bool], ...]:
    columns = target.c
    return (columns.source == stream.source, columns.identity == stream.identity, columns.list == stream.list)
