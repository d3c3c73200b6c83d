"""The doors to the outside, as Protocols. Adapters need not inherit; jobs know nothing else of them.

Every time that passes a port is aware; moments are UTC, ``*_on`` are local dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from connector.detect.changes import FindingChanges
from connector.domain.findings import Finding, FindingKey
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.letters import Delivery, Digest, Letter, OutboxItem
from connector.domain.records import (
    AttachedFile,
    ChildTask,
    DocumentDetail,
    DocumentRow,
    DocumentState,
    FlowRow,
    Kind,
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
from connector.domain.requests import (
    Hints,
    ListPage,
    ListRequest,
    PartReading,
    PartRequest,
    Progress,
    Term,
    Window,
)
from connector.domain.runs import Outcome, Run, RunCounts
from connector.reconcile.changes import StoredTask, TaskChange, Version
from connector.reconcile.lines import KnownLine, NewLine, SeenRecord
from connector.reconcile.payloads import Payload
from connector.reconcile.plan import KnownDocument, KnownTask, TaskContent


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""

    def local_date(self, moment: datetime) -> date:
        """The office's day of an aware moment."""


class Source(Protocol):
    """A place tasks and documents are read from; strictly read-only.

    Raises SourceUnavailable (after its retries), AuthNeeded (login refused once), SourceGarbled, SourceRefused.
    """

    name: str

    @property
    def requests(self) -> int:
        """Requests sent so far, logins and retries included."""

    @property
    def cost(self) -> Mapping[str, int]:
        """The same by endpoint."""

    def open(self) -> None:
        """Log in every account and identity."""

    def task_lists(self) -> Sequence[Stream]:
        """Every task list of every identity."""

    def document_lists(self) -> Sequence[Stream]:
        """Every document list of every identity, searched windows not among them."""

    def windows(self, windows: Sequence[Window]) -> Sequence[Stream]:
        """The lists of documents that a search by these windows finds, for every identity."""

    def pages(self, wanted: Sequence[ListRequest]) -> Iterator[list[ListPage]]:
        """Pages of these lists as they come, each list in order and to its end. Asking for more says that what came
        before is stored."""

    def parts(self, wanted: Iterable[PartRequest]) -> Iterator[PartReading]:
        """Parts of records, read side by side; in no particular order."""

    def secret_documents(self) -> frozenset[str] | None:
        """Ids of documents marked secret; None if the source cannot say."""

    def hints(self, newest: Mapping[str, str]) -> Hints:
        """What notifications name since ``newest`` (identity → notification). An identity not among them is only
        remembered. Never raises for a source that has none."""

    def vocabularies(self) -> Mapping[str, Sequence[Term]]:
        """The source's own vocabularies by name; those it will not show are left out."""

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
    def known(self, source: str, ids: Iterable[str]) -> dict[str, KnownTask]: ...
    def load(self, source: str, ids: Iterable[str]) -> dict[str, StoredTask]: ...
    def save(
        self,
        source: str,
        run_id: int,
        changes: Sequence[TaskChange],
        payloads: Mapping[str, Sequence[str]],
        reasons: Mapping[str, str],
    ) -> None: ...
    def touch(self, source: str, seen: Mapping[str, datetime]) -> None: ...
    def adopt(self, source: str, old_run: int, new_run: int) -> None: ...
    def count_visible(self, source: str) -> int: ...
    def unseen(self, source: str, run_id: int, but: Iterable[str]) -> list[str]: ...
    def mark_vanished(self, source: str, ids: Iterable[str], at: datetime, run_id: int) -> None: ...
    def unknown_labels(self, source: str) -> dict[str, int]: ...
    def contents(self, source: str) -> list[TaskContent]: ...
    def histories(self, known_at: datetime | None = None) -> list[TaskHistory]: ...


class Sightings(Protocol):
    def adopt(self, source: str, old_run: int, new_run: int) -> None: ...
    def list_request(self, stream: Stream, run_id: int, *, prove: bool) -> ListRequest | None: ...
    def keep_progress(self, stream: Stream, run_id: int, progress: Progress, at: datetime) -> None: ...
    def incomplete(self, source: str, run_id: int) -> dict[Stream, str]: ...
    def known(self, stream: Stream, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], KnownLine]: ...
    def touch(
        self, stream: Stream, keys: Sequence[tuple[str, str]], run_id: int, number: int, at: datetime
    ) -> None: ...
    def save(self, stream: Stream, lines: Iterable[NewLine], run_id: int, number: int) -> None: ...
    def seen(self, source: str, kind: Kind, run_id: int, after: str, limit: int) -> list[SeenRecord]: ...
    def rows(self, source: str, kind: Kind, run_id: int, ids: Iterable[str]) -> list[RawRow]: ...
    def settle(self, source: str, kind: Kind, run_id: int, ids: Iterable[str]) -> None: ...
    def unsettle(self, source: str) -> None: ...
    def close_unseen(self, stream: Stream, run_id: int, at: datetime) -> None: ...
    def hashes(self, source: str, kind: Kind, ids: Iterable[str]) -> dict[str, list[str]]: ...


class Memory(Protocol):
    def get(self, source: str, name: str) -> dict[str, Any] | None: ...
    def put(self, source: str, name: str, value: Mapping[str, Any], at: datetime) -> None: ...
    def vocabulary(self, source: str) -> dict[str, list[Term]]: ...
    def keep_vocabulary(self, source: str, name: str, terms: Iterable[Term], at: datetime) -> None: ...


class Documents(Protocol):
    def states(self, source: str, ids: Iterable[str]) -> dict[str, tuple[DocumentState, datetime]]: ...
    def secret_ids(self, source: str) -> frozenset[str]: ...
    def touch(self, source: str, seen: Mapping[str, datetime]) -> None: ...
    def adopt(self, source: str, old_run: int, new_run: int) -> None: ...
    def mark_read(self, source: str, document_id: str, run_id: int | None, **times: datetime) -> None: ...
    def save(
        self, source: str, run_id: int, seen: Iterable[DocumentRow], versions: Mapping[str, tuple[Version, str]]
    ) -> None: ...
    def fill_in(self, source: str, document_id: str, state: DocumentState, payload_hash: str) -> None: ...
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
    def rejected_ids(self, source: str, run_id: int) -> tuple[frozenset[str], int]: ...
    def adopt(self, source: str, old_run: int, new_run: int) -> None: ...
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
    def sightings(self) -> Sightings: ...
    @property
    def memory(self) -> Memory: ...
    @property
    def reports(self) -> Reports: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


class Normaliser(Protocol):
    """The wire's shape stops here: raw rows in, records or Rejected (with every problem) out. Pure."""

    @property
    def version(self) -> str: ...
    def task_row(self, raw: RawRow) -> TaskRow | Rejected: ...
    def task_detail(self, raw: RawRow) -> TaskDetail | Rejected: ...
    def task_flow(self, raw: RawRow) -> tuple[FlowRow, ...] | Rejected: ...
    def task_processors(self, raw: RawRow) -> tuple[Line, ...] | Rejected: ...
    def task_children(self, raw: RawRow) -> tuple[ChildTask, ...] | Rejected: ...
    def task_files(self, raw: RawRow) -> tuple[str, ...] | Rejected: ...
    def document_row(self, raw: RawRow) -> DocumentRow | Rejected: ...
    def document_files(self, raw: RawRow) -> tuple[AttachedFile, ...] | Rejected: ...
    def document_detail(self, raw: RawRow) -> DocumentDetail | Rejected: ...
    def document_log(self, raw: RawRow) -> tuple[LogEntry, ...] | Rejected: ...
    def document_related(self, raw: RawRow) -> tuple[RelatedDocument, ...] | Rejected: ...
