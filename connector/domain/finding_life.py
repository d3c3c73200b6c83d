"""The life of a finding: which steps are allowed, who took them, and what a waiver covers. Pure (F48, F49)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connector.domain.findings import Finding, FindingKey, FindingState

SYSTEM = "connector"
"""The actor of what detection does by itself."""


class Step(StrEnum):
    """What happens to a finding. RESUMED: a waiver has ended, the finding stands as before."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    WAIVED = "waived"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"


TRANSITIONS: Mapping[tuple[FindingState, Step], FindingState] = {
    (FindingState.OPEN, Step.ACKNOWLEDGED): FindingState.ACKNOWLEDGED,
    (FindingState.OPEN, Step.WAIVED): FindingState.WAIVED,
    (FindingState.OPEN, Step.CLOSED): FindingState.CLOSED,
    (FindingState.ACKNOWLEDGED, Step.WAIVED): FindingState.WAIVED,
    (FindingState.ACKNOWLEDGED, Step.CLOSED): FindingState.CLOSED,
    (FindingState.WAIVED, Step.RESUMED): FindingState.OPEN,
    (FindingState.WAIVED, Step.CLOSED): FindingState.CLOSED,
    (FindingState.CLOSED, Step.REOPENED): FindingState.OPEN,
}
"""Every step that is allowed, and where it leads. People acknowledge and waive; only readings close and reopen."""


def after(state: FindingState, step: Step) -> FindingState | None:
    """The state a step leads to, None if it is not allowed from there."""
    return TRANSITIONS.get((state, step))


@dataclass(frozen=True, slots=True)
class Event:
    """One step. ``at``: UTC. ``actor``: who took it. ``reason``: in Vietnamese."""

    step: Step
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person lets something pass until the end of the local day ``until``, and says why. It covers the findings of a
    rule, a subject (task or document) and an agency; "" stands for all of them, and one at least is named.
    ``ended_at``: when a person took it back."""

    rule: str
    subject_id: str
    agency: str
    reason: str
    actor: str
    since: datetime
    until: date
    ended_at: datetime | None = None
    id: int = 0

    def covers(self, key: FindingKey) -> bool:
        named = ((self.rule, key.rule), (self.subject_id, key.subject_id), (self.agency, key.agency))
        return all(wanted in ("", value) for wanted, value in named)

    def holds(self, day: date, at: datetime) -> bool:
        """Whether it is in force. ``day``: the local day of ``at``."""
        return self.since <= at and day <= self.until and (self.ended_at is None or at < self.ended_at)


def waiver_of(key: FindingKey, waivers: Iterable[Waiver]) -> Waiver | None:
    """The waiver by which a finding is let pass; of several the one that ends last. ``waivers``: those that hold."""
    return max((one for one in waivers if one.covers(key)), key=lambda one: (one.until, one.id), default=None)


def waiver_steps(
    findings: Iterable[Finding], waivers: Iterable[Waiver], day: date, at: datetime
) -> list[tuple[Finding, Step, str]]:
    """What waivers do to findings today: those that are covered now, and those that no longer are."""
    waivers = [one for one in waivers if one.holds(day, at)]
    found: list[tuple[Finding, Step, str]] = []
    for one in findings:
        if one.state is FindingState.CLOSED:
            continue
        waiver = waiver_of(one.hit.key, waivers)
        if waiver is not None and one.state is not FindingState.WAIVED:
            found.append((one, Step.WAIVED, f"miễn xét đến {waiver.until:%d/%m/%Y}: {waiver.reason}"))
        elif waiver is None and one.state is FindingState.WAIVED:
            found.append((one, Step.RESUMED, "hết thời hạn miễn xét, hoặc người quyết định đã thôi miễn"))
    return found
