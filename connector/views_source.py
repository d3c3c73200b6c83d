"""What a source told: a run's cost and checks, and its vocabularies; as Vietnamese text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from connector.detect.explain import CONFIDENCE
from connector.detect.links import Confidence
from connector.domain.runs import RunCounts
from connector.jobs.learn import Learnt
from connector.jobs.links import Links
from connector.jobs.sync_result import SyncResult
from connector.messages import operator_message
from connector.normalise.proposals import text_lines, toml_lines
from connector.views_problems import problem_text

OUTCOMES = {
    "ok": "thành công",
    "incomplete": "chưa đầy đủ",
    "unreconciled": "không khớp số đếm của iOffice",
    "guard_stop": "dừng để an toàn",
    "auth_needed": "cần xử lý đăng nhập",
    "failed": "thất bại",
    "interrupted": "bị ngắt giữa chừng",
    "running": "đang chạy",
}
REASONS = {
    "new": "mới",
    "full": "đọc lại toàn bộ",
    "returned": "xuất hiện trở lại",
    "changed": "danh sách cho thấy thay đổi",
    "hinted": "có thông báo",
    "co-operating view": "chỉ thấy ở vai phối hợp",
    "open": "đang mở",
    "incomplete": "lần trước chưa đọc đủ",
    "periodic": "đến kỳ đọc lại",
}
_MOST = 10


def counts_json(counts: RunCounts) -> dict[str, int]:
    return {
        "requests": counts.requests, "fetched": counts.fetched, "rejected": counts.rejected,
        "inserted": counts.inserted, "updated": counts.updated, "unchanged": counts.unchanged,
        "vanished": counts.vanished,
    }  # fmt: skip


def sync_json(result: SyncResult) -> dict[str, Any]:
    return {
        "run": result.run_id,
        "source": result.source,
        "outcome": str(result.outcome),
        "resumed": result.resumed,
        **counts_json(result.counts),
        "cost": dict(result.cost),
        "plan": dict(result.plan),
        "documents": asdict(result.documents) if result.documents else None,
        "problems": list(result.problems),
        "unknown_labels": dict(result.unknown_labels),
        "shape_changes": [change.to_json() for change in result.shape_changes],
        "reconciliation": result.reconciliation.to_json() if result.reconciliation else None,
        "error": type(result.error).__name__ if result.error else None,
        "message": operator_message(result.error) if result.error else None,
    }


def sync_text(result: SyncResult) -> list[str]:
    counts = result.counts
    lines = [f"Đồng bộ nguồn {result.source} (lượt {result.run_id}): {OUTCOMES[result.outcome]}."]
    if result.resumed is not None:
        lines.append(f"  Đọc tiếp lượt {result.resumed} bị ngắt giữa chừng; phần lượt đó đã lưu không đọc lại.")
    lines.append(
        f"  {counts.requests} yêu cầu; nhận {counts.fetched} dòng; nhiệm vụ: {counts.inserted} mới, "
        f"{counts.updated} thay đổi, {counts.unchanged} không đổi, {counts.vanished} không còn thấy."
    )
    if result.plan:
        reasons = ", ".join(f"{REASONS.get(reason, reason)} {number}" for reason, number in result.plan.items())
        lines.append(f"  Nhiệm vụ đọc chi tiết, theo lý do: {reasons}.")
    if counts.rejected:
        lines.append(f"  {counts.rejected} dòng không đọc được, đã giữ lại nguyên văn kèm lý do.")
    if result.documents is not None and not result.documents.secrecy_known:
        lines.append(
            "  Chưa xác định được văn bản nào là mật (kiểm tra sources.*.confidential_codes); "
            "trích yếu văn bản không được hiển thị trong thư."
        )
    if result.documents is not None and result.documents.skipped:
        lines.append(
            f"  {len(result.documents.skipped)} danh sách văn bản dài chỉ được đọc hết trong lượt đọc đầy đủ; "
            "văn bản mới của chúng được tìm theo ngày."
        )
    if result.documents is not None and (others := result.documents.not_followed):
        named = ", ".join(f"“{issuer}” {number}" for issuer, number in list(others.items())[:3])
        lines.append(
            f"  {sum(others.values())} văn bản đi không do office.issuer ban hành nên không được theo dõi: {named}"
            f"{', …' if len(others) > 3 else ''}."
        )
    lines += [
        f"  Trạng thái chưa được khai báo: “{label}” ({number} nhiệm vụ); thêm vào mục [vocabulary.status], "
        "hoặc chạy: connector source learn"
        for label, number in result.unknown_labels.items()
    ]
    for change in result.shape_changes:
        if change.change != "unknown_label":  # told above, with the number of tasks
            lines.append(f"  {change.sentence}")
            lines += [f"    ví dụ, bản ghi {one.record}: {one.value}" for one in change.examples]
    lines += [f"  Thiếu: {problem_text(problem)}" for problem in result.problems[:_MOST]]
    if len(result.problems) > _MOST:
        lines.append(f"  … và {len(result.problems) - _MOST} mục khác (xem --json).")
    if result.reconciliation is not None:
        lines += [f"  {line}" for line in result.reconciliation.lines()]
    return lines


def reconciliation_text(found: Mapping[str, Any] | None) -> list[str]:
    """Of a run's record."""
    from connector.reconcile.figures import Reconciliation

    return Reconciliation.from_json(found).brief() if found else []


def learnt_text(found: Learnt) -> list[str]:
    lines = [f"Nguồn {found.source}", *text_lines(found.proposals)]
    if found.missing:
        lines += ["", f"Hệ thống nguồn không cho xem: {', '.join(found.missing)}"]
    lines += ["", "Danh sách đọc được:", *(f"  {stream}" for stream in found.lists)]
    proposed = toml_lines(found.proposals)
    return [*lines, "", *(proposed or ["Mọi nhãn đã gặp đều đã được khai; không có đề xuất nào."])]


def learnt_json(found: Learnt) -> dict[str, Any]:
    proposals = found.proposals
    return {
        "source": found.source,
        "vocabularies": {
            name: [{"label": label, "code": code} for label, code in entries]
            for name, entries in proposals.lists.items()
        },
        "missing": list(found.missing),
        "lists": [str(stream) for stream in found.lists],
        "labels": [asdict(one) for one in proposals.labels],
        "toml": toml_lines(proposals),
    }


def links_text(found: Links) -> list[str]:
    counts = ", ".join(f"{CONFIDENCE[Confidence(word)]} {number}" for word, number in found.counts.items())
    lines = [f"Nhiệm vụ và văn bản: {counts}. Chỉ liên kết chắc chắn được dùng để đánh giá quy trình."]
    for one in found.shown:
        lines += [f"{one.task_id}  {one.name}", *(f"  {line}" for line in one.lines)]
    return lines


def links_json(found: Links) -> dict[str, Any]:
    shown = [{"task": one.task_id, "name": one.name, "lines": list(one.lines), **one.link} for one in found.shown]
    return {"counts": dict(found.counts), "links": shown}
