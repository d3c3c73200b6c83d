"""What stands in the workbook: sheets, headings, widths and rows of plain values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connector.domain.report import Counts, MonthlyReport, ReportTask, TimeState, ViolatedDocument
from connector.domain.wording import moment_text
from connector.report import wording
from connector.report.text import secret_tasks, task_name

Cell = str | int | float | date | datetime | None
Row = Sequence[Cell]

ASSIGNED, ON_TIME, LATE = "Được giao", "Đúng hạn", "Quá hạn (hoàn thành)"
IN_TIME, OVERDUE = "Còn hạn", "Quá hạn chưa xong"
VIOLATIONS, AGENCIES, NOT_EVALUABLE = "Vi phạm", "Theo cơ quan", "Không đánh giá được"
WAIVED = "Miễn xét"

_STATES = {
    TimeState.ON_TIME: "Hoàn thành đúng hạn",
    TimeState.LATE: "Hoàn thành quá hạn",
    TimeState.OPEN_IN_TIME: "Chưa hoàn thành, còn hạn",
    TimeState.OPEN_OVERDUE: "Chưa hoàn thành, quá hạn",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """``columns``: heading and width in characters; ``total``: a last row outside the filter, or empty."""

    name: str
    columns: tuple[tuple[str, float], ...]
    rows: tuple[Row, ...]
    total: Row = ()


_TASK_COLUMNS = (
    ("STT", 6.0),
    ("Mã nhiệm vụ", 13.0),
    ("Nội dung nhiệm vụ", 52.0),
    ("Cơ quan chủ trì", 32.0),
    ("Cơ quan phối hợp", 28.0),
    ("Số, ký hiệu văn bản", 20.0),
    ("Ngày văn bản", 13.0),
    ("Ngày giao", 13.0),
    ("Hạn xử lý", 13.0),
    ("Tình trạng tại thời điểm chốt", 27.0),
    ("Trạng thái trên iOffice", 20.0),
    ("Ngày hoàn thành", 13.0),
    ("Căn cứ ngày hoàn thành", 34.0),
    ("Số ngày quá hạn", 10.0),
    ("Số lần gia hạn", 10.0),
    ("Ghi chú", 44.0),
)
_VIOLATION_COLUMNS = (
    ("STT", 6.0),
    ("Cơ quan", 32.0),
    ("Số, ký hiệu văn bản", 20.0),
    ("Ngày văn bản", 13.0),
    ("Mã quy định", 27.0),
    ("Bước vi phạm", 40.0),
    ("Căn cứ", 44.0),
    ("Mã nhiệm vụ", 13.0),
    ("Ngày vi phạm", 13.0),
    ("Lý do", 60.0),
)
_AGENCY_COLUMNS = (
    ("STT", 6.0),
    ("Mã cơ quan", 22.0),
    ("Cơ quan", 40.0),
    ("Được giao", 11.0),
    ("Hoàn thành đúng hạn", 13.0),
    ("Hoàn thành quá hạn", 13.0),
    ("Chưa hoàn thành, còn hạn", 14.0),
    ("Chưa hoàn thành, quá hạn", 14.0),
    ("Trong đó không thời hạn", 14.0),
    ("Số văn bản vi phạm quy trình", 16.0),
)
_WAIVED_COLUMNS = (
    ("STT", 6.0),
    ("Cơ quan", 32.0),
    ("Mã quy định", 27.0),
    ("Bước vi phạm", 40.0),
    ("Mã nhiệm vụ", 13.0),
    ("Ngày vi phạm", 13.0),
    ("Miễn đến hết ngày", 13.0),
    ("Lý do miễn", 60.0),
    ("Người quyết định", 24.0),
)
_NOT_EVALUABLE_COLUMNS = (("Mã quy định", 27.0), ("Quy định", 48.0), ("Lý do", 60.0), ("Số trường hợp", 12.0))


def detail_sheets(report: MonthlyReport, zone: ZoneInfo) -> tuple[Sheet, ...]:
    """The lists behind the figures, in the order of the tabs. Moments in texts are written in ``zone``."""

    def of(*states: TimeState) -> tuple[Row, ...]:
        chosen = [task for task in report.tasks if task.state in states]
        return tuple(_task_row(number, task, zone) for number, task in enumerate(chosen, start=1))

    return (
        Sheet(ASSIGNED, _TASK_COLUMNS, of(*TimeState)),
        Sheet(ON_TIME, _TASK_COLUMNS, of(TimeState.ON_TIME)),
        Sheet(LATE, _TASK_COLUMNS, of(TimeState.LATE)),
        Sheet(IN_TIME, _TASK_COLUMNS, of(TimeState.OPEN_IN_TIME)),
        Sheet(
            OVERDUE,
            _TASK_COLUMNS,
            tuple(_task_row(number, task, zone) for number, task in enumerate(report.overdue, start=1)),
        ),
        Sheet(VIOLATIONS, _VIOLATION_COLUMNS, tuple(_violation_rows(report))),
        *((Sheet(WAIVED, _WAIVED_COLUMNS, tuple(_waived_rows(report))),) if report.waived else ()),
        Sheet(AGENCIES, _AGENCY_COLUMNS, *_agency_rows(report)),
        Sheet(NOT_EVALUABLE, _NOT_EVALUABLE_COLUMNS, tuple(_not_evaluable_rows(report))),
    )


def _task_row(number: int, task: ReportTask, zone: ZoneInfo) -> Row:
    notes = [task.uncertain] if task.uncertain and not task.secret else []
    if task.secret:
        notes.append("văn bản mật")
    return (
        number,
        task.task_id,
        task_name(task),
        task.agency.name,
        "; ".join(task.cooperating),
        task.notation,
        task.document_date,
        task.assigned_on,
        task.due_on,
        _STATES[task.state],
        task.status_label,
        task.completed_on,
        _completion_basis(task, zone),
        task.days_overdue or None,
        task.extensions or None,
        "; ".join(notes),
    )


def _completion_basis(task: ReportTask, zone: ZoneInfo) -> str:
    if task.completed_on is None:
        return ""
    if not task.completion_observed:
        return "iOffice ghi nhận"
    after = f"sau {moment_text(task.observed_after, zone)}" if task.observed_after else "trước lần đọc đầu tiên"
    by = f", chậm nhất {moment_text(task.observed_by, zone)}" if task.observed_by else ""
    return f"Quan sát được: {after}{by}"


def _violation_rows(report: MonthlyReport) -> Iterable[Row]:
    number = 0
    hidden = secret_tasks(report)
    for group in report.violations:
        for document in group.documents:
            for finding in document.findings:
                number += 1
                yield (
                    number,
                    group.agency.name,
                    document.notation,
                    document.document_date,
                    finding.rule,
                    finding.rule_title,
                    finding.legal_basis,
                    finding.task_id or "",
                    finding.breached_on,
                    _reason(document, finding.task_id, finding.reason, hidden),
                )
    for finding in report.unlinked_findings:
        number += 1
        yield (
            number,
            "(chưa gắn được với văn bản, không tính vào báo cáo)",
            "",
            None,
            finding.rule,
            finding.rule_title,
            finding.legal_basis,
            finding.task_id or "",
            finding.breached_on,
            wording.WITHHELD if finding.task_id in hidden else finding.reason,
        )


def _waived_rows(report: MonthlyReport) -> Iterable[Row]:
    for number, one in enumerate(report.waived, start=1):
        found = one.finding
        yield (
            number, one.agency.name, found.rule, found.rule_title, found.task_id or "", found.breached_on, one.until,
            one.reason, one.actor,
        )  # fmt: skip


def _reason(document: ViolatedDocument, task_id: str | None, reason: str, hidden: frozenset[str]) -> str:
    return wording.WITHHELD if document.secret or task_id in hidden else reason


def _agency_rows(report: MonthlyReport) -> tuple[tuple[Row, ...], Row]:
    violated = {group.agency.code: len(group.documents) for group in report.violations}
    figures = [(agency, counts, violated.pop(agency.code, 0)) for agency, counts in report.by_agency]
    # An agency may break procedure on older documents without a task in the month.
    figures += [
        (group.agency, Counts(), violated[group.agency.code])
        for group in report.violations
        if group.agency.code in violated
    ]
    rows = tuple(
        (number, agency.code, agency.name, *astuple(counts), documents)
        for number, (agency, counts, documents) in enumerate(figures, start=1)
    )
    documents = sum(count for _, _, count in figures)
    return rows, (None, "", "Tổng cộng", *astuple(report.counts), documents)


def _not_evaluable_rows(report: MonthlyReport) -> Iterable[Row]:
    for item in report.not_evaluable:
        title = item.title
        if not item.count and not item.reasons:
            yield (item.rule, title, "mọi trường hợp đều đánh giá được", 0)
        for reason, count in item.reasons.items():
            yield (item.rule, title, reason, count)
        unexplained = item.count - sum(item.reasons.values())
        if unexplained > 0:
            yield (item.rule, title, "không rõ lý do", unexplained)


def summary_rows(report: MonthlyReport) -> Iterable[Row]:
    """Rows of the first sheet: one cell is a heading, else label, value and what to open or a remark."""
    counts, data = report.counts, report.data
    documents = sum(len(group.documents) for group in report.violations)
    yield (f"SỐ LIỆU BÁO CÁO THÁNG {report.month.month:02d}/{report.month.year}",)
    yield ("Kỳ báo cáo (từ ngày)", report.month.first)
    yield ("Chốt số liệu đến hết ngày", report.as_of)
    yield ("Lập lúc", report.made_at)
    yield ("",)
    yield ("Số liệu",)
    yield ("Tổng số nhiệm vụ được giao", counts.assigned, ASSIGNED)
    yield ("Đã hoàn thành đúng hạn", counts.on_time, ON_TIME)
    yield ("Đã hoàn thành quá hạn", counts.late, LATE)
    yield ("Chưa hoàn thành", counts.not_completed)
    yield ("- Trong đó còn thời hạn", counts.open_in_time, IN_TIME)
    yield ("- Trong đó không có thời hạn (đã tính trong số còn thời hạn)", counts.no_deadline, IN_TIME)
    yield ("- Trong đó quá thời hạn", counts.open_overdue, OVERDUE)
    yield ("Văn bản vi phạm quy trình", documents, VIOLATIONS)
    yield ("Cơ quan có nhiệm vụ trong tháng", len(report.by_agency), AGENCIES)
    yield ("Nhiệm vụ các tháng trước còn tồn", report.backlog_open)
    yield ("- Trong số còn tồn đã quá thời hạn", report.backlog_overdue)
    yield ("",)
    yield ("Dữ liệu",)
    if data.last_sync_at is None:
        yield ("Lần đọc đầy đủ gần nhất", "chưa có lần nào")
    else:
        yield ("Lần đọc đầy đủ gần nhất", data.last_sync_at)
    yield ("Tuổi dữ liệu khi lập báo cáo (giờ)", "chưa rõ" if data.hours is None else round(data.hours, 1))
    covers = "Có" if data.covers_cutoff else "Không"
    yield ("Có lần đọc đầy đủ sau thời điểm chốt số liệu", covers)
    yield ("Đối chiếu với số đếm của iOffice", data.reconciliation or "chưa đối chiếu")
    yield ("Nhiệm vụ hoàn thành chỉ quan sát được, không có ngày ghi nhận", report.observed_completions, ASSIGNED)
    uncertain = sum(1 for task in report.tasks if task.uncertain)
    yield ("Nhiệm vụ được tính theo hướng có lợi cho cơ quan vì chưa chắc chắn", uncertain, ASSIGNED)
    yield from _open_points(report)


def _open_points(report: MonthlyReport) -> Iterable[Row]:
    yield ("",)
    yield ("Cảnh báo",)
    if not report.warnings:
        yield ("Không có", None)
    for warning in report.warnings:
        yield ("", None, warning)
    yield ("",)
    yield ("Quy định không đánh giá được",)
    yield ("Tổng số trường hợp", sum(item.count for item in report.not_evaluable), NOT_EVALUABLE)
    for item in report.not_evaluable:
        yield (item.title, item.count, item.rule)
    yield ("",)
    yield ("Không tính vào số liệu",)
    yield ("Nhiệm vụ không còn thấy trên iOffice trước thời điểm chốt", len(report.missing), ", ".join(report.missing))
    yield ("Nhiệm vụ đã hủy trước thời điểm chốt", len(report.cancelled), ", ".join(report.cancelled))
    yield ("Vi phạm chưa gắn được với văn bản", len(report.unlinked_findings), VIOLATIONS)
    if report.waived:
        yield ("Vi phạm được miễn xét", len(report.waived), WAIVED)
    yield ("",)
    yield ("Cần người xem xét",)
    yield ("Bản ghi chưa xếp được", len(report.unresolved))
    hidden = secret_tasks(report)
    for record in report.unresolved:
        text = wording.WITHHELD if record.task_id in hidden else record.text
        yield (f"Mã {record.task_id}: {text}", None, record.why)
