"""One record with where each of its values came from, and what changed when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from connector.domain.history import TaskVersion
from connector.domain.imports import ToldBy
from connector.domain.records import KINDS, Kind
from connector.errors import UsageProblem
from connector.ports import Clock, UnitOfWork


@dataclass(frozen=True, slots=True)
class Value:
    """A field as it is known. ``at``: as of when it was told last (UTC), None if nobody says. ``cell``: in ``file``;
    "" where the source itself told it."""

    field: str
    value: object
    at: datetime | None
    file: str = ""
    sheet: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """``rows``: rows of files that are the record, newest values first. ``versions``: of a task, oldest first."""

    kind: Kind
    source: str
    record_id: str
    values: tuple[Value, ...]
    rows: tuple[ToldBy, ...]
    versions: tuple[TaskVersion, ...]


def record(uow: UnitOfWork, clock: Clock, sources: Sequence[str], record_id: str) -> Record:
    """The task or document of that id. Raises UsageProblem if there is none."""
    with uow:
        for source in sources:
            for kind in KINDS:
                known = uow.imports.load(source, kind, [record_id], clock.local_date).get(record_id)
                if known is None:
                    continue
                rows = uow.imports.told_by_files(kind, known.pk)
                values = tuple(
                    _value(one.name, getattr(known.state, one.name), known.known_at.get(one.name), rows)
                    for one in fields(known.state)
                )
                versions = uow.tasks.versions(known.pk) if kind == "task" else ()
                return Record(kind, source, record_id, values, tuple(rows), versions)
    raise UsageProblem(f"no record {record_id}", argument=record_id, expected="mã của một nhiệm vụ hoặc văn bản đã lưu")


def _value(name: str, value: object, at: datetime | None, rows: Sequence[ToldBy]) -> Value:
    told = next((one for one in rows if name in one.cells and one.as_of == at), None)
    if told is None:
        return Value(name, value, at)
    return Value(name, value, at, told.file, told.sheet, told.cells[name])
