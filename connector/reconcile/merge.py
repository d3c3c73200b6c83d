"""One task, however many lists, accounts and lines show it (F102)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connector.domain.records import Rejected, TaskRow
from connector.domain.status import Role

_RANK = {Role.LEAD: 1, Role.UNKNOWN: 2, Role.INFORMED: 3, Role.COOPERATING: 4, Role.ASSIGNER: 0}


@dataclass(frozen=True, slots=True)
class MergedTask:
    """``best`` is the row whose fields we take; ``authoritative`` says whether its status is the task's own, or
    perhaps only that of a co-operating line (then the detail's status decides)."""

    task_id: str
    best: TaskRow
    rows: tuple[TaskRow, ...]
    authoritative: bool
    digest: str

    @property
    def fetched_at(self) -> datetime:
        return self.best.fetched_at


def rank(row: TaskRow) -> tuple[int, str, str, str]:
    """Which row speaks for the task: the assigner's list first, then the lead's line, then the others; ties by name,
    so that the choice does not depend on the order of reading."""
    own = 0 if row.stream.list == "dagiao" else 1 + _RANK[row.role]
    return (own, row.stream.identity, row.stream.account, row.line_id)


def is_authoritative(row: TaskRow) -> bool:
    return row.stream.list == "dagiao" or row.role is Role.LEAD


def by_task(rows: Iterable[TaskRow]) -> dict[str, MergedTask]:
    """All rows, grouped by task id."""
    groups: dict[str, dict[tuple[str, str, str, str], TaskRow]] = {}
    for row in rows:
        groups.setdefault(row.task_id, {})[row.key] = row
    return {task_id: _merge(task_id, group.values()) for task_id, group in groups.items()}


def _merge(task_id: str, group: Iterable[TaskRow]) -> MergedTask:
    rows = sorted(group, key=rank)
    best = rows[0]
    return MergedTask(
        task_id=task_id,
        best=best,
        rows=tuple(rows),
        authoritative=is_authoritative(best),
        digest=_digest(best),
    )


def _digest(row: TaskRow) -> str:
    """Of what the list says of the task, whoever showed it: a change means the parts must be read again."""
    fields = [
        row.name, row.status_label, row.lead, row.assigner, str(row.assigned_at or row.assigned_on),
        str(row.due_at or row.due_on), row.priority, row.urged, row.evaluation, row.evaluation_note,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RejectedIds:
    """Tasks whose list row could not be read are still there: they must not be taken for vanished. ``unnamed``: how
    many rows did not even show an id."""

    ids: frozenset[str]
    unnamed: int


def rejected_ids(rejected: Iterable[Rejected]) -> RejectedIds:
    ids: set[str] = set()
    unnamed = 0
    for item in rejected:
        payload = item.raw.payload
        value = payload.get("id") if isinstance(payload, dict) else None
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            unnamed += 1
        else:
            ids.add(str(value).strip())
    return RejectedIds(frozenset(ids), unnamed)
