"""Which document each task rests on, how certain that is, and by what evidence. Read only; derived when asked, never
stored, so that it is always that of the records as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.detect.evaluate import evaluate
from connector.detect.explain import explain, link_json
from connector.detect.links import Confidence
from connector.detect.secrecy import WITHHELD_NAME, is_secret
from connector.domain.policy import Policy
from connector.errors import UsageProblem
from connector.ports import Clock, UnitOfWork


@dataclass(frozen=True, slots=True)
class TaskLink:
    """``lines``: the verdict and each piece of evidence, in Vietnamese; ``link``: the same as JSON."""

    task_id: str
    name: str
    confidence: Confidence
    lines: Sequence[str]
    link: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Links:
    """``counts``: confidence → tasks. ``shown``: the task asked for, or those whose link is not certain or leads to a
    document that was withdrawn."""

    counts: Mapping[str, int]
    shown: Sequence[TaskLink]


def links(uow: UnitOfWork, clock: Clock, policy: Policy, task_id: str | None = None) -> Links:
    """Raises UsageProblem for a task that is not stored."""
    with uow:
        found = evaluate(uow.tasks.histories(), uow.documents.histories(), policy, clock.now())
    cases = [case for case in found.cases if task_id is None or case.history.task_id == task_id]
    if task_id is not None and not cases:
        raise UsageProblem(f"no task {task_id}", argument=f"--task {task_id}", expected="mã của một nhiệm vụ đã đọc")
    counts = Counter(str(case.link.confidence) for case in found.cases)
    wanted = [
        case
        for case in cases
        if task_id is not None or case.link.confidence is not Confidence.CERTAIN or case.withdrawn
    ]
    shown = [
        TaskLink(
            case.history.task_id,
            WITHHELD_NAME if is_secret(case) else case.history.known_state().name,
            case.link.confidence,
            explain(case.link),
            link_json(case.link),
        )
        for case in wanted
    ]
    return Links({str(one): counts[str(one)] for one in Confidence}, shown)
