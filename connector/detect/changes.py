"""Yesterday's findings x today's hits -> opened, still open, closed, reopened. Never one twice (F29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connector.domain.findings import Finding, FindingKey, FindingState, Hit, NotEvaluable, Subject
from connector.domain.rules import RuleBook


@dataclass(frozen=True)
class FindingChanges:
    """``opened``: (hit, reason it is closed at once, "" if it is open). ``closed``: the last known hit, if any."""

    opened: tuple[tuple[Hit, str], ...]
    refreshed: tuple[tuple[Finding, Hit], ...]
    reopened: tuple[tuple[Finding, Hit], ...]
    closed: tuple[tuple[Finding, Hit | None, str], ...]
    unchanged: int


CURED = "đã khắc phục"
NO_LONGER = "điều kiện không còn"
RULE_OFF = "quy định không còn áp dụng"
RULE_CHANGED = "điều kiện không còn; quy định đã thay đổi từ khi có phát hiện"


def compare(
    stored: Mapping[FindingKey, Finding], hits: Iterable[Hit], unknown: Iterable[NotEvaluable], rules: RuleBook
) -> FindingChanges:
    """What changes in the findings. A finding that cannot be decided today stays as it is, except where what it rests
    on was withdrawn. One whose rule
    changed meanwhile says so when it ends: the agency need not have done anything."""
    today = {hit.key: hit for hit in hits}
    undecided: dict[tuple[str, Subject, str], NotEvaluable] = {}
    for one in unknown:
        undecided[one.rule, one.subject, one.subject_id] = one
    opened: list[tuple[Hit, str]] = []
    refreshed: list[tuple[Finding, Hit]] = []
    reopened: list[tuple[Finding, Hit]] = []
    closed: list[tuple[Finding, Hit | None, str]] = []
    unchanged = 0
    for key, hit in today.items():
        finding = stored.get(key)
        if finding is None:
            opened.append((hit, CURED if hit.cured_at else ""))
        elif finding.state is not FindingState.CLOSED and hit.cured_at is not None:
            closed.append((finding, hit, CURED))
        elif finding.state is FindingState.CLOSED and hit.cured_at is None:
            reopened.append((finding, hit))
        elif finding.state is not FindingState.CLOSED and hit != finding.hit:
            refreshed.append((finding, hit))
        else:
            unchanged += 1
    for key, finding in stored.items():
        if key in today or finding.state is FindingState.CLOSED:
            continue
        doubt = undecided.get((key.rule, key.subject, key.subject_id))
        if doubt is not None and not doubt.ends:
            unchanged += 1
        else:
            closed.append((finding, None, doubt.reason if doubt else _ended(finding, rules)))
    return FindingChanges(tuple(opened), tuple(refreshed), tuple(reopened), tuple(closed), unchanged)


def _ended(finding: Finding, rules: RuleBook) -> str:
    rule = rules[finding.hit.key.rule]
    if not rule.evaluated or not rule.applies_on(finding.hit.breached_on):
        return RULE_OFF
    return NO_LONGER if finding.rule_version in ("", rule.version) else RULE_CHANGED
