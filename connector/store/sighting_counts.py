"""SQL of what a run's lists showed, counted: for the comparison with the source's own figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Table, and_, func, select
from sqlalchemy.orm import Session

from connector.domain.records import Stream
from connector.domain.status import Role, Status
from connector.reconcile.own_figures import TaskLine
from connector.store.columns import CHUNK, table
from connector.store.tables import TaskRow, TaskVersionRow
from connector.store.tables_lists import SightingRow

LINE: Table = table(SightingRow)
TASK: Table = table(TaskRow)
VERSION: Table = table(TaskVersionRow)


class SightingCounts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def count_seen(self, source: str, run_id: int) -> dict[Stream, int]:
        """List → lines the run saw in it."""
        rows = self._session.execute(
            select(LINE.c.account, LINE.c.identity, LINE.c.list, func.count().label("lines"))
            .where(LINE.c.source == source, LINE.c.seen_run_id == run_id)
            .group_by(LINE.c.account, LINE.c.identity, LINE.c.list)
        )
        return {Stream(source, row.account, row.identity, row.list): row.lines for row in rows}

    def task_lines(self, source: str, run_id: int) -> Iterator[tuple[list[TaskLine], int]]:
        """The lines of the tasks the run saw, with the state each task is in now; tasks that look alike together, with
        how many they are."""
        rows = self._session.execute(
            select(
                LINE.c.record_id, LINE.c.account, LINE.c.identity, LINE.c.list, VERSION.c.status, LINE.c.role,
                VERSION.c.assigned_on, VERSION.c.due_on,
            )
            .join(TASK, and_(TASK.c.source == LINE.c.source, TASK.c.source_id == LINE.c.record_id))
            .join(VERSION, and_(VERSION.c.task_id == TASK.c.id, VERSION.c.until.is_(None)))
            .where(LINE.c.source == source, LINE.c.kind == "task", LINE.c.seen_run_id == run_id)
            .order_by(LINE.c.record_id)
            .execution_options(yield_per=2000)
        )  # fmt: skip
        alike: Counter[tuple[Any, ...]] = Counter()
        for _, lines in groupby(rows, key=itemgetter(0)):
            alike[tuple(line[1:] for line in lines)] += 1
            if len(alike) >= CHUNK:
                yield from _lines(alike)
                alike.clear()
        yield from _lines(alike)

    def document_lines(self, source: str, run_id: int) -> list[tuple[Stream, bool | None, int]]:
        """(list, whether read, how many) of the documents the run saw."""
        rows = self._session.execute(
            select(LINE.c.account, LINE.c.identity, LINE.c.list, LINE.c.role, func.count().label("lines"))
            .where(LINE.c.source == source, LINE.c.kind == "document", LINE.c.seen_run_id == run_id)
            .group_by(LINE.c.account, LINE.c.identity, LINE.c.list, LINE.c.role)
        )
        read = {"read": True, "unread": False}
        return [(Stream(source, row.account, row.identity, row.list), read.get(row.role), row.lines) for row in rows]


def _lines(alike: Mapping[tuple[Any, ...], int]) -> Iterator[tuple[list[TaskLine], int]]:
    for lines, number in alike.items():
        yield [TaskLine((one[0], one[1]), one[2], Status(one[3]), Role(one[4]), *one[5:]) for one in lines], number
