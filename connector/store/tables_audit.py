"""SQLModel row of the record of who did what; it never leaves this folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from connector.store import columns  # noqa: F401  names of constraints


class AuditRow(SQLModel, table=True):
    """Who did what, in a chain of hashes. Triggers refuse to change or delete a row; a migration that makes the table
    anew must make them anew."""

    __tablename__ = "audit"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(index=True)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    before: str
    hash: str
