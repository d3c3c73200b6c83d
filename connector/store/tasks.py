"""SQL of tasks: identity, versions, progress rows. Returns domain records, never rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, case, exists, func, or_, select, update

from connector.domain.records import TaskState
from connector.domain.status import Status
from connector.reconcile.changes import StoredTask, TaskChange, vanish
from connector.reconcile.plan import KnownTask
from connector.store.columns import chunks, insert_rows, table, upsert
from connector.store.readings import ONLY_TOLD
from connector.store.tables_lists import SightingRow
from connector.store.task_histories import CURRENT, FLOW, TASK, VERSION, TaskHistories
from connector.store.task_rows import PART_TIMES, state_columns, state_of

LINE: Table = table(SightingRow)


class TaskStore(TaskHistories):
    # -- what is known, to plan and to compare ---------------------------------------------------------------------

    def known(self, source: str, ids: Iterable[str]) -> dict[str, KnownTask]:
        """Stored tasks by their id at the source, with as much as a plan needs."""
        read = [TASK.c[column] for column in PART_TIMES.values()]
        found: dict[str, KnownTask] = {}
        for some in chunks(ids):
            rows = self._session.execute(
                select(
                    TASK.c.source_id, TASK.c.list_digest, TASK.c.missing_since, TASK.c.authoritative,
                    TASK.c.read_run_id, VERSION.c.status, *read,
                )
                .join(VERSION, VERSION.c.task_id == TASK.c.id)
                .where(TASK.c.source == source, TASK.c.source_id.in_(some), CURRENT)
            )  # fmt: skip
            for row in rows:
                times = {part: at for part, column in PART_TIMES.items() if (at := row._mapping[column]) is not None}
                found[row.source_id] = KnownTask(
                    list_digest=row.list_digest,
                    status=Status(row.status),
                    missing=row.missing_since is not None,
                    authoritative=row.authoritative,
                    read=frozenset(times),
                    read_at=min(times.values(), default=None),
                    read_run_id=row.read_run_id,
                )
        return found

    def unknown_labels(self, source: str) -> dict[str, int]:
        """Status labels nobody has mapped → how many visible tasks show them, most frequent first (F14)."""
        rows = self._session.execute(
            select(VERSION.c.status_label, func.count().label("tasks"))
            .join(TASK, TASK.c.id == VERSION.c.task_id)
            .where(TASK.c.source == source, CURRENT, VERSION.c.present, VERSION.c.status == str(Status.UNKNOWN))
            .group_by(VERSION.c.status_label)
            .order_by(func.count().desc(), VERSION.c.status_label)
        )
        return {row.status_label: row.tasks for row in rows}

    def load(self, source: str, ids: Iterable[str]) -> dict[str, StoredTask]:
        """Current state and progress rows of some tasks."""
        found: dict[str, StoredTask] = {}
        for some in chunks(ids):
            rows = self._session.execute(
                select(TASK.c.id.label("pk"), TASK, VERSION)
                .join(VERSION, VERSION.c.task_id == TASK.c.id)
                .where(TASK.c.source == source, TASK.c.source_id.in_(some), CURRENT)
            ).all()
            flow = self._flow_keys([row.pk for row in rows])
            for row in rows:
                found[row.source_id] = StoredTask(
                    pk=row.pk,
                    state=state_of(row),
                    last_seen_at=max(row.last_seen_at, row.observed_at),  # a clock may have been set back
                    listed_at=row.last_seen_at if row.present else None,
                    detail_read_at=row.detail_read_at,
                    flow_read_at=row.flow_read_at,
                    lines_read_at=row.lines_read_at,
                    flow=flow.get(row.pk, {}),
                )
        return found

    def _flow_keys(self, pks: Sequence[int]) -> dict[int, dict[tuple[str, int], bool]]:
        keys: dict[int, dict[tuple[str, int], bool]] = {}
        query = select(FLOW.c.task_id, FLOW.c.digest, FLOW.c.occurrence, FLOW.c.gone_at).where(FLOW.c.task_id.in_(pks))
        for row in self._session.execute(query):
            keys.setdefault(row.task_id, {})[(row.digest, row.occurrence)] = row.gone_at is not None
        return keys

    # -- writing ---------------------------------------------------------------------------------------------------

    def save(
        self,
        source: str,
        run_id: int,
        changes: Sequence[TaskChange],
        payloads: Mapping[str, Sequence[str]],
        reasons: Mapping[str, str],
    ) -> None:
        """Write what was decided. ``payloads``: task id → hashes of the raw answers behind its new version;
        ``reasons``: task id → why it was read beyond its list row."""
        self._insert_new(source, run_id, [change for change in changes if change.pk is None])
        pks = self._pks(source, [change.merged.task_id for change in changes])
        self._update_identity(changes, pks, run_id, reasons)
        self._write_versions(
            [
                (pks[change.merged.task_id], change.version.observed_at, change.version.observed_after,
                 change.version.state, list(payloads.get(change.merged.task_id, ())))
                for change in changes
                if change.version is not None
            ],
            run_id,
        )  # fmt: skip
        for change in changes:
            if change.filled is not None:
                self._fill_in(pks[change.merged.task_id], change.filled, payloads.get(change.merged.task_id, ()))
        self._write_flow(changes, pks)

    def _fill_in(self, pk: int, state: TaskState, hashes: Sequence[str]) -> None:
        """The current version with what had not been read of it when it began."""
        current = (VERSION.c.task_id == pk, CURRENT)
        behind = self._session.execute(select(VERSION.c.payload_hashes).where(*current)).scalar_one()
        known = [*behind, *(one for one in hashes if one not in behind)]
        self._session.execute(update(VERSION).where(*current).values(payload_hashes=known, **state_columns(state)))

    def _insert_new(self, source: str, run_id: int, changes: Sequence[TaskChange]) -> None:
        rows = [
            {
                "source": source, "source_id": change.merged.task_id, "list_digest": "", "last_run_id": run_id,
                "read_reason": "", "authoritative": change.merged.authoritative,
                "first_seen_at": change.merged.fetched_at, "last_seen_at": change.merged.fetched_at,
            }
            for change in changes
        ]  # fmt: skip
        if rows:
            insert_rows(self._session, TASK, rows)

    def _pks(self, source: str, ids: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in chunks(ids):
            query = select(TASK.c.source_id, TASK.c.id).where(TASK.c.source == source, TASK.c.source_id.in_(some))
            found.update((row.source_id, row.id) for row in self._session.execute(query))
        return found

    def _update_identity(
        self, changes: Sequence[TaskChange], pks: Mapping[str, int], run_id: int, reasons: Mapping[str, str]
    ) -> None:
        rows = [
            {
                "b_id": pks[change.merged.task_id],
                "b_seen": change.merged.fetched_at if change.merged.authoritative or change.complete else None,
                "b_detail": change.detail_read_at,
                "b_flow": change.flow_read_at,
                "b_lines": change.lines_read_at,
                "b_children": change.children_read_at,
                "b_files": change.files_read_at,
                "b_digest": change.merged.digest if change.complete else "",  # "": to be asked for again
                "b_authoritative": change.merged.authoritative,
                "b_run": run_id,
                "b_read": run_id if change.complete else None,
                "b_reason": reasons.get(change.merged.task_id, ""),
            }
            for change in changes
        ]
        if rows:
            kept = {
                column: func.coalesce(bindparam(name, type_=TASK.c[column].type), TASK.c[column])
                for column, name in (
                    ("detail_read_at", "b_detail"), ("flow_read_at", "b_flow"), ("lines_read_at", "b_lines"),
                    ("children_read_at", "b_children"), ("files_read_at", "b_files"), ("list_digest", "b_digest"),
                    ("last_seen_at", "b_seen"),
                )
            }  # fmt: skip
            self._session.execute(
                update(TASK)
                .where(TASK.c.id == bindparam("b_id"))
                .values(
                    **kept,
                    missing_since=None,
                    authoritative=bindparam("b_authoritative"),
                    last_run_id=bindparam("b_run"),
                    read_run_id=bindparam("b_read", type_=TASK.c.read_run_id.type),
                    read_reason=bindparam("b_reason"),
                ),
                rows,
            )

    def _write_versions(
        self, versions: Sequence[tuple[int, datetime, datetime | None, object, list[str]]], run_id: int
    ) -> None:
        if not versions:
            return
        self._session.execute(
            update(VERSION).where(VERSION.c.task_id == bindparam("b_task"), CURRENT).values(until=bindparam("b_until")),
            [{"b_task": pk, "b_until": observed_at} for pk, observed_at, *_ in versions],
        )
        insert_rows(
            self._session,
            VERSION,
            [
                {
                    "task_id": pk, "observed_at": observed_at, "observed_after": observed_after, "until": None,
                    "run_id": run_id, "payload_hashes": hashes, **state_columns(state),
                }
                for pk, observed_at, observed_after, state, hashes in versions
            ],
        )  # fmt: skip

    def _write_flow(self, changes: Sequence[TaskChange], pks: Mapping[str, int]) -> None:
        new: list[dict[str, Any]] = []
        gone: list[dict[str, Any]] = []
        for change in changes:
            pk = pks[change.merged.task_id]
            new += [
                {
                    "task_id": pk, "digest": row.digest, "occurrence": row.occurrence, "author": row.author,
                    "content": row.content, "status_label": row.status_label, "starts_on": row.starts_on,
                    "due_on": row.due_on, "files": list(row.files), "observed_after": change.flow_after,
                    "observed_at": change.flow_read_at, "gone_at": None,
                }
                for row in change.new_flow
            ]  # fmt: skip
            gone += [
                {"b_task": pk, "b_digest": digest, "b_occurrence": occurrence, "b_gone": change.flow_read_at}
                for digest, occurrence in change.gone_flow
            ]
        if new:
            upsert(self._session, FLOW, new, keys=("task_id", "digest", "occurrence"), overwrite=("gone_at",))
        if gone:
            self._session.execute(
                update(FLOW)
                .where(
                    FLOW.c.task_id == bindparam("b_task"),
                    FLOW.c.digest == bindparam("b_digest"),
                    FLOW.c.occurrence == bindparam("b_occurrence"),
                )
                .values(gone_at=bindparam("b_gone")),
                gone,
            )

    def touch_seen(self, source: str, run_id: int, *, proved: bool = True) -> int:
        """Every task the run's lists show was seen; how many they are. A task counts as seen when the stalest of its
        lines was: one that could not be read this time may have changed. One with a line still pending was not brought
        up to date with it. One of which only a co-operating line is in sight counts only if its parts were read
        (``proved``: those that say how the task itself stands)."""
        mine = (LINE.c.source == source, LINE.c.kind == "task", LINE.c.seen_run_id == run_id)
        of_task = (*mine, LINE.c.record_id == TASK.c.source_id)
        stalest = case((func.max(case((LINE.c.pending, 1), else_=0)) == 0, func.min(LINE.c.last_seen_at)))
        seen = func.coalesce(select(stalest).where(*of_task).scalar_subquery(), TASK.c.last_seen_at)
        shown = select(LINE.c.record_id).where(*mine)
        listed = and_(TASK.c.source == source, TASK.c.source_id.in_(shown))
        stands = or_(TASK.c.authoritative, TASK.c.read_run_id == run_id) if proved else TASK.c.authoritative
        self._session.execute(update(TASK).where(listed, stands).values(last_seen_at=seen))
        return self._session.scalar(select(func.count()).select_from(TASK).where(listed)) or 0

    def adopt(self, source: str, old_run: int, new_run: int) -> None:
        """What an interrupted run read counts as read by the one that goes on for it."""
        self._session.execute(
            update(TASK).where(TASK.c.source == source, TASK.c.read_run_id == old_run).values(read_run_id=new_run)
        )

    def count_visible(self, source: str) -> int:
        """Tasks that lists have shown and that have not vanished; what only files told cannot vanish from a list."""
        query = (
            select(func.count())
            .select_from(TASK)
            .where(TASK.c.source == source, TASK.c.missing_since.is_(None), ~ONLY_TOLD)
        )
        return self._session.scalar(query) or 0

    def unseen(self, source: str, run_id: int, but: Iterable[str]) -> list[str]:
        """Visible tasks that lists have shown, and none of the run; without those in ``but``."""
        seen = exists().where(
            LINE.c.source == source, LINE.c.kind == "task", LINE.c.record_id == TASK.c.source_id,
            LINE.c.seen_run_id == run_id,
        )  # fmt: skip
        visible = (TASK.c.source == source, TASK.c.missing_since.is_(None), ~ONLY_TOLD)
        query = select(TASK.c.source_id).where(*visible, ~seen)
        left = set(but)
        return [row.source_id for row in self._session.execute(query) if row.source_id not in left]

    def mark_vanished(self, source: str, ids: Iterable[str], at: datetime, run_id: int) -> None:
        """Tasks that are in no list any more get a version with ``present`` false; nothing is deleted (F08)."""
        for some in chunks(ids):
            stored = self.load(source, some)
            self._write_versions(
                [
                    (task.pk, max(at, task.last_seen_at), task.last_seen_at, vanish(task.state), [])
                    for task in stored.values()
                ],
                run_id,
            )
            if stored:
                self._session.execute(
                    update(TASK).where(TASK.c.id == bindparam("b_id")).values(missing_since=at, last_run_id=run_id),
                    [{"b_id": task.pk} for task in stored.values()],
                )
