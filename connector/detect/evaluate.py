"""All rules over all records at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from connector.detect.cases import TaskCase, build_cases
from connector.detect.links import DocumentIndex
from connector.detect.overdue import time_rules
from connector.detect.receiving import document_rules
from connector.detect.violations import no_evidence, result_not_updated, silent_at_due
from connector.domain.findings import Hit, NotEvaluable, Subject
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.policy import Policy
from connector.domain.wording import WITHDRAWN, day_text
from connector.errors import CalendarGap

Rules = Callable[[TaskCase, datetime], Iterable[Hit | NotEvaluable]]
OUTSIDE = "ngày ngoài lịch làm việc đã khai báo"


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


TASK_RULES: tuple[tuple[str, Rules], ...] = (
    ("TD01_OVERDUE", time_rules),
    ("PV06_SILENT_AT_DUE", silent_at_due),
    ("PV07_RESULT_NOT_UPDATED", result_not_updated),
    ("PV08_NO_EVIDENCE", no_evidence),
)


def _guarded(named: tuple[str, Rules], case: TaskCase, at: datetime) -> list[Hit | NotEvaluable]:
    """A date the calendar does not cover (a typing error, an old backlog) costs one task its verdict, not all."""
    rule, rules = named
    try:
        return list(rules(case, at))
    except CalendarGap as gap:
        return [NotEvaluable(rule, Subject.TASK, case.task_id, case.lead_at(at), f"{OUTSIDE} ({gap})")]


def _unproven(case: TaskCase, at: datetime) -> str:
    """Why nothing can be held against anybody for a task, "" if something can."""
    history, withdrawn = case.history, case.withdrawn
    if withdrawn is not None:
        return _standing(withdrawn)
    if history.twin_id:
        return f"có thể là nhiệm vụ {history.twin_id} của iOffice, chờ người quyết định"
    if history.left_out_at is not None and history.left_out_at <= at:
        shown_on = day_text(case.policy.observer.local_date(history.left_out_at))
        return f"danh sách ngày {shown_on} không còn nhiệm vụ này, không rõ đã xong hay chưa"
    return ""


def _standing(document: DocumentHistory) -> str:
    """Nobody is accused by a document that was withdrawn: whether something is still owed only people know."""
    standing = document.state.standing
    return f"văn bản {WITHDRAWN[standing]}" if standing else ""


def _held(results: Iterable[Hit | NotEvaluable], reason: str) -> Iterator[Hit | NotEvaluable]:
    """With a ``reason`` nothing is found, and what was found before is not upheld."""
    for one in results:
        if not reason:
            yield one
        elif isinstance(one, Hit):
            key = one.key
            yield NotEvaluable(key.rule, key.subject, key.subject_id, key.agency, reason, one.breached_on, ends=True)
        else:
            yield replace(one, reason=reason, ends=True)


def _guarded_document(document: DocumentHistory, policy: Policy, at: datetime) -> list[Hit | NotEvaluable]:
    try:
        return list(document_rules(document, policy, at))
    except CalendarGap as gap:
        subject = document.document_id
        return [NotEvaluable("PV01_RECEIVE_LATE", Subject.DOCUMENT, subject, "", f"{OUTSIDE} ({gap})")]


def evaluate(
    tasks: Iterable[TaskHistory], documents: Iterable[DocumentHistory], policy: Policy, at: datetime
) -> Evaluation:
    """Run every rule. ``at`` is aware; what was read later is used only to bound what was so at ``at``."""
    cases, index = build_cases(tasks, documents, policy)
    hits: dict[object, Hit] = {}
    unknown: list[NotEvaluable] = []
    results = [
        result
        for case in cases
        for reason in (_unproven(case, at),)
        for rules in TASK_RULES
        for result in _held(_guarded(rules, case, at), reason)
    ]
    results += [
        result
        for document in index.issued()
        for result in _held(_guarded_document(document, policy, at), _standing(document))
    ]
    for result in results:
        if isinstance(result, Hit):
            hits[result.key] = result
        else:
            unknown.append(result)
    return Evaluation(at, tuple(hits.values()), tuple(unknown), tuple(cases), index, policy)
