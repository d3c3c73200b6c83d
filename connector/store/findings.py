"""SQL of findings and their life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.orm import Session

from connector.detect.changes import FindingChanges
from connector.domain.audit import finding_deed
from connector.domain.finding_life import SYSTEM, Event, Step, after
from connector.domain.findings import Finding, FindingKey, FindingState, Hit, Subject
from connector.domain.rules import Rule, RuleBook, definition_json
from connector.store.audit import AuditStore
from connector.store.columns import table
from connector.store.tables import FindingEventRow, FindingRow, RuleVersionRow, ToldRow

FINDING: Table = table(FindingRow)
EVENT: Table = table(FindingEventRow)
TOLD: Table = table(ToldRow)
RULE_VERSION: Table = table(RuleVersionRow)


class _Step(NamedTuple):
    """Of the finding of number ``pk``."""

    pk: int
    key: FindingKey
    step: Step
    reason: str


class FindingStore:
    def __init__(self, session: Session, audit: AuditStore) -> None:
        self._session = session
        self._audit = audit

    def all(self) -> dict[FindingKey, Finding]:
        """Every finding ever made, by key."""
        rows = self._session.execute(select(FINDING).order_by(FINDING.c.id))
        findings = (_finding(row) for row in rows)
        return {finding.hit.key: finding for finding in findings}

    def apply(self, changes: FindingChanges, *, at: datetime, calendar_version: str, rules: RuleBook) -> None:
        """Write what ``detect.changes`` decided, with one event per step in a finding's life. A finding keeps the
        versions of calendar and rule it was made with, or made anew."""
        made = [hit for hit, _ in changes.opened] + [hit for _, hit in changes.reopened]
        self._keep_rules((rules[rule] for rule in {hit.key.rule for hit in made}), at)
        steps: list[_Step] = []
        for hit, closed_reason in changes.opened:
            pk = self._insert(hit, at, calendar_version, rules, closed_reason)
            steps.append(_Step(pk, hit.key, Step.OPENED, hit.reason))
            if closed_reason:
                steps.append(_Step(pk, hit.key, Step.CLOSED, closed_reason))
        for finding, hit in changes.refreshed:
            self._update(finding.id, {**_hit_columns(hit), "last_seen_at": at})
        for finding, hit in changes.reopened:
            values: dict[str, Any] = {**_hit_columns(hit), "last_seen_at": at, "state": "open", "closed_at": None}
            made_with = {"calendar_version": calendar_version, "rule_version": rules[hit.key.rule].version}
            self._update(finding.id, {**values, **made_with, "reopened": finding.reopened + 1})
            steps.append(_Step(finding.id, hit.key, Step.REOPENED, hit.reason))
        for finding, newest, reason in changes.closed:
            values = {"state": "closed", "closed_at": at}
            if newest is not None:
                values = {**values, **_hit_columns(newest), "last_seen_at": at}
            self._update(finding.id, values)
            steps.append(_Step(finding.id, finding.hit.key, Step.CLOSED, reason))
        self._keep(steps, at, SYSTEM)

    def _insert(self, hit: Hit, at: datetime, calendar_version: str, rules: RuleBook, closed_reason: str) -> int:
        key = hit.key
        values = {
            "rule": key.rule, "subject": str(key.subject), "subject_id": key.subject_id, "agency": key.agency,
            "band": key.band, "first_seen_at": at, "last_seen_at": at, "calendar_version": calendar_version,
            "rule_version": rules[key.rule].version,
            "state": "closed" if closed_reason else "open", "closed_at": at if closed_reason else None,
            "reopened": 0, **_hit_columns(hit),
        }  # fmt: skip
        result = self._session.execute(insert(FINDING).values(**values).returning(FINDING.c.id))
        return int(result.scalar_one())

    def _keep_rules(self, used: Iterable[Rule], at: datetime) -> None:
        """What the rules say by which findings are made now, once for each version."""
        by_version = {rule.version: rule for rule in used}
        known = set(self._session.scalars(select(RULE_VERSION.c.version).where(RULE_VERSION.c.version.in_(by_version))))
        rows = [
            {"version": version, "rule": rule.id, "definition": definition_json(rule), "first_used_at": at}
            for version, rule in sorted(by_version.items())
            if version not in known
        ]
        if rows:
            self._session.execute(insert(RULE_VERSION), rows)

    def _update(self, pk: int, values: Mapping[str, Any]) -> None:
        self._session.execute(update(FINDING).where(FINDING.c.id == pk).values(**values))

    def _keep(self, steps: Sequence[_Step], at: datetime, actor: str) -> None:
        """In the lives of the findings, and in the record of who did what."""
        if steps:
            events = [
                {"finding_id": one.pk, "at": at, "event": str(one.step), "reason": one.reason, "actor": actor}
                for one in steps
            ]
            self._session.execute(insert(EVENT), events)
            self._audit.add(finding_deed(one.pk, one.key, one.step, at, actor, one.reason) for one in steps)

    def step(self, pk: int, step: Step, at: datetime, actor: str, reason: str) -> None:
        """A step in a finding's life that no reading made. The caller has asked whether it is allowed."""
        found = _finding(self._session.execute(select(FINDING).where(FINDING.c.id == pk)).one())
        leads_to = after(found.state, step)
        assert leads_to is not None, f"{step} from {found.state}"
        self._update(pk, {"state": str(leads_to)})
        self._keep([_Step(pk, found.hit.key, step, reason)], at, actor)

    def events(self, pk: int) -> list[Event]:
        """Oldest first."""
        rows = self._session.execute(select(EVENT).where(EVENT.c.finding_id == pk).order_by(EVENT.c.id))
        return [Event(Step(row.event), row.at, row.actor, row.reason) for row in rows]

    def told(self) -> set[int]:
        """Findings that already stood in a letter."""
        return set(self._session.scalars(select(TOLD.c.finding_id).distinct()))

    def mark_told(self, finding_ids: Iterable[int], outbox_id: int, agency: str) -> None:
        rows = [{"finding_id": pk, "outbox_id": outbox_id, "agency": agency} for pk in finding_ids]
        if rows:
            self._session.execute(insert(TOLD), rows)

    def count_by_state(self) -> dict[str, int]:
        rows = self._session.execute(select(FINDING.c.state, func.count()).group_by(FINDING.c.state))
        return {row[0]: row[1] for row in rows}


def _hit_columns(hit: Hit) -> dict[str, Any]:
    return {
        "task_id": hit.task_id, "document_id": hit.document_id, "breached_on": hit.breached_on, "reason": hit.reason,
        "facts": dict(hit.facts), "cured_at": hit.cured_at,
    }  # fmt: skip


def _finding(row: Any) -> Finding:
    return Finding(
        id=row.id,
        hit=Hit(
            key=FindingKey(row.rule, Subject(row.subject), row.subject_id, row.agency, row.band),
            breached_on=row.breached_on,
            reason=row.reason,
            facts=row.facts,
            document_id=row.document_id,
            task_id=row.task_id,
            cured_at=row.cured_at,
        ),
        state=FindingState(row.state),
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        closed_at=row.closed_at,
        reopened=row.reopened,
        rule_version=row.rule_version,
    )
