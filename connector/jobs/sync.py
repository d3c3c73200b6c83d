"""fetch → normalise → reconcile → store, for one source.

Tasks first (lists, then the parts the plan asks for, in batches that commit whole), then documents, then what has
vanished. A killed run leaves complete batches behind; the next one reads what is still missing. Nothing is marked
vanished unless every list was read to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from connector.domain.runs import Outcome, RunCounts
from connector.errors import (
    AuthNeeded,
    ConnectorError,
    SuspiciousShrink,
    TooManyRejected,
)
from connector.jobs.sync_documents import DocumentCounts, sync_documents
from connector.jobs.sync_tasks import TaskSync
from connector.ports import Clock, Normaliser, Source, UnitOfWork

log = structlog.get_logger()


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
    plan: dict[str, int] = field(default_factory=dict)
    unknown_labels: dict[str, int] = field(default_factory=dict)


Notice = Callable[[UnitOfWork, str, SyncResult], None]
"""Called inside the closing transaction when a hold is new: puts one letter to the admin into the outbox."""


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
    stopping: Callable[[], bool] = lambda: False,
) -> SyncResult:
    """Read one source and store what it shows. Every run is recorded, failed ones too; errors of the tree end up in
    the result, anything else (a bug) is recorded and raised again. ``stopping``: whether we were told to end; what
    fails then was interrupted."""
    run_id = _start(uow, clock, source.name, retry_login, full)
    with structlog.contextvars.bound_contextvars(run_id=run_id, source=source.name):
        worker = _Sync(source, normaliser, uow, clock, policy, run_id, full, accept_shrink)
        try:
            _require_login_allowed(uow, source.name)
            result = worker.run()
        except ConnectorError as error:
            result = worker.failed(error, interrupted=stopping())
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
        detail: dict[str, object] = {
            "problems": list(result.problems),
            "counters": result.counters,
            "plan": result.plan,
            "unknown_labels": result.unknown_labels,
        }
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
    problems: list[str] = field(default_factory=list)
    tasks: TaskSync | None = None
    documents: DocumentCounts | None = None

    def run(self) -> SyncResult:
        self.source.open()
        started = self.clock.now()
        tasks = TaskSync(self.source, self.normaliser, self.uow, self.clock, self.run_id, self.problems)
        self.tasks = tasks
        tasks.read_lists()
        self._brake_on_rejected(tasks)
        tasks.store(full=self.full)
        documents = sync_documents(
            self.source, self.normaliser, self.uow, self.clock, self.run_id,
            issuer=self.policy.issuer, days=self.policy.document_days, full=self.full,
        )  # fmt: skip
        self.documents = documents
        self.problems += documents.problems
        counters = dict(self.source.counters())
        tasks.store_vanished(started, max_share=self.policy.max_vanished, accepted=self.accept_shrink)
        counts = self.counts
        outcome = Outcome.INCOMPLETE if self.problems or counts.rejected else Outcome.OK
        return SyncResult(
            self.run_id, self.source.name, outcome, counts, tuple(self.problems),
            documents=documents, counters=counters, plan=tasks.plan, unknown_labels=tasks.unknown_labels,
        )  # fmt: skip

    @property
    def counts(self) -> RunCounts:
        """What was done so far; also the truth about a run that failed half-way."""
        counts = self.tasks.counts if self.tasks else RunCounts()
        if self.documents is not None:
            fetched, rejected = self.documents.fetched, self.documents.rejected
            counts = replace(counts, fetched=counts.fetched + fetched, rejected=counts.rejected + rejected)
        return counts

    def _brake_on_rejected(self, tasks: TaskSync) -> None:
        rejected, fetched = tasks.counts.rejected, tasks.counts.fetched
        if fetched and rejected / fetched > self.policy.max_rejected:
            raise TooManyRejected(
                f"{rejected} of {fetched} rows could not be read",
                rejected=rejected, fetched=fetched, source=self.source.name,
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
