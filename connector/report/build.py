"""History at the cut-off -> MonthlyReport. Pure; every figure keeps the records behind it, totals are asserted.

Counting (domain rules section 7, and the office's report of February 2022):

- cohort: tasks given in the month by a counted assigner; one task is one task, whatever lists show it;
- everything as it was at the end of the cut-off day; what was read later only bounds what was so then;
- finished on the due day is on time; a due date on a day off is met until the next working day ends;
- cancelled, or gone for good, by the cut-off: not counted, listed; gone for one reading and back: counted;
- where our own readings leave a gap around the deadline, the agency gets the benefit of the doubt and the task is
  listed as uncertain (F103).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from connector.detect.cases import TaskCase
from connector.detect.evaluate import Evaluation, evaluate
from connector.detect.secrecy import WITHHELD_NAME, is_secret
from connector.domain.agencies import AgencyDirectory
from connector.domain.finding_life import Waiver
from connector.domain.history import DocumentHistory, TaskHistory, completion_at
from connector.domain.periods import Month, end_of_day
from connector.domain.policy import Policy
from connector.domain.records import TaskState
from connector.domain.report import (
    UNMATCHED_KIND,
    AgencyRef,
    Counts,
    MonthlyReport,
    ReportTask,
    TimeState,
    Unresolved,
)
from connector.domain.status import Status
from connector.errors import TotalsMismatch
from connector.report.quality import coverage, data_age, data_warnings, unmatched
from connector.report.standing import time_state
from connector.report.violations import build_violations, count_not_evaluable


def build_report(
    tasks: Iterable[TaskHistory],
    documents: Iterable[DocumentHistory],
    policy: Policy,
    *,
    month: Month,
    as_of: date,
    made_at: datetime,
    last_sync_at: datetime | None,
    warnings: Sequence[str] = (),
    waivers: Sequence[Waiver] = (),
) -> MonthlyReport:
    """The report of ``month`` with the cut-off at the end of the local day ``as_of``.

    Raises TotalsMismatch if the figures do not add up (F81).
    """
    cutoff = end_of_day(as_of, policy.zone)
    listed = list(tasks)
    evaluation = evaluate(listed, documents, policy, cutoff)
    counted, left_out = _cohort(evaluation, month, as_of)
    report_tasks = tuple(_sorted(counted, policy.directory))
    by_agency = _by_agency(report_tasks, policy.directory)
    counts = _total(report_tasks)
    overdue = tuple(task for task in report_tasks if task.state is TimeState.OPEN_OVERDUE)
    violations = build_violations(evaluation, month, as_of, waivers)
    backlog = [time_state(case, state, cutoff)[0] for case, state in _backlog(evaluation, month)]
    data = data_age(last_sync_at, made_at, cutoff)
    report = MonthlyReport(
        month=month,
        as_of=as_of,
        cutoff=cutoff,
        made_at=made_at,
        counts=counts,
        by_agency=by_agency,
        tasks=report_tasks,
        overdue=overdue,
        violations=violations.agencies,
        not_evaluable=count_not_evaluable(evaluation, month, as_of),
        observed_completions=sum(task.completion_observed for task in report_tasks),
        backlog_open=len(backlog),
        backlog_overdue=sum(state is TimeState.OPEN_OVERDUE for state in backlog),
        missing=left_out.missing,
        cancelled=left_out.cancelled,
        unresolved=left_out.unresolved + unmatched(report_tasks, policy.directory, as_of),
        unlinked_findings=violations.unlinked,
        data=data,
        warnings=(),
        has_communes=policy.directory.is_commune_period(as_of),
        uncounted=_uncounted(listed, policy, month),
        waived=violations.waived,
    )
    check_totals(report)
    started = min((case.history.versions[0].observed_at for case in evaluation.cases), default=None)
    return replace(report, warnings=(*warnings, *coverage(started, report, policy), *data_warnings(report, policy)))


# -- who is counted ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LeftOut:
    missing: tuple[str, ...]
    cancelled: tuple[str, ...]
    unresolved: tuple[Unresolved, ...]


def _cohort(evaluation: Evaluation, month: Month, as_of: date) -> tuple[list[ReportTask], LeftOut]:
    tasks: list[ReportTask] = []
    missing: list[str] = []
    cancelled: list[str] = []
    unresolved: list[Unresolved] = []
    cutoff = evaluation.at
    for case in evaluation.cases:
        state = case.state_at(cutoff)
        if state is None:
            continue
        if state.assigned_on is None:
            unresolved.append(Unresolved(case.task_id, _name(case, state), "không có ngày giao"))
        elif state.assigned_on not in month or state.assigned_on > as_of:
            continue
        elif case.gone_at(cutoff):
            missing.append(case.task_id)
        elif state.status is Status.CANCELLED and case.was_read_by(cutoff):
            cancelled.append(case.task_id)
        elif state.status is Status.UNKNOWN:
            why = f"trạng thái chưa được khai báo: “{state.status_label}”"
            unresolved.append(Unresolved(case.task_id, _name(case, state), why))
        else:
            tasks.append(_report_task(case, state, cutoff))
    return tasks, LeftOut(tuple(sorted(missing)), tuple(sorted(cancelled)), tuple(unresolved))


def _uncounted(tasks: Iterable[TaskHistory], policy: Policy, month: Month) -> dict[str, int]:
    """Who else gave tasks in the month, and how many: a name missing from the settings must not go unseen."""
    states = (task.known_state() for task in tasks)
    names = Counter(
        state.assigner
        for state in states
        if state.assigned_on and state.assigned_on in month and not policy.is_counted(state.assigner)
    )
    return dict(names.most_common())


def _backlog(evaluation: Evaluation, month: Month) -> list[tuple[TaskCase, TaskState]]:
    """Open tasks of earlier months, apart."""
    found = []
    for case in evaluation.cases:
        state = case.state_at(evaluation.at)
        if state is None or state.assigned_on is None or case.gone_at(evaluation.at):
            continue
        if state.assigned_on < month.first and state.status.is_open:
            found.append((case, state))
    return found


# -- one task ------------------------------------------------------------------------------------------------------


def _report_task(case: TaskCase, state: TaskState, cutoff: datetime) -> ReportTask:
    policy = case.policy
    standing, uncertain = time_state(case, state, cutoff)
    completion = completion_at(case.history.versions, cutoff) if state.status is Status.DONE else None
    document = case.document.state if case.document else None
    days = 0
    if standing is TimeState.OPEN_OVERDUE and state.due_on:
        days = policy.deadlines.days_overdue(state.due_on, policy.observer.local_date(cutoff))
    return ReportTask(
        task_id=case.task_id,
        name=_name(case, state),
        agency=agency_ref(state.lead, policy.observer.local_date(cutoff), policy.directory),
        cooperating=case.cooperating(state, cutoff),
        document_id=case.document_id,
        notation=document.notation if document else "",
        document_date=document.issued_on if document else None,
        assigned_on=state.assigned_on,
        due_on=state.due_on,
        state=standing,
        days_overdue=days,
        status_label=state.status_label,
        completed_on=(completion.reported_on or policy.observer.local_date(completion.by)) if completion else None,
        completion_observed=bool(completion and completion.observed),
        observed_after=completion.after if completion else None,
        observed_by=completion.by if completion else None,
        uncertain=uncertain,
        extensions=_extensions(case, cutoff),
        secret=is_secret(case),
    )


def _name(case: TaskCase, state: TaskState) -> str:
    return WITHHELD_NAME if is_secret(case) else state.name


def _extensions(case: TaskCase, cutoff: datetime) -> int:
    dues = [one.state.due_on for one in case.history.versions if one.state.present and one.observed_at <= cutoff]
    return sum(1 for old, new in pairwise(dues) if old and new and new > old)


def agency_ref(name: str, day: date, directory: AgencyDirectory) -> AgencyRef:
    """The agency a name stands for on a day; a name nobody has mapped keeps its own line, never dropped (F106)."""
    agency = directory.resolve(name, day).agency
    if agency is None:
        return AgencyRef(f"?{name}", name or "(không ghi cơ quan chủ trì)", UNMATCHED_KIND)
    return AgencyRef(agency.code, agency.name, agency.kind)


# -- figures -------------------------------------------------------------------------------------------------------


def _sorted(tasks: Iterable[ReportTask], directory: AgencyDirectory) -> list[ReportTask]:
    return sorted(tasks, key=lambda one: (directory.sort_key(one.agency.code), -one.days_overdue, one.task_id))


def _total(tasks: Iterable[ReportTask]) -> Counts:
    listed = list(tasks)
    states = Counter(task.state for task in listed)
    return Counts(
        assigned=len(listed),
        on_time=states[TimeState.ON_TIME],
        late=states[TimeState.LATE],
        open_in_time=states[TimeState.OPEN_IN_TIME],
        open_overdue=states[TimeState.OPEN_OVERDUE],
        no_deadline=sum(1 for task in listed if task.state is TimeState.OPEN_IN_TIME and task.due_on is None),
    )


def _by_agency(tasks: Sequence[ReportTask], directory: AgencyDirectory) -> tuple[tuple[AgencyRef, Counts], ...]:
    groups: dict[str, list[ReportTask]] = {}
    for task in tasks:
        groups.setdefault(task.agency.code, []).append(task)
    codes = sorted(groups, key=directory.sort_key)
    return tuple((groups[code][0].agency, _total(groups[code])) for code in codes)


def check_totals(report: MonthlyReport) -> None:
    """Figures add up in every direction. Raises TotalsMismatch."""
    counts = report.counts
    sums = [
        ("total = finished + unfinished", counts.assigned, counts.completed + counts.not_completed),
        ("total = listed tasks", counts.assigned, len(report.tasks)),
        ("total = distinct tasks", counts.assigned, len({task.task_id for task in report.tasks})),
        ("overdue = appendix", counts.open_overdue, len(report.overdue)),
    ]
    for field in ("assigned", "on_time", "late", "open_in_time", "open_overdue", "no_deadline"):
        total = sum(getattr(one, field) for _, one in report.by_agency)
        sums.append((f"agencies: {field}", getattr(counts, field), total))
    wrong = [f"{what}: {left} != {right}" for what, left, right in sums if left != right]
    if wrong:
        raise TotalsMismatch("; ".join(wrong))
