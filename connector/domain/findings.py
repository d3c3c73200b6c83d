"""Findings: what a rule saw, about whom, on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Subject(StrEnum):
    TASK = "task"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class FindingKey:
    """One finding per rule, subject, agency and band (F29). ``band`` separates the steps of a graded rule
    ("7", "3", "1" days before; "30", "120" days over); "" for the others."""

    rule: str
    subject: Subject
    subject_id: str
    agency: str
    band: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule holds. ``breached_on``: the first local day too late (for a reminder: the day it became due for one).
    ``cured_at``: when it stopped being so (None: it still is). A cure never removes a violation from the month
    it belongs to. ``document_id``: the source document it is counted under, None if none is known.
    ``reason``: plain Vietnamese, for the letter. ``facts``: the values behind it, JSON-able."""

    key: FindingKey
    breached_on: date
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)
    document_id: str | None = None
    task_id: str | None = None
    cured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotEvaluable:
    """A rule could not be decided for want of data: counted and shown, never taken for "no violation" (F105).
    ``on``: the local day on which it would have been broken, None if that is unknown too. ``ends``: what the rule rests
    on is no longer in force, so that a finding made before is not upheld."""

    rule: str
    subject: Subject
    subject_id: str
    agency: str
    reason: str
    on: date | None = None
    ends: bool = False


class FindingState(StrEnum):
    """CLOSED: it is so no more. A finding in any other state is alive; of a waived one nobody is told."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WAIVED = "waived"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as stored. ``first_seen_at``: when *we* first saw it (UTC); ``hit.breached_on``: when it came true.
    ``rule_version``: of the rule it was made by, "" for one made before versions were kept."""

    id: int
    hit: Hit
    state: FindingState
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    reopened: int = 0
    rule_version: str = ""
