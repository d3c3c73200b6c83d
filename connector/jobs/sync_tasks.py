"""The tasks' half of a sync: lists, the parts the plan asks for, what has vanished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

import structlog

from connector.domain.records import Rejected, Stream, TaskParts, TaskRow
from connector.domain.requests import PartReading
from connector.domain.runs import RunCounts
from connector.domain.status import Status
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.changes import TaskChange, task_change
from connector.reconcile.merge import MergedTask, by_task, rejected_ids
from connector.reconcile.payloads import Payload, payload_of
from connector.reconcile.plan import KnownTask, task_request, vanished

log = structlog.get_logger()

BATCH = 200
"""Tasks per transaction: small enough that a kill costs little, large enough that commits cost little."""


@dataclass
class _Reading:
    """The task lists of one run, read and normalised."""

    merged: dict[str, MergedTask] = field(default_factory=dict)
    hashes: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    payloads: dict[str, list[Payload]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    fetched: int = 0
    streams: list[tuple[Stream, bool, datetime]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return all(complete for _, complete, _ in self.streams)


@dataclass
class TaskSync:
    """``problems`` collects what was not read; ``counts`` is true at any moment, also when a run fails half-way.
    ``plan``: why tasks were read beyond their list row → how many (F05).
    ``unknown_labels``: status labels nobody has mapped → how many tasks show them (F14)."""

    source: Source
    normaliser: Normaliser
    uow: UnitOfWork
    clock: Clock
    run_id: int
    problems: list[str]
    counts: RunCounts = field(default_factory=RunCounts)
    reading: _Reading = field(default_factory=_Reading)
    known: dict[str, KnownTask] = field(default_factory=dict)
    plan: dict[str, int] = field(default_factory=dict)
    unknown_labels: dict[str, int] = field(default_factory=dict)

    def read_lists(self) -> None:
        """Every list to its end; unreadable rows are stored at once."""
        rows: list[TaskRow] = []
        reading = self.reading
        for one in self.source.task_lists():
            reading.fetched += len(one.rows)
            if not one.complete:
                self.problems.append(f"{one.stream}: {one.problem}")
            ended = self.clock.now()
            reading.streams.append((one.stream, one.complete, ended))
            for raw in one.rows:
                row = self.normaliser.task_row(raw)
                if isinstance(row, Rejected):
                    reading.rejected.append(row)
                    continue
                payload = payload_of(raw.payload)
                rows.append(row)
                reading.hashes[row.key] = payload.hash
                reading.payloads.setdefault(row.task_id, []).append(payload)
        reading.merged = by_task(rows)
        unmapped = Counter(
            one.best.status_label for one in reading.merged.values() if one.best.status is Status.UNKNOWN
        )
        self.unknown_labels = dict(unmapped.most_common())
        if unmapped:
            log.warning("sync.labels_unknown", labels=self.unknown_labels)
        self.counts = replace(self.counts, fetched=reading.fetched, rejected=len(reading.rejected))
        if reading.rejected:
            with self.uow:
                self.uow.raw.reject(reading.rejected, self.run_id)
                self.uow.commit()
            log.warning("sync.rows_rejected", rejected=len(reading.rejected))

    # -- parts and versions ----------------------------------------------------------------------------------------

    def store(self, *, full: bool) -> None:
        """Read the parts the plan asks for and write what changed, batch by batch."""
        reading = self.reading
        with self.uow:
            self.known = self.uow.tasks.known(self.source.name)
        known = self.known
        requests = {
            task_id: request
            for task_id, merged in reading.merged.items()
            if (request := task_request(merged, known.get(task_id), full=full)) is not None
        }
        self.plan = dict(Counter(request.reason for request in requests.values()).most_common())
        log.info("sync.planned", listed=len(reading.merged), to_read=len(requests), reasons=self.plan)
        quiet = {task_id: merged for task_id, merged in reading.merged.items() if task_id not in requests}
        with self.uow:
            self.uow.tasks.touch(self.source.name, {task_id: one.fetched_at for task_id, one in quiet.items()})
            self.uow.tasks.save_sightings(self.source.name, quiet.values(), reading.hashes)
            self.uow.commit()
        self.counts = replace(self.counts, unchanged=len(quiet))
        for batch in _batches(self.source.task_parts(requests.values()), BATCH):
            self._store_batch(batch)

    def _store_batch(self, batch: list[PartReading]) -> None:
        reading = self.reading
        parts = {one.request.subject: self._parts(one) for one in batch}
        raw = {one.request.subject: [payload_of(row.payload) for row in one.rows] for one in batch}
        payloads = {task_id: [*reading.payloads[task_id], *raw[task_id]] for task_id in parts}
        with self.uow:
            stored = self.uow.tasks.load(self.source.name, parts)
            changes: list[TaskChange] = []
            for one in batch:
                task_id = one.request.subject
                part = parts[task_id]
                complete = not one.failed and not part.rejected
                changes.append(task_change(reading.merged[task_id], stored.get(task_id), part, complete=complete))
            rejected = [item for part in parts.values() for item in part.rejected]
            self.uow.raw.reject(rejected, self.run_id)
            self.uow.raw.keep(
                (one for change in changes if change.version for one in payloads[change.merged.task_id]),
                self.clock.now(),
            )
            self.uow.tasks.save(self.source.name, self.run_id, changes, payloads)
            self.uow.tasks.save_sightings(self.source.name, [change.merged for change in changes], reading.hashes)
            self.uow.commit()
        for one in batch:
            self.problems += [f"task {one.request.subject}: {part}: {cause}" for part, cause in one.failed.items()]
        inserted = sum(change.inserted for change in changes)
        updated = sum(change.updated for change in changes)
        self.counts = replace(
            self.counts,
            inserted=self.counts.inserted + inserted,
            updated=self.counts.updated + updated,
            unchanged=self.counts.unchanged + len(changes) - inserted - updated,
            rejected=self.counts.rejected + len(rejected),
        )

    def _parts(self, reading: PartReading) -> TaskParts:
        parts = TaskParts(reading.request.subject)
        rejected: list[Rejected] = []
        for raw in reading.rows:
            if raw.kind == "task_detail":
                detail = self.normaliser.task_detail(raw)
                if isinstance(detail, Rejected):
                    rejected.append(detail)
                else:
                    parts = replace(parts, detail=detail)
            elif raw.kind == "task_flow":
                flow = self.normaliser.task_flow(raw)
                if isinstance(flow, Rejected):
                    rejected.append(flow)
                else:
                    parts = replace(parts, flow=flow, flow_read_at=raw.fetched_at)
            elif raw.kind == "task_processors":
                lines = self.normaliser.task_processors(raw)
                if isinstance(lines, Rejected):
                    rejected.append(lines)
                else:
                    parts = replace(parts, lines=lines)
        return replace(parts, rejected=tuple(rejected))

    # -- what is gone ----------------------------------------------------------------------------------------------

    def store_vanished(self, started: datetime, *, max_share: float, accepted: bool) -> None:
        """Mark what is in no list any more, if every list was read to its end. Raises SuspiciousShrink."""
        reading = self.reading
        hidden = rejected_ids(reading.rejected)
        if not reading.complete or hidden.unnamed:
            if hidden.unnamed:
                self.problems.append(f"{hidden.unnamed} rows without an id: nothing is marked as vanished in this run")
            return
        seen = set(reading.merged) | hidden.ids
        gone = vanished(self.known, seen, max_share=max_share, accepted=accepted)
        with self.uow:
            ended = max((at for _, _, at in reading.streams), default=started)
            if gone:
                self.uow.tasks.mark_vanished(self.source.name, gone, ended, self.run_id)
            for stream, _, at in reading.streams:
                self.uow.tasks.close_sightings(self.source.name, stream, started, at)
            self.uow.commit()
        self.counts = replace(self.counts, vanished=len(gone))


def _batches(readings: Iterable[PartReading], size: int) -> Iterator[list[PartReading]]:
    iterator = iter(readings)
    while batch := list(islice(iterator, size)):
        yield batch
