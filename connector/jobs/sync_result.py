"""What a sync came to, as told and as recorded with the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from connector.domain.runs import Outcome, RunCounts
from connector.errors import ConnectorError
from connector.jobs.sync_documents import DocumentCounts
from connector.normalise.shape_changes import ShapeChange
from connector.reconcile.figures import Reconciliation


@dataclass(frozen=True, slots=True)
class SyncResult:
    """``outcome`` and figures as recorded with the run; ``error`` is set for everything but ok and incomplete.
    ``cost``: requests by endpoint; ``plan``: why tasks were read further → how many; ``resumed``: the run this one
    went on for; ``shape_changes``: what looks different at the source."""

    run_id: int
    source: str
    outcome: Outcome
    counts: RunCounts
    problems: tuple[str, ...] = ()
    error: ConnectorError | None = None
    documents: DocumentCounts | None = None
    counters: Mapping[str, int] = field(default_factory=dict)
    plan: Mapping[str, int] = field(default_factory=dict)
    unknown_labels: Mapping[str, int] = field(default_factory=dict)
    cost: Mapping[str, int] = field(default_factory=dict)
    resumed: int | None = None
    shape_changes: tuple[ShapeChange, ...] = ()
    reconciliation: Reconciliation | None = None

    def detail(self) -> dict[str, Any]:
        """What is kept with the run besides its counts; JSON-able."""
        return {
            "problems": list(self.problems),
            "counters": dict(self.counters),
            "plan": dict(self.plan),
            "unknown_labels": dict(self.unknown_labels),
            "cost": dict(self.cost),
            "resumed": self.resumed,
            "documents": asdict(self.documents) if self.documents else None,
            "shape_changes": [change.to_json() for change in self.shape_changes],
            "reconciliation": self.reconciliation.to_json() if self.reconciliation else None,
        }
