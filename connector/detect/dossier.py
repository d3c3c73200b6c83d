"""The dossier of one finding: what it rests on and what became of it, gathered so that it can be defended (F54). Pure.

It is told by the rule as the finding was made by it; where another one is in force by now, or another calendar, that is
said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.detect.cases import TaskCase
from connector.detect.counting import DayCount, count_days
from connector.detect.explain import explain, link_json
from connector.detect.secrecy import WITHHELD_NAME, WITHHELD_SUBJECT, is_secret
from connector.domain.calendar import WorkCalendar
from connector.domain.finding_life import Event, Waiver
from connector.domain.findings import Finding
from connector.domain.history import DocumentHistory, TaskVersion
from connector.domain.imports import ToldBy
from connector.domain.letters import ToldLetter
from connector.domain.policy import Policy
from connector.domain.records import LogEntry
from connector.domain.rules import Rule, definition_json
from connector.domain.status import LogAction
from connector.errors import CalendarGap


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """``said``: the rule's definition (``rules.definition_json``) as the finding was made by it; the one in force if it
    was not kept (``kept`` False). ``changes``: field → (then, now) of what is otherwise by now. ``in_force``: it is
    still evaluated, and was in force on the day the finding came true."""

    said: Mapping[str, Any]
    version: str
    kept: bool
    version_now: str
    in_force: bool
    changes: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """``subject`` is withheld unless the document is known not to be secret (F107). ``log``: of an activity log what
    concerns the agency, up to the finding; ``payloads``: hashes of the answers it was read from; ``rows``: of files
    that tell of it."""

    document_id: str
    notation: str
    issued_on: date | None
    subject: str
    standing: str
    log_read_at: datetime | None
    log: tuple[LogEntry, ...]
    payloads: tuple[str, ...]
    rows: tuple[ToldBy, ...]


@dataclass(frozen=True, slots=True)
class VersionShown:
    """``used``: we knew it when the finding was made or last brought up to date. ``payloads``: as of a document, none
    where files told it."""

    version: TaskVersion
    used: bool
    payloads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskShown:
    """``name`` is withheld where a secret document may stand behind it. ``link``: in words and as JSON. ``reports``:
    progress rows of the lead that were known at the finding. ``rows``: of files that tell of the task."""

    task_id: str
    name: str
    read_at: datetime
    flow_read_at: datetime | None
    reports: int
    link_lines: tuple[str, ...]
    link: Mapping[str, Any]
    versions: tuple[VersionShown, ...]
    rows: tuple[ToldBy, ...]


@dataclass(frozen=True, slots=True)
class CalendarUsed:
    """``version``: at the finding, "" if it was not kept; the days are counted on ``version_now``. ``years``: of the
    count → whether their official days have been entered."""

    version: str
    version_now: str
    years: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored with a finding or of what it rests on. ``rule``: its definition as it was used, None if it was not
    kept; ``task_payloads``: hashes by version of the task; ``*_rows``: of files."""

    finding: Finding
    events: tuple[Event, ...]
    waivers: tuple[Waiver, ...]
    letters: tuple[ToldLetter, ...]
    rule: Mapping[str, Any] | None
    calendar_version: str
    task_payloads: Sequence[tuple[str, ...]] = ()
    task_rows: tuple[ToldBy, ...] = ()
    document_payloads: tuple[str, ...] = ()
    document_rows: tuple[ToldBy, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """``made_at``: when it was asked for (UTC). ``task``, ``document`` None: there is none, or it is not among those
    that are followed any more. ``count`` None: the rule counts no days, or ``gap`` says why they cannot be counted."""

    made_at: datetime
    kept: Kept
    agency: str
    rule: RuleUsed
    task: TaskShown | None
    document: DocumentShown | None
    count: DayCount | None
    gap: str
    calendar: CalendarUsed


def build_dossier(
    kept: Kept, case: TaskCase | None, document: DocumentHistory | None, policy: Policy, at: datetime
) -> Dossier:
    """``case``: of the task, ``document``: the one the finding is counted under, None where there is none. ``at``:
    aware."""
    hit = kept.finding.hit
    rule = _rule(kept, policy.rules[hit.key.rule])
    thresholds = {name: value for name, value in rule.said.items() if name.startswith("thresholds.")}
    count, gap = None, ""
    try:
        count = count_days(hit, thresholds, policy.deadlines, policy.observer.local_date)
    except CalendarGap as error:
        gap = str(error)
    return Dossier(
        made_at=at,
        kept=kept,
        agency=policy.directory.name_of(hit.key.agency),
        rule=rule,
        task=_task(kept, case) if case else None,
        document=_document(kept, document, policy) if document else None,
        count=count,
        gap=gap,
        calendar=_calendar(kept, count, policy.deadlines.calendar),
    )


def _rule(kept: Kept, rule: Rule) -> RuleUsed:
    now = definition_json(rule)
    said = kept.rule if kept.rule is not None else now
    names = [*said, *(name for name in now if name not in said)]
    return RuleUsed(
        said=said,
        version=kept.finding.rule_version,
        kept=kept.rule is not None,
        version_now=rule.version,
        in_force=rule.evaluated and rule.applies_on(kept.finding.hit.breached_on),
        changes={name: (said.get(name), now.get(name)) for name in names if said.get(name) != now.get(name)},
    )


def _task(kept: Kept, case: TaskCase) -> TaskShown:
    history, known_at = case.history, kept.finding.last_seen_at
    payloads = [*kept.task_payloads, *([()] * len(history.versions))]
    return TaskShown(
        task_id=history.task_id,
        name=WITHHELD_NAME if is_secret(case) else history.known_state().name,
        read_at=history.last_seen_at,
        flow_read_at=history.flow_read_at,
        reports=sum(row.observed_at <= known_at for row in case.lead_rows(known_at)),
        link_lines=tuple(explain(case.link)),
        link=link_json(case.link),
        versions=tuple(
            VersionShown(one, one.observed_at <= known_at, hashes)
            for one, hashes in zip(history.versions, payloads, strict=False)
        ),
        rows=kept.task_rows,
    )


def _document(kept: Kept, document: DocumentHistory, policy: Policy) -> DocumentShown:
    state, finding = document.state, kept.finding
    log = tuple(
        one
        for one in sorted(document.log, key=lambda one: one.at)
        if one.at <= finding.last_seen_at and _concerns(one, finding.hit.key.agency, finding.last_seen_at, policy)
    )
    return DocumentShown(
        document_id=document.document_id,
        notation=state.notation,
        issued_on=state.issued_on,
        subject=state.subject if state.secret is False else WITHHELD_SUBJECT,
        standing=state.standing,
        log_read_at=document.log_read_at,
        log=log,
        payloads=kept.document_payloads,
        rows=kept.document_rows,
    )


def _concerns(entry: LogEntry, agency: str, at: datetime, policy: Policy) -> bool:
    """Whether a row of a log was written by the agency, or sends the document to it."""
    local_date = policy.observer.local_date
    names = [name for _, name in entry.recipients] if entry.action is LogAction.SENT else [entry.unit]
    found = [(name, policy.directory.resolve(name, local_date(entry.at)).agency) for name in names]
    codes = {policy.directory.current(one.code, local_date(at)) if one else f"?{name}" for name, one in found}
    return agency in codes


def _calendar(kept: Kept, count: DayCount | None, calendar: WorkCalendar) -> CalendarUsed:
    years = {one.day.year for one in count.days} if count else set()
    return CalendarUsed(
        kept.calendar_version, calendar.version, {year: calendar.is_confirmed(year) for year in sorted(years)}
    )
