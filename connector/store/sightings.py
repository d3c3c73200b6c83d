"""SQL of list lines: what each list of each identity showed, when, and how far the reading of a list has come."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    delete,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)

from connector.domain.records import Kind, RawRow, Stream
from connector.domain.requests import ListRequest, Progress
from connector.domain.status import Role, Status
from connector.reconcile.lines import KnownLines, NewLine, SeenRecord
from connector.reconcile.plan import TaskPlan
from connector.store.columns import CHUNK, chunks, table, upsert
from connector.store.sighting_counts import LINE, TASK, VERSION, SightingCounts
from connector.store.tables_lists import ListPageRow, ListStateRow, PayloadRow
from connector.store.task_rows import PART_TIMES

STATE: Table = table(ListStateRow)
PAGE: Table = table(ListPageRow)
PAYLOAD: Table = table(PayloadRow)
Key = tuple[str, str]
UNREADABLE = ""
"""Fingerprint of a line that is there but could not be read: equal to no row's."""


class SightingStore(SightingCounts):
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

    def list_request(self, stream: Stream, run_id: int, *, prove: bool, since: datetime) -> ListRequest | None:
        """How to read a list in this run: from its start, or on from where the run it adopted stopped; None if that
        one had read it to its end. ``prove``: large pages are not trusted but tried again. ``since`` (UTC): what was
        read of a list before stands for nothing, however often readings went on for one another."""
        row = self._session.execute(select(STATE).where(*_of(STATE, stream))).one_or_none()
        if row is None:
            return ListRequest(stream)
        larger = None if prove else row.larger
        if row.run_id != run_id or row.updated_at < since:
            return ListRequest(stream, rows=row.rows, larger=larger)
        progress = Progress.from_json(row.progress)
        if progress.done and progress.complete:
            return None
        if progress.done or not progress.page:
            return ListRequest(stream, rows=row.rows, larger=larger)
        return ListRequest(stream, progress, self._met(stream, progress.number), row.rows, larger)

    def _met(self, stream: Stream, number: int | None = None) -> frozenset[Key]:
        """Keys on the pages of an unfinished reading, of one pass or of all."""
        query = select(PAGE.c["keys"]).where(*_of(PAGE, stream))
        query = query if number is None else query.where(PAGE.c.number == number)
        return frozenset((key[0], key[1]) for row in self._session.execute(query) for key in row[0])

    def keep_progress(self, stream: Stream, run_id: int, progress: Progress, at: datetime) -> None:
        """To be called in the transaction that keeps the page's lines."""
        row: dict[str, Any] = {
            "source": stream.source, "identity": stream.identity, "list": stream.list, "account": stream.account,
            "run_id": run_id, "updated_at": at, "progress": progress.to_json(),
            "rows": progress.distinct if progress.complete else 0, "larger": progress.larger,
        }  # fmt: skip
        whole = ("rows", "larger") if progress.complete else ()
        upsert(self._session, STATE, [row], keys=("source", "account", "identity", "list"),
               overwrite=("run_id", "updated_at", "progress", *whole))  # fmt: skip

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

    def begin(self, request: ListRequest, run_id: int) -> KnownLines:
        """What is stored of a list that is about to be read, or read on. One that is read from its start has not been
        seen by this run, nor by those it goes on for."""
        stream = request.stream
        if request.progress is None:
            self._session.execute(delete(PAGE).where(*_of(PAGE, stream)))
            mine = (*_of(LINE, stream), LINE.c.seen_run_id == run_id)
            self._session.execute(update(LINE).where(*mine).values(seen_run_id=0))
        seen = frozenset[Key]() if request.progress is None else self._met(stream)
        rows = self._session.execute(
            select(LINE.c.record_id, LINE.c.line_id, LINE.c.fingerprint)
            .where(*_of(LINE, stream), LINE.c.gone_at.is_(None))
            .execution_options(yield_per=2000)
        )
        return KnownLines(((row.record_id, row.line_id, row.fingerprint) for row in rows), seen)

    def keep_page(self, stream: Stream, number: int, page: int, keys: Sequence[Key]) -> None:
        """The lines a page showed, in that pass."""
        row = {"source": stream.source, "account": stream.account, "identity": stream.identity, "list": stream.list,
               "number": number, "page": page, "keys": [list(key) for key in keys]}  # fmt: skip
        upsert(self._session, PAGE, [row], keys=[one.name for one in PAGE.primary_key], overwrite=("keys",))

    def finish(self, stream: Stream, run_id: int, known: KnownLines, at: datetime | None) -> None:
        """A list has been read: its lines that were met unchanged were seen, at ``at`` or later (UTC). None: some of
        them by an interrupted reading, nobody knows which; then no time is claimed."""
        old = (*_of(LINE, stream), LINE.c.gone_at.is_(None), LINE.c.seen_run_id != run_id)
        query = select(LINE.c.record_id, LINE.c.line_id, LINE.c.fingerprint).where(*old)
        rows = self._session.execute(query.execution_options(yield_per=2000))
        unmet = [(row.record_id, row.line_id) for row in rows if not known.was_met(*row)]
        seen = {"seen_run_id": run_id} if at is None else {"seen_run_id": run_id, "last_seen_at": at}
        if len(unmet) <= CHUNK:
            line = tuple_(LINE.c.record_id, LINE.c.line_id)
            but = [line.not_in(unmet)] if unmet else []
            self._session.execute(update(LINE).where(*old, *but).values(seen))
        else:
            met = [(row.record_id, row.line_id) for row in self._session.execute(query) if known.was_met(*row)]
            line = tuple_(LINE.c.record_id, LINE.c.line_id)
            for start in range(0, len(met), CHUNK):
                some = line.in_(met[start : start + CHUNK])
                self._session.execute(update(LINE).where(*_of(LINE, stream), some).values(seen))
        self._session.execute(delete(PAGE).where(*_of(PAGE, stream)))

    def shown(self, stream: Stream, keys: Sequence[Key]) -> dict[Key, Any]:
        """Those of these lines that are stored and could be read → the row they show."""
        query = select(LINE.c.record_id, LINE.c.line_id, PAYLOAD.c.body).join(
            PAYLOAD, PAYLOAD.c.hash == LINE.c.payload_hash
        )
        line = tuple_(LINE.c.record_id, LINE.c.line_id)
        readable = (LINE.c.gone_at.is_(None), LINE.c.fingerprint != UNREADABLE)
        rows = self._session.execute(query.where(*_of(LINE, stream), *readable, line.in_(keys)))
        return {(row.record_id, row.line_id): json.loads(row.body) for row in rows}

    def stored(self, stream: Stream, keys: Sequence[Key]) -> set[Key]:
        """Which of these lines the store holds and does not count as gone."""
        rows = self._session.execute(
            select(LINE.c.record_id, LINE.c.line_id).where(
                *_of(LINE, stream), LINE.c.gone_at.is_(None), tuple_(LINE.c.record_id, LINE.c.line_id).in_(keys)
            )
        )
        return {(row.record_id, row.line_id) for row in rows}

    def mark_there(self, stream: Stream, keys: Sequence[Key], run_id: int) -> None:
        """Lines are in the list, but what they show could not be read: they are not gone, nor seen. What they showed
        before stands for nothing until they can be read again."""
        line = tuple_(LINE.c.record_id, LINE.c.line_id)
        values = {"seen_run_id": run_id, "fingerprint": UNREADABLE}
        self._session.execute(update(LINE).where(*_of(LINE, stream), line.in_(keys)).values(values))

    def save(self, stream: Stream, lines: Iterable[NewLine], run_id: int) -> None:
        """New lines, and lines that show something else than before or have come back."""
        rows = [
            {
                "source": stream.source, "identity": stream.identity, "list": stream.list, "record_id": line.key[0],
                "line_id": line.key[1], "kind": stream.kind, "account": stream.account, "role": line.role,
                "payload_hash": line.payload_hash, "fingerprint": line.fingerprint, "first_seen_at": line.at,
                "last_seen_at": line.at, "seen_run_id": run_id, "pending": True, "gone_at": None,
            }
            for line in lines
        ]  # fmt: skip
        if rows:
            keys = ("source", "account", "identity", "list", "record_id", "line_id")
            kept = {*keys, "kind", "first_seen_at"}
            upsert(self._session, LINE, rows, keys=keys, overwrite=[one for one in rows[0] if one not in kept])

    def seen(self, source: str, kind: Kind, run_id: int, after: str, limit: int) -> list[SeenRecord]:
        """Records that this run's lists show, ordered by id, from behind ``after``."""
        return self._seen(source, kind, run_id, after, limit, select(), [])

    def to_look_at(self, source: str, run_id: int, plan: TaskPlan, after: str, limit: int) -> list[SeenRecord]:
        """The same for tasks, without those of which ``plan.task_parts`` would say that nothing can have changed: a
        coarse sieve that spares the decision for tens of thousands of finished tasks. What it lets through is decided
        there."""
        read = [TASK.c[PART_TIMES[part]] for part in sorted(plan.parts)]
        quiet = [
            TASK.c.id.is_not(None), TASK.c.missing_since.is_(None), TASK.c.authoritative, TASK.c.list_digest != "",
            VERSION.c.status.in_([str(one) for one in Status if not one.is_open and one is not Status.UNKNOWN]),
            *(one.is_not(None) for one in read), TASK.c.source_id.not_in(plan.hinted),
        ]  # fmt: skip
        if plan.reread_before is not None:
            quiet += [one >= plan.reread_before for one in read]
        settled = and_(*quiet) if not plan.full else false()
        joined = (
            select()
            .outerjoin_from(LINE, TASK, and_(TASK.c.source == LINE.c.source, TASK.c.source_id == LINE.c.record_id))
            .outerjoin(VERSION, and_(VERSION.c.task_id == TASK.c.id, VERSION.c.until.is_(None)))
        )
        look = func.max(case((settled, 0), else_=1)) == 1
        return self._seen(source, "task", run_id, after, limit, joined, [look])

    def _seen(
        self, source: str, kind: Kind, run_id: int, after: str, limit: int, base: Select[Any], look: list[Any]
    ) -> list[SeenRecord]:
        pending = func.max(case((LINE.c.pending, 1), else_=0))
        lost = func.max(case((and_(LINE.c.seen_run_id != run_id, LINE.c.gone_at.is_(None)), 1), else_=0))
        mine = func.max(case((LINE.c.seen_run_id == run_id, LINE.c.last_seen_at)))
        columns = (LINE.c.record_id, pending.label("pending"), lost.label("lost"), mine.label("seen_at"))
        wanted = [or_(pending == 1, lost == 1, *look)] if look else []
        rows = self._session.execute(
            base.add_columns(*columns)
            .where(LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id > after)
            .group_by(LINE.c.record_id)
            .having(and_(mine.is_not(None), *wanted))
            .order_by(LINE.c.record_id)
            .limit(limit)
        )
        return [SeenRecord(row.record_id, bool(row.pending), bool(row.lost), row.seen_at) for row in rows]

    def rows(self, source: str, kind: Kind, run_id: int, ids: Iterable[str]) -> list[RawRow]:
        """The list rows of records as this run's lists show them."""
        found: list[RawRow] = []
        for some in chunks(ids):
            query = (
                select(LINE, PAYLOAD.c.body)
                .join(PAYLOAD, PAYLOAD.c.hash == LINE.c.payload_hash)
                .where(
                    LINE.c.source == source, LINE.c.kind == kind, LINE.c.record_id.in_(some), LINE.c.gone_at.is_(None),
                    LINE.c.seen_run_id == run_id, LINE.c.fingerprint != UNREADABLE,
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

    def hidden(self, source: str, run_id: int, ids: Iterable[str]) -> dict[str, list[tuple[str, Role]]]:
        """Task → (list, role) of its lines that this run could not read: their list was not read to its end, or they
        themselves were unreadable."""
        unread = [(one.account, one.identity, one.list) for one in self.incomplete(source, run_id)]
        unreadable = and_(LINE.c.seen_run_id == run_id, LINE.c.fingerprint == UNREADABLE)
        unseen = and_(LINE.c.seen_run_id != run_id, tuple_(LINE.c.account, LINE.c.identity, LINE.c.list).in_(unread))
        found: dict[str, list[tuple[str, Role]]] = {}
        for some in chunks(ids):
            query = select(LINE.c.record_id, LINE.c.list, LINE.c.role).where(
                LINE.c.source == source, LINE.c.kind == "task", LINE.c.record_id.in_(some), LINE.c.gone_at.is_(None),
                or_(unreadable, unseen) if unread else unreadable,
            )  # fmt: skip
            for row in self._session.execute(query):
                found.setdefault(row.record_id, []).append((row.list, Role(row.role)))
        return found

    def waiting(self, stream: Stream, run_id: int) -> Iterator[Any]:
        """What the run was shown in a list and no record has been brought up to date with."""
        query = select(PAYLOAD.c.body).join(LINE, PAYLOAD.c.hash == LINE.c.payload_hash)
        query = query.where(*_of(LINE, stream), LINE.c.seen_run_id == run_id, LINE.c.pending)
        return (json.loads(row.body) for row in self._session.execute(query.execution_options(yield_per=1000)))

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

    def unsettle(self, source: str, ids: Iterable[str] | None = None) -> None:
        """Records are to be brought up to date anew, all of them where their lines are read with other words now."""
        mine = update(LINE).where(LINE.c.source == source).values(pending=True)
        if ids is None:
            self._session.execute(mine)
        else:
            for some in chunks(ids):
                self._session.execute(mine.where(LINE.c.kind == "task", LINE.c.record_id.in_(some)))

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

    def close_unread(self, source: str, run_id: int, read: Collection[Stream], at: datetime) -> None:
        """Lines in task lists that are not read any more: another account, another identity, another setting."""
        lists = sorted({(stream.account, stream.identity, stream.list) for stream in read})
        self._session.execute(
            update(LINE)
            .where(
                LINE.c.source == source, LINE.c.kind == "task", LINE.c.gone_at.is_(None), LINE.c.seen_run_id != run_id,
                tuple_(LINE.c.account, LINE.c.identity, LINE.c.list).not_in(lists),
            )
            .values(gone_at=at)
        )  # fmt: skip


def _of(target: Table, stream: Stream) -> tuple[ColumnElement[bool], ...]:
    """Rows of one list."""
    columns = target.c
    return (
        columns.source == stream.source, columns.account == stream.account, columns.identity == stream.identity,
        columns.list == stream.list,
    )  # fmt: skip
