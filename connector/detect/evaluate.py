"""All rules over all records at one moment; one pure condition per rule, registered by its id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from connector.detect.cases import TaskCase, build_cases
from connector.detect.conflicts import date_conflict, status_conflict
from connector.detect.dues import extended_repeatedly, moved_after_expiry
from connector.detect.links import DocumentIndex
from connector.detect.overdue import done_late, due_soon, long_overdue, no_deadline_stale, overdue
from connector.detect.receiving import DocumentCase, assign_late, forward_late, receive_late
from connector.detect.violations import no_evidence, result_not_updated, silent_at_due
from connector.detect.waiting import confirm_late, no_progress, rework_pending
from connector.domain.findings import FindingKey, Hit, NotEvaluable, Subject
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.policy import Policy
from connector.domain.wording import WITHDRAWN, day_text
from connector.errors import CalendarGap

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

    def undecided(self) -> Counter[str]:
        """Rule id → cases that could not be decided; all there are of a rule no source gives the data for (F105)."""
        found = Counter(one.rule for one in self.not_evaluable)
        for rule in self.policy.rules.without_data():
            found[rule.id] = len(self.cases) if rule.subject is Subject.TASK else len(self.index.issued())
        return +found


TaskCondition = Callable[[TaskCase, datetime], Iterable[Hit | NotEvaluable]]
DocumentCondition = Callable[[DocumentCase], Iterable[Hit | NotEvaluable]]

TASK_CONDITIONS: Mapping[str, TaskCondition] = {
    "TD01_OVERDUE": overdue,
    "TD02_DONE_LATE": done_late,
    "TD03_LONG_OVERDUE": long_overdue,
    "TD04_NO_DEADLINE_STALE": no_deadline_stale,
    "TD05_DUE_SOON": due_soon,
    "PV05_NO_PROGRESS": no_progress,
    "PV06_SILENT_AT_DUE": silent_at_due,
    "PV07_RESULT_NOT_UPDATED": result_not_updated,
    "PV08_NO_EVIDENCE": no_evidence,
    "PV11_EXT_REPEATED": extended_repeatedly,
    "PV12_DUE_CHANGED": moved_after_expiry,
    "PV14_REWORK_PENDING": rework_pending,
    "PV16_CONFIRM_LATE": confirm_late,
    "PV19_DATE_CONFLICT": date_conflict,
    "PV20_STATUS_CONFLICT": status_conflict,
}
DOCUMENT_CONDITIONS: Mapping[str, DocumentCondition] = {
    "PV01_RECEIVE_LATE": receive_late,
    "PV02_FORWARD_LATE": forward_late,
    "PV03_ASSIGN_LATE": assign_late,
}
"""Rule id → its condition. A rule that is in neither table names what no source tells (``Rule.missing``)."""


def _of_task(case: TaskCase, at: datetime, active: Iterable[str]) -> Iterator[Hit | NotEvaluable]:
    """A date the calendar does not cover (a typing error, an old backlog) costs one rule its verdict, not all."""
    for rule in active:
        try:
            yield from TASK_CONDITIONS[rule](case, at)
        except CalendarGap as gap:
            yield NotEvaluable(rule, Subject.TASK, case.task_id, case.lead_at(at), f"{OUTSIDE} ({gap})")


def _of_document(case: DocumentCase, active: Iterable[str]) -> Iterator[Hit | NotEvaluable]:
    for rule in active:
        try:
            yield from DOCUMENT_CONDITIONS[rule](case)
        except CalendarGap as gap:
            yield NotEvaluable(rule, Subject.DOCUMENT, case.document.document_id, "", f"{OUTSIDE} ({gap})")


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


def evaluate(
    tasks: Iterable[TaskHistory], documents: Iterable[DocumentHistory], policy: Policy, at: datetime
) -> Evaluation:
    """Run every rule. ``at`` is aware; what was read later is used only to bound what was so at ``at``."""
    cases, index = build_cases(tasks, documents, policy)
    return judge(cases, index, policy, at)


def judge(cases: Sequence[TaskCase], index: DocumentIndex, policy: Policy, at: datetime) -> Evaluation:
    """The same of cases built before, by the rules of ``policy``: which document a task rests on depends on neither the
    moment nor the rules."""
    cases = [case if case.policy is policy else replace(case, policy=policy) for case in cases]
    hits: dict[FindingKey, Hit] = {}
    unknown: list[NotEvaluable] = []
    active = [rule.id for rule in policy.rules if rule.evaluated]
    of_tasks = [rule for rule in active if rule in TASK_CONDITIONS]
    of_documents = [rule for rule in active if rule in DOCUMENT_CONDITIONS]
    for case in cases:
        for result in _held(_of_task(case, at, of_tasks), _unproven(case, at)):
            _sort(result, policy, hits, unknown)
    for document in index.issued():
        results = _of_document(DocumentCase(document, policy, at), of_documents)
        for result in _held(results, _standing(document)):
            _sort(result, policy, hits, unknown)
    return Evaluation(at, tuple(hits.values()), tuple(unknown), tuple(cases), index, policy)


def _sort(result: Hit | NotEvaluable, policy: Policy, hits: dict[FindingKey, Hit], unknown: list[NotEvaluable]) -> None:
    """A breach outside the days on which its rule was in force is none."""
    if isinstance(result, Hit):
        if policy.rules[result.key.rule].applies_on(result.breached_on):
            hits[result.key] = result
    elif result.on is None or policy.rules[result.rule].applies_on(result.on):
        unknown.append(result)
