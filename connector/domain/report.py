"""The monthly report as a plain value: figures, lists behind them, and how good the data is.

Built by ``report.build`` (pure), rendered by ``report.docx``, ``report.pdf``, ``report.xlsx`` and ``report.jsonview``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from connector.domain.periods import Month


class TimeState(StrEnum):
    """Derived at the cut-off, never stored (F44)."""

    ON_TIME = "on_time"
    LATE = "late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_OVERDUE = "open_overdue"


@dataclass(frozen=True, slots=True)
class Counts:
    """``open_in_time`` includes ``no_deadline`` (open tasks without a deadline)."""

    assigned: int = 0
    on_time: int = 0
    late: int = 0
    open_in_time: int = 0
    open_overdue: int = 0
    no_deadline: int = 0

    @property
    def completed(self) -> int:
        return self.on_time + self.late

    @property
    def not_completed(self) -> int:
        return self.open_in_time + self.open_overdue


UNMATCHED_KIND = "?"
"""Kind of an agency name nobody has mapped."""


@dataclass(frozen=True, slots=True)
class AgencyRef:
    """``code`` is our own slug, or "?" + the name as written for a name nobody has mapped."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ReportTask:
    """A counted task as it was at the cut-off. ``secret``: its document is marked mật; ``name`` is then already
    replaced by a neutral wording. ``observed_*``: the interval in which we saw it finished; ``uncertain`` explains
    in Vietnamese why the time state rests on the benefit of the doubt, "" if it does not."""

    task_id: str
    name: str
    agency: AgencyRef
    cooperating: tuple[str, ...]
    document_id: str | None
    notation: str
    document_date: date | None
    assigned_on: date | None
    due_on: date | None
    state: TimeState
    days_overdue: int
    status_label: str
    completed_on: date | None
    completion_observed: bool
    observed_after: datetime | None
    observed_by: datetime | None
    uncertain: str
    extensions: int
    secret: bool


@dataclass(frozen=True, slots=True)
class ViolationFinding:
    """One rule broken behind a counted document."""

    rule: str
    rule_title: str
    legal_basis: str
    task_id: str | None
    breached_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class ViolatedDocument:
    document_id: str
    notation: str
    document_date: date | None
    secret: bool
    findings: tuple[ViolationFinding, ...]


@dataclass(frozen=True, slots=True)
class AgencyViolations:
    """Distinct documents of one agency; the report prints ``len(documents)`` văn bản."""

    agency: AgencyRef
    documents: tuple[ViolatedDocument, ...]


@dataclass(frozen=True, slots=True)
class WaivedFinding:
    """A violation that a person let pass: shown, and in no figure (F49). ``until``: the last local day of that."""

    agency: AgencyRef
    finding: ViolationFinding
    until: date
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Something the report could not place; listed for a person, never dropped."""

    task_id: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class NotEvaluableCount:
    """Undecided cases of a rule. ``without_data``: no source tells what it needs, so that each of its ``count`` cases
    is undecided. ``counted``: the rule counts in section 2."""

    rule: str
    count: int
    reasons: Mapping[str, int]
    title: str = ""
    counted: bool = True
    without_data: bool = False


@dataclass(frozen=True, slots=True)
class DataAge:
    """``last_sync_at``: last complete good reading (UTC), None if there never was one. ``covers_cutoff``: whether a
    complete reading was made after the cut-off. ``reconciliation``: what the newest reading says of the source's own
    counters, a Vietnamese sentence, "" if none was compared; ``reconciled`` is False where they differ."""

    last_sync_at: datetime | None
    hours: float | None
    covers_cutoff: bool
    reconciliation: str = ""
    reconciled: bool = True


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """Everything the documents print and the XLSX opens. ``as_of`` is the cut-off day, ``cutoff`` its last second
    (aware), ``made_at`` aware UTC. Lists are in the order in which they are printed.
    ``uncounted``: assigners of the month who are not counted → their tasks."""

    month: Month
    as_of: date
    cutoff: datetime
    made_at: datetime
    counts: Counts
    by_agency: tuple[tuple[AgencyRef, Counts], ...]
    tasks: tuple[ReportTask, ...]
    overdue: tuple[ReportTask, ...]
    violations: tuple[AgencyViolations, ...]
    not_evaluable: tuple[NotEvaluableCount, ...]
    observed_completions: int
    backlog_open: int
    backlog_overdue: int
    missing: tuple[str, ...]
    cancelled: tuple[str, ...]
    unresolved: tuple[Unresolved, ...]
    unlinked_findings: tuple[ViolationFinding, ...]
    data: DataAge
    warnings: tuple[str, ...]
    has_communes: bool
    uncounted: Mapping[str, int] = field(default_factory=dict)
    waived: tuple[WaivedFinding, ...] = ()
