"""Records of the source in our own words. Times are aware; ``*_on`` are local dates (Asia/Ho_Chi_Minh).

A record says what was *read*. When it was read, and what we knew before, is in ``history``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from connector.domain.status import LogAction, Role, Status

Kind = Literal["task", "document"]
KINDS: tuple[Kind, ...] = ("task", "document")
Standing = Literal["", "revoked", "replaced"]
TASK_LISTS = frozenset({"dagiao", "duocgiao"})


@dataclass(frozen=True, slots=True, order=True)
class Stream:
    """One list as one identity of one account sees it, e.g. ("vnpt", "ketnoi.vp", "5501", "dagiao"). Lists of
    documents are the stores by their codes, "processed", "notify", "outdated", and searched windows
    ("issued:2022-02-01..2022-02-28")."""

    source: str
    account: str
    identity: str
    list: str

    @property
    def kind(self) -> Kind:
        return "task" if self.list in TASK_LISTS else "document"

    @property
    def reader(self) -> tuple[str, str]:
        """Account and identity: two accounts of one unit may be one identity and see different rows."""
        return (self.account, self.identity)

    def __str__(self) -> str:
        return f"{self.source}/{self.account}/{self.identity}/{self.list}"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A record as it came over the wire, with where and when (UTC) it was read.

    ``kind``: task_row, task_detail, task_flow, task_processors, task_children, task_files; document_row,
    document_log, document_related, document_files, document_detail.
    ``subject`` is the id the request was about (None for list rows); ``position`` its place in the answer (from 0).
    ``key`` tells list rows apart: (record id, line id or ""), None where the row shows no readable id.
    """

    kind: str
    stream: Stream
    payload: Any
    fetched_at: datetime
    subject: str | None = None
    position: int = 0
    key: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be read: every problem, not just the first. It is kept, counted and shown (F11)."""

    raw: RawRow
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as a list shows it to one identity. ``line_id`` is the assignee's line ("" in lists of given tasks)."""

    stream: Stream
    task_id: str
    line_id: str
    name: str
    status: Status
    status_label: str
    role: Role
    lead: str
    assigner: str
    assigned_on: date | None
    assigned_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    priority: str
    urged: bool
    evaluation: str
    evaluation_note: str
    fetched_at: datetime

    @property
    def key(self) -> tuple[Stream, str, str]:
        return (self.stream, self.task_id, self.line_id)


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """What only the detail tells: the content as plain text, the task's own status, the assigner's files."""

    task_id: str
    content: str
    status: Status
    status_label: str
    due_on: date | None
    files: tuple[str, ...]
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One assignee of a task: unit or person, role, status label and dates as shown."""

    name: str
    role: Role
    role_label: str
    status_label: str
    starts_on: date | None = None
    due_on: date | None = None
    status: Status = Status.UNKNOWN


@dataclass(frozen=True, slots=True)
class ChildTask:
    """A task given on below another one. The source shows no id of it, so it cannot be followed on its own."""

    name: str
    content: str
    status_label: str


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attachment of a document: the source's id and the file's name; the content is never read."""

    file_id: str
    name: str


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One row of a task's progress history. It carries no id and no time of its own:
    ``digest`` identifies the row, ``occurrence`` counts equal rows."""

    author: str
    content: str
    status_label: str
    starts_on: date | None
    due_on: date | None
    files: tuple[str, ...]
    digest: str
    occurrence: int = 0


@dataclass(frozen=True, slots=True)
class TaskState:
    """The watched fields of a task: a change in any of them is a version (F28).

    ``content``, ``files``, ``lines`` and ``children`` are None until they have been read. ``completed_on`` is a
    completion date *reported* by the source (exports have one, the REST API has none). ``present`` is False while the
    task is in no list we read.
    """

    name: str
    assigner: str
    lead: str
    status: Status
    status_label: str
    assigned_on: date | None
    assigned_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    priority: str = ""
    urged: bool = False
    evaluation: str = ""
    evaluation_note: str = ""
    content: str | None = None
    files: tuple[str, ...] | None = None
    lines: tuple[Line, ...] | None = None
    children: tuple[ChildTask, ...] | None = None
    completed_on: date | None = None
    present: bool = True

    @property
    def text(self) -> str | None:
        """What the task says of itself: its name, which often is all, and its content. None until that was read."""
        return None if self.content is None else f"{self.name}\n{self.content}"


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The watched fields of a document. ``outgoing``: issued by the office; otherwise it came in.
    ``secret`` is None while nobody has told us (F107); ``files`` None until read; ``due_on`` only where the detail
    may be opened (setting ``read_document_detail``). ``standing``: "" in force, otherwise withdrawn by a package of the
    issuer (F108); no list of the source tells that."""

    notation: str
    issued_on: date | None
    issuer: str
    subject: str
    urgency: str
    outgoing: bool
    secret: bool | None = None
    files: tuple[AttachedFile, ...] | None = None
    due_on: date | None = None
    present: bool = True
    standing: Standing = ""


def is_issuer(written: str, issuer: str) -> bool:
    """Whether a document's issuer is the office, whatever the case and the blanks it is written with."""
    return written.casefold().split() == issuer.casefold().split()


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as a list shows it to one identity. ``is_read``: by the person behind it; None if the row does not
    say."""

    stream: Stream
    document_id: str
    state: DocumentState
    fetched_at: datetime
    is_read: bool | None = None


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """What only the detail of a document tells; opening it may mark the document as read."""

    due_on: date | None
    secrecy_label: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of a document's activity log; ``at`` is aware. ``recipients`` only on a sending row: (part, name)
    with part XLC, PH, XEM or XYK."""

    unit: str
    action: LogAction
    action_label: str
    at: datetime
    recipients: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    occurrence: int = 0


@dataclass(frozen=True, slots=True)
class RelatedDocument:
    """A document listed as related to another one (for instance the answer to an order)."""

    document_id: str
    title: str
    dated_on: date | None


@dataclass(frozen=True, slots=True)
class TaskParts:
    """What was read of one task beyond its list row in this run. None: not read.
    ``files_failed``: the list of files was asked for in vain; the detail's shorter one must not replace it."""

    task_id: str
    detail: TaskDetail | None = None
    flow: tuple[FlowRow, ...] | None = None
    flow_read_at: datetime | None = None
    lines: tuple[Line, ...] | None = None
    children: tuple[ChildTask, ...] | None = None
    files: tuple[str, ...] | None = None
    files_failed: bool = False
    rejected: tuple[Rejected, ...] = ()
