"""Stored state x what was read -> the change to write: a new version, new progress rows, or nothing.

The times of a version say what we can prove: ``observed_after`` is the last reading that still saw the old state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from connector.domain.records import DocumentState, FlowRow, Line, TaskDetail, TaskParts, TaskState
from connector.domain.status import Role, Status
from connector.reconcile.merge import MergedTask

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A stored task with its current version and progress rows (those still shown: gone=False). ``last_seen_at``: no
    version may begin before it. ``listed_at``: when a list last showed this state; parts may have been read much later,
    and what they show says nothing of the status (UTC)."""

    pk: int
    state: TaskState
    last_seen_at: datetime
    detail_read_at: datetime | None
    flow_read_at: datetime | None
    lines_read_at: datetime | None
    flow: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    listed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    state: object
    observed_after: datetime | None
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What to write of one task. ``version``: it has changed; ``filled``: only what had never been read of it is new,
    and belongs to the version there is. ``complete``: everything wanted was read, so the list's digest may be
    remembered. ``flow_read_at`` is None when the progress rows were not read."""

    merged: MergedTask
    pk: int | None
    version: Version | None
    filled: TaskState | None
    new_flow: tuple[FlowRow, ...]
    gone_flow: tuple[tuple[str, int], ...]
    flow_after: datetime | None
    detail_read_at: datetime | None
    flow_read_at: datetime | None
    lines_read_at: datetime | None
    children_read_at: datetime | None
    files_read_at: datetime | None
    complete: bool
    parts: TaskParts | None

    @property
    def inserted(self) -> bool:
        return self.pk is None

    @property
    def updated(self) -> bool:
        return self.pk is not None and self.version is not None


def task_change(
    merged: MergedTask, stored: StoredTask | None, parts: TaskParts | None, *, complete: bool
) -> TaskChange:
    """Merge the list row and the parts over what is stored. Parts that were not read keep their stored value; a part
    is never emptied because it could not be read."""
    old = stored.state if stored else None
    state, time_of_change = _state(merged, old, parts)
    version = filled = None
    if old is not None and state != old and _only_fills(state, old):
        filled = state
    elif old is None or state != old:
        # A clock set back must not put a version before the one it follows.
        at = max(time_of_change, stored.last_seen_at) if stored else time_of_change
        version = Version(state, (stored.listed_at or stored.last_seen_at) if stored else None, at)
    flow = parts.flow if parts else None
    known = stored.flow if stored else {}
    shown = {(row.digest, row.occurrence) for row in flow or ()}
    new = tuple(row for row in flow or () if known.get((row.digest, row.occurrence), True))
    gone = () if flow is None else tuple(key for key, is_gone in known.items() if not is_gone and key not in shown)
    detail_at = parts.detail.fetched_at if parts and parts.detail else None
    parts_at = (parts.flow_read_at if parts else None) or detail_at or merged.fetched_at
    return TaskChange(
        merged=merged,
        pk=stored.pk if stored else None,
        version=version,
        filled=filled,
        new_flow=new,
        gone_flow=gone,
        flow_after=stored.flow_read_at if stored else None,
        detail_read_at=detail_at,
        flow_read_at=parts.flow_read_at if parts else None,
        lines_read_at=parts_at if parts and parts.lines is not None else None,
        children_read_at=parts_at if parts and parts.children is not None else None,
        files_read_at=parts_at if parts and parts.files is not None else None,
        complete=complete,
        parts=parts,
    )


def _state(merged: MergedTask, old: TaskState | None, parts: TaskParts | None) -> tuple[TaskState, datetime]:
    row = merged.best
    detail = parts.detail if parts else None
    status, label, at = row.status, row.status_label, row.fetched_at
    if not merged.authoritative:
        # A co-operating line may show its own status; the detail and the lead's line show the task's (F102).
        if detail is not None:
            status, label, at = _own_status(detail, parts.lines if parts else None)
        else:
            lead = _finished_lead(parts.lines if parts else None)
            if lead is not None:
                status, label = lead.status, lead.status_label
            elif old is not None:
                status, label = old.status, old.status_label
    state = TaskState(
        name=row.name,
        assigner=row.assigner,
        lead=row.lead,
        status=status,
        status_label=label,
        assigned_on=row.assigned_on,
        assigned_at=row.assigned_at,
        due_on=row.due_on,
        due_at=row.due_at,
        priority=row.priority,
        urged=row.urged,
        evaluation=row.evaluation,
        evaluation_note=row.evaluation_note,
        content=detail.content if detail else old.content if old else None,
        files=_files(parts, old),
        lines=_newest(parts.lines if parts else None, old.lines if old else None),
        children=_newest(parts.children if parts else None, old.children if old else None),
        completed_on=old.completed_on if old and status is Status.DONE else None,  # told by a file (F103)
        present=True,
    )
    if old is None or _listed(state) != _listed(old):
        return state, at
    # Only the parts differ: they were read after the list.
    later = (detail.fetched_at if detail else None, parts.flow_read_at if parts else None)
    return state, max([at, *(moment for moment in later if moment)])


def _own_status(detail: TaskDetail, lines: tuple[Line, ...] | None) -> tuple[Status, str, datetime]:
    """How a task stands that we see as a co-operating agency only. The detail may show our own line's status; where
    the lead's line says otherwise, "finished" in either of the two is believed: nobody is called late by mistake."""
    lead = _finished_lead(lines)
    if lead is not None and detail.status is not Status.DONE:
        return lead.status, lead.status_label, detail.fetched_at
    return detail.status, detail.status_label, detail.fetched_at


def _finished_lead(lines: tuple[Line, ...] | None) -> Line | None:
    leads = [line for line in lines or () if line.role is Role.LEAD]
    return leads[0] if len(leads) == 1 and leads[0].status in (Status.DONE, Status.WAIT_CONFIRM) else None


def _files(parts: TaskParts | None, old: TaskState | None) -> tuple[str, ...] | None:
    read, known = (parts.files if parts else None), (old.files if old else None)
    listed = parts.detail.files if parts and parts.detail else None
    return _newest(read, known, listed) if parts and parts.files_failed else _newest(read, listed, known)


def _newest(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


_PARTS = ("content", "files", "lines", "children")


def _listed(state: TaskState) -> TaskState:
    return replace(state, content=None, files=None, lines=None, children=None)


def _only_fills(new: TaskState, old: TaskState) -> bool:
    """Whether ``new`` differs only by parts that had never been read: that is no change of the task."""
    known = {part: getattr(old, part) for part in _PARTS}
    return _listed(new) == _listed(old) and all(
        value is None or value == getattr(new, part) for part, value in known.items()
    )


def vanish(state: TaskState) -> TaskState:
    """The version written when a task is in no list any more (F104)."""
    return replace(state, present=False)


def document_version(
    new: DocumentState, old: DocumentState | None, last_seen_at: datetime | None, fetched_at: datetime
) -> Version | None:
    """A new version, or None if no watched field changed. A document once known as secret stays secret, and no
    row tells whether it is still in force."""
    if old is not None and old.secret and not new.secret:
        new = replace(new, secret=True)
    if old is not None and new.secret is None:
        new = replace(new, secret=old.secret)
    if old is not None:  # the lists show neither files nor deadline, and not all of them show who issued it
        new = replace(
            new, files=_newest(new.files, old.files), due_on=_newest(new.due_on, old.due_on),
            outgoing=new.outgoing or old.outgoing, standing=old.standing,
        )  # fmt: skip
    if old is not None and new == old:
        return None
    return Version(new, last_seen_at, max(fetched_at, last_seen_at) if last_seen_at else fetched_at)


def only_adds(new: DocumentState, old: DocumentState) -> bool:
    """Whether ``new`` differs only by what had not been read before: that is no change of the document."""
    return replace(new, files=old.files or new.files, due_on=old.due_on or new.due_on) == new and (
        replace(new, files=old.files, due_on=old.due_on) == old
    )
