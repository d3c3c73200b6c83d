"""The days behind a finding, one by one, on findings that the rules themselves made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from connector.detect.counting import DayCount, Manner, count_days
from connector.detect.evaluate import evaluate
from connector.domain.findings import Hit
from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.rules import definition_json
from connector.domain.status import LogAction
from connector.errors import CalendarGap
from tests.builders import DONE, OPEN, at, day, document, history, policy, sent, state, step

POLICY = policy()
END = at("2022-03-15", "23:59")


def found(
    rule: str, tasks: Iterable[TaskHistory] = (), documents: Iterable[DocumentHistory] = (), end: datetime = END
) -> Hit:
    (hit,) = (one for one in evaluate(tasks, documents, POLICY, end).hits if one.key.rule == rule)
    return hit


def count(hit: Hit) -> DayCount:
    thresholds = definition_json(POLICY.rules[hit.key.rule])
    counted = count_days(hit, thresholds, POLICY.deadlines, POLICY.observer.local_date)
    assert counted is not None
    return counted


def said(counted: DayCount) -> list[tuple[str, bool, int, int]]:
    return [(one.day.strftime("%d/%m"), one.working, one.number, one.overdue) for one in counted.days]


def test_a_due_date_on_a_day_off_is_in_time_until_monday_and_late_by_three_days_on_tuesday() -> None:
    task = history((at("2022-02-10"), state(due="2022-02-19")), last=at("2022-02-22"))
    counted = count(found("TD01_OVERDUE", [task], end=at("2022-02-22", "23:59")))
    assert said(counted) == [
        ("19/02", False, 0, 0), ("20/02", False, 0, 0), ("21/02", True, 0, 0), ("22/02", True, 0, 3),
    ]  # fmt: skip
    assert (counted.last_day, counted.agrees, counted.overdue) == (date(2022, 2, 21), True, 3)


@pytest.mark.parametrize("days", [1, 7, 25, 130])
def test_the_count_ends_with_the_figure_of_the_finding(days: int) -> None:
    end = at("2022-02-18", "23:59") + timedelta(days=days)
    task = history((at("2022-02-10"), state()), last=end)
    hit = found("TD01_OVERDUE", [task], end=end)
    counted = count(hit)
    assert counted.overdue == hit.facts["days_overdue"] == days
    late = [one.overdue for one in counted.days if one.overdue]
    assert late == list(range(1, days + 1)), "no day is left out, none counted twice"
    assert counted.days[1].day == hit.breached_on


def test_tet_between_sending_and_receipt_is_not_counted_as_time_allowed() -> None:
    log = (sent(at("2022-01-28", "09:00"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-09", "10:00")))
    counted = count(found("PV01_RECEIVE_LATE", documents=[document(*log, read=END, issued="2022-01-28")]))
    assert (counted.manner, counted.allowed, counted.last_day) == (Manner.LIMIT, 1, date(2022, 2, 7))
    assert [one.day for one in counted.days if one.number] == [date(2022, 2, 7)]
    off = {one.name for one in counted.days if not one.working} - {"Thứ Bảy", "Chủ nhật"}
    assert len(off) >= 4, off
    assert all("Tết" in name for name in off)
    assert (counted.days[-1].day, counted.overdue, counted.agrees) == (date(2022, 2, 9), 2, True)


def test_an_urgent_document_is_counted_by_its_own_limit() -> None:
    log = (sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-11", "10:00")))
    counted = count(found("PV01_RECEIVE_LATE", documents=[document(*log, read=END, urgency="Hỏa tốc")]))
    assert (counted.allowed, counted.last_day, counted.overdue) == (0, date(2022, 2, 10), 1)
    assert counted.agrees


def test_a_task_without_progress_is_counted_by_working_days_up_to_the_first_day_too_late() -> None:
    task = history((at("2022-02-10"), state(due=None)), last=END)
    counted = count(found("PV05_NO_PROGRESS", [task]))
    assert [one.number for one in counted.days if one.number] == [1, 2, 3, 4, 5]
    assert [one.overdue for one in counted.days if one.overdue] == [1]
    assert not counted.ended_between


def test_a_reminder_counts_the_working_days_that_are_left() -> None:
    now = at("2022-02-15", "23:40")
    counted = count(found("TD05_DUE_SOON", [history((at("2022-02-10"), state()), last=now)], end=now))
    assert (counted.manner, counted.allowed, counted.overdue) == (Manner.REMINDER, 3, 0)
    assert [one.number for one in counted.days] == [0, 1, 2, 3]


def test_days_after_the_first_one_too_late_are_not_counted_where_nobody_tells_when_it_ended() -> None:
    seen = history((at("2022-02-10"), state(OPEN)), (at("2022-03-01"), state(DONE)), last=END)
    counted = count(found("TD02_DONE_LATE", [seen]))
    assert (counted.ended_between, counted.overdue) == (True, 1)
    told = history((at("2022-02-10"), state(OPEN)), (at("2022-03-01"), state(DONE, completed_on=day("2022-02-24"))))
    counted = count(found("TD02_DONE_LATE", [told]))
    assert (counted.ended_between, counted.overdue) == (False, 6)


def test_a_finding_the_calendar_no_longer_bears_out_is_said_not_to_agree() -> None:
    late = found("TD01_OVERDUE", [history((at("2022-02-10"), state()), last=END)])
    log = (sent(at("2022-02-10", "09:00"), "Sở Y tế"), step(LogAction.RECEIVED, at("2022-02-21", "10:00")))
    slow = found("PV01_RECEIVE_LATE", documents=[document(*log, read=END)])
    for hit in (late, slow):
        assert count(hit).agrees
        assert not count(replace(hit, breached_on=hit.breached_on + timedelta(days=3))).agrees


def test_a_rule_that_counts_no_days_has_no_count_and_a_year_nobody_entered_is_an_error() -> None:
    late = found("TD01_OVERDUE", [history((at("2022-02-10"), state()), last=END)])
    other = replace(late, key=replace(late.key, rule="PV08_NO_EVIDENCE"))
    assert count_days(other, {}, POLICY.deadlines, POLICY.observer.local_date) is None
    ancient = replace(late, facts={**late.facts, "due": "1950-02-18"})
    with pytest.raises(CalendarGap):
        count(ancient)
