"""Rows of one file that are the same record: kept once, counted; rows that contradict each other are refused. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Generic, TypeVar

from connector.domain.records import DocumentState, Line, TaskState
from connector.domain.status import Role
from connector.normalise.exports.records import ExportDocument, ExportTask

R = TypeVar("R", ExportTask, ExportDocument)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rows with one key that say different things. ``fields``: in which they differ."""

    rows: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Once(Generic[R]):
    """``repeated``: (row, row it repeats), and the rows of cooperating units that went into their task's."""

    records: tuple[R, ...]
    repeated: tuple[tuple[int, int], ...]
    contradicting: tuple[Contradiction, ...]


def tasks_once(tasks: Sequence[ExportTask], key_of: Mapping[int, Hashable]) -> Once[ExportTask]:
    """``key_of``: row → what makes two rows one task. An export with a row for each unit shows a task several times;
    the rows of cooperating units have no lead and go into the row of the one that has."""
    helpers = {task.row: task for task in tasks if task.role is not Role.LEAD and not task.state.lead}
    groups = _grouped((task for task in tasks if task.row not in helpers), key_of)
    leads: dict[Hashable, list[Hashable]] = {}
    for key, group in groups.items():
        leads.setdefault(_without_lead(group[0]), []).append(key)
    repeated = []
    alone = []
    for task in helpers.values():
        found = leads.get(_without_lead(task), ())
        if len(found) == 1:
            first = groups[found[0]][0]
            groups[found[0]] = [_helped(one, task.cooperating) for one in groups[found[0]]]
            repeated.append((task.row, first.row))
        else:
            alone.append(task)
    once = _once([*groups.values(), *([task] for task in alone)])
    return replace(once, repeated=tuple(sorted((*once.repeated, *repeated))))


def documents_once(documents: Sequence[ExportDocument], key_of: Mapping[int, Hashable]) -> Once[ExportDocument]:
    """``key_of``: row → what makes two rows one document."""
    return _once(_grouped(documents, key_of).values())


def _grouped(records: Iterable[R], key_of: Mapping[int, Hashable]) -> dict[Hashable, list[R]]:
    groups: dict[Hashable, list[R]] = {}
    for record in records:
        groups.setdefault(key_of[record.row], []).append(record)
    return groups


def _once(groups: Iterable[Sequence[R]]) -> Once[R]:
    records: list[R] = []
    repeated: list[tuple[int, int]] = []
    contradicting: list[Contradiction] = []
    for group in groups:
        first, *others = group
        differing = {name for one in others for name in _differing(first.state, one.state)}
        if differing:
            contradicting.append(Contradiction(tuple(one.row for one in group), tuple(sorted(differing))))
        else:
            records.append(first)
            repeated += [(one.row, first.row) for one in others]
    return Once(tuple(sorted(records, key=lambda one: one.row)), tuple(repeated), tuple(contradicting))


def _differing(one: TaskState | DocumentState, other: TaskState | DocumentState) -> list[str]:
    return [field.name for field in fields(one) if getattr(one, field.name) != getattr(other, field.name)]


def _without_lead(task: ExportTask) -> Hashable:
    return task.task_id or (task.state.name, task.document, task.state.assigned_on)


def _helped(task: ExportTask, names: tuple[str, ...]) -> ExportTask:
    lines = tuple(Line(name, Role.COOPERATING, "", "") for name in names)
    state = replace(task.state, lines=(*(task.state.lines or ()), *lines))
    return replace(task, state=state, cooperating=(*task.cooperating, *names))
