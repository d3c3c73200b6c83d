"""What the office's changes to the rules do to findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from connector.detect.changes import NO_LONGER, RULE_CHANGED, RULE_OFF, compare
from connector.detect.evaluate import Evaluation, evaluate, judge
from connector.domain.findings import Finding, FindingKey, FindingState, Hit
from connector.domain.policy import Policy
from connector.domain.rules import Rule, RuleBook
from connector.domain.status import LogAction
from tests.builders import at, day, document, history, policy, sent, state, step

POLICY = policy()
NOW = at("2022-02-28", "23:59")
RECEIVE = "PV01_RECEIVE_LATE"
TASK = history((at("2022-02-10"), state(due="2022-02-18")), last=at("2022-02-28"))
LATE = document(
    sent(at("2022-02-10", "08:00"), "Sở Y tế"),
    step(LogAction.RECEIVED, at("2022-02-14", "09:00")),
    read=at("2022-02-28"),
)


def with_rule(rule: str, **changes: Any) -> Policy:
    changed: Rule = replace(POLICY.rules[rule], **changes)
    return replace(POLICY, rules=RuleBook({**POLICY.rules.rules, rule: changed}))


def found(chosen: Policy = POLICY) -> Evaluation:
    return evaluate([TASK], [LATE], chosen, NOW)


def rules_of(results: Iterable[Hit]) -> set[str]:
    return {hit.key.rule for hit in results}


def test_a_threshold_of_the_office_decides() -> None:
    assert RECEIVE in rules_of(found().hits)
    assert RECEIVE not in rules_of(
        found(with_rule(RECEIVE, thresholds={"working_days": 2, "urgent_working_days": 0})).hits
    )


def test_a_rule_that_is_switched_off_finds_nothing_and_asks_for_nothing() -> None:
    off = found(with_rule("PV12_DUE_CHANGED", enabled=False))
    assert "PV12_DUE_CHANGED" not in off.undecided()
    assert RECEIVE not in rules_of(found(with_rule(RECEIVE, enabled=False)).hits)


def test_a_breach_outside_the_days_of_a_rule_is_none() -> None:
    last = with_rule(RECEIVE, valid_to=day("2022-02-12"))
    assert RECEIVE in rules_of(found(last).hits), "12/02 is the first day too late"
    assert RECEIVE not in rules_of(found(with_rule(RECEIVE, valid_to=day("2022-02-11"))).hits)
    assert RECEIVE not in rules_of(found(with_rule(RECEIVE, valid_from=day("2022-02-13"))).hits)


def test_a_rule_without_data_is_undecided_for_every_case_and_never_no_violation() -> None:
    undecided = found().undecided()
    assert {rule.id for rule in POLICY.rules.without_data()} <= set(undecided)
    assert (undecided["PV10_EXT_AFTER_DUE"], undecided["PV18_ISSUE_LATE"]) == (1, 1)
    assert not rules_of(found().hits) & {rule.id for rule in POLICY.rules.without_data()}


def test_cases_built_once_are_judged_by_the_rules_asked_for() -> None:
    built, lenient = found(), with_rule(RECEIVE, enabled=False)
    assert judge(built.cases, built.index, lenient, NOW).hits == found(lenient).hits


def stored(evaluation: Evaluation, made_by: Policy) -> dict[FindingKey, Finding]:
    return {
        hit.key: Finding(
            number, replace(hit, cured_at=None), FindingState.OPEN, NOW, NOW, None,
            rule_version=made_by.rules[hit.key.rule].version,
        )
        for number, hit in enumerate(evaluation.hits)
    }  # fmt: skip


def reasons(before: dict[FindingKey, Finding], chosen: Policy) -> dict[str, str]:
    now = found(chosen)
    closed = compare(before, now.hits, now.not_evaluable, chosen.rules).closed
    return {finding.hit.key.rule: reason for finding, _, reason in closed}


def test_a_finding_whose_rule_changed_says_so_when_it_ends() -> None:
    before = stored(found(), POLICY)
    assert reasons(before, with_rule(RECEIVE, enabled=False))[RECEIVE] == RULE_OFF
    assert reasons(before, with_rule(RECEIVE, valid_to=day("2022-01-31")))[RECEIVE] == RULE_OFF
    longer = with_rule(RECEIVE, thresholds={"working_days": 5, "urgent_working_days": 0})
    assert reasons(before, longer)[RECEIVE] == RULE_CHANGED


def test_a_finding_that_ends_by_itself_under_the_same_rules_is_no_longer_so() -> None:
    before = stored(found(), POLICY)
    now = evaluate([], [], POLICY, NOW)
    closed = compare(before, now.hits, now.not_evaluable, POLICY.rules).closed
    assert {reason for _, _, reason in closed} == {NO_LONGER}
