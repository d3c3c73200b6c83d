"""The doors to the outside, as Protocols. Adapters need not inherit; jobs know nothing else of them.

Every time that passes a port is aware; moments are UTC, ``*_on`` are local dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from connector.domain.letters import Delivery, Digest, Letter
from connector.domain.records import RawRow, Stream
from connector.domain.report import MonthlyReport


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


@dataclass(frozen=True, slots=True)
class PartRequest:
    """What to read of one record beyond its list row, through which identity, and why.

    ``parts``: of a task "detail", "flow", "processors"; of a document "log", "related". ``line_id``: the assignee's
    line, needed for the detail in lists of received tasks, "" otherwise.
    """

    subject: str
    stream: Stream
    parts: frozenset[str]
    reason: str
    line_id: str = ""


@dataclass(frozen=True, slots=True)
class PartReading:
    """The answer to a PartRequest. ``failed``: part → cause, for the parts that could not be read this time."""

    request: PartRequest
    rows: tuple[RawRow, ...]
    failed: Mapping[str, str] = field(default_factory=dict)


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
