"""fetch → normalise → reconcile → store, for one source.

Tasks first (lists page by page, then the parts the plan asks for, in batches that commit whole), then documents, then
what has vanished. A killed or failed run leaves complete pages and batches behind; a run that begins soon after goes on
behind them (``resume_minutes``). Nothing is marked vanished unless every list was read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from connector.domain.records import Kind
from connector.domain.requests import REFUSED_EVERYWHERE, Hints
from connector.domain.runs import USABLE, Outcome, Run, RunCounts
from connector.errors import AuthNeeded, ConnectorError, SourceChanged, SuspiciousShrink, TooManyRejected
from connector.jobs.problems import PartProblems
from connector.jobs.sync_adopt import Adoption
from connector.jobs.sync_checks import ShapeCheck, known_shapes, notice_new_words, reconciled
from connector.jobs.sync_documents import DocumentSync
from connector.jobs.sync_lists import ListSync
from connector.jobs.sync_result import SyncResult
from connector.jobs.sync_tasks import TaskSync
from connector.ports import Clock, Normaliser, Source, UnitOfWork
from connector.reconcile.figures import Overall
from connector.reconcile.plan import DocumentPlan, TaskPlan
from connector.reconcile.policy import SyncPolicy

log = structlog.get_logger()

_RESUMABLE = frozenset({Outcome.INTERRUPTED, Outcome.FAILED, Outcome.AUTH_NEEDED})


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
    relearn: bool = False,
    notice: Notice | None = None,
    adoption: Adoption | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> SyncResult:
    """Read one source and store what it shows. Every run is recorded, failed ones too; errors of the tree end up in
    the result, anything else (a bug) is recorded and raised again. ``stopping``: whether we were told to end; what
    fails then was interrupted. ``adoption``: makes the source's records of those that files told of. ``relearn``:
    counters that differ are counted otherwise now, an operator says."""
    run_id, resumed = _start(uow, clock, source.name, policy, retry_login=retry_login, full=full)
    with structlog.contextvars.bound_contextvars(run_id=run_id, source=source.name):
        if resumed is not None:
            log.info("sync.resumed", interrupted_run=resumed)
        worker = _Sync(source, normaliser, uow, clock, policy, run_id, full, accept_shrink, relearn, adoption)
        try:
            require_login_allowed(uow, source.name)
            result = worker.run()
        except ConnectorError as error:
            result = worker.failed(error, interrupted=stopping())
        except BaseException as error:
            interrupted = isinstance(error, KeyboardInterrupt)
            result = worker.failed(None, interrupted=interrupted)
            with uow:
                cause = f"{type(error).__name__}: {error}"
                uow.runs.finish(run_id, clock.now(), result.outcome, result.counts, error=cause)
                uow.commit()
            raise
        finally:
            source.close()
        counts = replace(result.counts, requests=source.requests)
        result = replace(result, counts=counts, cost=dict(source.cost), resumed=resumed)
        _finish(uow, clock, result, notice)
        log.info("sync.finished", outcome=str(result.outcome), **_figures(result.counts))
        return result


def _start(
    uow: UnitOfWork, clock: Clock, source: str, policy: SyncPolicy, *, retry_login: bool, full: bool
) -> tuple[int, int | None]:
    """The new run's id, and the run it goes on for. A back-fill is a job of its own: it makes no data fresh (F15)."""
    now = clock.now()
    back_fill = policy.documents.span is not None
    job = "backfill" if back_fill else "sync"
    with uow:
        uow.runs.close_interrupted(job, now, source)
        if retry_login:
            uow.holds.lift(login_hold(source))
        last = uow.runs.last("sync", (), source)
        run_id = uow.runs.start(job, now, source=source, full=full)
        assert run_id is not None
        resumed = None
        if last is not None and not back_fill and _is_resumable(last, full):
            read_at = uow.sightings.read_at(source, last.id)
            if read_at is not None and now - read_at <= timedelta(minutes=policy.resume_minutes):
                resumed = last.id
        if resumed is not None:
            for concern in (uow.sightings, uow.tasks, uow.documents, uow.raw):
                concern.adopt(source, resumed, run_id)
        uow.commit()
    return run_id, resumed


def _is_resumable(last: Run, full: bool) -> bool:
    """What a run was stopped by must be met again, so its lists are read anew."""
    stopped = last.error.startswith((SourceChanged.__name__, TooManyRejected.__name__))
    return last.outcome in _RESUMABLE and not stopped and (last.full or not full)


def login_hold(source: str) -> str:
    return f"login:{source}"


def shrink_hold(source: str) -> str:
    return f"shrink:{source}"


def require_login_allowed(uow: UnitOfWork, source: str) -> None:
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
            if result.outcome in USABLE and result.reconciliation is not None:  # a back-fill has looked at no task
                uow.holds.lift(shrink_hold(result.source))
        if new and notice is not None:
            notice(uow, f"{result.outcome}:{result.source}:{result.run_id}", result)
        error = f"{type(result.error).__name__}: {result.error}" if result.error else ""
        uow.runs.finish(result.run_id, now, result.outcome, result.counts, error=error, detail=result.detail())
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
    relearn: bool
    adoption: Adoption | None
    notes: list[str] = field(default_factory=list)
    parts: PartProblems = field(default_factory=PartProblems)
    lists: ListSync | None = None
    tasks: TaskSync | None = None
    documents: DocumentSync | None = None
    shapes: ShapeCheck = field(init=False)

    def __post_init__(self) -> None:
        with self.uow:
            known = known_shapes(self.uow, self.source.name)
        self.shapes = ShapeCheck(self.source.name, known, self.normaliser.words, self.policy.field_modes)

    def run(self) -> SyncResult:
        self.source.open()
        notice_new_words(self.uow, self.source.name, self.normaliser.words, self.clock.now())
        self._read_vocabularies()
        back_fill = self.policy.documents.span is not None
        hints = Hints() if back_fill else self._hints()
        self.lists = self._list_sync()
        before: Mapping[str, int] = {}
        if not back_fill:
            before = self.source.counters()
            self.lists.read(self.lists.requests(self.source.task_lists()))
            self._brake(self.lists)
            ended = self.clock.now()
            self._adopt("task")
            self.tasks = self._task_sync(hints.tasks)
            self.tasks.store()
            if self.tasks.held_back:
                self.notes.append(
                    f"{self.tasks.held_back} nhiệm vụ được giữ nguyên: dòng cho biết tình trạng của chúng chưa đọc được"
                )
        self.documents = self._document_sync(self.lists, hints.documents)
        self.documents.read_lists()
        after = {} if back_fill else self.source.counters()
        self._adopt("document")
        self.documents.store()
        if self.adoption is not None:
            self.adoption.withdraw(self.uow, self.source.name, self.run_id, self.clock.now())
        if self.tasks is not None:
            note = self.tasks.store_vanished(ended, max_share=self.policy.max_vanished, accepted=self.accept_shrink)
            self.notes += [note] if note else []
        return self._finished(hints.newest, before, after)

    def _adopt(self, kind: Kind) -> None:
        if self.adoption is not None:
            self.adoption.adopt(self.uow, self.source.name, kind, self.run_id)

    def _list_sync(self) -> ListSync:
        with self.uow:  # what the run that this one goes on for received, and could not read
            rows = self.uow.sightings.rows_read(self.source.name, self.run_id)
            rejected = sum(row["kind"].endswith("_row") for row in self.uow.raw.rejected_in(self.run_id))
        since = self.clock.now() - timedelta(minutes=self.policy.resume_minutes)
        return ListSync(
            self.source, self.normaliser, self.uow, self.clock, self.run_id, self.shapes.watch, since,
            prove=self.full, rows=rows, rejected=rejected,
        )  # fmt: skip

    def _task_sync(self, hinted: frozenset[str]) -> TaskSync:
        days = self.policy.reread_days
        reread = self.clock.now() - timedelta(days=days) if days else None
        parts = self.policy.task_parts
        if not self.full:
            with self.uow:
                refused = (self.uow.memory.get(self.source.name, "refused_parts") or {}).get("task", [])
            self.notes += [f"task: {part}: {REFUSED_EVERYWHERE}" for part in refused if part in parts]
            parts -= frozenset(refused)
        plan = TaskPlan(parts, self.run_id, self.full, hinted, reread)
        return TaskSync(
            self.source, self.normaliser, self.uow, self.clock, plan, self.parts, self.shapes, self.adoption
        )

    def _document_sync(self, lists: ListSync, hinted: frozenset[str]) -> DocumentSync:
        policy, today = self.policy.documents, self.clock.local_date(self.clock.now())
        with self.uow:
            first = self.uow.runs.last("sync", USABLE, self.source.name) is None
        plan = DocumentPlan(policy.issuer, today, policy.days, policy.parts, self.run_id, self.full or first, hinted)
        return DocumentSync(
            self.source, self.normaliser, self.uow, lists, plan, policy, self.parts, self.notes, self.shapes
        )

    def _finished(self, newest: Mapping[str, str], before: Mapping[str, int], after: Mapping[str, int]) -> SyncResult:
        """The run's checks and its outcome. What notifications hinted at is remembered only now that it was read."""
        name, uow = self.source.name, self.uow
        with uow:
            if self.tasks is not None:
                refused = sorted(self.parts.refused("task"))
                uow.memory.put(name, "notices", newest, self.clock.now())
                if self.full or refused:
                    uow.memory.put(name, "refused_parts", {"task": refused}, self.clock.now())
            labels = uow.tasks.unknown_labels(name)
            changes = self.shapes.remember(uow, self.clock.now())
            uow.commit()
        found = None
        if self.tasks is not None:
            found = reconciled(uow, self.clock, name, self.run_id, before, after, relearn=self.relearn)
        self.notes += self.adoption.questions() if self.adoption else []
        result = self._result(Outcome.OK)
        verdict = found.verdict if found else None
        outcome = (
            Outcome.INCOMPLETE
            if result.problems or result.counts.rejected or verdict is Overall.INCOMPLETE
            else Outcome.UNRECONCILED
            if verdict is Overall.UNRECONCILED
            else Outcome.OK
        )
        return replace(
            result, outcome=outcome, counters=dict(after), unknown_labels=labels, shape_changes=changes,
            reconciliation=found,
        )  # fmt: skip

    def _read_vocabularies(self) -> None:
        """When all is read, and the first time: they seldom change."""
        name = self.source.name
        with self.uow:
            known = self.uow.memory.vocabulary(name)
        if self.full or not known:
            terms = self.source.vocabularies()
            with self.uow:
                for one, entries in terms.items():
                    self.uow.memory.keep_vocabulary(name, one, entries, self.clock.now())
                self.uow.commit()

    def _hints(self) -> Hints:
        with self.uow:
            newest = self.uow.memory.get(self.source.name, "notices") or {}
        hints = self.source.hints(newest)
        if hints.problem:
            log.warning("sync.hints_unknown", cause=hints.problem)
        return hints

    def _result(self, outcome: Outcome, error: ConnectorError | None = None) -> SyncResult:
        problems = [*(self.lists.problems if self.lists else ()), *self.notes, *self.parts.lines()]
        return SyncResult(
            self.run_id, self.source.name, outcome, self.counts, tuple(problems), error,
            documents=self.documents.counts if self.documents else None,
            plan=dict(self.tasks.reasons) if self.tasks else {},
        )  # fmt: skip

    @property
    def counts(self) -> RunCounts:
        """What was done so far; also the truth about a run that failed half-way."""
        counts = self.tasks.counts if self.tasks else RunCounts()
        if self.lists is not None:
            counts = replace(counts, fetched=self.lists.fetched, rejected=counts.rejected + self.lists.rejected)
        if self.documents is not None:
            counts = replace(counts, rejected=counts.rejected + self.documents.counts.rejected)
        return counts

    def _brake(self, lists: ListSync) -> None:
        """Before any task is touched: too many unreadable rows (F11), or a source that looks too different (F13)."""
        self.shapes.require_none_that_stops()
        rejected, fetched = lists.rejected, lists.fetched
        if fetched and rejected / fetched > self.policy.max_rejected:
            raise TooManyRejected(
                f"{rejected} of {fetched} rows could not be read",
                rejected=rejected, fetched=fetched, source=self.source.name, example=lists.example,
            )  # fmt: skip

    def failed(self, error: ConnectorError | None, *, interrupted: bool = False) -> SyncResult:
        outcome = (
            Outcome.AUTH_NEEDED
            if isinstance(error, AuthNeeded)
            else Outcome.GUARD_STOP
            if isinstance(error, SuspiciousShrink)
            else Outcome.INTERRUPTED
            if interrupted
            else Outcome.FAILED
        )
        return self._result(outcome, error)
