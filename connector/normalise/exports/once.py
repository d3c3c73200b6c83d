"""Rows of one file that are the same record: kept once, counted; rows that contradict each other are refused. Pure.

What one of them leaves empty another may tell. What both tell must be equal: which of two is right only a person knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar

from connector.domain.records import Line
from connector.domain.status import Role, Status
from connector.normalise.exports.keys import DocumentKey, Fit, TaskKey
from connector.normalise.exports.records import ExportDocument, ExportTask

R = TypeVar("R", ExportTask, ExportDocument)
_NOT_COMPARED = frozenset({"lines", "status_label"})
"""They follow from other fields."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rows of one record that say different things, or that do not tell which of several it is. ``fields``: in which
    they differ. ``beside``: rows that are all right in themselves."""

    rows: tuple[int, ...]
    fields: tuple[str, ...]
    beside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Across:
    """Rows of one record on several sheets that say different things. ``places``: (number of the sheet, row)."""

    places: tuple[tuple[int, int], ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Once(Generic[R]):
    """``repeated``: (row, row it repeats). ``helpers``: row of a task → rows of co-operating units that went into it.
    ``alone``: rows of such units whose task has no row of a lead that could be used."""

    records: tuple[R, ...]
    repeated: tuple[tuple[int, int], ...]
    contradicting: tuple[Contradiction, ...]
    helpers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    alone: tuple[R, ...] = ()


def tasks_once(
    tasks: Sequence[ExportTask], keys: Mapping[int, TaskKey], settled: Collection[str] = ()
) -> Once[ExportTask]:
    """``keys``: of each row. ``settled``: answer ids of rows that a person has told apart. An export with a row for
    each unit shows a task several times; the rows of co-operating units have no lead and go into the row of the one
    that has."""
    helping = [task for task in tasks if task.role is not Role.LEAD and not task.state.lead]
    rows = {task.row for task in helping}
    groups = _grouped((task for task in tasks if task.row not in rows), keys, settled)
    unclear = list(_into_their_documents(groups, keys))
    once = _once(groups.values())
    usable: dict[Hashable, list[ExportTask]] = {}
    for task in once.records if helping else ():
        usable.setdefault(_without_lead(keys[task.row]), []).append(task)
    helpers: dict[int, list[ExportTask]] = {}
    alone: dict[Hashable, ExportTask] = {}
    for task in helping:
        key = _without_lead(keys[task.row])
        found = usable.get(key, ())
        first = found[0] if len(found) == 1 else alone.setdefault(key, task)
        if first is not task:
            helpers.setdefault(first.row, []).append(task)
    return Once(
        tuple(_with_helpers(once.records, helpers)),
        tuple(sorted((*once.repeated, *((one.row, row) for row, some in helpers.items() for one in some)))),
        (*once.contradicting, *unclear),
        {row: tuple(one.row for one in some) for row, some in helpers.items()},
        tuple(_with_helpers(alone.values(), helpers)),
    )


def documents_once(
    documents: Sequence[ExportDocument], keys: Mapping[int, DocumentKey], settled: Collection[str] = ()
) -> Once[ExportDocument]:
    """As ``tasks_once``."""
    return _once(_grouped(documents, keys, settled).values())


def across(sheets: Sequence[tuple[Sequence[Any], Mapping[int, Any]]]) -> list[Across]:
    """Records that several sheets of one file show, as of one moment, and tell differently. ``sheets``: records of one
    kind, and their keys."""
    if len(sheets) < 2:
        return []
    met: dict[Hashable, list[tuple[int, Any]]] = {}
    for number, (records, keys) in enumerate(sheets):
        for one in records:
            met.setdefault(_loosely(keys[one.row]), []).append((number, one))
    found = []
    for places in met.values():
        if len({number for number, _ in places}) < 2:
            continue
        counts: Counter[str] = Counter()
        for place, (number, one) in enumerate(places):
            for other_number, other in places[place + 1 :]:
                key, other_key = sheets[number][1][one.row], sheets[other_number][1][other.row]
                if key.record_id or key.fit(other_key) >= Fit.PART:
                    counts.update(_differing(one, other))
        if counts:
            found.append(Across(tuple((number, one.row) for number, one in places), tuple(sorted(counts))))
    return found


def _grouped(records: Iterable[R], keys: Mapping[int, Any], settled: Collection[str]) -> dict[Hashable, list[R]]:
    groups: dict[Hashable, list[R]] = {}
    for record in records:
        key = keys[record.row]
        identity = key.answer_id if settled and key.answer_id in settled else key.record_id or _identity(key)
        groups.setdefault(identity, []).append(record)
    return groups


def _identity(key: TaskKey | DocumentKey) -> Hashable:
    """What makes two rows without an id one record."""
    if isinstance(key, DocumentKey):
        return (key.notation, key.issued_on, key.issuer)
    return (key.name, key.lead, key.assigned_on, key.documents)


def _loosely(key: TaskKey | DocumentKey) -> Hashable:
    """Rows of one record have this in common, and others may."""
    if key.record_id:
        return key.record_id
    return (key.name, key.lead, key.assigned_on) if isinstance(key, TaskKey) else (key.notation, key.issued_on)


def _without_lead(key: TaskKey) -> Hashable:
    return key.record_id or (key.name, key.documents, key.assigned_on)


def _into_their_documents(
    groups: dict[Hashable, list[ExportTask]], keys: Mapping[int, TaskKey]
) -> Iterable[Contradiction]:
    """A row that does not name its document is the one of its name, lead and day that does; of several, nobody knows
    which."""
    alike: dict[Hashable, list[Hashable]] = {}
    for identity, group in groups.items():
        key = keys[group[0].row]
        if isinstance(identity, tuple):
            alike.setdefault((key.name, key.lead, key.assigned_on), []).append(identity)
    for identities in alike.values():
        named = [one for one in identities if keys[groups[one][0].row].documents]
        if not named or len(named) == len(identities):
            continue
        (unnamed,) = set(identities) - set(named)
        group = groups.pop(unnamed)
        if len(named) == 1:
            groups[named[0]] += group
        else:
            beside = tuple(task.row for one in named for task in groups[one])
            yield Contradiction(tuple(task.row for task in group), ("source_notation",), beside)


def _once(groups: Iterable[Sequence[R]]) -> Once[R]:
    records: list[R] = []
    repeated: list[tuple[int, int]] = []
    contradicting: list[Contradiction] = []
    for group in groups:
        if len(group) == 1:
            records.append(group[0])
            continue
        fullest = max(group, key=lambda one: (_told(one), -one.row))
        others = [one for one in group if one is not fullest]
        differing = {
            name for place, one in enumerate(group) for two in group[place + 1 :] for name in _differing(one, two)
        }
        if differing:
            contradicting.append(Contradiction(tuple(sorted(one.row for one in group)), tuple(sorted(differing))))
        else:
            for one in others:
                fullest = _filled(fullest, one)
            records.append(fullest)
            repeated += [(one.row, fullest.row) for one in others]
    return Once(tuple(sorted(records, key=lambda one: one.row)), tuple(repeated), tuple(contradicting))


def _values(record: ExportTask | ExportDocument) -> dict[str, Any]:
    """What the row tells: field → value, without those it leaves empty. The text of a task is told without its
    document, which has a column of its own."""
    state = record.state
    found = {one.name: getattr(state, one.name) for one in fields(state) if one.name not in _NOT_COMPARED}
    if isinstance(record, ExportTask):
        words = record.document.words if record.document else ""
        found["content"] = (found["content"] or "").removesuffix(words).rstrip("\n")
        found["cooperating"] = record.cooperating
        if record.state.status is Status.UNKNOWN:
            found["status"] = record.state.status_label
    return {name: value for name, value in found.items() if value not in (None, "", (), False)}


def _told(record: ExportTask | ExportDocument) -> int:
    return len(_values(record)) + bool(isinstance(record, ExportTask) and record.document)


def _differing(one: R, other: R) -> list[str]:
    told, also = _values(one), _values(other)
    return [name for name, value in told.items() if name in also and also[name] != value]


def _filled(record: R, other: R) -> R:
    """With what only the other row tells."""
    told, also = _values(record), _values(other)
    missing = {name: also[name] for name in also.keys() - told.keys() - {"cooperating", "content", "status"}}
    if isinstance(record, ExportTask) and isinstance(other, ExportTask) and "status" in also and "status" not in told:
        missing |= {"status": other.state.status, "status_label": other.state.status_label}
    return replace(record, state=replace(record.state, **missing)) if missing else record


def _with_helpers(tasks: Iterable[ExportTask], helpers: Mapping[int, Sequence[ExportTask]]) -> Iterable[ExportTask]:
    return (_helped(one, helpers[one.row]) if one.row in helpers else one for one in tasks)


def _helped(task: ExportTask, rows: Sequence[ExportTask]) -> ExportTask:
    names = tuple(name for one in rows for name in one.cooperating)
    lines = tuple(Line(name, Role.COOPERATING, "", "") for name in names)
    state = replace(task.state, lines=(*(task.state.lines or ()), *lines))
    return replace(task, state=state, cooperating=(*task.cooperating, *names))
