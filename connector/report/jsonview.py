"""MonthlyReport as JSON: what ``connector report --json`` prints. Pure.

The shape is stable: keys are added, never renamed or removed. Dates are ISO ("2022-02-28"), moments ISO with their
offset, counts integers. Secret tasks and documents are counted and listed without their content (F107).

- ``period`` "2022-02"; ``as_of`` the cut-off day; ``cutoff`` its last second; ``made_at``
- ``assigned``, ``completed_on_time``, ``completed_late``, ``not_completed``, ``open_in_time`` (includes
  ``no_deadline``), ``open_overdue``, ``no_deadline``
- ``by_agency`` {code: {name, and the seven figures}}
- ``overdue`` [{task, name, document, document_date, agency, agency_name, due, days_overdue}]
- ``violations`` [{agency, name, count, documents: [{id, notation, date, rules, findings: [{rule, task, breached_on,
  reason}]}]}]
- ``not_evaluable`` {rule: {count, reasons: {reason: count}}}
- ``observed_completions``; ``observed`` [{task, after, by}]; ``uncertain`` [{task, why}]
- ``backlog`` {open, overdue}; ``missing``, ``cancelled`` [task]; ``unresolved`` [{task, text, why}];
  ``unlinked_findings`` [{rule, task, breached_on, reason}]
- ``waived`` [{agency, rule, task, breached_on, reason, until, why, by}]
- ``data`` {last_sync_at, hours, covers_cutoff, reconciliation, reconciled}; ``warnings`` [text]
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from connector.domain.report import Counts, MonthlyReport, ReportTask, ViolatedDocument, ViolationFinding
from connector.report import wording
from connector.report.text import secret_tasks, task_name


def report_json(report: MonthlyReport) -> dict[str, Any]:
    """The report as JSON types only; see the module for the shape."""
    hidden = secret_tasks(report)
    return {
        "period": str(report.month),
        "as_of": report.as_of.isoformat(),
        "cutoff": report.cutoff.isoformat(),
        "made_at": report.made_at.isoformat(),
        **_figures(report.counts),
        "by_agency": {agency.code: {"name": agency.name, **_figures(counts)} for agency, counts in report.by_agency},
        "overdue": [_overdue(task) for task in report.overdue],
        "violations": [
            {
                "agency": group.agency.code,
                "name": group.agency.name,
                "count": len(group.documents),
                "documents": [_document(document, hidden) for document in group.documents],
            }
            for group in report.violations
        ],
        "not_evaluable": {
            item.rule: {"count": item.count, "reasons": dict(item.reasons)} for item in report.not_evaluable
        },
        "observed_completions": report.observed_completions,
        "observed": [
            {"task": task.task_id, "after": _iso(task.observed_after), "by": _iso(task.observed_by)}
            for task in report.tasks
            if task.completion_observed
        ],
        "uncertain": [
            {"task": task.task_id, "why": wording.WITHHELD if task.secret else task.uncertain}
            for task in report.tasks
            if task.uncertain
        ],
        "backlog": {"open": report.backlog_open, "overdue": report.backlog_overdue},
        "missing": list(report.missing),
        "cancelled": list(report.cancelled),
        "unresolved": [
            {
                "task": item.task_id,
                "text": wording.WITHHELD if item.task_id in hidden else item.text,
                "why": item.why,
            }
            for item in report.unresolved
        ],
        "unlinked_findings": [
            _finding(finding, secret=finding.task_id in hidden) for finding in report.unlinked_findings
        ],
        "waived": [
            {
                "agency": one.agency.code,
                **_finding(one.finding, secret=one.finding.task_id in hidden),
                "until": one.until.isoformat(),
                "why": one.reason,
                "by": one.actor,
            }
            for one in report.waived
        ],
        "uncounted_assigners": dict(report.uncounted),
        "data": {
            "last_sync_at": _iso(report.data.last_sync_at),
            "hours": report.data.hours,
            "covers_cutoff": report.data.covers_cutoff,
            "reconciliation": report.data.reconciliation,
            "reconciled": report.data.reconciled,
        },
        "warnings": list(report.warnings),
    }


def _figures(counts: Counts) -> dict[str, int]:
    return {
        "assigned": counts.assigned,
        "completed_on_time": counts.on_time,
        "completed_late": counts.late,
        "not_completed": counts.not_completed,
        "open_in_time": counts.open_in_time,
        "open_overdue": counts.open_overdue,
        "no_deadline": counts.no_deadline,
    }


def _overdue(task: ReportTask) -> dict[str, Any]:
    return {
        "task": task.task_id,
        "name": task_name(task),
        "document": task.notation,
        "document_date": _iso(task.document_date),
        "agency": task.agency.code,
        "agency_name": task.agency.name,
        "due": _iso(task.due_on),
        "days_overdue": task.days_overdue,
    }


def _document(document: ViolatedDocument, hidden: frozenset[str]) -> dict[str, Any]:
    return {
        "id": document.document_id,
        "notation": document.notation,
        "date": _iso(document.document_date),
        "rules": sorted({finding.rule for finding in document.findings}),
        "findings": [
            _finding(finding, secret=document.secret or finding.task_id in hidden) for finding in document.findings
        ],
    }


def _finding(finding: ViolationFinding, *, secret: bool) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "task": finding.task_id,
        "breached_on": finding.breached_on.isoformat(),
        "reason": wording.WITHHELD if secret else finding.reason,
    }


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None
