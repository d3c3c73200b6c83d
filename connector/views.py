"""Results of jobs as Vietnamese text for people and as JSON for machines (``--json``; the shapes are in the README)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.report import MonthlyReport
from connector.domain.runs import Run
from connector.domain.wording import day_text, moment_text
from connector.jobs.deliver import DeliverResult
from connector.jobs.detect import DetectResult
from connector.jobs.overview import Overview
from connector.messages import operator_message
from connector.report.text import secret_tasks, task_name
from connector.report.wording import WITHHELD
from connector.views_source import OUTCOMES, counts_json, reconciliation_text

JOBS = {
    "sync": "đồng bộ",
    "backfill": "đọc bù",
    "detect": "rà soát",
    "deliver": "gửi thư",
    "report": "lập báo cáo",
    "import": "nhập tệp",
}


def detect_json(result: DetectResult) -> dict[str, Any]:
    return {
        "run": result.run_id,
        "at": result.at.isoformat(),
        "tasks": result.tasks,
        "documents": result.documents,
        "opened": result.opened,
        "reopened": result.reopened,
        "closed": result.closed,
        "unchanged": result.unchanged,
        "letters": result.letters,
        "undeliverable": list(result.undeliverable),
        "open_by_rule": dict(result.by_rule),
        "not_evaluable": dict(result.not_evaluable),
    }


def detect_text(result: DetectResult) -> list[str]:
    lines = [
        f"Rà soát {result.tasks} nhiệm vụ, {result.documents} văn bản (lượt {result.run_id}): "
        f"{result.opened} phát hiện mới, {result.reopened} mở lại, {result.closed} kết thúc; "
        f"soạn {result.letters} thư.",
    ]
    if not result.stored:
        lines.append("  Chưa có nhiệm vụ nào được lưu; hãy chạy: connector sync, hoặc: connector import TỆP")
    elif not result.tasks:
        lines.append(
            f"  Có {result.stored} nhiệm vụ được lưu nhưng không nhiệm vụ nào của người giao được tính; kiểm tra khóa "
            "office.counted_assigners trong tệp cấu hình (connector report YYYY-MM cho biết các người giao đã gặp)"
        )
    lines += [f"  {number:4d}  {rule}  {result.titles[rule]}" for rule, number in result.by_rule.items()]
    if result.not_evaluable:
        lines.append("  Chưa đủ dữ liệu để kết luận:")
        lines += [f"  {number:4d}  {rule}  {result.titles[rule]}" for rule, number in result.not_evaluable.items()]
    lines += [f"  Chưa có địa chỉ thư cho {code} và chưa khai hộp thư văn phòng." for code in result.undeliverable]
    return lines


def deliver_json(result: DeliverResult) -> dict[str, Any]:
    return {
        "run": result.run_id,
        "sent": result.sent,
        "refused": result.refused,
        "retried": result.retried,
        "waiting": result.waiting,
        "dead": result.dead,
        "error": type(result.error).__name__ if result.error else None,
        "message": operator_message(result.error) if result.error else None,
    }


def deliver_text(result: DeliverResult) -> list[str]:
    return [
        f"Gửi thư (lượt {result.run_id}): {result.sent} nơi nhận đã nhận, {result.refused} bị từ chối, "
        f"{result.retried} sẽ gửi lại; còn {result.waiting} thư chờ, {result.dead} thư không gửi được."
    ]


def report_text(report: MonthlyReport, files: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """The figures, the overdue list, the violations and where the files are."""
    counts = report.counts
    month = f"{report.month.month:02d}/{report.month.year}"
    lines = [
        f"Báo cáo tháng {month}, số liệu đến hết ngày {day_text(report.as_of)}",
        f"  Được giao:        {counts.assigned:5d}",
        f"  Đã hoàn thành:    {counts.completed:5d}   (đúng hạn {counts.on_time}, quá hạn {counts.late})",
        f"  Chưa hoàn thành:  {counts.not_completed:5d}   (còn hạn {counts.open_in_time}, "
        f"quá hạn {counts.open_overdue})",
    ]
    if report.overdue:
        lines.append("Nhiệm vụ chưa hoàn thành đã quá hạn:")
        lines += [
            f"  - {task.agency.name}: {task_name(task)} ({task.notation or 'không rõ số văn bản'}), "
            f"hạn {day_text(task.due_on) if task.due_on else '-'}, quá {task.days_overdue} ngày"
            for task in report.overdue
        ]
    if report.violations:
        lines.append("Chưa thực hiện đúng quy trình:")
        for one in report.violations:
            lines.append(f"  - {one.agency.name}: {len(one.documents):02d} văn bản")
            for document in one.documents:
                titles = "; ".join(finding.rule_title for finding in document.findings)
                lines.append(f"      {document.notation}: {titles}")
    else:
        lines.append("Không ghi nhận vi phạm quy trình.")
    unknown = [one for one in report.not_evaluable if one.count]
    if unknown:
        lines.append("Chưa đủ dữ liệu để kết luận:")
        lines += [f"  - {one.title}: {one.count} trường hợp" for one in unknown]
    if report.unresolved:
        hidden = secret_tasks(report)
        lines.append("Cần người xem xét:")
        lines += [
            f"  - {one.task_id}: {WITHHELD if one.task_id in hidden else one.text}: {one.why}"
            for one in report.unresolved
        ]
    if report.uncounted:
        names = "; ".join(f"{name} ({number})" for name, number in report.uncounted.items())
        lines.append(f"Không tính nhiệm vụ của người giao ngoài danh sách: {names}.")
    if report.observed_completions:
        lines.append(
            f"{report.observed_completions} ngày hoàn thành là ngày hệ thống ghi nhận, nguồn không báo ngày hoàn thành."
        )
    if report.data.last_sync_at:
        lines.append(f"Dữ liệu đọc lần cuối lúc {moment_text(report.data.last_sync_at, zone)}.")
    lines += [f"Lưu ý: {warning}" for warning in report.warnings]
    lines += [f"  {form.upper():5s} {path}" for form, path in files.items()]
    return lines


def overview_json(view: Overview) -> dict[str, Any]:
    return {
        "at": view.at.isoformat(),
        "healthy": view.healthy,
        "sources": [
            {
                "name": source.name,
                "last_good_at": _iso(source.last_good_at),
                "hours": source.hours,
                "stale": source.stale,
                "last_outcome": str(source.last.outcome) if source.last else None,
                "last_error": source.last.error if source.last else None,
                "reconciliation": source.reconciliation,
            }
            for source in view.sources
        ],
        "findings": dict(view.findings),
        "outbox": {**view.outbox, "oldest_waiting_at": _iso(view.oldest_letter_at)},
        "rejected_rows": view.rejected,
        "rejected_now": [dict(row) for row in view.rejected_now],
        "files": dict(view.files),
        "quarantine": dict(view.quarantine),
        "told_at": _iso(view.told_at),
        "holds": [{"name": name, "since": since.isoformat(), "reason": reason} for name, since, reason in view.holds],
        "runs": [run_json(run) for run in view.runs],
    }


def run_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "job": run.job,
        "key": run.key,
        "source": run.source,
        "started_at": run.started_at.isoformat(),
        "finished_at": _iso(run.finished_at),
        "outcome": str(run.outcome),
        **counts_json(run.counts),
        "error": run.error,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def overview_text(view: Overview, zone: ZoneInfo) -> list[str]:
    lines = [f"Tình trạng lúc {moment_text(view.at, zone)}: {'bình thường' if view.healthy else 'CẦN CHÚ Ý'}"]
    for source in view.sources:
        if source.last_good_at is None:
            lines.append(f"  Nguồn {source.name}: chưa đồng bộ thành công lần nào. Chạy: connector sync")
        else:
            note = "  ← dữ liệu cũ" if source.stale else ""
            lines.append(
                f"  Nguồn {source.name}: đọc tốt lần cuối {moment_text(source.last_good_at, zone)} "
                f"({_ago(source.hours or 0)}){note}"
            )
        lines += [f"    {line}" for line in reconciliation_text(source.reconciliation)]
    for name, since, reason in view.holds:
        lines.append(f"  Chờ xử lý từ {moment_text(since, zone)}: {_hold_text(name)} ({reason})")
    findings, outbox = view.findings, view.outbox
    lines.append(f"  Phát hiện: {findings.get('open', 0)} đang mở, {findings.get('closed', 0)} đã kết thúc")
    lines.append(
        f"  Thư: {outbox.get('waiting', 0)} chờ gửi, {outbox.get('sent', 0)} đã gửi, "
        f"{outbox.get('dead', 0)} không gửi được"
    )
    lines.append(f"  Dòng không đọc được: {view.rejected}, trong lần đọc gần nhất {len(view.rejected_now)}")
    lines += [f"    {row['stream']}, {_place(row)}: {'; '.join(row['problems'])}" for row in view.rejected_now[:10]]
    files, waiting = view.files, view.quarantine
    if files:
        newest = f"; nhiệm vụ tính đến {moment_text(view.told_at, zone)}" if view.told_at else ""
        lines.append(f"  Tệp: {files.get('imported', 0)} đã nhập, {files.get('refused', 0)} bị từ chối{newest}")
    if waiting:
        lines.append(
            f"  Dòng của tệp đang chờ: {waiting.get('row', 0)} không đọc được, {waiting.get('question', 0)} cần người "
            "quyết định; xem: connector quarantine list"
        )
    if view.runs:
        lines.append("  Các lượt chạy gần nhất:")
        lines += [_run_line(run, zone) for run in view.runs]
    return lines


def _ago(hours: float) -> str:
    """``hours`` may be a little below zero after the clock was set back."""
    if hours < 1:
        return "chưa đến 1 giờ trước"
    return f"{hours:.0f} giờ trước" if hours < 48 else f"{hours / 24:.0f} ngày trước"


def _place(row: Mapping[str, Any]) -> str:
    return str(row["subject"] or f"dòng {row['position'] + 1}")


def _hold_text(name: str) -> str:
    kind, _, source = name.partition(":")
    if kind == "inbox":
        return "không dùng được thư mục nhận tệp (imports.inbox); kiểm tra quyền, ổ đĩa, rồi chạy: connector check"
    if kind == "inbox-file":
        return f"tệp “{source}” trong thư mục nhận tệp chưa nhập được, các tệp khác vẫn được nhập; sửa hoặc lấy tệp ra"
    if kind == "inbox-folder":
        return f"“{source}” trong thư mục nhận tệp không được đọc; đưa từng tệp trong đó ra ngoài, rồi xóa thư mục"
    if kind == "rules":
        return "tệp quy định (rules.file) sai, các quy định đọc trước đó vẫn áp dụng; sửa tệp, xem: connector check"
    if kind == "login":
        return f"nguồn {source} từ chối đăng nhập; kiểm tra mật khẩu rồi chạy: connector sync --retry-login"
    return f"nguồn {source} mất quá nhiều nhiệm vụ; kiểm tra rồi chạy: connector sync --full --accept-shrink"


def _run_line(run: Run, zone: ZoneInfo) -> str:
    error = f"; {run.error}" if run.error else ""
    what = f"{JOBS.get(run.job, run.job)}{' ' + run.source if run.source else ''}"
    return f"    {run.id:5d}  {moment_text(run.started_at, zone)}  {what}: {OUTCOMES[run.outcome]}{error}"


def check_text(name: str, problems: Sequence[str], note: str) -> list[str]:
    if not problems:
        return [f"Tốt  {name}{': ' + note if note else ''}"]
    return [f"LỖI  {name}", *("  - " + problem.replace("\n", "\n    ") for problem in problems)]


def check_summary(problems: int) -> str:
    if not problems:
        return "Mọi mục đều tốt."
    return f"Còn {problems} vấn đề. Sửa từng vấn đề, rồi chạy lại: connector check"
