"""Findings and their life, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.finding_words import STATES, STEPS, waiver_text
from connector.domain.findings import Finding
from connector.domain.rules import RuleBook
from connector.domain.wording import day_text, moment_text
from connector.jobs.findings import FindingLife


def finding_text(one: Finding) -> str:
    key = one.hit.key
    return (
        f"{one.id:6d}  {key.rule:22s}  {STATES[one.state]:13s}  {key.agency}: {one.hit.reason} "
        f"(mã {key.subject_id}, từ {day_text(one.hit.breached_on)})"
    )


def finding_json(one: Finding) -> dict[str, Any]:
    key, hit = one.hit.key, one.hit
    return {
        "id": one.id, "rule": key.rule, "subject": str(key.subject), "subject_id": key.subject_id,
        "agency": key.agency, "band": key.band, "state": str(one.state), "breached_on": hit.breached_on.isoformat(),
        "first_seen_at": one.first_seen_at.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None, "reopened": one.reopened,
        "reason": hit.reason, "facts": dict(hit.facts), "task": hit.task_id, "document": hit.document_id,
    }  # fmt: skip


def life_text(found: FindingLife, zone: ZoneInfo, rules: RuleBook) -> Iterator[str]:
    one = found.finding
    rule = rules[one.hit.key.rule]
    yield finding_text(one)
    yield f"  {rule.title}; căn cứ: {rule.legal_basis}" + ("" if rule.legal_confirmed else " (căn cứ chưa xác nhận)")
    yield f"  Đúng từ ngày {day_text(one.hit.breached_on)}; chương trình thấy lúc " + moment_text(
        one.first_seen_at, zone
    )
    for event in found.events:
        said = f": {event.reason}" if event.reason else ""
        yield f"  {moment_text(event.at, zone)}  {STEPS[event.step]} ({event.actor}){said}"
    yield from (f"  {waiver_text(one)}" for one in found.waivers)


def life_json(found: FindingLife) -> dict[str, Any]:
    return {
        **finding_json(found.finding),
        "events": [
            {"step": str(one.step), "at": one.at.isoformat(), "actor": one.actor, "reason": one.reason}
            for one in found.events
        ],
        "waivers": [
            {"id": one.id, "rule": one.rule, "subject_id": one.subject_id, "agency": one.agency, "reason": one.reason,
             "actor": one.actor, "since": one.since.isoformat(), "until": one.until.isoformat(),
             "ended_at": one.ended_at.isoformat() if one.ended_at else None}
            for one in found.waivers
        ],
    }  # fmt: skip


def changed_text(what: str, found: Sequence[Finding]) -> list[str]:
    return [
        f"{what} {len(found)} phát hiện.",
        *(f"  {one.id}  {one.hit.key.rule}  {one.hit.key.agency}" for one in found),
    ]
