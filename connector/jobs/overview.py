"""What an admin wants to know at 7 a.m.: how old the data is, what ran, what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.domain.runs import USABLE, Outcome, Run
from connector.ports import Clock, UnitOfWork
from connector.reconcile.figures import Overall

_SHORT = frozenset({Outcome.FAILED, Outcome.INCOMPLETE, Outcome.AUTH_NEEDED, Outcome.GUARD_STOP})
_OFF = (str(Overall.UNRECONCILED), str(Overall.INCOMPLETE))


@dataclass(frozen=True, slots=True)
class SourceOverview:
    """``last_good_at``: end of the last usable reading (UTC), None if there never was one; ``hours``: its age.
    ``last``: the newest run, good or bad. ``reconciliation``: of the newest run that made one, as kept with it."""

    name: str
    last_good_at: datetime | None
    hours: float | None
    stale: bool
    last: Run | None
    reconciliation: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """``holds``: (name, since, reason) of what waits for an operator. ``rejected``: how many rows could never be read;
    ``rejected_now``: those the last reading of each source met (kind, stream, subject, problems). ``files``: outcome of
    imported files → how many; ``quarantine``: kind of their rows that wait → how many; ``told_at``: as of when the
    newest tasks out of files were."""

    at: datetime
    sources: Sequence[SourceOverview]
    runs: Sequence[Run]
    findings: Mapping[str, int]
    outbox: Mapping[str, int]
    oldest_letter_at: datetime | None
    rejected: int
    rejected_now: Sequence[Mapping[str, Any]]
    holds: Sequence[tuple[str, datetime, str]]
    files: Mapping[str, int] = field(default_factory=dict)
    quarantine: Mapping[str, int] = field(default_factory=dict)
    told_at: datetime | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing asks for a person: no hold, no dead letter, and every source's newest run read everything."""
        off = any((source.reconciliation or {}).get("verdict") in _OFF for source in self.sources)
        short = any(source.stale or (source.last and source.last.outcome in _SHORT) for source in self.sources)
        return not (self.holds or off or short or self.rejected_now or self.outbox.get("dead"))


def overview(
    uow: UnitOfWork,
    clock: Clock,
    sources: Sequence[str],
    stale_after_hours: float,
    is_running: Callable[[Run], bool],
) -> Overview:
    """Read only. ``is_running``: whether some process is at the job of that run; one that was killed cannot say so."""

    def as_it_is(run: Run) -> Run:
        dead = run.outcome is Outcome.RUNNING and not is_running(run)
        return replace(run, outcome=Outcome.INTERRUPTED) if dead else run

    now = clock.now()
    with uow:
        read = [_source(uow, name, now, stale_after_hours, as_it_is) for name in sources]
        return Overview(
            at=now,
            sources=read,
            runs=[as_it_is(run) for run in uow.runs.recent(10)],
            findings=uow.findings.count_by_state(),
            outbox=uow.outbox.count_by_state(),
            oldest_letter_at=uow.outbox.oldest_waiting(),
            rejected=uow.raw.count_rejected(),
            rejected_now=[row for one in read if one.last for row in uow.raw.rejected_in(one.last.id)],
            holds=uow.holds.all(),
            files=uow.imports.count_files(),
            quarantine=uow.quarantine.count_waiting(),
            told_at=uow.imports.newest(),
        )


def _source(uow: UnitOfWork, name: str, now: datetime, limit: float, as_it_is: Callable[[Run], Run]) -> SourceOverview:
    good = uow.runs.last("sync", USABLE, name)
    at = good.finished_at if good else None
    hours = round((now - at).total_seconds() / 3600, 1) if at else None
    found = good.detail.get("reconciliation") if good else None
    last = uow.runs.last("sync", (), name)
    stale = hours is None or hours > limit
    return SourceOverview(name, at, hours, stale, as_it_is(last) if last else None, found)
