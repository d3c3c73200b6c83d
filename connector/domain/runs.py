"""Runs of jobs, as recorded: failed ones too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """``incomplete``: the run ended, but something named in its detail was not read. ``unreconciled``: all was read,
    but the source counts otherwise than it used to (F10)."""

    RUNNING = "running"
    OK = "ok"
    INCOMPLETE = "incomplete"
    UNRECONCILED = "unreconciled"
    GUARD_STOP = "guard_stop"
    AUTH_NEEDED = "auth_needed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


GOOD = frozenset({Outcome.OK})
USABLE = frozenset({Outcome.OK, Outcome.INCOMPLETE, Outcome.UNRECONCILED, Outcome.GUARD_STOP})


@dataclass(frozen=True, slots=True)
class RunCounts:
    """``fetched`` = rows received; of the tasks: inserted + updated + unchanged = tasks seen."""

    requests: int = 0
    fetched: int = 0
    rejected: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    job: str
    key: str | None
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    counts: RunCounts
    full: bool = False
    error: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
