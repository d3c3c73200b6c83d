"""SQL of runs, holds, unreadable rows, payloads and made reports: the connector's own book-keeping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, case, exists, func, insert, select, update
from sqlalchemy.orm import Session

from connector.domain.records import Rejected
from connector.domain.runs import USABLE, Outcome, Run, RunCounts
from connector.reconcile.payloads import Payload, payload_of
from connector.store.columns import insert_if_new, table, upsert
from connector.store.tables import HoldRow, ReportRow, RunRow
from connector.store.tables_lists import PayloadRow, RejectedRow, SightingRow

RUN: Table = table(RunRow)
HOLD: Table = table(HoldRow)
REJECTED: Table = table(RejectedRow)
PAYLOAD: Table = table(PayloadRow)
REPORT: Table = table(ReportRow)
LINE: Table = table(SightingRow)


class RunStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def start(
        self, job: str, at: datetime, *, source: str = "", key: str | None = None, full: bool = False
    ) -> int | None:
        """Open a run; None if a run with this key exists (two daemons, or a restart)."""
        values: dict[str, Any] = {
            "job": job, "key": key, "source": source, "started_at": at, "full": full,
            "outcome": str(Outcome.RUNNING), "detail": {},
        }  # fmt: skip
        return insert_if_new(self._session, RUN, values, keys=("job", "key"))

    def finish(
        self,
        run_id: int,
        at: datetime,
        outcome: Outcome,
        counts: RunCounts,
        *,
        error: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Close a run with its figures. ``detail`` must be JSON-able. A failed run gives its key back, so that the
        job can be tried again."""
        key = {"key": None} if outcome is Outcome.FAILED else {}
        self._session.execute(
            update(RUN)
            .where(RUN.c.id == run_id)
            .values(
                **key,
                finished_at=at, outcome=str(outcome), error=error, detail=dict(detail or {}),
                requests=counts.requests, fetched=counts.fetched, rejected=counts.rejected, inserted=counts.inserted,
                updated=counts.updated, unchanged=counts.unchanged, vanished=counts.vanished,
            )
        )  # fmt: skip

    def close_interrupted(self, job: str, at: datetime, source: str = "") -> int:
        """Runs that were cut off (kill, power): they are marked, never forgotten."""
        result = self._session.execute(
            update(RUN)
            .where(RUN.c.job == job, RUN.c.source == source, RUN.c.finished_at.is_(None))
            .values(outcome=str(Outcome.INTERRUPTED), finished_at=at, key=None)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]

    def last(
        self, job: str, outcomes: Iterable[Outcome] = (), source: str | None = None, until: datetime | None = None
    ) -> Run | None:
        """The newest run of a job, with one of ``outcomes`` if any are named. ``until``: begun no later than that; a
        run "in the future" was made while the clock was wrong."""
        query = select(RUN).where(RUN.c.job == job)
        if wanted := [str(outcome) for outcome in outcomes]:
            query = query.where(RUN.c.outcome.in_(wanted))
        if source is not None:
            query = query.where(RUN.c.source == source)
        if until is not None:
            query = query.where(RUN.c.started_at <= until)
        row = self._session.execute(query.order_by(RUN.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else _run(row)

    def last_full(self, source: str, until: datetime | None = None) -> datetime | None:
        """When the newest usable full reading of a source began, no later than ``until``."""
        found: datetime | None = self._session.scalar(
            select(func.max(RUN.c.started_at)).where(
                RUN.c.job == "sync",
                RUN.c.source == source,
                RUN.c.full.is_(True),
                RUN.c.outcome.in_([str(one) for one in USABLE]),
                *([] if until is None else [RUN.c.started_at <= until]),
            )
        )
        return found

    def recent(self, limit: int = 20) -> list[Run]:
        """The newest runs of all jobs, newest first."""
        return [_run(row) for row in self._session.execute(select(RUN).order_by(RUN.c.id.desc()).limit(limit))]

    def has_key(self, job: str, key: str) -> bool:
        found = self._session.scalar(select(RUN.c.id).where(RUN.c.job == job, RUN.c.key == key))
        return found is not None


class HoldStore:
    """What waits for an operator."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, name: str, at: datetime, reason: str) -> bool:
        """True if the hold is new: only then is the admin told."""
        if self.get(name) is not None:
            return False
        self._session.execute(insert(HOLD).values(name=name, since=at, reason=reason))
        return True

    def get(self, name: str) -> tuple[datetime, str] | None:
        row = self._session.execute(select(HOLD).where(HOLD.c.name == name)).one_or_none()
        return None if row is None else (row.since, row.reason)

    def lift(self, name: str) -> None:
        self._session.execute(HOLD.delete().where(HOLD.c.name == name))

    def all(self) -> list[tuple[str, datetime, str]]:
        rows = self._session.execute(select(HOLD).order_by(HOLD.c.since))
        return [(row.name, row.since, row.reason) for row in rows]


class RawStore:
    """Raw answers and rows that could not be read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, payloads: Iterable[Payload], at: datetime) -> None:
        """Each content once."""
        rows = {one.hash: {"hash": one.hash, "body": one.body, "first_seen_at": at} for one in payloads}
        if rows:
            upsert(self._session, PAYLOAD, list(rows.values()), keys=("hash",))

    def reject(self, rejected: Iterable[Rejected], run_id: int) -> None:
        """Keep unreadable rows with every problem; the same row met again is one entry."""
        rows = []
        payloads = []
        for item in rejected:
            payload = payload_of(item.raw.payload)
            payloads.append(payload)
            rows.append(
                {
                    "source": item.raw.stream.source, "kind": item.raw.kind, "stream": str(item.raw.stream),
                    "subject": item.raw.subject or (item.raw.key[0] if item.raw.key else None),
                    "position": item.raw.position, "payload_hash": payload.hash,
                    "problems": list(item.problems), "first_run_id": run_id, "last_run_id": run_id,
                    "first_seen_at": item.raw.fetched_at, "last_seen_at": item.raw.fetched_at,
                }
            )  # fmt: skip
        if rows:
            self.keep(payloads, rows[0]["first_seen_at"])  # type: ignore[arg-type]
            upsert(self._session, REJECTED, rows, keys=("source", "kind", "stream", "payload_hash"),
                   overwrite=("problems", "last_run_id", "last_seen_at", "position"))  # fmt: skip

    def rejected_in(self, run_id: int) -> list[dict[str, Any]]:
        """Unreadable rows a run met: kind, stream, position in the list (from 0), subject, problems."""
        rows = self._session.execute(select(REJECTED).where(REJECTED.c.last_run_id == run_id).order_by(REJECTED.c.id))
        return [
            {
                "kind": row.kind, "stream": row.stream, "position": row.position, "subject": row.subject,
                "problems": row.problems,
            }
            for row in rows
        ]  # fmt: skip

    def rejected_ids(self, source: str, run_id: int) -> tuple[frozenset[str], int]:
        """Of the list rows of tasks a run could not read: the ids they show, and how many show none."""
        query = select(REJECTED.c.subject).where(
            REJECTED.c.source == source, REJECTED.c.last_run_id == run_id, REJECTED.c.kind == "task_row"
        )
        found = [row.subject for row in self._session.execute(query)]
        return frozenset(one for one in found if one is not None), found.count(None)

    def rejected_by_list(self, source: str, run_id: int) -> dict[str, tuple[int, int]]:
        """List → rows of it that the run could not read, and how many of them stand for no line seen."""
        seen = exists().where(
            LINE.c.source == source, LINE.c.seen_run_id == run_id, LINE.c.record_id == REJECTED.c.subject
        )
        beyond = func.sum(case((seen, 0), else_=1)).label("beyond")
        query = select(REJECTED.c.stream, func.count().label("rows"), beyond).where(
            REJECTED.c.source == source, REJECTED.c.last_run_id == run_id, REJECTED.c.kind.like("%\\_row", escape="\\")
        )
        rows = self._session.execute(query.group_by(REJECTED.c.stream))
        return {row.stream: (row.rows, row.beyond) for row in rows}

    def adopt(self, source: str, old_run: int, new_run: int) -> None:
        """A run goes on for an interrupted one: what that one could not read is its own."""
        mine = (REJECTED.c.source == source, REJECTED.c.last_run_id == old_run)
        self._session.execute(update(REJECTED).where(*mine).values(last_run_id=new_run))

    def body(self, payload_hash: str) -> str | None:
        found: str | None = self._session.scalar(select(PAYLOAD.c.body).where(PAYLOAD.c.hash == payload_hash))
        return found

    def count_rejected(self) -> int:
        return self._session.scalar(select(func.count()).select_from(REJECTED)) or 0


class ReportStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(
        self, month: str, as_of: date, made_at: datetime, figures: Mapping[str, Any], files: Mapping[str, Path]
    ) -> int:
        result = self._session.execute(
            insert(REPORT).values(
                month=month, as_of=as_of, made_at=made_at, figures=dict(figures),
                files={form: str(path) for form, path in files.items()},
            ).returning(REPORT.c.id)
        )  # fmt: skip
        return int(result.scalar_one())

    def latest(self, month: str) -> dict[str, Any] | None:
        row = self._session.execute(
            select(REPORT).where(REPORT.c.month == month).order_by(REPORT.c.id.desc()).limit(1)
        ).one_or_none()
        return None if row is None else {"made_at": row.made_at, "as_of": row.as_of, "files": row.files}


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        job=row.job,
        key=row.key,
        source=row.source,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=Outcome(row.outcome),
        counts=RunCounts(
            row.requests, row.fetched, row.rejected, row.inserted, row.updated, row.unchanged, row.vanished
        ),
        full=row.full,
        error=row.error,
        detail=row.detail,
    )
