"""List rows and parts as a reading brings them."""

from __future__ import annotations

from dataclasses import replace

from connector.domain.records import FlowRow, Stream, TaskDetail, TaskRow
from connector.domain.status import Role, Status
from tests.builders import LABELS, at, day

DAGIAO = Stream("test", "ketnoi.mau", "1001", "dagiao")


def row(**fields: object) -> TaskRow:
    status = fields.get("status", Status.IN_PROGRESS)
    assert isinstance(status, Status)
    base = TaskRow(
        stream=DAGIAO,
        task_id="90001",
        line_id="",
        name="Tham mưu báo cáo mẫu",
        status=status,
        status_label=LABELS[status],
        role=Role.ASSIGNER,
        lead="Sở Y tế",
        assigner="UBND tỉnh",
        assigned_on=day("2022-02-10"),
        assigned_at=None,
        due_on=day("2022-02-18"),
        due_at=None,
        priority="Thường",
        urged=False,
        evaluation="",
        evaluation_note="",
        fetched_at=at("2022-02-15"),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def detail(**fields: object) -> TaskDetail:
    base = TaskDetail(
        "90001", "Nội dung", Status.IN_PROGRESS, LABELS[Status.IN_PROGRESS], day("2022-02-18"), (), at("2022-02-15")
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def flow_row(content: str, occurrence: int = 0) -> FlowRow:
    return FlowRow("Sở Y tế", content, LABELS[Status.IN_PROGRESS], None, None, (), content, occurrence)
