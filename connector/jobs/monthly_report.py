"""Build → render → keep: the report of one month as of a cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import structlog

from connector.domain.history import TaskHistory
from connector.domain.periods import Month
from connector.domain.policy import Policy
from connector.domain.report import MonthlyReport
from connector.domain.runs import USABLE, Outcome, Run, RunCounts
from connector.domain.wording import day_text, moment_text
from connector.errors import ConnectorError, NoData, UsageProblem
from connector.jobs.freshness import data_at
from connector.ports import Clock, ReportWriter, UnitOfWork
from connector.reconcile.figures import Overall, Reconciliation
from connector.report.build import build_report
from connector.report.jsonview import report_json

log = structlog.get_logger()
_SHOWN_TWINS = 10


@dataclass(frozen=True, slots=True)
class ReportResult:
    """``files``: form ("docx", "pdf", "xlsx") → file; empty when nothing was to be written."""

    run_id: int
    report: MonthlyReport
    files: Mapping[str, Path]


def monthly_report(
    uow: UnitOfWork,
    clock: Clock,
    policy: Policy,
    writer: ReportWriter | None,
    *,
    month: Month,
    as_of: date | None,
    folder: Path,
    key: str | None = None,
    known_at: datetime | None = None,
) -> ReportResult:
    """Make the report of ``month`` at the end of the local day ``as_of`` (None: the last day of the month, or today
    while the month is not over) and write its forms into ``folder``. ``key`` makes a scheduled run unique. With
    ``known_at`` (aware) the report is the one that would have been made at that moment: nothing read later counts.

    Raises UsageProblem for a month or a day that cannot be reported on, NoData when nothing was ever stored,
    TotalsMismatch, TemplateBroken, StoreError.
    """
    now = clock.now()
    today = clock.local_date(known_at or now)
    day, warnings = _cutoff(month, as_of, today)
    with uow:
        uow.runs.close_interrupted("report", now)
        run_id = uow.runs.start("report", now, key=key)
        tasks, documents = uow.tasks.histories(known_at), uow.documents.histories(known_at)
        last = uow.runs.last("sync", USABLE, until=known_at)
        newest = uow.runs.last("sync")
        waivers = [one for one in uow.waivers.all() if one.holds(day, known_at or now)]
        fresh, told = data_at(uow, known_at), uow.imports.newest(known_at)
        uow.commit()
    if known_at is not None:
        warnings.append(
            f"Lập theo dữ liệu đã biết lúc {moment_text(known_at, policy.zone)}; thay đổi đọc sau không tính."
        )
    if run_id is None:
        raise ConnectorError(f"report {key} was made already")
    if newest is not None and newest.outcome not in USABLE:
        warnings.append("Lần đồng bộ gần nhất không thành công; số liệu là của lần đọc được trước đó.")
    try:
        if not tasks:
            raise NoData("no task was ever stored", month=str(month))
        report = build_report(
            tasks, documents, policy, month=month, as_of=day, made_at=now,
            last_sync_at=fresh, warnings=warnings, waivers=waivers,
        )  # fmt: skip
        report = _with_reconciliation(report, last)
        report = _with_twins(report, tasks)
        report = _with_lost(report, tasks, last.started_at if last else None, told)
        files = dict(writer.write(report, folder)) if writer else {}
    except BaseException as error:
        with uow:
            outcome = f"{type(error).__name__}: {error}"
            uow.runs.finish(run_id, clock.now(), Outcome.FAILED, RunCounts(), error=outcome)
            uow.commit()
        raise
    with uow:
        uow.reports.keep(str(month), day, now, report_json(report), files)
        detail = {"month": str(month), "as_of": day.isoformat(), "files": {form: str(p) for form, p in files.items()}}
        counts = RunCounts(fetched=report.counts.assigned)
        uow.runs.finish(run_id, clock.now(), Outcome.OK, counts, detail=detail)
        uow.commit()
    log.info("report.made", run_id=run_id, month=str(month), as_of=day.isoformat(), assigned=report.counts.assigned)
    return ReportResult(run_id, report, files)


def _with_reconciliation(report: MonthlyReport, last: Run | None) -> MonthlyReport:
    """What the newest reading found when it compared the source's counters with ours (F10, F77)."""
    found = last.detail.get("reconciliation") if last else None
    if not found:
        return report
    made = Reconciliation.from_json(found)
    off = made.verdict in (Overall.UNRECONCILED, Overall.INCOMPLETE)
    data = replace(report.data, reconciliation=made.headline, reconciled=not off)
    warnings = (*report.warnings, f"Đối chiếu với iOffice: {made.headline}") if off else report.warnings
    return replace(report, data=data, warnings=warnings)


def _with_twins(report: MonthlyReport, tasks: Sequence[TaskHistory]) -> MonthlyReport:
    """A person has not said yet whether they are one: both are counted, and that is said."""
    counted = {one.task_id for one in report.tasks}
    twins = [one for one in tasks if one.twin_id in counted and one.task_id in counted]
    if not twins:
        return report
    shown = "; ".join(f"{one.task_id} {one.twin_id}" for one in twins[:_SHOWN_TWINS])
    warning = (
        f"{len(twins)} nhiệm vụ trong tệp có thể trùng với nhiệm vụ của iOffice và đang được đếm cả hai; nếu là một, "
        f"chạy: connector quarantine join, với từng cặp mã: {shown}"
    )
    return replace(report, warnings=(*report.warnings, warning))


def _with_lost(
    report: MonthlyReport, tasks: Sequence[TaskHistory], read_at: datetime | None, told_at: datetime | None
) -> MonthlyReport:
    """A file cannot say that a task was withdrawn: those that neither the newest file nor a newer reading shows are
    counted, and said. Unfinished ones only: an export of what is open shows no others."""
    if told_at is None:
        return report
    since = min(read_at, told_at) if read_at else told_at
    counted = {one.task_id for one in report.tasks}
    lost = sum(
        one.task_id in counted and one.current.present and one.current.status.is_open and one.last_seen_at < since
        for one in tasks
    )
    if not lost:
        return report
    warning = (
        f"{lost} nhiệm vụ chưa hoàn thành không còn thấy trong tệp mới nhất hoặc lần đọc sau đó; có thể đã bị thu hồi "
        "hoặc bị lọc khỏi tệp, cần kiểm tra trên iOffice."
    )
    return replace(report, warnings=(*report.warnings, warning))


def _cutoff(month: Month, as_of: date | None, today: date) -> tuple[date, list[str]]:
    if month.first > today:
        raise UsageProblem(f"{month} has not begun", argument=f"tháng {month} chưa đến",
                           expected=f"một tháng không sau {Month.of(today)}")  # fmt: skip
    if as_of is not None:
        if as_of < month.first:
            raise UsageProblem(f"{as_of} is before {month}", argument=f"--as-of {as_of} trước tháng {month}",
                               expected=f"một ngày từ {month.first}")  # fmt: skip
        if as_of > today:
            return as_of, [f"Ngày chốt số liệu {day_text(as_of)} chưa đến; số liệu chỉ đến thời điểm lập báo cáo."]
        return as_of, []
    if today < month.last:
        warning = f"Tháng {month.month:02d}/{month.year} chưa kết thúc; số liệu chốt đến ngày {day_text(today)}."
        return today, [warning]
    return month.last, []
