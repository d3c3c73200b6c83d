"""One record, however many lists, accounts and lines show it (F102)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain.records import DocumentRow, Stream, TaskRow
from connector.domain.requests import Window
from connector.domain.status import Role

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
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
    """Which row speaks for the task: the one of the highest standing; ties by name, so that the choice does not depend
    on the order of reading."""
    return (standing(row.stream.list, row.role), row.stream.identity, row.stream.account, row.line_id)


def standing(name: str, role: Role) -> int:
    """Of a line in the list of that name, lowest first: the assigner's list, then the lead's line, then the others."""
    return 0 if name == "dagiao" else 1 + _RANK[role]


def is_outranked(merged: MergedTask, hidden: Iterable[tuple[str, Role]]) -> bool:
    """Whether a line that is there but could not be read, (list, role), would speak for the task rather than those that
    could. What these say of the task's status is then no news: they may well have said otherwise all the time."""
    best = standing(merged.best.stream.list, merged.best.role)
    return any(standing(*line) < best for line in hidden)


def is_authoritative(row: TaskRow) -> bool:
    return row.stream.list == "dagiao" or row.role is Role.LEAD


def by_task(rows: Iterable[TaskRow]) -> dict[str, MergedTask]:
    """All rows, grouped by task id."""
    groups: dict[str, dict[tuple[Stream, str, str], TaskRow]] = {}
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
    return hashlib.sha256(_ENCODE(fields).encode()).hexdigest()


def one_document(rows: Iterable[DocumentRow]) -> DocumentRow:
    """The row that speaks for a document: one of a list of its own before one that a search found, the searches' rows
    being shorter; ties by name. It was issued by the office if any row says so."""
    found = sorted(rows, key=lambda row: (Window.parse(row.stream.list) is not None, row.stream))
    best = found[0]
    outgoing = any(row.state.outgoing for row in found)
    return best if best.state.outgoing == outgoing else replace(best, state=replace(best.state, outgoing=outgoing))
