"""All rules over all records at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from connector.detect.cases import TaskCase, build_cases
from connector.detect.links import DocumentIndex
from connector.detect.overdue import time_rules
from connector.detect.violations import document_rules, task_rules
from connector.domain.findings import Hit, NotEvaluable
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.policy import Policy


@dataclass(frozen=True)
class Evaluation:
    """Hits and undecided cases at ``at``, with the cases they rest on."""

    at: datetime
    hits: tuple[Hit, ...]
    not_evaluable: tuple[NotEvaluable, ...]
    cases: tuple[TaskCase, ...]
    index: DocumentIndex
    policy: Policy

    @cached_property
    def _by_task(self) -> dict[str, TaskCase]:
        return {case.task_id: case for case in self.cases}

    def case_of(self, task_id: str | None) -> TaskCase | None:
        """The case of a task, None if it is not one of a counted assigner's."""
        return self._by_task.get(task_id) if task_id else None


def evaluate(
    tasks: Iterable[TaskHistory], documents: Iterable[DocumentHistory], policy: Policy, at: datetime
) -> Evaluation:
    """Run every rule. ``at`` is aware; what was read later is used only to bound what was so at ``at``."""
    cases, index = build_cases(tasks, documents, policy)
    hits: dict[object, Hit] = {}
    unknown: list[NotEvaluable] = []
    results = [result for case in cases for result in (*time_rules(case, at), *task_rules(case, at))]
    results += [result for document in index.issued() for result in document_rules(document, policy, at)]
    for result in results:
        if isinstance(result, Hit):
            hits[result.key] = result
        else:
            unknown.append(result)
    return Evaluation(at, tuple(hits.values()), tuple(unknown), tuple(cases), index, policy)
