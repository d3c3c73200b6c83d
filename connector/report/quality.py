"""How good the data behind a report is: what a reader must know before using the figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from connector.domain.agencies import AgencyDirectory
from connector.domain.periods import start_of_day
from connector.domain.policy import Policy
from connector.domain.report import UNMATCHED_KIND, DataAge, MonthlyReport, ReportTask, Unresolved
from connector.domain.wording import day_text, moment_text


def unmatched(tasks: Iterable[ReportTask], directory: AgencyDirectory, as_of: date) -> tuple[Unresolved, ...]:
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


def data_age(last_sync_at: datetime | None, made_at: datetime, cutoff: datetime) -> DataAge:
    if last_sync_at is None:
        return DataAge(None, None, False)
    hours = round((made_at - last_sync_at).total_seconds() / 3600, 1)
    return DataAge(last_sync_at, hours, last_sync_at > cutoff)


def coverage(started: datetime | None, report: MonthlyReport, policy: Policy) -> list[str]:
    """What a beginning in the middle, or after the end, of the month means for the figures."""
    if started is None or started < start_of_day(report.month.first, policy.zone):
        return []
    when = moment_text(started, policy.zone)
    if started > report.cutoff:
        return [
            f"KHÔNG DÙNG SỐ LIỆU NÀY ĐỂ BÁO CÁO: lần đọc đầu tiên ({when}) sau thời điểm chốt số liệu, "
            "không xác định được nhiệm vụ nào đã hoàn thành vào lúc đó."
        ]
    return [f"Bắt đầu theo dõi từ {when}: không rõ ngày hoàn thành và vi phạm trước thời điểm đó."]


def data_warnings(report: MonthlyReport, policy: Policy) -> list[str]:
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
    if report.uncounted and not report.counts.assigned:
        found.append("Không nhiệm vụ nào được tính: kiểm tra office.counted_assigners trong tệp cấu hình.")
    if report.unresolved:
        found.append(f"{len(report.unresolved)} mục cần người xem xét (xem danh sách chưa xác định).")
    if uncertain := sum(bool(task.uncertain) for task in report.tasks):
        found.append(
            f"{uncertain} nhiệm vụ chưa chắc chắn vì thiếu lần đọc quanh thời hạn hoặc thời điểm chốt; "
            "xếp theo hướng có lợi cho cơ quan."
        )
    if report.waived:
        found.append(f"{len(report.waived)} vi phạm được miễn xét, không tính ở mục 2 (xem trang “Miễn xét”).")
    if report.unlinked_findings:
        found.append(f"{len(report.unlinked_findings)} vi phạm chưa gắn được với văn bản, không tính ở mục 2.")
    return found
