"""When the sources were read, and files: needed to say what was known at an earlier moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from connector.domain.history import TaskVersion
from connector.domain.runs import USABLE
from connector.store.columns import table
from connector.store.tables import RunRow, TaskRow
from connector.store.tables_imports import FileRowRow, ImportedFileRow
from connector.store.tables_lists import SightingRow

RUN: Table = table(RunRow)
TASK: Table = table(TaskRow)
FILE: Table = table(ImportedFileRow)
FILE_ROW: Table = table(FileRowRow)
LINE: Table = table(SightingRow)
_ON_A_LIST = exists().where(LINE.c.source == TASK.c.source, LINE.c.kind == "task", LINE.c.record_id == TASK.c.source_id)
ONLY_TOLD = and_(exists().where(FILE_ROW.c.kind == "task", FILE_ROW.c.record_id == TASK.c.id), ~_ON_A_LIST)
"""A task known from files only: no list has ever shown it."""


def known_by(run_id: ColumnElement[int], known_at: datetime) -> ColumnElement[bool]:
    """Of versions: whether they had been written. A file may tell of a moment long before it was imported."""
    later = select(RUN.c.id).where(RUN.c.job == "import", RUN.c.started_at > known_at)
    return or_(run_id.is_(None), run_id.not_in(later))


def in_force(versions: Sequence[TaskVersion], known_at: datetime | None) -> tuple[TaskVersion, ...]:
    """At an earlier moment the newest version was still in force."""
    if known_at is None:
        return tuple(versions)
    return (*versions[:-1], replace(versions[-1], until=None))


class Readings:
    """Reading times as they were known at a moment (None: now). A task keeps only its newest reading times; those of
    an earlier moment follow from the runs: every usable run read every list."""

    def __init__(self, session: Session, known_at: datetime | None) -> None:
        self._known_at = known_at
        self._starts: dict[str, list[datetime]] = {}
        self._files: dict[int, datetime | None] = {}
        self._only_told: set[int] = set()
        if known_at is None:
            return
        query = (
            select(RUN.c.source, RUN.c.started_at)
            .where(RUN.c.job == "sync", RUN.c.outcome.in_([str(one) for one in USABLE]))
            .order_by(RUN.c.started_at)
        )
        for row in session.execute(query):
            self._starts.setdefault(row.source, []).append(row.started_at)
        known = (FILE.c.read_at <= known_at) & (FILE_ROW.c.as_of <= known_at)
        told = (
            select(TASK.c.id, func.max(case((known, FILE_ROW.c.as_of))).label("as_of"), _ON_A_LIST.label("listed"))
            .join(FILE_ROW, FILE_ROW.c.record_id == TASK.c.id)
            .join(FILE, FILE.c.id == FILE_ROW.c.file_id)
            .where(FILE_ROW.c.kind == "task")
            .group_by(TASK.c.id)
        )
        for row in session.execute(told):
            self._files[row.id] = row.as_of
            if not row.listed:
                self._only_told.add(row.id)

    def last_read(self, source: str, newest: datetime | None) -> datetime | None:
        """The newest reading not after the moment; None if there was none."""
        if self._known_at is None or newest is None or newest <= self._known_at:
            return newest
        starts = self._starts.get(source, [])
        place = bisect_right(starts, self._known_at)
        return starts[place - 1] if place else None

    def last_seen(self, source: str, pk: int, newest: datetime, versions: Sequence[TaskVersion]) -> datetime:
        """The newest reading not after the moment that showed a task with these versions; a file is one for the tasks
        it shows."""
        current = versions[-1]
        if self._known_at is None or (newest <= self._known_at and pk not in self._files):
            return newest
        if not current.state.present:
            return current.observed_after or current.observed_at
        read = None if pk in self._only_told else self.last_read(source, newest)
        return max(one for one in (current.observed_at, read, self._files.get(pk)) if one is not None)
