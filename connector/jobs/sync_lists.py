"""Lists of a run, page by page: what each page showed and how far the list has been read commit together (F07, F17).

A page's rows that show what they showed before are only noted as seen; the others are kept whole and wait
(``pending``) until their record is brought up to date. Unreadable rows are kept with every reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from connector.domain.records import RawRow, Rejected, Stream
from connector.domain.requests import ListPage, ListRequest
from connector.normalise.shape_watch import ShapeWatch
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.lines import KnownLines, NewLine
from connector.reconcile.payloads import Payload, payload_of

log = structlog.get_logger()

_CONTRADICTING = "mã này có nhiều dòng trong cùng danh sách với nội dung khác nhau; không dòng nào được dùng"
_SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_READ = {True: "read", False: "unread", None: ""}
"""What a document's line says of the person behind the identity, kept where a task's line keeps its role."""


@dataclass
class _Reading:
    """A list being read; ``began``: when its first page came (UTC), which all its unchanged lines were seen after.
    ``contradicting``: lines that the pass under way showed twice, each time otherwise."""

    request: ListRequest
    known: KnownLines | None = None
    began: datetime | None = None
    contradicting: dict[tuple[str, str], RawRow] = field(default_factory=dict)


@dataclass
class ListSync:
    """``since`` (UTC): what an interrupted run read of a list before stands for nothing. ``prove``: the server's larger
    pages are not trusted but tried again. ``rows``: different rows met so far, by list; ``rejected``: how many of them
    could not be read, ``example``: why one could not, ``problems``: lists not read to their end."""

    source: Source
    normaliser: Normaliser
    uow: UnitOfWork
    clock: Clock
    run_id: int
    watch: ShapeWatch
    since: datetime
    prove: bool = False
    rows: dict[Stream, int] = field(default_factory=dict)
    rejected: int = 0
    example: str = ""
    problems: list[str] = field(default_factory=list)
    _unreadable: set[tuple[Stream, object]] = field(default_factory=set)
    _lists: dict[Stream, _Reading] = field(default_factory=dict)

    @property
    def fetched(self) -> int:
        return sum(self.rows.values())

    def requests(self, streams: Iterable[Stream]) -> list[ListRequest]:
        """How each list is to be read; those an interrupted run has read to their end are left out. What that one was
        shown is watched here: it may have ended before anybody judged it."""
        wanted = []
        with self.uow:
            for stream in streams:
                request = self.uow.sightings.list_request(stream, self.run_id, prove=self.prove, since=self.since)
                if request is None or request.progress is not None:
                    for payload in self.uow.sightings.waiting(stream, self.run_id):
                        self.watch.see(f"{stream.kind}_row", payload)
                if request is not None:
                    wanted.append(request)
        resumed = sum(request.progress is not None for request in wanted)
        if resumed:
            log.info("sync.lists_resumed", lists=resumed)
        return wanted

    def read(self, wanted: Sequence[ListRequest]) -> None:
        """Read lists to their end and keep what they show. Raises what the source raises."""
        self._lists = {request.stream: _Reading(request) for request in wanted}
        for pages in self.source.pages(wanted):
            self._keep(pages)

    def _keep(self, pages: Sequence[ListPage]) -> None:
        with self.uow:
            for page in pages:
                self._keep_page(page)
            self.uow.commit()
        for page in pages:
            progress = page.progress
            self.rows[page.stream] = max(progress.distinct, self.rows.get(page.stream, 0))
            if progress.done:
                del self._lists[page.stream]
                if not progress.complete:
                    self.problems.append(f"{page.stream}: {progress.problem}")
                    log.warning("sync.list_incomplete", stream=str(page.stream), cause=progress.problem)

    def _keep_page(self, page: ListPage) -> None:
        stream, progress, lines = page.stream, page.progress, self.uow.sightings
        reading = self._lists[stream]
        if reading.known is None:
            reading.known = lines.begin(reading.request, self.run_id)
        if page.rows:
            reading.began = reading.began or page.rows[0].fetched_at
            if progress.page == 1:
                reading.contradicting.clear()  # a row that changed and moved meanwhile shows once now
            keys = self._keep_rows(page, reading.known, reading.contradicting)
            lines.keep_page(stream, progress.number, progress.page, keys)
        lines.keep_progress(stream, self.run_id, progress, self.clock.now())
        if progress.done:
            self._reject_contradicting(stream, reading.contradicting)
            resumed = reading.request.progress is not None
            lines.finish(stream, self.run_id, reading.known, None if resumed else reading.began or self.clock.now())

    def _keep_rows(
        self, page: ListPage, known: KnownLines, contradicting: dict[tuple[str, str], RawRow]
    ) -> list[tuple[str, str]]:
        """Keep what is new on a page; the keys of all lines it shows."""
        stream, first = page.stream, page.progress.number == 1
        if first:
            for row in page.rows:
                self.watch.see(row.kind, row.payload)
        found = known.compare(page.rows)
        new: list[NewLine] = []
        payloads: list[Payload] = []
        rejected: list[Rejected] = []
        unreadable: list[tuple[str, str]] = []
        shown: dict[tuple[str, str], Any] = {}
        if page.again:
            shown = self.uow.sightings.shown(stream, sorted(key for key in page.again if isinstance(key, tuple)))
            contradicting |= self._contradicting(page, shown)
        for key, print_, raw in found.new:
            if key in contradicting or key in shown:
                continue  # this pass has shown it before
            role = self._role(raw)
            if isinstance(role, Rejected):
                rejected.append(role)
                unreadable.append(key)
            else:
                payload = payload_of(raw.payload)
                new.append(NewLine(key, print_, payload.hash, role, raw.fetched_at))
                payloads.append(payload)
        for raw in found.nameless:
            role = self._role(raw)
            assert isinstance(role, Rejected), "a row without an id was read"
            rejected.append(role)
        if new:
            self.uow.sightings.save(stream, new, self.run_id)
            for line in new:
                known.add(line.key, line.fingerprint)
            self.uow.raw.keep(payloads, new[0].at)
        if unreadable:  # they are there, though we cannot read them
            there = self.uow.sightings.stored(stream, unreadable)
            self.uow.sightings.mark_there(stream, sorted(there), self.run_id)
        self._reject(stream, rejected, counted=first)  # a pass that begins again meets the same rows again
        return [*found.unchanged, *(line.key for line in new)]

    def _reject(self, stream: Stream, rejected: Sequence[Rejected], *, counted: bool = True) -> None:
        if not rejected:
            return
        if counted:
            met = {(stream, one.raw.key or payload_of(one.raw.payload).hash) for one in rejected}
            self.rejected += len(met - self._unreadable)
            self._unreadable |= met
            self.example = self.example or "; ".join(rejected[0].problems)
        self.uow.raw.reject(rejected, self.run_id)

    def _contradicting(self, page: ListPage, shown: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], RawRow]:
        """Rows of a page whose key this pass has shown before, and which say something else of their record. What they
        say of other things (a way of forwarding, who has read it) may well differ."""
        said: dict[tuple[str, str], list[object]] = {}
        last: dict[tuple[str, str], RawRow] = {}
        for row in page.rows:
            if row.key is not None and row.key in page.again:
                earlier = [replace(row, payload=shown[row.key])] if row.key in shown and row.key not in said else []
                said.setdefault(row.key, []).extend(map(self._record, [*earlier, row]))
                last[row.key] = row
        return {key: row for key, row in last.items() if any(one != said[key][0] for one in said[key])}

    def _record(self, raw: RawRow) -> object:
        """What a row says of its record."""
        if raw.stream.kind == "document":
            document = self.normaliser.document_row(raw)
            return document.problems if isinstance(document, Rejected) else document.state
        task = self.normaliser.task_row(raw)
        return task.problems if isinstance(task, Rejected) else replace(task, fetched_at=_SOME_TIME)

    def _reject_contradicting(self, stream: Stream, rows: Mapping[tuple[str, str], RawRow]) -> None:
        """Of two rows of one line that contradict each other nobody knows which is true: neither is used."""
        if rows:
            there = self.uow.sightings.stored(stream, sorted(rows))
            self.uow.sightings.mark_there(stream, sorted(there), self.run_id)
            self._reject(stream, [Rejected(row, (_CONTRADICTING,)) for row in rows.values()])

    def _role(self, raw: RawRow) -> str | Rejected:
        if raw.stream.kind == "document":
            document = self.normaliser.document_row(raw)
            return document if isinstance(document, Rejected) else _READ[document.is_read]
        task = self.normaliser.task_row(raw)
        return task if isinstance(task, Rejected) else str(task.role)
