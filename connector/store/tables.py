"""SQLModel rows of records and of our own work; they never leave this folder. Moments are aware UTC, ``*_on`` local
dates. Rows of lists and raw answers are in ``tables_lists``.

A record has a row of identity and reading times (``task``, ``document``) and versions of its watched fields
(``*_version``), of which the one with ``until IS NULL`` is current. Nothing is deleted: a task gone from every list
gets a version with ``present = false``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from connector.store import columns  # noqa: F401  names of constraints

CURRENT = text("until IS NULL")


class RunRow(SQLModel, table=True):
    """Every run of every job, failed ones too. ``key`` makes a scheduled run unique ("2022-02" of the report)."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("job", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    job: str = Field(index=True)
    key: str | None = None
    source: str = ""
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = "running"
    full: bool = False
    requests: int = 0
    fetched: int = 0
    rejected: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0
    error: str = ""
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class TaskRow(SQLModel, table=True):
    """``read_run_id``, ``read_reason``: the run that last read more than the list row, and why it did.
    ``authoritative``: whether a list shows the task's own status, or only that of a co-operating line."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("source", "source_id"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    missing_since: datetime | None = None
    list_digest: str = ""
    detail_read_at: datetime | None = None
    flow_read_at: datetime | None = None
    lines_read_at: datetime | None = None
    children_read_at: datetime | None = None
    files_read_at: datetime | None = None
    last_run_id: int | None = None
    read_run_id: int | None = None
    read_reason: str = ""
    authoritative: bool = True


class TaskVersionRow(SQLModel, table=True):
    __tablename__ = "task_version"
    __table_args__ = (
        Index("uq_task_version_current", "task_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
        Index("ix_task_version_task_id_observed_at", "task_id", "observed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id")
    observed_after: datetime | None = None
    observed_at: datetime
    until: datetime | None = None
    run_id: int | None = None
    payload_hashes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    name: str
    assigner: str
    lead: str
    status: str
    status_label: str
    assigned_on: date | None = None
    assigned_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    priority: str = ""
    urged: bool = False
    evaluation: str = ""
    evaluation_note: str = ""
    content: str | None = None
    files: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    lines: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    children: list[list[str]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    completed_on: date | None = None
    present: bool = True


class FlowRowRow(SQLModel, table=True):
    """A progress row of a task, kept also after it is gone from the source."""

    __tablename__ = "flow_row"

    task_id: int = Field(primary_key=True, foreign_key="task.id")
    digest: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    author: str
    content: str
    status_label: str
    starts_on: date | None = None
    due_on: date | None = None
    files: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    observed_after: datetime | None = None
    observed_at: datetime
    gone_at: datetime | None = None


class DocumentRow(SQLModel, table=True):
    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("source", "source_id"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    identity: str
    account: str
    list: str
    log_read_at: datetime | None = None
    related_read_at: datetime | None = None
    files_read_at: datetime | None = None
    detail_read_at: datetime | None = None
    read_run_id: int | None = None


class DocumentVersionRow(SQLModel, table=True):
    __tablename__ = "document_version"
    __table_args__ = (
        Index(
            "uq_document_version_current", "document_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    observed_after: datetime | None = None
    observed_at: datetime
    until: datetime | None = None
    run_id: int | None = None
    payload_hashes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    notation: str
    issued_on: date | None = None
    issuer: str
    subject: str
    urgency: str
    outgoing: bool
    secret: bool | None = None
    files: list[list[str]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    due_on: date | None = None
    present: bool = True
    standing: str = Field(default="", sa_column_kwargs={"server_default": ""})


class LogEntryRow(SQLModel, table=True):
    """A row of a document's activity log."""

    __tablename__ = "log_entry"

    document_id: int = Field(primary_key=True, foreign_key="document.id")
    digest: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    unit: str
    action: str
    action_label: str
    at: datetime
    recipients: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    observed_at: datetime
    gone_at: datetime | None = None


class RelatedRow(SQLModel, table=True):
    __tablename__ = "related_document"

    document_id: int = Field(primary_key=True, foreign_key="document.id")
    related_id: str = Field(primary_key=True)
    title: str
    dated_on: date | None = None
    observed_at: datetime
    gone_at: datetime | None = None


class HoldRow(SQLModel, table=True):
    """Something that waits for an operator: a refused login, a suspicious shrink."""

    __tablename__ = "hold"

    name: str = Field(primary_key=True)
    since: datetime
    reason: str


class FindingRow(SQLModel, table=True):
    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("rule", "subject", "subject_id", "agency", "band"),
        CheckConstraint("state IN ('open', 'acknowledged', 'waived', 'closed')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule: str
    subject: str
    subject_id: str
    agency: str = Field(index=True)
    band: str = ""
    task_id: str | None = None
    document_id: str | None = None
    breached_on: date
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    cured_at: datetime | None = None
    calendar_version: str = ""
    rule_version: str = Field(default="", sa_column_kwargs={"server_default": ""})
    state: str = Field(index=True)
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    reopened: int = 0


class RuleVersionRow(SQLModel, table=True):
    """A rule as it was when a finding was first made by it: what ``finding.rule_version`` stands for."""

    __tablename__ = "rule_version"

    version: str = Field(primary_key=True)
    rule: str = Field(index=True)
    definition: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    first_used_at: datetime


class FindingEventRow(SQLModel, table=True):
    """The life of a finding, step by step, with time, actor and reason."""

    __tablename__ = "finding_event"

    id: int | None = Field(default=None, primary_key=True)
    finding_id: int = Field(foreign_key="finding.id", index=True)
    at: datetime
    event: str
    reason: str = ""
    actor: str = ""


class WaiverRow(SQLModel, table=True):
    """What people let pass, until when and why. "" in ``rule``, ``subject_id`` or ``agency`` stands for all."""

    __tablename__ = "waiver"

    id: int | None = Field(default=None, primary_key=True)
    rule: str = ""
    subject_id: str = ""
    agency: str = ""
    reason: str
    actor: str
    since: datetime
    until: date
    ended_at: datetime | None = None


class OutboxRow(SQLModel, table=True):
    """A letter waiting, sent or dead. ``recipients_left``: who has not been settled yet."""

    __tablename__ = "outbox"
    __table_args__ = (CheckConstraint("state IN ('waiting', 'sent', 'dead')", name="state"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str
    agency: str = ""
    message_id: str = Field(unique=True)
    recipients: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    recipients_left: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    subject: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    html: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime
    state: str = Field(default="waiting", index=True)
    attempts: int = 0
    claimed_until: datetime | None = None
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    last_error: str = ""


class ToldRow(SQLModel, table=True):
    """Which finding stood in which letter to which agency."""

    __tablename__ = "told"

    finding_id: int = Field(primary_key=True, foreign_key="finding.id")
    outbox_id: int = Field(primary_key=True, foreign_key="outbox.id")
    agency: str = Field(index=True)


class DeliveryRow(SQLModel, table=True):
    """Every attempt for every recipient: time, the server's answer, how long it took."""

    __tablename__ = "delivery"

    id: int | None = Field(default=None, primary_key=True)
    outbox_id: int = Field(foreign_key="outbox.id", index=True)
    at: datetime
    recipient: str = Field(index=True)
    outcome: str
    reply: str
    seconds: float


class ReportRow(SQLModel, table=True):
    """A report that was made: its figures and files."""

    __tablename__ = "report"

    id: int | None = Field(default=None, primary_key=True)
    month: str = Field(index=True)
    as_of: date
    made_at: datetime
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    files: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
