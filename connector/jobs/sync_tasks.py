"""The tasks' half of a sync: which of the listed tasks are read further, what came of it, what has vanished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from connector.domain.records import RawRow, Rejected, TaskParts, TaskRow
from connector.domain.requests import PartReading, PartRequest
from connector.domain.runs import RunCounts
from connector.jobs.batches import in_batches
from connector.jobs.problems import PartProblems
from connector.jobs.sync_adopt import Adoption
from connector.jobs.sync_checks import ShapeCheck
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.changes import task_change
from connector.reconcile.lines import SeenRecord
from connector.reconcile.merge import MergedTask, by_task, is_outranked
from connector.reconcile.payloads import payload_of
from connector.reconcile.plan import NEEDED_PARTS, TaskPlan, require_no_shrink, task_parts

log = structlog.get_logger()

CHUNK = 1000
"""Tasks planned at once: what is kept in memory of them does not grow with their number."""


@dataclass
class TaskSync:
    """``counts`` is true at any moment, also when a run fails half-way. ``reasons``: why tasks were read beyond their
    list row → how many (F05). ``held_back``: tasks left as they are, because the line that speaks for them could not be
    read."""

    source: Source
    normaliser: Normaliser
    uow: UnitOfWork
    clock: Clock
    plan: TaskPlan
    problems: PartProblems
    shapes: ShapeCheck
    adoption: Adoption | None = None
    counts: RunCounts = field(default_factory=RunCounts)
    reasons: Counter[str] = field(default_factory=Counter)
    held_back: int = 0
    _visible: int = 0
    _waiting: dict[str, MergedTask] = field(default_factory=dict)

    @property
    def run_id(self) -> int:
        return self.plan.run_id

    def store(self) -> None:
        """Read the parts the plan asks for and write what changed, batch by batch."""
        with self.uow:
            self._visible = self.uow.tasks.count_visible(self.source.name)
        for batch in in_batches(self.source.parts(self._requests())):
            self._store_batch(batch)
        with self.uow:
            seen = self.uow.tasks.touch_seen(
                self.source.name, self.run_id, proved=bool(self.plan.parts & {"detail", "processors"})
            )
            self.uow.commit()
        self.counts = replace(self.counts, unchanged=seen - self.counts.inserted - self.counts.updated)
        log.info("sync.tasks_read", seen=seen, reasons=dict(self.reasons))

    # -- what to read ----------------------------------------------------------------------------------------------

    def _requests(self) -> Iterator[PartRequest]:
        """Requests for the tasks the lists showed and that may have changed, a chunk at a time. One identity after the
        other within a chunk: where identities take turns, each change costs a login."""
        after = ""
        while True:
            with self.uow:
                look = self.uow.sightings.to_look_at(self.source.name, self.run_id, self.plan, after, CHUNK)
                requests = self._planned(look) if look else []
                self.uow.commit()
            if not look:
                return
            yield from sorted(requests, key=lambda one: one.stream.reader)
            after = look[-1].record_id

    def _planned(self, look: Sequence[SeenRecord]) -> list[PartRequest]:
        """Those of the tasks that are read further, and why; the others are up to date with their lines."""
        source = self.source.name
        ids = [one.record_id for one in look]
        known = self.uow.tasks.known(source, ids)
        hidden = self.uow.sightings.hidden(source, self.run_id, known)
        requests: list[PartRequest] = []
        settled: list[str] = []
        outranked: list[str] = []
        for task_id, merged in self._merged(ids).items():
            if task_id in known and is_outranked(merged, hidden.get(task_id, ())):
                outranked.append(task_id)
                continue
            parts, reason = task_parts(task_id, merged.digest, merged.authoritative, known.get(task_id), self.plan)
            if parts:
                self._waiting[task_id] = merged
                self.reasons[reason] += 1
                requests.append(PartRequest(task_id, merged.best.stream, parts, reason, merged.best.line_id))
            else:
                settled.append(task_id)
        self.uow.sightings.settle(source, "task", self.run_id, settled)
        self.uow.sightings.unsettle(source, outranked)
        self.held_back += len(outranked)
        return requests

    def _merged(self, ids: Sequence[str]) -> dict[str, MergedTask]:
        raw = self.uow.sightings.rows(self.source.name, "task", self.run_id, ids)
        rows = [row for one in raw if isinstance(row := self.normaliser.task_row(one), TaskRow)]
        return by_task(rows)

    # -- what was read ---------------------------------------------------------------------------------------------

    def _store_batch(self, batch: Sequence[PartReading]) -> None:
        source = self.source.name
        for reading in batch:
            for raw in reading.rows:
                self.shapes.watch.see(raw.kind, raw.payload, raw.subject)
        self.shapes.require_none_that_stops()
        parts = {one.request.subject: self._parts(one) for one in batch}
        merged = {task_id: self._waiting.pop(task_id) for task_id in parts}
        with self.uow:
            if self.adoption is not None:
                contents = {task_id: part.detail.content for task_id, part in parts.items() if part.detail}
                self.adoption.resolve(self.uow, source, contents)
            stored = self.uow.tasks.load(source, parts)
            whole = {
                one.request.subject
                for one in batch
                if not (one.failed.keys() & NEEDED_PARTS) and not parts[one.request.subject].rejected
            }
            changes = [
                task_change(merged[task_id], stored.get(task_id), part, complete=task_id in whole)
                for task_id, part in parts.items()
            ]
            rejected = [item for part in parts.values() for item in part.rejected]
            changed = {change.merged.task_id for change in changes if change.version or change.filled}
            payloads = {
                one.request.subject: [payload_of(row.payload) for row in one.rows]
                for one in batch
                if one.request.subject in changed
            }
            self.uow.raw.reject(rejected, self.run_id)
            self.uow.raw.keep((one for some in payloads.values() for one in some), self.clock.now())
            lists = self.uow.sightings.hashes(source, "task", changed)
            behind = {task_id: [*lists.get(task_id, ()), *(one.hash for one in some)]
                      for task_id, some in payloads.items()}  # fmt: skip
            reasons = {one.request.subject: one.request.reason for one in batch}
            self.uow.tasks.save(source, self.run_id, changes, behind, reasons)
            self.uow.sightings.settle(source, "task", self.run_id, whole)
            self.uow.commit()
        for one in batch:
            self.problems.add(one)
        inserted = sum(change.inserted for change in changes)
        updated = sum(change.updated for change in changes)
        self.counts = replace(
            self.counts,
            inserted=self.counts.inserted + inserted,
            updated=self.counts.updated + updated,
            rejected=self.counts.rejected + len(rejected),
        )

    def _parts(self, reading: PartReading) -> TaskParts:
        found: dict[str, object] = {}
        rejected: list[Rejected] = []
        for raw in reading.rows:
            part = raw.kind.removeprefix("task_")
            read = self._read(part, raw)
            if isinstance(read, Rejected):
                rejected.append(read)
            else:
                found["lines" if part == "processors" else part] = read
                if part == "flow":
                    found["flow_read_at"] = raw.fetched_at
        found["files_failed"] = "files" in reading.failed
        return replace(TaskParts(reading.request.subject), **found, rejected=tuple(rejected))  # type: ignore[arg-type]

    def _read(self, part: str, raw: RawRow) -> object:
        normaliser = self.normaliser
        readers = {
            "detail": normaliser.task_detail, "flow": normaliser.task_flow, "processors": normaliser.task_processors,
            "children": normaliser.task_children, "files": normaliser.task_files,
        }  # fmt: skip
        return readers[part](raw)

    # -- what is gone ----------------------------------------------------------------------------------------------

    def store_vanished(self, ended: datetime, *, max_share: float, accepted: bool) -> str:
        """Mark what is in no list any more, if every list was read to its end; lines that are gone from a list that
        was, in any case. ``ended`` (UTC): when the lists had been read. Returns why nothing was marked, "" otherwise.
        Raises SuspiciousShrink."""
        source = self.source.name
        with self.uow:
            unread = [stream for stream in self.uow.sightings.incomplete(source, self.run_id) if stream.kind == "task"]
            hidden, nameless = self.uow.raw.rejected_ids(source, self.run_id)
            whole = not unread and not nameless
            gone = self.uow.tasks.unseen(source, self.run_id, hidden) if whole else []
            require_no_shrink(len(gone), self._visible, max_share=max_share, accepted=accepted)
            if gone:
                self.uow.tasks.mark_vanished(source, gone, ended, self.run_id)
            if whole:
                self.uow.sightings.close_unread(source, self.run_id, self.source.task_lists(), ended)
            if not nameless:
                for stream in self.source.task_lists():
                    if stream not in unread:
                        self.uow.sightings.close_unseen(stream, self.run_id, ended)
            self.uow.commit()
        self.counts = replace(self.counts, vanished=len(gone))
        return f"{nameless} dòng không có mã: lượt này không đánh dấu nhiệm vụ nào là biến mất" if nameless else ""
