"""fetch → normalise → reconcile → store, for one source.

Tasks first (lists, then the parts the plan asks for, in batches that commit whole), then documents, then what has
vanished. A killed run leaves complete batches behind; the next one reads what is still missing. Nothing is marked
vanished unless every list was read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

import structlog

from connector.domain.records import Rejected, Stream, TaskParts, TaskRow
from connector.domain.requests import PartReading
from connector.domain.runs import Outcome, RunCounts
from connector.errors import (
    AuthNeeded,
    ConnectorError,
    SuspiciousShrink,
    TooManyRejected,
)
from connector.jobs.sync_documents import DocumentCounts, sync_documents
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.changes import TaskChange, task_change
from connector.reconcile.merge import MergedTask, by_task, rejected_ids
from connector.reconcile.payloads import Payload, payload_of
from connector.reconcile.plan import KnownTask, task_request, vanished

log = structlog.get_logger()

BATCH = 200
"""Tasks per transaction: small enough that a kill costs little, large enough that commits cost little."""


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """Shares are between 0 and 1. ``issuer``: whose documents are followed, for ``document_days`` after issue."""

    max_vanished: float
    max_rejected: float
    issuer: str
    document_days: int


@dataclass(frozen=True, slots=True)
class SyncResult:
    """``outcome`` and figures as recorded with the run; ``error`` is set for everything but ok and incomplete."""

    run_id: int
    source: str
    outcome: Outcome
    counts: RunCounts
    problems: tuple[str, ...] = ()
    error: ConnectorError | None = None
    documents: DocumentCounts | None = None
    counters: dict[str, int] = field(default_factory=dict)


Notice = Callable[[UnitOfWork, str, SyncResult], None]
"""Called inside the closing transaction when a hold is new: puts one letter to the admin into the outbox."""


@dataclass
class _Reading:
    """The task lists of one run, read and normalised."""

    merged: dict[str, MergedTask]
    hashes: dict[tuple[str, str, str, str], str]
    payloads: dict[str, list[Payload]]
    rejected: list[Rejected]
    fetched: int
    streams: list[tuple[Stream, bool, datetime]]
    problems: list[str]

    @property
    def complete(self) -> bool:
        return all(complete for _, complete, _ in self.streams)


def sync(
    source: Source,
    normaliser: Normaliser,
    uow: UnitOfWork,
    clock: Clock,
    policy: SyncPolicy,
    *,
    full: bool = False,
    accept_shrink: bool = False,
    retry_login: bool = False,
    notice: Notice | None = None,
) -> SyncResult:
    """Read one source and store what it shows. Every run is recorded, failed ones too; errors of the tree end up in
    the result, anything else (a bug) is recorded and raised again."""
    run_id = _start(uow, clock, source.name, retry_login, full)
    with structlog.contextvars.bound_contextvars(run_id=run_id, source=source.name):
        worker = _Sync(source, normaliser, uow, clock, policy, run_id, full, accept_shrink)
        try:
            _require_login_allowed(uow, source.name)
            result = worker.run()
        except ConnectorError as error:
            result = worker.failed(error)
        except BaseException as error:
            worker.failed(None, f"{type(error).__name__}: {error}", interrupted=isinstance(error, KeyboardInterrupt))
            raise
        finally:
            source.close()
        result = replace(result, counts=replace(result.counts, requests=source.requests))
        _finish(uow, clock, result, notice)
        log.info("sync.finished", outcome=str(result.outcome), **_figures(result.counts))
        return result


def _start(uow: UnitOfWork, clock: Clock, source: str, retry_login: bool, full: bool) -> int:
    now = clock.now()
    with uow:
        uow.runs.close_interrupted("sync", now, source)
        if retry_login:
            uow.holds.lift(login_hold(source))
        run_id = uow.runs.start("sync", now, source=source, full=full)
        assert run_id is not None
        uow.commit()
    return run_id


def login_hold(source: str) -> str:
    return f"login:{source}"


def shrink_hold(source: str) -> str:
    return f"shrink:{source}"


def _require_login_allowed(uow: UnitOfWork, source: str) -> None:
    """After one refused login no other is tried until an operator says so: accounts get locked (F02)."""
    with uow:
        hold = uow.holds.get(login_hold(source))
    if hold is not None:
        raise AuthNeeded(f"login is on hold: {hold[1]}", source=source, since=hold[0].isoformat())


def _finish(uow: UnitOfWork, clock: Clock, result: SyncResult, notice: Notice | None) -> None:
    now = clock.now()
    with uow:
        if isinstance(result.error, AuthNeeded):
            new = uow.holds.put(login_hold(result.source), now, str(result.error))
        elif isinstance(result.error, SuspiciousShrink):
            new = uow.holds.put(shrink_hold(result.source), now, str(result.error))
        else:
            new = False
            if result.outcome in (Outcome.OK, Outcome.INCOMPLETE):
                uow.holds.lift(shrink_hold(result.source))
        if new and notice is not None:
            notice(uow, f"{result.outcome}:{result.source}:{result.run_id}", result)
        detail: dict[str, object] = {"problems": list(result.problems), "counters": result.counters}
        if result.documents is not None:
            detail["documents"] = result.documents.as_dict()
        error = f"{type(result.error).__name__}: {result.error}" if result.error else ""
        uow.runs.finish(result.run_id, now, result.outcome, result.counts, error=error, detail=detail)
        uow.commit()


def _figures(counts: RunCounts) -> dict[str, int]:
    names = ("requests", "fetched", "rejected", "inserted", "updated", "unchanged", "vanished")
    return {name: getattr(counts, name) for name in names}


@dataclass
class _Sync:
    source: Source
    normaliser: Normaliser
    uow: UnitOfWork
    clock: Clock
    policy: SyncPolicy
    run_id: int
    full: bool
    accept_shrink: bool
    counts: RunCounts = field(default_factory=RunCounts)
    problems: list[str] = field(default_factory=list)

    def run(self) -> SyncResult:
        self.source.open()
        started = self.clock.now()
        reading = self._read_lists()
        self.counts = replace(self.counts, fetched=reading.fetched, rejected=len(reading.rejected))
        self._keep_rejected(reading.rejected)
        self._brake_on_rejected(reading)
        with self.uow:
            known = self.uow.tasks.known(self.source.name)
        self._store_tasks(reading, known)
        documents = sync_documents(
            self.source, self.normaliser, self.uow, self.clock, self.run_id,
            issuer=self.policy.issuer, days=self.policy.document_days, full=self.full,
        )  # fmt: skip
        self.problems += documents.problems
        self.counts = replace(
            self.counts,
            fetched=self.counts.fetched + documents.fetched,
            rejected=self.counts.rejected + documents.rejected,
        )
        counters = dict(self.source.counters())
        self._store_vanished(reading, known, started)
        outcome = Outcome.INCOMPLETE if self.problems or self.counts.rejected else Outcome.OK
        return SyncResult(
            self.run_id, self.source.name, outcome, self.counts, tuple(self.problems),
            documents=documents, counters=counters,
        )  # fmt: skip

    def failed(self, error: ConnectorError | None, cause: str = "", *, interrupted: bool = False) -> SyncResult:
        outcome = (
            Outcome.AUTH_NEEDED
            if isinstance(error, AuthNeeded)
            else Outcome.GUARD_STOP
            if isinstance(error, SuspiciousShrink)
            else Outcome.INTERRUPTED
            if interrupted
            else Outcome.FAILED
        )
        result = SyncResult(self.run_id, self.source.name, outcome, self.counts, tuple(self.problems), error)
        if error is None:
            with self.uow:
                self.uow.runs.finish(self.run_id, self.clock.now(), outcome, self.counts, error=cause)
                self.uow.commit()
        return result

    # -- lists -----------------------------------------------------------------------------------------------------

    def _read_lists(self) -> _Reading:
        rows: list[TaskRow] = []
        reading = _Reading({}, {}, {}, [], 0, [], [])
        for one in self.source.task_lists():
            reading.fetched += len(one.rows)
            if not one.complete:
                reading.problems.append(f"{one.stream}: {one.problem}")
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
        self.problems += reading.problems
        return reading

    def _keep_rejected(self, rejected: list[Rejected]) -> None:
        if rejected:
            with self.uow:
                self.uow.raw.reject(rejected, self.run_id)
                self.uow.commit()
            log.warning("sync.rows_rejected", rejected=len(rejected))

    def _brake_on_rejected(self, reading: _Reading) -> None:
        share = len(reading.rejected) / reading.fetched if reading.fetched else 0.0
        if share > self.policy.max_rejected:
            raise TooManyRejected(
                f"{len(reading.rejected)} of {reading.fetched} rows could not be read",
                rejected=len(reading.rejected), fetched=reading.fetched, source=self.source.name,
            )  # fmt: skip

    # -- parts and versions ----------------------------------------------------------------------------------------

    def _store_tasks(self, reading: _Reading, known: dict[str, KnownTask]) -> None:
        requests = {
            task_id: request
            for task_id, merged in reading.merged.items()
            if (request := task_request(merged, known.get(task_id), full=self.full)) is not None
        }
        log.info("sync.planned", listed=len(reading.merged), to_read=len(requests))
        quiet = {task_id: merged for task_id, merged in reading.merged.items() if task_id not in requests}
        with self.uow:
            self.uow.tasks.touch(self.source.name, {task_id: one.fetched_at for task_id, one in quiet.items()})
            self.uow.tasks.save_sightings(self.source.name, quiet.values(), reading.hashes)
            self.uow.commit()
        self.counts = replace(self.counts, unchanged=len(quiet))
        for batch in _batches(self.source.task_parts(requests.values()), BATCH):
            self._store_batch(batch, reading)

    def _store_batch(self, batch: list[PartReading], reading: _Reading) -> None:
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

    def _store_vanished(self, reading: _Reading, known: dict[str, KnownTask], started: datetime) -> None:
        hidden = rejected_ids(reading.rejected)
        if not reading.complete or hidden.unnamed:
            if hidden.unnamed:
                self.problems.append(f"{hidden.unnamed} rows without an id: nothing is marked as vanished in this run")
            return
        seen = set(reading.merged) | hidden.ids
        gone = vanished(known, seen, max_share=self.policy.max_vanished, accepted=self.accept_shrink)
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
