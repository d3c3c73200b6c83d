"""SQLModel rows of imported files: what was read, which record each row is, and what waits for a person; they never
leave this folder. Moments are aware UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from connector.store import columns  # noqa: F401  names of constraints


class ImportedFileRow(SQLModel, table=True):
    """Every file that was looked at, refused ones too. ``sheets``: what is kept of each, so that a value's cell can be
    named and a refused row read again."""

    __tablename__ = "imported_file"
    __table_args__ = (
        Index("ix_imported_file_sha256", "source", "sha256"),
        CheckConstraint("outcome IN ('imported', 'refused')", name="outcome"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: int
    source: str
    sha256: str
    name: str
    size: int
    kind: str
    modified_at: datetime
    read_at: datetime
    as_of: datetime | None = None
    outcome: str
    reason: str = ""
    sheets: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class FileRowRow(SQLModel, table=True):
    """Which record a row of a file is. ``kept``: fields the row tells otherwise than the record, which kept its own."""

    __tablename__ = "file_row"
    __table_args__ = (Index("ix_file_row_record", "kind", "record_id"),)

    file_id: int = Field(primary_key=True, foreign_key="imported_file.id")
    sheet: int = Field(primary_key=True)
    row: int = Field(primary_key=True)
    kind: str
    record_id: int
    as_of: datetime
    kept: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class NoticeRow(SQLModel, table=True):
    """What a package says of whether a document is in force, kept whether or not that document has come yet.
    ``asked``: a person was asked which document it is about."""

    __tablename__ = "document_notice"

    file_id: int = Field(primary_key=True, foreign_key="imported_file.id")
    sheet: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    source: str = Field(index=True)
    notation: str
    issued_on: date | None = None
    issuer: str
    standing: str
    as_of: datetime
    asked: bool = False


class QuarantineRow(SQLModel, table=True):
    """A row of a file that was not loaded, whole, with its reasons. ``answer``: the record a person said it is."""

    __tablename__ = "quarantine"
    __table_args__ = (
        CheckConstraint("kind IN ('row', 'question')", name="kind"),
        CheckConstraint("state IN ('waiting', 'loaded', 'dropped')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str
    file_id: int = Field(foreign_key="imported_file.id")
    sheet: int
    row: int
    kind: str
    record: str
    problems: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    packed: Any = Field(sa_column=Column(JSON, nullable=False))
    own_id: str = ""
    candidates: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str = Field(default="waiting", index=True)
    since: datetime
    settled_at: datetime | None = None
    answer: str = ""
