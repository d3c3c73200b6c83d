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
from connector.detect.overdue import OWED
from connector.detect.secrecy import WITHHELD_NAME, is_secret
from connector.domain.agencies import AgencyDirectory
from connector.domain.history import DocumentHistory, TaskHistory, completion_at
from connector.domain.periods import Month, end_of_day
from connector.domain.policy import Policy
from connector.domain.records import TaskState
from connector.domain.report import (
    UNMATCHED_KIND,
    AgencyRef,
    Counts,
    DataAge,
    MonthlyReport,
    ReportTask,
    TimeState,
    Unresolved,
)
from connector.domain.status import Status
from connector.domain.wording import day_text, moment_text
from connector.errors import CalendarGap, TotalsMismatch
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
) -> MonthlyReport:
    """The report of ``month`` with the cut-off at the end of the local day ``as_of``.

    Raises TotalsMismatch if the figures do not add up (F81).
    """
    cutoff = end_of_day(as_of, policy.zone)
    evaluation = evaluate(tasks, documents, policy, cutoff)
    counted, left_out = _cohort(evaluation, month, as_of)
    report_tasks = tuple(_sorted(counted, policy.directory))
    by_agency = _by_agency(report_tasks, policy.directory)
    counts = _total(report_tasks)
    overdue = tuple(task for task in report_tasks if task.state is TimeState.OPEN_OVERDUE)
    violations, unlinked = build_violations(evaluation, month, as_of)
    backlog = [_time_state(case, state, cutoff)[0] for case, state in _backlog(evaluation, month)]
    data = _data_age(last_sync_at, made_at, cutoff)
    report = MonthlyReport(
        month=month,
        as_of=as_of,
        cutoff=cutoff,
        made_at=made_at,
        counts=counts,
        by_agency=by_agency,
        tasks=report_tasks,
        overdue=overdue,
        violations=violations,
        not_evaluable=count_not_evaluable(evaluation, month, as_of),
        observed_completions=sum(task.completion_observed for task in report_tasks),
        backlog_open=len(backlog),
        backlog_overdue=sum(state is TimeState.OPEN_OVERDUE for state in backlog),
        missing=left_out.missing,
        cancelled=left_out.cancelled,
        unresolved=left_out.unresolved + _unmatched(report_tasks, policy.directory, as_of),
        unlinked_findings=unlinked,
        data=data,
        warnings=(),
        has_communes=policy.directory.is_commune_period(as_of),
    )
    check_totals(report)
    return replace(report, warnings=(*warnings, *_warnings(report, policy)))


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
    time_state, uncertain = _time_state(case, state, cutoff)
    completion = completion_at(case.history.versions, cutoff) if state.status is Status.DONE else None
    document = case.document.state if case.document else None
    days = 0
    if time_state is TimeState.OPEN_OVERDUE and state.due_on:
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
        state=time_state,
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


def _time_state(case: TaskCase, state: TaskState, cutoff: datetime) -> tuple[TimeState, str]:
    """The time state at the cut-off, and why it rests on the benefit of the doubt ("" if it does not)."""
    try:
        return _time_state_by_calendar(case, state, cutoff)
    except CalendarGap as gap:
        done = state.status is Status.DONE and completion_at(case.history.versions, cutoff) is not None
        why = f"hạn xử lý ngoài lịch làm việc đã khai báo ({gap})"
        return (TimeState.ON_TIME if done else TimeState.OPEN_IN_TIME), why


def _time_state_by_calendar(case: TaskCase, state: TaskState, cutoff: datetime) -> tuple[TimeState, str]:
    deadlines, observer = case.policy.deadlines, case.policy.observer
    ends = deadlines.ends_at(state.due_on) if state.due_on else None
    if state.status is Status.DONE:
        completion = completion_at(case.history.versions, cutoff)
        if completion is None:
            # Already finished when we first read it, after the cut-off: it was given by then, so it counts as open.
            return _open_state(case, state, ends, cutoff)
        if ends is None or state.due_on is None:
            return TimeState.ON_TIME, ""
        if completion.reported_on is not None:
            late = completion.reported_on > deadlines.last_day(state.due_on)
            return (TimeState.LATE if late else TimeState.ON_TIME), ""
        if completion.by <= ends:
            return TimeState.ON_TIME, ""
        if completion.after is not None and observer.vouches_until(completion.after) >= ends:
            return TimeState.LATE, ""
        seen = moment_text(completion.by, case.policy.zone)
        why = f"thấy hoàn thành lúc {seen}, sau hạn {day_text(state.due_on)}, nhưng lần đọc trước đó còn trong hạn"
        return TimeState.ON_TIME, f"{why}; không đủ căn cứ coi là quá hạn"
    return _open_state(case, state, ends, cutoff)


def _open_state(case: TaskCase, state: TaskState, ends: datetime | None, cutoff: datetime) -> tuple[TimeState, str]:
    if ends is None or cutoff < ends or state.status not in OWED:
        return TimeState.OPEN_IN_TIME, ""
    following = next((one for one in case.history.versions if one.observed_at > cutoff and one.state != state), None)
    last_known = following.observed_after if following else case.history.last_seen_at
    vouched = last_known and case.policy.observer.vouches_until(last_known)
    if vouched is None or vouched < ends:
        return TimeState.OPEN_IN_TIME, "không đọc được nhiệm vụ trong khoảng từ hạn xử lý đến thời điểm chốt số liệu"
    if following is not None and vouched < cutoff and not (following.state.present and following.state.status in OWED):
        seen = moment_text(vouched, case.policy.zone)
        return (
            TimeState.OPEN_OVERDUE,
            f"đã quá hạn ở lần đọc cuối trước thời điểm chốt ({seen}); lần đọc sau đã thay đổi",
        )
    return TimeState.OPEN_OVERDUE, ""


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


# -- how good the data is ------------------------------------------------------------------------------------------


def _unmatched(tasks: Iterable[ReportTask], directory: AgencyDirectory, as_of: date) -> tuple[Unresolved, ...]:
    """Counted tasks whose agency a person must decide: in no table, or ended with more than one successor."""
    found: list[Unresolved] = []
    for task in tasks:
        if task.agency.kind == UNMATCHED_KIND:
            why = "tên cơ quan chủ trì chưa có trong bảng cơ quan"
        elif directory.get(task.agency.code).ended_before(as_of):
            why = "cơ quan chủ trì đã kết thúc hoạt động, có nhiều đơn vị kế thừa; cần chọn đơn vị tiếp nhận"
        else:
            continue
        found.append(Unresolved(task.task_id, task.agency.name, why))
    return tuple(found)


def _data_age(last_sync_at: datetime | None, made_at: datetime, cutoff: datetime) -> DataAge:
    if last_sync_at is None:
        return DataAge(None, None, False)
    hours = round((made_at - last_sync_at).total_seconds() / 3600, 1)
    return DataAge(last_sync_at, hours, last_sync_at > cutoff)


def _warnings(report: MonthlyReport, policy: Policy) -> list[str]:
    found: list[str] = []
    data = report.data
    if data.last_sync_at is None:
        found.append("Chưa có lần đồng bộ thành công nào; số liệu có thể trống hoặc thiếu.")
    elif not data.covers_cutoff:
        when = moment_text(data.last_sync_at, policy.zone)
        found.append(
            f"Lần đồng bộ thành công gần nhất ({when}) trước thời điểm chốt số liệu ({day_text(report.as_of)}); "
            "những thay đổi sau đó chưa có trong báo cáo."
        )
    if not policy.deadlines.calendar.is_confirmed(report.month.year):
        found.append(f"Lịch nghỉ năm {report.month.year} chưa được xác nhận; hạn xử lý tính theo lịch tạm.")
    if report.unresolved:
        found.append(f"{len(report.unresolved)} mục cần người xem xét (xem danh sách chưa xác định).")
    if uncertain := sum(bool(task.uncertain) for task in report.tasks):
        found.append(f"{uncertain} nhiệm vụ xếp theo hướng có lợi cho cơ quan vì thiếu lần đọc quanh thời hạn.")
    if report.unlinked_findings:
        found.append(f"{len(report.unlinked_findings)} vi phạm chưa gắn được với văn bản, không tính ở mục 2.")
    return found
