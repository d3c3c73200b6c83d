"""Section 2 of the report: which agencies broke the procedure, counted in documents. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from connector.detect.evaluate import Evaluation
from connector.domain.agencies import AgencyDirectory
from connector.domain.findings import Hit, Subject
from connector.domain.periods import Month
from connector.domain.report import (
    UNMATCHED_KIND,
    AgencyRef,
    AgencyViolations,
    NotEvaluableCount,
    ViolatedDocument,
    ViolationFinding,
)
from connector.domain.rules import RULES


def build_violations(
    evaluation: Evaluation, month: Month, as_of: date
) -> tuple[tuple[AgencyViolations, ...], tuple[ViolationFinding, ...]]:
    """Distinct documents per agency with the findings behind them, and findings no document is known for.

    A violation belongs to the month of the first day too late, up to the cut-off day ``as_of``.
    """
    counted = [
        hit
        for hit in evaluation.hits
        if RULES[hit.key.rule].counted and hit.breached_on in month and hit.breached_on <= as_of
    ]
    groups: dict[str, dict[str, list[Hit]]] = {}
    unlinked: list[ViolationFinding] = []
    for hit in counted:
        document_id = hit.document_id if hit.key.subject is Subject.TASK else hit.key.subject_id
        if document_id is None:
            unlinked.append(_finding(hit))
        else:
            agency = evaluation.policy.directory.current(hit.key.agency, as_of)
            groups.setdefault(agency, {}).setdefault(document_id, []).append(hit)
    directory = evaluation.policy.directory
    found = [
        AgencyViolations(
            _ref_of_code(agency, directory),
            tuple(_violated(document_id, hits, evaluation) for document_id, hits in sorted(documents.items())),
        )
        for agency, documents in groups.items()
    ]
    found.sort(key=lambda one: _violation_order(one, directory))
    return tuple(found), tuple(sorted(unlinked, key=lambda one: (one.rule, one.task_id or "")))


def _violation_order(one: AgencyViolations, directory: AgencyDirectory) -> tuple[object, ...]:
    """By kind, then by number, then by the office's order."""
    key = directory.sort_key(one.agency.code)
    return (key[0], -len(one.documents), key)


def _ref_of_code(code: str, directory: AgencyDirectory) -> AgencyRef:
    if code.startswith("?"):
        return AgencyRef(code, code.removeprefix("?"), UNMATCHED_KIND)
    agency = directory.get(code)
    return AgencyRef(agency.code, agency.name, agency.kind)


def _violated(document_id: str, hits: Sequence[Hit], evaluation: Evaluation) -> ViolatedDocument:
    document = evaluation.index.by_id[document_id].state
    findings = sorted((_finding(hit) for hit in hits), key=lambda one: (one.rule, one.task_id or ""))
    return ViolatedDocument(document_id, document.notation, document.issued_on, bool(document.secret), tuple(findings))


def _finding(hit: Hit) -> ViolationFinding:
    rule = RULES[hit.key.rule]
    return ViolationFinding(rule.id, rule.title, rule.legal_basis, hit.task_id, hit.breached_on, hit.reason)


def count_not_evaluable(evaluation: Evaluation, month: Month, as_of: date) -> tuple[NotEvaluableCount, ...]:
    """Per rule, the undecided cases that may concern the month. Every rule is named, also with none undecided: a
    reader must see that it was looked at."""
    reasons: dict[str, Counter[str]] = {rule.id: Counter() for rule in RULES.values()}
    for one in evaluation.not_evaluable:
        if one.on is None or (one.on in month and one.on <= as_of):
            reasons[one.rule][one.reason] += 1
    return tuple(
        NotEvaluableCount(rule, sum(counter.values()), dict(counter.most_common())) for rule, counter in reasons.items()
    )
