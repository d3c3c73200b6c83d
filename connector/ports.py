"""The doors to the outside, as Protocols. Adapters need not inherit; jobs know nothing else of them.

Every time that passes a port is aware; moments are UTC, ``*_on`` are local dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from connector.detect.changes import FindingChanges
from connector.domain.findings import Finding, FindingKey
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.letters import Delivery, Digest, Letter, OutboxItem
from connector.domain.records import (
    DocumentRow,
    DocumentState,
    FlowRow,
    Line,
    LogEntry,
    RawRow,
    Rejected,
    RelatedDocument,
    Stream,
    TaskDetail,
    TaskRow,
)
from connector.domain.report import MonthlyReport
from connector.domain.requests import PartReading, PartRequest
from connector.domain.runs import Outcome, Run, RunCounts
from connector.reconcile.changes import StoredTask, TaskChange, Version
from connector.reconcile.merge import MergedTask
from connector.reconcile.payloads import Payload
from connector.reconcile.plan import KnownDocument, KnownTask, TaskContent

__all__ = ["PartReading", "PartRequest"]  # re-exported: the sources speak in them


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""

    def local_date(self, moment: datetime) -> date:
        """The office's day of an aware moment."""


@dataclass(frozen=True, slots=True)
class ListReading:
    """A list read from its first to its last page. ``complete`` is False if it ended for another reason
    (``problem`` says which); nothing may then be taken for vanished."""

    stream: Stream
    rows: tuple[RawRow, ...]
    complete: bool = True
    problem: str = ""


class Source(Protocol):
    """A place tasks and documents are read from; strictly read-only.

    Raises SourceUnavailable (after its retries), AuthNeeded (login refused once), SourceGarbled, SourceRefused.
    """

    name: str

    @property
    def requests(self) -> int:
        """Requests sent so far, logins and retries included."""

    def open(self) -> None:
        """Log in every account and identity."""

    def task_lists(self) -> Iterator[ListReading]:
        """Every task list of every identity, each to its end."""

    def task_parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        """Details, progress rows and assignees, read side by side; in no particular order."""

    def document_lists(self) -> Iterator[ListReading]:
        """Every document store of every identity, each to its end."""

    def secret_documents(self) -> frozenset[str] | None:
        """Ids of documents marked secret; None if the source cannot say."""

    def document_parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        """Activity logs and related documents, read side by side; in no particular order."""

    def counters(self) -> Mapping[str, int]:
        """The source's own figures ("identity/NAME" → number), for comparison; may be empty."""

    def close(self) -> None:
        """Log out; never raises."""


class Mailer(Protocol):
    def send(self, letter: Letter) -> Sequence[Delivery]:
        """Hand a letter to the relay; one outcome per recipient. Raises MailUnavailable (try later), MailRefused."""

    def close(self) -> None:
        """Close the connection, if one is open; never raises."""


class LetterRenderer(Protocol):
    def digest(self, digest: Digest, created_at: datetime) -> Letter:
        """Subject, text and HTML of a digest."""


class ReportWriter(Protocol):
    def write(self, report: MonthlyReport, folder: Path) -> Mapping[str, Path]:
        """All forms of a report: "docx", "pdf", "xlsx" → file written."""


# -- the store -----------------------------------------------------------------------------------------------------


class Tasks(Protocol):
    def known(self, source: str) -> dict[str, KnownTask]: ...
    def load(self, source: str, ids: Iterable[str]) -> dict[str, StoredTask]: ...
    def save(
        self, source: str, run_id: int, changes: Sequence[TaskChange], payloads: Mapping[str, Sequence[Payload]]
    ) -> None: ...
    def touch(self, source: str, seen: Mapping[str, datetime]) -> None: ...
    def mark_vanished(self, source: str, ids: Iterable[str], at: datetime, run_id: int) -> None: ...
    def save_sightings(
        self, source: str, tasks: Iterable[MergedTask], hashes: Mapping[tuple[str, str, str, str], str]
    ) -> None: ...
    def close_sightings(self, source: str, stream: Stream, before: datetime, at: datetime) -> None: ...
    def contents(self, source: str) -> list[TaskContent]: ...
    def histories(self, known_at: datetime | None = None) -> list[TaskHistory]: ...


class Documents(Protocol):
    def states(self, source: str) -> dict[str, tuple[DocumentState, datetime]]: ...
    def save(
        self, source: str, run_id: int, seen: Iterable[DocumentRow], versions: Mapping[str, tuple[Version, str]]
    ) -> None: ...
    def save_log(self, source: str, document_id: str, entries: Sequence[LogEntry], read_at: datetime) -> None: ...
    def save_related(
        self, source: str, document_id: str, related: Sequence[RelatedDocument], read_at: datetime
    ) -> None: ...
    def known(
        self, source: str, open_tasks: frozenset[str], changed_at: Mapping[str, datetime]
    ) -> list[KnownDocument]: ...
    def histories(self, known_at: datetime | None = None) -> list[DocumentHistory]: ...


class Findings(Protocol):
    def all(self) -> dict[FindingKey, Finding]: ...
    def apply(self, changes: FindingChanges, *, at: datetime, calendar_version: str) -> None: ...
    def told(self) -> set[int]: ...
    def mark_told(self, finding_ids: Iterable[int], outbox_id: int, agency: str) -> None: ...
    def count_by_state(self) -> dict[str, int]: ...


class Outbox(Protocol):
    def add(self, letter: Letter, agency: str = "") -> int | None: ...
    def waiting(self, now: datetime) -> list[int]: ...
    def claim(self, pk: int, now: datetime, lease: timedelta) -> OutboxItem | None: ...
    def settle(
        self,
        item: OutboxItem,
        deliveries: Sequence[Delivery],
        *,
        at: datetime,
        left: Sequence[str],
        retry_at: datetime | None,
        error: str,
    ) -> None: ...
    def release(self, item: OutboxItem, *, retry_at: datetime | None, error: str) -> None: ...
    def count_by_state(self) -> dict[str, int]: ...
    def oldest_waiting(self) -> datetime | None: ...


class Runs(Protocol):
    def start(
        self, job: str, at: datetime, *, source: str = "", key: str | None = None, full: bool = False
    ) -> int | None: ...
    def finish(
        self,
        run_id: int,
        at: datetime,
        outcome: Outcome,
        counts: RunCounts,
        *,
        error: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None: ...
    def close_interrupted(self, job: str, at: datetime, source: str = "") -> int: ...
    def last(
        self, job: str, outcomes: Iterable[Outcome] = (), source: str | None = None, until: datetime | None = None
    ) -> Run | None: ...
    def last_full(self, source: str, until: datetime | None = None) -> datetime | None: ...
    def recent(self, limit: int = 20) -> list[Run]: ...
    def has_key(self, job: str, key: str) -> bool: ...


class Holds(Protocol):
    def put(self, name: str, at: datetime, reason: str) -> bool: ...
    def get(self, name: str) -> tuple[datetime, str] | None: ...
    def lift(self, name: str) -> None: ...
    def all(self) -> list[tuple[str, datetime, str]]: ...


class Raw(Protocol):
    def keep(self, payloads: Iterable[Payload], at: datetime) -> None: ...
    def reject(self, rejected: Iterable[Rejected], run_id: int) -> None: ...
    def rejected_in(self, run_id: int) -> list[dict[str, Any]]: ...
    def count_rejected(self) -> int: ...


class Reports(Protocol):
    def keep(
        self, month: str, as_of: date, made_at: datetime, figures: Mapping[str, object], files: Mapping[str, Path]
    ) -> int: ...


class UnitOfWork(Protocol):
    """``with uow: ...; uow.commit()``: all of it or nothing. What each method does is told where it is written
    (``store``); raises StoreError."""

    @property
    def tasks(self) -> Tasks: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def raw(self) -> Raw: ...
    @property
    def reports(self) -> Reports: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


class Normaliser(Protocol):
    """The wire's shape stops here: raw rows in, records or Rejected (with every problem) out. Pure."""

    def task_row(self, raw: RawRow) -> TaskRow | Rejected: ...
    def task_detail(self, raw: RawRow) -> TaskDetail | Rejected: ...
    def task_flow(self, raw: RawRow) -> tuple[FlowRow, ...] | Rejected: ...
    def task_processors(self, raw: RawRow) -> tuple[Line, ...] | Rejected: ...
    def document_row(self, raw: RawRow) -> DocumentRow | Rejected: ...
    def document_log(self, raw: RawRow) -> tuple[LogEntry, ...] | Rejected: ...
    def document_related(self, raw: RawRow) -> tuple[RelatedDocument, ...] | Rejected: ...
