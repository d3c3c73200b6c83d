"""Between the columns of task tables and domain records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from connector.domain.history import SeenFlowRow
from connector.domain.records import ChildTask, FlowRow, Line, TaskState
from connector.domain.status import Role, Status

PART_TIMES = {
    "detail": "detail_read_at", "flow": "flow_read_at", "processors": "lines_read_at", "children": "children_read_at",
    "files": "files_read_at",
}  # fmt: skip
"""Part of a task → the column that says when it was last read."""


def state_columns(state: object) -> dict[str, Any]:
    assert isinstance(state, TaskState)
    return {
        "name": state.name, "assigner": state.assigner, "lead": state.lead, "status": str(state.status),
        "status_label": state.status_label, "assigned_on": state.assigned_on, "assigned_at": state.assigned_at,
        "due_on": state.due_on, "due_at": state.due_at, "priority": state.priority, "urged": state.urged,
        "evaluation": state.evaluation, "evaluation_note": state.evaluation_note, "content": state.content,
        "files": None if state.files is None else list(state.files),
        "lines": None if state.lines is None else [_line_json(line) for line in state.lines],
        "children": None if state.children is None else [
            [child.name, child.content, child.status_label] for child in state.children
        ],
        "completed_on": state.completed_on, "present": state.present,
    }  # fmt: skip


def state_of(row: Any) -> TaskState:
    return TaskState(
        name=row.name,
        assigner=row.assigner,
        lead=row.lead,
        status=Status(row.status),
        status_label=row.status_label,
        assigned_on=row.assigned_on,
        assigned_at=row.assigned_at,
        due_on=row.due_on,
        due_at=row.due_at,
        priority=row.priority,
        urged=row.urged,
        evaluation=row.evaluation,
        evaluation_note=row.evaluation_note,
        content=row.content,
        files=None if row.files is None else tuple(row.files),
        lines=None if row.lines is None else tuple(_line(item) for item in row.lines),
        children=None if row.children is None else tuple(ChildTask(*item) for item in row.children),
        completed_on=row.completed_on,
        present=row.present,
    )


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "name": line.name, "role": str(line.role), "role_label": line.role_label,
        "status": str(line.status), "status_label": line.status_label,
        "starts_on": line.starts_on and line.starts_on.isoformat(),
        "due_on": line.due_on and line.due_on.isoformat(),
    }  # fmt: skip


def _line(item: Mapping[str, Any]) -> Line:
    return Line(
        name=item["name"],
        role=Role(item["role"]),
        role_label=item["role_label"],
        status_label=item["status_label"],
        starts_on=_day(item["starts_on"]),
        due_on=_day(item["due_on"]),
        status=Status(item["status"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def seen_flow_of(row: Any) -> SeenFlowRow:
    return SeenFlowRow(
        FlowRow(
            author=row.author, content=row.content, status_label=row.status_label, starts_on=row.starts_on,
            due_on=row.due_on, files=tuple(row.files), digest=row.digest, occurrence=row.occurrence,
        ),
        observed_after=row.observed_after,
        observed_at=row.observed_at,
    )  # fmt: skip
