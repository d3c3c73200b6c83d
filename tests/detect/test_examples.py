"""The examples shipped with the rules, run as tests; and that no rule is without one (F52, F105)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.clock import OFFICE_ZONE
from connector.detect.evaluate import DOCUMENT_CONDITIONS, TASK_CONDITIONS
from connector.detect.examples import check_example
from connector.domain.examples import Example, Verdict
from connector.domain.findings import Subject
from connector.reference.rules import supplied_rules
from tests.builders import day, policy

SUPPLIED = supplied_rules(OFFICE_ZONE)
POLICY = policy()


@pytest.mark.parametrize("example", SUPPLIED.examples, ids=lambda one: f"{one.rule} {one.case}")
def test_a_rule_concludes_from_its_example_what_it_says(example: Example) -> None:
    assert check_example(example, POLICY) == ""


def test_every_rule_has_a_condition_or_names_what_no_source_tells() -> None:
    conditions = {*TASK_CONDITIONS, *DOCUMENT_CONDITIONS}
    assert {rule.id for rule in SUPPLIED.book if not rule.missing} == conditions
    assert {rule.id for rule in SUPPLIED.book if not set(rule.missing) <= set(rule.needs)} == set()
    assert {rule.id for rule in SUPPLIED.book if rule.subject is Subject.DOCUMENT} >= set(DOCUMENT_CONDITIONS)


def test_every_condition_has_an_example_that_finds_and_one_that_does_not() -> None:
    shown: dict[str, set[Verdict]] = {}
    for one in SUPPLIED.examples:
        shown.setdefault(one.rule, set()).add(one.expect)
    assert {rule.id for rule in SUPPLIED.book if not rule.missing} == set(shown)
    assert {rule for rule, verdicts in shown.items() if not {Verdict.FINDING, Verdict.NONE} <= verdicts} == set()


def test_an_example_that_does_not_hold_says_what_was_concluded_instead() -> None:
    overdue = next(one for one in SUPPLIED.examples if one.rule == "TD01_OVERDUE")
    wanted = check_example(replace(overdue, expect=Verdict.NONE), POLICY)
    assert wanted.startswith("phải là: không có phát hiện; kết luận: có phát hiện (Hạn xử lý 18/02/2022")
    other_day = check_example(replace(overdue, on=day("2022-02-20")), POLICY)
    assert other_day == "phát hiện khác mong đợi: ngày 19/02/2022, cơ quan SO_YT"
