"""What an office decided about reading: limits and choices, as values. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connector.domain.requests import WindowField
from connector.reconcile.plan import TASK_PARTS


@dataclass(frozen=True, slots=True)
class DocumentPolicy:
    """``issuer``: whose documents are followed, for ``days`` after issue; ``parts`` read of each. ``windows``: by what
    documents are searched; lists longer than ``long_list`` rows are read only when everything is. ``secret_labels``:
    labels that mean secret. ``span``: local days of a back-fill, None for an ordinary run."""

    issuer: str
    days: int
    parts: frozenset[str] = frozenset({"log", "related", "files"})
    windows: Collection[WindowField] = ()
    long_list: int = 2000
    secret_labels: Collection[str] = ()
    span: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """Shares are between 0 and 1. ``task_parts`` are read of tasks; finished ones again after ``reread_days``.
    ``resume_minutes``: an interrupted run no older than this is gone on with. ``field_modes``: what a change of a field
    of the source does, by "kind.field" (see ``normalise.shape_diff``)."""

    max_vanished: float
    max_rejected: float
    documents: DocumentPolicy
    task_parts: frozenset[str] = TASK_PARTS
    reread_days: int = 30
    resume_minutes: float = 60
    field_modes: Mapping[str, Literal["accept", "warn", "stop"]] = field(default_factory=dict)
