"""Examples of a rule: a case as our readings saw it, and what must be concluded from it (F52)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connector.domain.history import DocumentHistory, TaskHistory

ASSIGNER, ISSUER = "UBND tỉnh", "UBND tỉnh Lạng Sơn"
"""Who gives the tasks and issues the documents of every example, whatever the office's settings say."""


class Verdict(StrEnum):
    """What a rule says of a case; ``UNKNOWN``: not evaluable."""

    FINDING = "finding"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Example:
    """``case``: in words. ``place``: file and line. ``at``: the aware moment of detection. ``on`` (first local day too
    late), ``agency`` (code) and ``band`` of the finding expected; None: whatever they are."""

    rule: str
    case: str
    place: str
    at: datetime
    tasks: tuple[TaskHistory, ...]
    documents: tuple[DocumentHistory, ...]
    expect: Verdict
    on: date | None = None
    agency: str | None = None
    band: str | None = None
