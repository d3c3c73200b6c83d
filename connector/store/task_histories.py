"""SQL of what is known of tasks over time: their versions and progress rows as domain records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from connector.domain.history import SeenFlowRow, TaskHistory, TaskVersion
from connector.domain.status import Status
from connector.normalise.exports.keys import twins_of
from connector.reconcile.plan import TaskContent
from connector.store.columns import table
from connector.store.listings import left_out
from connector.store.readings import Readings, in_force, known_by
from connector.store.tables import FlowRowRow, TaskRow, TaskVersionRow
from connector.store.task_rows import seen_flow_of, state_of

TASK: Table = table(TaskRow)
VERSION: Table = table(TaskVersionRow)
FLOW: Table = table(FlowRowRow)
CURRENT = VERSION.c.until.is_(None)


class TaskHistories:
    def __init__(self, session: Session) -> None:
        self._session = session

    def histories(self, known_at: datetime | None = None) -> list[TaskHistory]:
        """Everything known of every task, by id; with ``known_at`` (aware) only what was known at that moment,
        whatever has been read since (F31)."""
        versions: dict[int, list[TaskVersion]] = {}
        query = select(VERSION).order_by(VERSION.c.task_id, VERSION.c.id)
        flow_query = select(FLOW).order_by(FLOW.c.task_id, FLOW.c.observed_at, FLOW.c.digest)
        if known_at is not None:
            query = query.where(VERSION.c.observed_at <= known_at, known_by(VERSION.c.run_id, known_at))
            flow_query = flow_query.where(FLOW.c.observed_at <= known_at)
        for row in self._session.execute(query):
            known = versions.setdefault(row.task_id, [])
            known.append(TaskVersion(state_of(row), row.observed_after, row.observed_at, row.until))
        flow: dict[int, list[SeenFlowRow]] = {}
        for row in self._session.execute(flow_query):
            flow.setdefault(row.task_id, []).append(seen_flow_of(row))
        readings = Readings(self._session, known_at)
        missing = left_out(self._session, known_at)
        tasks = self._session.execute(select(TASK).order_by(TASK.c.source, TASK.c.source_id)).all()
        twins = twins_of(
            [(row.source, row.source_id, versions[row.id][-1].state) for row in tasks if row.id in versions]
        )
        return [
            TaskHistory(
                task_id=row.source_id,
                source=row.source,
                versions=in_force(versions[row.id], known_at),
                flow=tuple(flow.get(row.id, ())),
                last_seen_at=readings.last_seen(row.source, row.id, row.last_seen_at, versions[row.id]),
                flow_read_at=readings.last_read(row.source, row.flow_read_at),
                left_out_at=missing[row.id].at if row.id in missing else None,
                twin_id=twins.get((row.source, row.source_id), ""),
            )
            for row in tasks
            if row.id in versions
        ]

    def versions(self, pk: int) -> tuple[TaskVersion, ...]:
        """Of the task with our number ``pk``, oldest first."""
        query = select(VERSION).where(VERSION.c.task_id == pk).order_by(VERSION.c.id)
        rows = self._session.execute(query)
        return tuple(TaskVersion(state_of(row), row.observed_after, row.observed_at, row.until) for row in rows)

    def contents(self, source: str) -> list[TaskContent]:
        """The text of every task, to find the document each rests on."""
        query = (
            select(VERSION.c.status, VERSION.c.present, VERSION.c.name, VERSION.c.content, VERSION.c.observed_at)
            .join(VERSION, VERSION.c.task_id == TASK.c.id)
            .where(TASK.c.source == source, CURRENT)
        )
        return [
            TaskContent(Status(row.status), row.present, _text(row), row.observed_at)
            for row in self._session.execute(query)
        ]

    def count_versions(self) -> int:
        return self._session.scalar(select(func.count()).select_from(VERSION)) or 0


def _text(row: Any) -> str | None:
    """As ``TaskState.text``."""
    return None if row.content is None else f"{row.name}\n{row.content}"
