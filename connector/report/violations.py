"""Section 2 of the report: which agencies broke the procedure, counted in documents. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.detect.evaluate import Evaluation
from connector.domain.agencies import AgencyDirectory
from connector.domain.finding_life import Waiver, waiver_of
from connector.domain.findings import Hit, Subject
from connector.domain.periods import Month
from connector.domain.report import (
    UNMATCHED_KIND,
    AgencyRef,
    AgencyViolations,
    NotEvaluableCount,
    ViolatedDocument,
    ViolationFinding,
    WaivedFinding,
)
from connector.domain.rules import Rule, RuleBook, missing_text


@dataclass(frozen=True, slots=True)
class Violations:
    """``unlinked``: findings no document is known for. ``waived``: those that a person let pass at the cut-off."""

    agencies: tuple[AgencyViolations, ...]
    unlinked: tuple[ViolationFinding, ...]
    waived: tuple[WaivedFinding, ...]


def build_violations(evaluation: Evaluation, month: Month, as_of: date, waivers: Sequence[Waiver] = ()) -> Violations:
    """Distinct documents per agency with the findings behind them.

    A violation belongs to the month of the first day too late, up to the cut-off day ``as_of``. ``waivers``: those that
    hold on that day.
    """
    directory, rules = evaluation.policy.directory, evaluation.policy.rules
    counted: list[Hit] = []
    waived: list[WaivedFinding] = []
    for hit in evaluation.hits:
        if rules[hit.key.rule].counted and hit.breached_on in month and hit.breached_on <= as_of:
            waiver = waiver_of(hit.key, waivers)
            if waiver is None:
                counted.append(hit)
            else:
                agency = _ref_of_code(directory.current(hit.key.agency, as_of), directory)
                waived.append(WaivedFinding(agency, _finding(hit, rules), waiver.until, waiver.reason, waiver.actor))
    groups: dict[str, dict[str, list[Hit]]] = {}
    unlinked: list[ViolationFinding] = []
    for hit in counted:
        document_id = hit.document_id if hit.key.subject is Subject.TASK else hit.key.subject_id
        if document_id is None:
            unlinked.append(_finding(hit, rules))
        else:
            code = directory.current(hit.key.agency, as_of)
            groups.setdefault(code, {}).setdefault(document_id, []).append(hit)
    found = [
        AgencyViolations(
            _ref_of_code(code, directory),
            tuple(_violated(document_id, hits, evaluation) for document_id, hits in sorted(documents.items())),
        )
        for code, documents in groups.items()
    ]
    found.sort(key=lambda one: _violation_order(one, directory))
    waived.sort(key=lambda one: (directory.sort_key(one.agency.code), one.finding.rule, one.finding.task_id or ""))
    return Violations(
        tuple(found), tuple(sorted(unlinked, key=lambda one: (one.rule, one.task_id or ""))), tuple(waived)
    )


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
    rules = evaluation.policy.rules
    findings = sorted((_finding(hit, rules) for hit in hits), key=lambda one: (one.rule, one.task_id or ""))
    return ViolatedDocument(document_id, document.notation, document.issued_on, bool(document.secret), tuple(findings))


def _finding(hit: Hit, rules: RuleBook) -> ViolationFinding:
    rule = rules[hit.key.rule]
    return ViolationFinding(rule.id, rule.title, rule.legal_basis, hit.task_id, hit.breached_on, hit.reason)


def count_not_evaluable(evaluation: Evaluation, month: Month, as_of: date) -> tuple[NotEvaluableCount, ...]:
    """Per rule, the undecided cases that may concern the month. Every rule in force is named, also with none undecided:
    a reader must see that it was looked at. Of a rule no source gives the data for, every case is undecided (F105)."""
    reasons: dict[str, Counter[str]] = {rule.id: Counter() for rule in evaluation.policy.rules if rule.enabled}
    for one in evaluation.not_evaluable:
        if one.on is None or (one.on in month and one.on <= as_of):
            reasons[one.rule][one.reason] += 1
    for rule in evaluation.policy.rules.without_data():
        reasons[rule.id][missing_text(rule)] = _cases_of(rule, evaluation, month, as_of)
    return tuple(
        NotEvaluableCount(
            rule.id,
            sum(reasons[rule.id].values()),
            dict(reasons[rule.id].most_common()),
            rule.title,
            rule.counted,
            bool(rule.missing),
        )
        for rule in evaluation.policy.rules
        if rule.enabled
    )


def _cases_of(rule: Rule, evaluation: Evaluation, month: Month, as_of: date) -> int:
    """How many tasks were given, or documents issued, in the month up to the cut-off: what the rule would look at."""
    if rule.subject is Subject.DOCUMENT:
        days = [document.state.issued_on for document in evaluation.index.issued()]
    else:
        states = (case.state_at(evaluation.at) for case in evaluation.cases)
        days = [state.assigned_on for state in states if state is not None]
    return sum(day is not None and day in month and day <= as_of for day in days)
