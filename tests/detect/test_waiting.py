"""PV05, PV11, PV12, PV14, PV16, PV19, PV20 where the shipped examples do not go: gaps between readings."""

from __future__ import annotations

from datetime import datetime

import pytest

from connector.detect.evaluate import evaluate
from connector.domain.findings import Hit
from connector.domain.history import TaskHistory
from connector.domain.status import Status
from tests.builders import DONE, at, day, history, policy, state, wrote

POLICY = policy()
NOW = at("2022-02-28", "07:15")


def hits(task: TaskHistory, rule: str, moment: datetime = NOW) -> list[Hit]:
    return [hit for hit in evaluate([task], [], POLICY, moment).hits if hit.key.rule.startswith(rule)]


def unknown(task: TaskHistory, rule: str, moment: datetime = NOW) -> list[str]:
    return [one.reason for one in evaluate([task], [], POLICY, moment).not_evaluable if one.rule.startswith(rule)]


# -- PV05 ----------------------------------------------------------------------------------------------------------


def test_silence_is_counted_from_the_latest_moment_the_last_row_can_have_been_written() -> None:
    row = wrote("Đã dự thảo", at("2022-02-21"), after=at("2022-02-11"))
    task = history((at("2022-02-10"), state(due="2022-03-18")), last=at("2022-02-28"), flow=[row])
    assert hits(task, "PV05") == [], "five working days after 21/02 are not over"
    (hit,) = hits(task, "PV05", at("2022-03-01", "07:15"))
    assert hit.breached_on == day("2022-03-01")
    assert hit.reason == "Từ ngày 21/02/2022, đến hết ngày 28/02/2022 chưa cập nhật tiến độ."


def test_what_somebody_else_writes_is_no_progress_of_the_lead() -> None:
    row = wrote("Đôn đốc", at("2022-02-25"), author="UBND tỉnh")
    task = history((at("2022-02-10"), state(due="2022-03-18")), last=at("2022-02-27"), flow=[row])
    (hit,) = hits(task, "PV05")
    assert hit.breached_on == day("2022-02-18")


def test_a_new_lead_has_its_own_days() -> None:
    task = history(
        (at("2022-02-10"), state(due="2022-03-18")),
        (at("2022-02-23"), state(due="2022-03-18", lead="Sở Tài chính")),
        last=at("2022-02-27"),
    )
    assert hits(task, "PV05") == []
    (late,) = hits(history(*[(one.observed_at, one.state) for one in task.versions], last=at("2022-03-02")), "PV05",
                   at("2022-03-03"))  # fmt: skip
    assert (late.key.agency, late.breached_on) == ("SO_TC", day("2022-03-03"))


def test_a_row_read_later_that_may_have_been_in_time_leaves_the_silence_undecided() -> None:
    row = wrote("Đã gửi", at("2022-03-01"), after=at("2022-02-15"))
    task = history((at("2022-02-10"), state(due="2022-03-18")), last=at("2022-03-01"), flow=[row])
    assert hits(task, "PV05") == []
    assert unknown(task, "PV05") == ["không biết tiến độ được cập nhật trước hay sau thời hạn"]


def test_a_finished_or_paused_task_owes_no_progress() -> None:
    for status in (DONE, Status.PAUSED, Status.WAIT_CONFIRM):
        assert hits(history((at("2022-02-10"), state(status)), last=at("2022-02-27")), "PV05") == []


# -- PV14, PV16 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "status"), [("PV14", Status.RETURNED), ("PV16", Status.WAIT_CONFIRM)], ids=["rework", "confirm"]
)
def test_a_change_that_may_have_come_before_the_limit_is_not_held_against_anybody(rule: str, status: Status) -> None:
    waiting = (at("2022-02-14"), state(status, due="2022-03-18"))
    late_known = history(waiting, (at("2022-02-25"), state(DONE, due="2022-03-18")), nightly=False)
    assert hits(late_known, rule, at("2022-02-20")) == []
    assert unknown(late_known, rule, at("2022-02-20")) == ["chưa đọc lại nhiệm vụ sau thời hạn"]
    nightly = history(waiting, (at("2022-02-25"), state(DONE, due="2022-03-18")))
    (hit,) = hits(nightly, rule, at("2022-02-20"))
    assert hit.breached_on == day("2022-02-18")
    assert hits(nightly, rule) == [], "it is over"


# -- PV11, PV12 ----------------------------------------------------------------------------------------------------


def test_a_due_date_moved_after_it_had_passed_keeps_the_breach() -> None:
    task = history(
        (at("2022-02-10"), state(due="2022-02-18")), (at("2022-02-22"), state(due="2022-03-18")), last=at("2022-02-27")
    )
    (hit,) = hits(task, "PV12")
    assert (hit.key.band, hit.breached_on) == ("2022-02-18", day("2022-02-22"))
    assert hit.reason == "Hạn 18/02/2022 được lùi thành 18/03/2022 sau khi đã qua."


def test_a_due_date_moved_at_an_unknown_moment_is_undecided() -> None:
    task = history(
        (at("2022-02-10"), state(due="2022-02-18")),
        (at("2022-02-22"), state(due="2022-03-18")),
        last=at("2022-02-27"),
        nightly=False,
    )
    assert hits(task, "PV12") == []
    assert unknown(task, "PV12") == ["không biết đổi hạn lúc nào"]


def test_a_due_date_moved_to_an_earlier_day_is_no_extension() -> None:
    dues = ("2022-03-18", "2022-03-10", "2022-03-04")
    seen = [(at(f"2022-02-{10 + number}"), state(due=due)) for number, due in enumerate(dues)]
    assert hits(history(*seen, last=at("2022-02-27")), "PV11") == []


# -- PV19, PV20 ----------------------------------------------------------------------------------------------------


def test_every_contradiction_of_dates_is_named() -> None:
    wrong = state(DONE, due="2022-02-05", assigned_on=day("2022-02-10"), completed_on=day("2022-03-09"))
    (hit,) = hits(history((at("2022-02-27"), wrong)), "PV19")
    assert hit.reason == (
        "Hạn xử lý 05/02/2022 trước ngày giao 10/02/2022; ngày hoàn thành 09/03/2022 sau ngày đọc 27/02/2022."
    )


@pytest.mark.parametrize(
    ("label", "due", "completed", "conflict"),
    [
        ("Hoàn thành đúng hạn", "2022-02-18", "2022-02-18", False),
        ("Hoàn thành đúng hạn", "2022-02-19", "2022-02-21", False),  # due on a Saturday
        ("Hoàn thành quá hạn", "2022-02-19", "2022-02-21", False),
        ("Hoàn thành quá hạn", "2022-02-18", "2022-02-18", True),
        ("Hoàn thành trước hạn", "2022-02-18", "2022-02-22", True),
        ("Đã hoàn thành", "2022-02-18", "2022-02-22", False),
    ],
)
def test_a_label_that_says_when_must_agree_with_the_date(label: str, due: str, completed: str, conflict: bool) -> None:
    shown = state(DONE, due=due, status_label=label, completed_on=day(completed))
    assert bool(hits(history((at("2022-02-27"), shown)), "PV20")) is conflict
