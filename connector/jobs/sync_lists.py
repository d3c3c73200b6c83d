"""Lists of a run, page by page: what each page showed and how far the list has been read commit together (F07, F17).

A page's rows that show what they showed before are only noted as seen; the others are kept whole and wait
(``pending``) until their record is brought up to date. Unreadable rows are kept with every reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from connector.domain.records import RawRow, Rejected, Stream
from connector.domain.requests import ListPage, ListRequest
from connector.normalise.shape_watch import ShapeWatch
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.lines import NewLine, compare
from connector.reconcile.payloads import Payload

log = structlog.get_logger()

_READ = {True: "read", False: "unread", None: ""}
"""What a document's line says of the person behind the identity, kept where a task's line keeps its role."""


@dataclass
class ListSync:
    """``prove``: the server's larger pages are not trusted but tried again. ``rows``: different rows met so far, by
    list; ``rejected``: how many of them could not be read, ``problems``: lists not read to their end."""

    source: Source
    normaliser: Normaliser
    uow: UnitOfWork
    clock: Clock
    run_id: int
    watch: ShapeWatch
    prove: bool = False
    rows: dict[Stream, int] = field(default_factory=dict)
    rejected: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def fetched(self) -> int:
        return sum(self.rows.values())

    def requests(self, streams: Iterable[Stream]) -> list[ListRequest]:
        """How each list is to be read; those an interrupted run has read to their end are left out."""
        with self.uow:
            found = ((one, self.uow.sightings.list_request(one, self.run_id, prove=self.prove)) for one in streams)
            wanted = [request for _, request in found if request is not None]
        resumed = sum(request.progress is not None for request in wanted)
        if resumed:
            log.info("sync.lists_resumed", lists=resumed)
        return wanted

    def read(self, wanted: Sequence[ListRequest]) -> None:
        """Read lists to their end and keep what they show. Raises what the source raises."""
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
            if progress.done and not progress.complete:
                self.problems.append(f"{page.stream}: {progress.problem}")
                log.warning("sync.list_incomplete", stream=str(page.stream), cause=progress.problem)

    def _keep_page(self, page: ListPage) -> None:
        stream, number = page.stream, page.progress.number
        lines = self.uow.sightings
        if page.rows:
            if number == 1:
                for row in page.rows:
                    self.watch.see(row.kind, row.payload)
            keys = [row.key for row in page.rows if row.key is not None]
            known = lines.known(stream, keys)
            found = compare(page.rows, known)
            seen, new = found.unchanged, list[NewLine]()
            payloads: list[Payload] = []
            rejected: list[Rejected] = []
            for raw, payload in found.new:
                role = self._role(raw)
                assert raw.key is not None
                if isinstance(role, Rejected):
                    rejected.append(role)
                    if raw.key in known and not known[raw.key].gone:
                        seen.append(raw.key)  # it is there, though we cannot read it
                else:
                    new.append(NewLine(raw.key, payload.hash, role, raw.fetched_at))
                    payloads.append(payload)
            for raw in found.nameless:
                role = self._role(raw)
                assert isinstance(role, Rejected), "a row without an id was read"
                rejected.append(role)
            at = page.rows[0].fetched_at
            lines.touch(stream, seen, self.run_id, number, at)
            lines.save(stream, new, self.run_id, number)
            self.uow.raw.keep(payloads, at)
            if rejected and number == 1:
                self.rejected += len(rejected)
            self.uow.raw.reject(rejected, self.run_id)
        lines.keep_progress(stream, self.run_id, page.progress, self.clock.now())

    def _role(self, raw: RawRow) -> str | Rejected:
        if raw.stream.kind == "document":
            document = self.normaliser.document_row(raw)
            return document if isinstance(document, Rejected) else _READ[document.is_read]
        task = self.normaliser.task_row(raw)
        return task if isinstance(task, Rejected) else str(task.role)
