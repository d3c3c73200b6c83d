"""SQLModel rows of what the source's lists showed and what is remembered of a source; they never leave this folder.
Moments are aware UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store import columns  # noqa: F401  names of constraints


class PayloadRow(SQLModel, table=True):
    """What came over the wire, once per content."""

    __tablename__ = "payload"

    hash: str = Field(primary_key=True)
    body: str = Field(sa_column=Column(Text, nullable=False))
    first_seen_at: datetime


class SightingRow(SQLModel, table=True):
    """A record's line in one list of one identity of one account: through whom it can be asked for, and when it was
    there.

    ``seen_run_id``: the run that saw it last. ``pending``: the line is new, has changed or has come back, and its
    record has not been brought up to date with it. ``fingerprint``: of the row to the letter."""

    __tablename__ = "sighting"
    __table_args__ = (Index("ix_sighting_record", "source", "kind", "record_id"),)

    source: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    identity: str = Field(primary_key=True)
    list: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    kind: str
    role: str
    payload_hash: str
    fingerprint: str
    first_seen_at: datetime
    last_seen_at: datetime
    seen_run_id: int
    pending: bool
    gone_at: datetime | None = None


class ListStateRow(SQLModel, table=True):
    """How far the reading of a list has come (``progress``, of run ``run_id``), and what the last whole reading of it
    found: how many rows, and whether the server gives larger pages. Two accounts of one unit may be one identity, and
    show it different rows: each has its own reading."""

    __tablename__ = "list_state"

    source: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    identity: str = Field(primary_key=True)
    list: str = Field(primary_key=True)
    run_id: int
    updated_at: datetime
    progress: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    rows: int = 0
    larger: bool | None = None


class ListPageRow(SQLModel, table=True):
    """Which lines a page of an unfinished reading showed. Gone when the list has been read: a killed run goes on behind
    the last of them."""

    __tablename__ = "list_page"

    source: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    identity: str = Field(primary_key=True)
    list: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    page: int = Field(primary_key=True)
    keys: Any = Field(sa_column=Column(JSON, nullable=False))


class MemoryRow(SQLModel, table=True):
    """What we remember of a source from run to run: newest notification, learned rules of its counters, shapes of its
    answers."""

    __tablename__ = "source_memory"

    source: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    updated_at: datetime


class VocabularyRow(SQLModel, table=True):
    """An entry of one of the source's own vocabularies: states, priorities, units. Kept also after it is gone."""

    __tablename__ = "vocabulary"

    source: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    label: str
    parent: str = ""
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None = None


class RejectedRow(SQLModel, table=True):
    """A row that could not be read, once per content; the newest run that met it again is noted."""

    __tablename__ = "rejected"
    __table_args__ = (UniqueConstraint("source", "kind", "stream", "payload_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    kind: str
    stream: str
    subject: str | None = None
    position: int = 0
    payload_hash: str
    problems: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    first_run_id: int
    last_run_id: int
    first_seen_at: datetime
    last_seen_at: datetime
