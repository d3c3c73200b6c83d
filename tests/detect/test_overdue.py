"""TD01-TD05 on hand-made histories."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.detect.evaluate import evaluate
from connector.domain.findings import Hit
from connector.domain.history import TaskHistory
from connector.domain.status import Status
from tests.builders import DONE, OPEN, at, day, history, policy, state, wrote

POLICY = policy()


def rules(task: TaskHistory, moment: object) -> dict[str, Hit]:
    return {hit.key.rule: hit for hit in evaluate([task], [], POLICY, moment).hits}  # type: ignore[arg-type]


def unknown(task: TaskHistory, moment: object) -> set[str]:
    return {one.rule for one in evaluate([task], [], POLICY, moment).not_evaluable}  # type: ignore[arg-type]


def test_a_task_is_overdue_from_the_first_moment_after_its_due_day() -> None:
    task = history((at("2022-02-10"), state(due="2022-02-16")), last=at("2022-02-20"))
    assert "TD01_OVERDUE" not in rules(task, at("2022-02-16", "23:59"))
    hit = rules(task, at("2022-02-17", "00:00"))["TD01_OVERDUE"]
    assert hit.breached_on == day("2022-02-17")
    assert hit.facts["days_overdue"] == 1


def test_a_due_date_on_a_saturday_is_met_until_monday_ends_but_days_count_from_the_printed_date() -> None:
    task = history((at("2022-02-10"), state(due="2022-02-19")), last=at("2022-02-25"))
    assert "TD01_OVERDUE" not in rules(task, at("2022-02-21", "20:00"))
    assert rules(task, at("2022-02-22", "08:00"))["TD01_OVERDUE"].facts["days_overdue"] == 3


def test_a_due_date_in_tet_is_met_until_the_first_working_day_after_it_ends() -> None:
    task = history((at("2022-01-20"), state(due="2022-02-02")), last=at("2022-02-10"))
    assert "TD01_OVERDUE" not in rules(task, at("2022-02-07", "23:00"))
    assert "TD01_OVERDUE" in rules(task, at("2022-02-08", "00:00"))


def test_a_task_not_read_since_its_deadline_is_not_called_overdue() -> None:
    task = history((at("2022-02-10"), state(due="2022-02-16")), last=at("2022-02-16", "09:00"))
    assert "TD01_OVERDUE" not in rules(task, at("2022-02-18", "08:00"))
    assert "TD01_OVERDUE" in unknown(task, at("2022-02-18", "08:00"))


def test_the_nightly_reading_of_the_due_day_vouches_for_the_rest_of_that_day() -> None:
    task = history((at("2022-02-10"), state(due="2022-02-16")), last=at("2022-02-16"))
    assert "TD01_OVERDUE" in rules(task, at("2022-02-17", "07:15"))


def test_a_task_finished_on_its_due_day_is_not_late() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-18"), state(DONE)), last=at("2022-02-25"))
    assert "TD02_DONE_LATE" not in rules(task, at("2022-02-25"))


def test_a_task_still_open_the_night_its_due_day_ended_and_done_a_day_later_is_late() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-19"), state(DONE)), last=at("2022-02-25"))
    assert rules(task, at("2022-02-25"))["TD02_DONE_LATE"].facts["finished"] == "2022-02-19"


def test_a_gap_in_our_readings_never_makes_a_task_late() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-25"), state(DONE)), last=at("2022-02-25"), nightly=False)
    assert "TD02_DONE_LATE" not in rules(task, at("2022-02-25"))


def test_a_reported_completion_date_decides_even_where_readings_have_a_gap() -> None:
    done = state(DONE, completed_on=day("2022-02-21"))
    task = history((at("2022-02-10"), state()), (at("2022-02-25"), done), nightly=False)
    assert rules(task, at("2022-02-25"))["TD02_DONE_LATE"].facts["observed"] is False


@pytest.mark.parametrize(("days", "band"), [(30, None), (31, "30"), (120, "30"), (121, "120")])
def test_long_overdue_is_said_in_the_highest_band_passed(days: int, band: str | None) -> None:
    task = history((at("2022-02-10"), state(due="2022-02-16")), last=at("2022-12-01"))
    moment = at(str(day("2022-02-16").fromordinal(day("2022-02-16").toordinal() + days)), "12:00")
    hit = rules(task, moment).get("TD03_LONG_OVERDUE")
    assert (hit.key.band if hit else None) == band


@pytest.mark.parametrize(
    ("today", "band"),
    [("2022-02-08", None), ("2022-02-09", "7"), ("2022-02-14", "7"), ("2022-02-15", "3"), ("2022-02-17", "1"),
     ("2022-02-18", "1")],
)  # fmt: skip
def test_reminders_come_seven_three_and_one_working_days_before(today: str, band: str | None) -> None:
    task = history((at("2022-02-07"), state()), last=at("2022-02-18"))
    hit = rules(task, at(today, "08:00")).get("TD05_DUE_SOON")
    assert (hit.key.band if hit else None) == band


def test_a_task_with_no_deadline_is_stale_after_three_months_without_a_word() -> None:
    silent = history((at("2022-02-10"), state(due=None)), last=at("2022-06-01"))
    spoke = history(
        (at("2022-02-10"), state(due=None)), last=at("2022-06-01"), flow=[wrote("Đang làm", at("2022-02-20"))]
    )
    assert "TD04_NO_DEADLINE_STALE" not in rules(silent, at("2022-05-10"))
    assert rules(silent, at("2022-05-11"))["TD04_NO_DEADLINE_STALE"].breached_on == day("2022-05-11")
    assert "TD04_NO_DEADLINE_STALE" not in rules(spoke, at("2022-06-01"))


@pytest.mark.parametrize("status", [Status.PAUSED, Status.REFUSED, Status.CANCELLED, Status.UNKNOWN])
def test_nobody_is_called_late_for_a_task_that_is_not_theirs_to_do(status: Status) -> None:
    task = history((at("2022-02-10"), state(status, due="2022-02-16")), last=at("2022-02-28"))
    assert "TD01_OVERDUE" not in rules(task, at("2022-02-28"))


def test_a_due_date_beyond_every_calendar_costs_that_task_its_verdict_and_no_other() -> None:
    mistyped = history((at("2022-02-10"), state(due="2099-02-16")), last=at("2022-02-28"))
    other = history((at("2022-02-10"), state(due="2022-02-16")), last=at("2022-02-28"), task_id="90002")
    result = evaluate([mistyped, other], [], POLICY, at("2022-02-28"))
    assert {hit.task_id for hit in result.hits if hit.key.rule == "TD01_OVERDUE"} == {"90002"}
    assert {one.subject_id for one in result.not_evaluable if one.rule == "TD01_OVERDUE"} == {"90001"}


def test_a_vanished_task_is_not_overdue_but_one_that_came_back_is() -> None:
    gone = history((at("2022-02-10"), state(due="2022-02-16")), (at("2022-02-15"), state(present=False)))
    back = history(
        (at("2022-02-10"), state(due="2022-02-16")),
        (at("2022-02-15"), state(present=False)),
        (at("2022-02-17"), state(due="2022-02-16")),
        last=at("2022-02-20"),
    )
    assert rules(gone, at("2022-02-20")) == {}
    assert "TD01_OVERDUE" in rules(back, at("2022-02-20"))


def test_tasks_given_inside_an_agency_are_never_looked_at() -> None:
    inside = history((at("2022-02-10"), state(assigner="Giám đốc Mẫu 11")), last=at("2022-02-28"))
    assert evaluate([inside], [], POLICY, at("2022-02-28")).cases == ()


@given(first=st.integers(0, 60), later=st.integers(0, 60))
def test_lateness_never_shrinks_as_days_pass(first: int, later: int) -> None:
    task = history((at("2022-02-10"), state(OPEN, due="2022-02-16")), last=at("2022-07-01"))
    base = day("2022-02-17").toordinal()

    def overdue(offset: int) -> int:
        moment = at(str(day("2022-01-01").fromordinal(base + offset)), "09:00")
        hit = rules(task, moment).get("TD01_OVERDUE")
        return int(str(hit.facts["days_overdue"])) if hit else 0

    assert overdue(first) <= overdue(first + later)
