"""Stored history → findings → letters into the outbox, in one unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog

from connector.detect.changes import FindingChanges, compare
from connector.detect.evaluate import Evaluation, evaluate
from connector.detect.secrecy import WITHHELD_NAME, WITHHELD_SUBJECT, is_secret
from connector.domain.finding_life import SYSTEM
from connector.domain.findings import Finding, FindingState, Hit, Subject
from connector.domain.letters import Digest
from connector.domain.policy import Policy
from connector.domain.runs import Outcome, RunCounts
from connector.jobs.findings import apply_waivers
from connector.jobs.freshness import data_at
from connector.notify.plan import FindingView, plan_digests
from connector.ports import Clock, LetterRenderer, UnitOfWork

log = structlog.get_logger()
_STANDING = (FindingState.OPEN, FindingState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class LetterPolicy:
    """``recipients``: agency code → addresses; ``fallback``: the office's mailbox, for agencies without one."""

    recipients: Mapping[str, tuple[str, ...]]
    fallback: tuple[str, ...]
    horizon_days: int
    office_name: str


@dataclass(frozen=True, slots=True)
class DetectResult:
    """``tasks``: those of counted assigners, of ``stored`` ones; ``by_rule``: open findings per rule after this run;
    ``not_evaluable``: undecided cases per rule; ``titles``: of the rules in both."""

    run_id: int
    at: datetime
    tasks: int
    stored: int
    documents: int
    opened: int
    reopened: int
    closed: int
    unchanged: int
    letters: int
    undeliverable: tuple[str, ...]
    by_rule: Mapping[str, int] = field(default_factory=dict)
    not_evaluable: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


def detect(
    uow: UnitOfWork, clock: Clock, policy: Policy, renderer: LetterRenderer, letters: LetterPolicy
) -> DetectResult:
    """Run all rules as of now, store what changed, and queue one digest per agency that has something new to hear.

    Findings and letters are saved together or not at all (F63).
    """
    now = clock.now()
    with uow:
        uow.runs.close_interrupted("detect", now)
        run_id = uow.runs.start("detect", now)
        assert run_id is not None
        uow.commit()
    try:
        result = _detect(uow, clock, policy, renderer, letters, run_id, now)
    except BaseException as error:
        with uow:
            cause = f"{type(error).__name__}: {error}"
            uow.runs.finish(run_id, clock.now(), Outcome.FAILED, RunCounts(), error=cause)
            uow.commit()
        raise
    log.info(
        "detect.finished", run_id=run_id, opened=result.opened, closed=result.closed, reopened=result.reopened,
        letters=result.letters,
    )  # fmt: skip
    return result


def _detect(
    uow: UnitOfWork,
    clock: Clock,
    policy: Policy,
    renderer: LetterRenderer,
    letters: LetterPolicy,
    run_id: int,
    now: datetime,
) -> DetectResult:
    with uow:
        histories = uow.tasks.histories()
        evaluation = evaluate(histories, uow.documents.histories(), policy, now)
        changes = compare(uow.findings.all(), evaluation.hits, evaluation.not_evaluable, policy.rules)
        uow.findings.apply(changes, at=now, calendar_version=policy.deadlines.calendar.version, rules=policy.rules)
        apply_waivers(uow, clock, SYSTEM)
        findings = tuple(uow.findings.all().values())
        queued, undeliverable = _queue(uow, clock, renderer, letters, evaluation, findings, now)
        result = _result(run_id, now, evaluation, changes, queued, undeliverable, findings, len(histories))
        counts = RunCounts(inserted=result.opened, updated=result.closed + result.reopened, unchanged=result.unchanged)
        detail = {
            "letters": queued,
            "undeliverable": list(undeliverable),
            "by_rule": dict(result.by_rule),
            "not_evaluable": dict(result.not_evaluable),
        }
        uow.runs.finish(run_id, clock.now(), Outcome.OK, counts, detail=detail)
        uow.commit()
    return result


def _queue(
    uow: UnitOfWork,
    clock: Clock,
    renderer: LetterRenderer,
    letters: LetterPolicy,
    evaluation: Evaluation,
    findings: Iterable[Finding],
    now: datetime,
) -> tuple[int, tuple[str, ...]]:
    today = clock.local_date(now)
    if not evaluation.policy.deadlines.calendar.is_working(today):
        return 0, ()  # nobody is written to on a day off; what is new waits for the next working day (F62)
    digests = plan_digests(
        [view for finding in findings if (view := _view(finding, evaluation, now)) is not None],
        rules=evaluation.policy.rules,
        told=uow.findings.told(),
        recipients=letters.recipients,
        fallback=letters.fallback,
        slot=today.isoformat(),
        as_of=now,
        data_at=data_at(uow),
        today=today,
        office_name=letters.office_name,
        horizon=today - timedelta(days=letters.horizon_days),
    )
    queued = 0
    undeliverable: list[str] = []
    for digest in digests:
        if not digest.recipients:
            undeliverable.append(digest.agency_code)
            log.warning("detect.no_recipient", agency=digest.agency_code)
            continue
        queued += _queue_one(uow, renderer, digest, now)
    return queued, tuple(undeliverable)


def _queue_one(uow: UnitOfWork, renderer: LetterRenderer, digest: Digest, now: datetime) -> int:
    letter = renderer.digest(digest, now)
    outbox_id = uow.outbox.add(letter, digest.agency_code)
    if outbox_id is None:
        return 0  # this slot's letter is written already; what is new waits for the next slot
    uow.findings.mark_told(letter.finding_ids, outbox_id, digest.agency_code)
    return 1


def _view(finding: Finding, evaluation: Evaluation, now: datetime) -> FindingView | None:
    hit = finding.hit
    name = _agency_name(hit.key.agency, evaluation)
    if hit.key.subject is Subject.DOCUMENT:
        document = evaluation.index.by_id.get(hit.key.subject_id)
        if document is None:
            return None
        state = document.state
        subject = state.subject if state.secret is False else WITHHELD_SUBJECT
        return FindingView(finding, name, state.notation, state.issued_on, subject)
    case = evaluation.case_of(hit.task_id)
    task = case.state_at(now) if case else None
    if case is None or task is None:
        return None
    source = case.document.state if case.document else None
    return FindingView(
        finding,
        name,
        source.notation if source else "",
        source.issued_on if source else None,
        WITHHELD_NAME if is_secret(case) else task.name,
        case.cooperating(task, now),
        _printed_due(hit) or task.due_on,
    )


def _printed_due(hit: Hit) -> date | None:
    due = hit.facts.get("due")
    return date.fromisoformat(due) if isinstance(due, str) else None


def _agency_name(code: str, evaluation: Evaluation) -> str:
    return code.removeprefix("?") if code.startswith("?") else evaluation.policy.directory.name_of(code)


def _result(
    run_id: int,
    now: datetime,
    evaluation: Evaluation,
    changes: FindingChanges,
    queued: int,
    undeliverable: tuple[str, ...],
    findings: Iterable[Finding],
    stored: int,
) -> DetectResult:
    by_rule: dict[str, int] = {}
    for finding in findings:
        if finding.state in _STANDING:
            by_rule[finding.hit.key.rule] = by_rule.get(finding.hit.key.rule, 0) + 1
    unknown = evaluation.undecided()
    rules = evaluation.policy.rules
    return DetectResult(
        run_id=run_id,
        at=now,
        tasks=len(evaluation.cases),
        stored=stored,
        documents=len(evaluation.index.issued()),
        opened=len(changes.opened),
        reopened=len(changes.reopened),
        closed=len(changes.closed),
        unchanged=changes.unchanged + len(changes.refreshed),
        letters=queued,
        undeliverable=undeliverable,
        by_rule=dict(sorted(by_rule.items())),
        not_evaluable=dict(sorted(unknown.items())),
        titles={rule: rules[rule].title for rule in sorted({*by_rule, *unknown})},
    )
