"""Which steps a finding may take, and what a waiver covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.finding_life import TRANSITIONS, Step, Waiver, after, waiver_of, waiver_steps
from connector.domain.findings import Finding, FindingKey, FindingState, Hit, Subject

NOW = datetime(2022, 2, 21, 1, tzinfo=UTC)
DAY = date(2022, 2, 21)
KEY = FindingKey("TD01_OVERDUE", Subject.TASK, "90001", "SO_TP")
FINDING = Finding(1, Hit(KEY, DAY, "quá hạn"), FindingState.OPEN, NOW, NOW, None)
WAIVER = Waiver("TD01_OVERDUE", "90001", "SO_TP", "chờ trung ương", "Nguyễn Văn Mẫu", NOW, DAY + timedelta(days=7))


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (FindingState.OPEN, {Step.ACKNOWLEDGED, Step.WAIVED, Step.CLOSED}),
        (FindingState.ACKNOWLEDGED, {Step.WAIVED, Step.CLOSED}),
        (FindingState.WAIVED, {Step.RESUMED, Step.CLOSED}),
        (FindingState.CLOSED, {Step.REOPENED}),
    ],
)
def test_each_state_allows_its_steps_and_no_other(state: FindingState, allowed: set[Step]) -> None:
    assert {step for step in Step if after(state, step) is not None} == allowed


def test_every_state_can_be_reached_and_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(FindingState) == set(TRANSITIONS.values())


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"rule": "", "subject_id": ""}, True),
        ({"subject_id": "90002"}, False),
        ({"agency": "SO_YT"}, False),
        ({"rule": "TD03_LONG_OVERDUE"}, False),
        ({"until": DAY}, True),
        ({"until": DAY - timedelta(days=1)}, False),
        ({"ended_at": NOW}, False),
        ({"since": NOW + timedelta(seconds=1)}, False),
    ],
)
def test_a_waiver_covers_what_it_names_and_ends_by_itself(changes: dict[str, object], covered: bool) -> None:
    waiver = replace(WAIVER, **changes)  # type: ignore[arg-type]
    steps = waiver_steps([FINDING], [waiver], DAY, NOW)
    assert [step for _, step, _ in steps] == ([Step.WAIVED] if covered else [])
    waived = replace(FINDING, state=FindingState.WAIVED)
    assert [step for _, step, _ in waiver_steps([waived], [waiver], DAY, NOW)] == ([] if covered else [Step.RESUMED])


def test_a_closed_finding_is_not_waived_and_the_waiver_that_ends_last_is_named() -> None:
    longer = replace(WAIVER, until=DAY + timedelta(days=30), reason="gia hạn", id=2)
    assert waiver_steps([replace(FINDING, state=FindingState.CLOSED)], [WAIVER], DAY, NOW) == []
    ((_, _, reason),) = waiver_steps([FINDING], [WAIVER, longer], DAY, NOW)
    assert reason == "miễn xét đến 23/03/2022: gia hạn"
    assert waiver_of(KEY, [WAIVER, longer]) == longer
