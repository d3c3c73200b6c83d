"""The report's figures from hand-made histories: who is counted, in which state, and what is said of doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.history import DocumentHistory, TaskHistory
from connector.domain.periods import Month
from connector.domain.records import LogEntry, TaskState
from connector.domain.report import MonthlyReport, TimeState
from connector.domain.status import LogAction, Status
from connector.errors import TotalsMismatch
from connector.report.build import build_report, check_totals
from tests.builders import DONE, OPEN, answer, at, day, document, history, policy, sent, state, step

POLICY = policy()
FEBRUARY = Month(2022, 2)


def report(
    *tasks: TaskHistory, documents: tuple[DocumentHistory, ...] = (), as_of: str = "2022-02-28"
) -> MonthlyReport:
    return build_report(
        tasks, documents, POLICY, month=FEBRUARY, as_of=day(as_of), made_at=at("2022-03-04", "09:00"),
        last_sync_at=at("2022-03-03"),
    )  # fmt: skip


def states(found: MonthlyReport) -> list[TimeState]:
    return [task.state for task in found.tasks]


def test_a_task_given_at_ten_to_midnight_of_the_last_day_counts_although_first_read_a_day_later() -> None:
    given_late = state(due="2022-03-10", assigned_on=day("2022-02-28"))
    assert states(report(history((at("2022-03-01"), given_late)))) == [TimeState.OPEN_IN_TIME]


def test_a_task_given_just_after_midnight_belongs_to_the_next_month() -> None:
    next_month = state(due="2022-03-10", assigned_on=day("2022-03-01"))
    assert report(history((at("2022-03-01"), next_month))).counts.assigned == 0


def test_what_happened_after_the_cut_off_is_not_counted_yet() -> None:
    for later in (state(DONE), state(Status.CANCELLED), state(due="2022-03-30"), state(present=False)):
        task = history((at("2022-02-10"), state(due="2022-02-18")), (at("2022-03-01"), later), last=at("2022-03-04"))
        assert states(report(task)) == [TimeState.OPEN_OVERDUE]


def test_a_task_cancelled_by_the_cut_off_is_listed_and_not_counted() -> None:
    task = history((at("2022-02-10"), state()), (at("2022-02-14"), state(Status.CANCELLED)), last=at("2022-03-04"))
    found = report(task)
    assert (found.counts.assigned, found.cancelled) == (0, ("90001",))


def test_a_task_gone_for_good_is_listed_as_missing_and_one_that_came_back_counts() -> None:
    gone = history((at("2022-02-10"), state()), (at("2022-02-15"), state(present=False)), task_id="1")
    back = history(
        (at("2022-02-10"), state()),
        (at("2022-02-28"), state(present=False)),
        (at("2022-03-01"), state()),
        last=at("2022-03-04"),
        task_id="2",
    )
    found = report(gone, back)
    assert found.missing == ("1",)
    assert [task.task_id for task in found.tasks] == ["2"]


def test_done_then_returned_is_unfinished_and_done_again_counts_from_the_second_time() -> None:
    returned = history(
        (at("2022-02-10"), state()), (at("2022-02-14"), state(DONE)), (at("2022-02-16"), state(Status.RETURNED)),
        last=at("2022-03-04"), task_id="1",
    )  # fmt: skip
    again = history(
        (at("2022-02-10"), state()), (at("2022-02-14"), state(DONE)), (at("2022-02-16"), state(Status.RETURNED)),
        (at("2022-02-22"), state(DONE)), last=at("2022-03-04"), task_id="2",
    )  # fmt: skip
    found = {task.task_id: task for task in report(returned, again).tasks}
    assert found["1"].state is TimeState.OPEN_OVERDUE
    assert (found["2"].state, found["2"].completed_on) == (TimeState.LATE, day("2022-02-22"))


def test_waiting_for_approval_is_unfinished() -> None:
    task = history((at("2022-02-10"), state(Status.WAIT_CONFIRM, due="2022-03-03")), last=at("2022-03-04"))
    assert states(report(task)) == [TimeState.OPEN_IN_TIME]


def test_a_completion_between_two_readings_around_the_deadline_is_on_time_and_said_to_be_uncertain() -> None:
    task = history((at("2022-02-17"), state()), (at("2022-02-22"), state(DONE)), last=at("2022-03-04"), nightly=False)
    found = report(task)
    assert states(found) == [TimeState.ON_TIME]
    assert "không đủ căn cứ coi là quá hạn" in found.tasks[0].uncertain
    assert any("có lợi cho cơ quan" in warning for warning in found.warnings)


def test_an_open_task_we_could_not_read_since_its_deadline_is_not_put_on_the_overdue_list() -> None:
    task = history((at("2022-02-17"), state()), (at("2022-03-02"), state(DONE)), last=at("2022-03-04"), nightly=False)
    found = report(task)
    assert (found.counts.open_in_time, found.counts.open_overdue) == (1, 0)
    assert found.tasks[0].uncertain


def test_a_reported_date_decides_and_does_not_count_as_observed() -> None:
    reported = state(DONE, completed_on=day("2022-02-25"))
    seen = history((at("2022-02-10"), state()), (at("2022-02-26"), reported), last=at("2022-03-04"), task_id="1")
    observed = history((at("2022-02-10"), state()), (at("2022-02-18"), state(DONE)), last=at("2022-03-04"), task_id="2")
    found = report(seen, observed)
    assert {task.task_id: task.state for task in found.tasks} == {"1": TimeState.LATE, "2": TimeState.ON_TIME}
    assert found.observed_completions == 1


def test_a_task_with_no_deadline_is_within_time_and_counted_apart() -> None:
    found = report(history((at("2022-02-10"), state(due=None)), last=at("2022-03-04")))
    assert (found.counts.open_in_time, found.counts.no_deadline) == (1, 1)


def test_an_unknown_status_is_neither_done_nor_open_but_listed() -> None:
    found = report(history((at("2022-02-10"), state(Status.UNKNOWN)), last=at("2022-03-04")))
    assert found.counts.assigned == 0
    assert [(one.task_id, "Tạm để đó" in one.why) for one in found.unresolved] == [("90001", True)]


def test_an_agency_nobody_has_mapped_is_counted_under_its_own_name_and_listed() -> None:
    found = report(history((at("2022-02-10"), state(lead="Sở Không Có Thật")), last=at("2022-03-04")))
    assert found.counts.assigned == 1
    assert [agency.name for agency, _ in found.by_agency] == ["Sở Không Có Thật"]
    assert len(found.unresolved) == 1


def test_the_lead_of_the_cut_off_is_counted_not_the_first_one() -> None:
    task = history(
        (at("2022-02-10"), state(lead="Sở Tư pháp")), (at("2022-02-14"), state(lead="SYT")), last=at("2022-03-04")
    )
    assert [agency.code for agency, _ in report(task).by_agency] == ["SO_YT"]


def test_tasks_of_earlier_months_are_backlog_apart() -> None:
    old = history((at("2022-02-01"), state(due="2022-01-20", assigned_on=day("2022-01-05"))), last=at("2022-03-04"))
    found = report(old)
    assert (found.counts.assigned, found.backlog_open, found.backlog_overdue) == (0, 1, 1)


def test_a_document_broken_three_times_counts_once_and_shows_all_three() -> None:
    task = history((at("2022-02-10"), state(due="2022-02-18")), last=at("2022-03-04"))
    source = document(
        *_late_log(), read=at("2022-03-04"), related=[("450002", "2022-02-15")],
    )  # fmt: skip
    found = report(task, documents=(source, answer("450002", "2022-02-15")))
    assert [(one.agency.code, len(one.documents)) for one in found.violations] == [("SO_YT", 1)]
    rules = [finding.rule[:4] for finding in found.violations[0].documents[0].findings]
    assert rules == ["PV01", "PV02", "PV06", "PV07"]


def _late_log() -> list[LogEntry]:
    return [
        sent(at("2022-02-10", "09:00"), "Sở Y tế"),
        step(LogAction.RECEIVED, at("2022-02-15", "09:00")),
        step(LogAction.FORWARDED, at("2022-02-18", "09:00")),
    ]


def test_a_rule_no_source_gives_the_data_for_is_undecided_for_every_task_of_the_month() -> None:
    given = [history((at("2022-02-10"), state(due="2022-03-10")), task_id=one) for one in ("1", "2")]
    older = history((at("2022-02-10"), state(due="2022-03-10", assigned_on=day("2022-01-10"))), task_id="3")
    found = {one.rule: one for one in report(*given, older, documents=(document(),)).not_evaluable}
    extension, entry = found["PV10_EXT_AFTER_DUE"], found["PV15_ENTRY_LATE"]
    assert dict(extension.reasons) == {"thiếu thời điểm đề nghị gia hạn (nguồn không cho biết)": 2}
    assert (extension.without_data, extension.counted, extension.count) == (True, True, 2)
    assert (entry.without_data, entry.counted, entry.count) == (True, False, 1)
    assert not found["PV12_DUE_CHANGED"].without_data


def test_every_rule_that_counts_is_named_under_not_evaluable_even_with_zero() -> None:
    assert {one.rule[:4] for one in report().not_evaluable} >= {"PV01", "PV02", "PV06", "PV07", "PV08"}


def test_secret_tasks_lose_their_name() -> None:
    task = history((at("2022-02-10"), state(name="CANARY-MAT-4711")), last=at("2022-03-04"))
    found = report(task, documents=(document(read=at("2022-03-04"), secret=True),))
    assert found.tasks[0].secret
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize(
    "content",
    [
        "Thực hiện Công văn số 41/UBND-KT ngày 10/02/2022 và số 42/UBND-KT ngày 11/02/2022",
        "Thực hiện Công văn số 41/UBND-KT ngày 10 tháng 02 năm 2022",
        "Theo nhiệm vụ cha",
    ],
    ids=["two documents", "date in words", "only the subject tells"],
)
def test_a_name_is_withheld_even_where_the_link_to_the_secret_document_is_not_certain(content: str) -> None:
    named = state(name="Báo cáo mẫu", content=content)  # the secret document's subject is "V/v báo cáo mẫu"
    task = history((at("2022-02-10"), named), last=at("2022-03-04"))
    secret = document(read=at("2022-03-04"), secret=True)
    other = document(read=at("2022-03-04"), document_id="450099", notation="42/UBND-KT", issued="2022-02-11")
    (found,) = report(task, documents=(secret, other)).tasks
    assert found.secret
    assert "Báo cáo mẫu" not in found.name


def test_after_a_merger_one_agency_stands_once_in_section_two() -> None:
    march = Month(2025, 3)
    source = document(
        sent(at("2025-02-27", "15:00"), "Sở Tài chính", "Sở Kế hoạch và Đầu tư"),
        read=at("2025-03-31"), issued="2025-02-27",
    )  # fmt: skip
    found = build_report(
        [], [source], POLICY, month=march, as_of=march.last, made_at=at("2025-04-01"), last_sync_at=at("2025-04-01")
    )
    assert [(one.agency.name, len(one.documents)) for one in found.violations] == [("Sở Tài chính", 1)]


def test_a_report_begun_after_its_month_says_loudly_that_it_must_not_be_used() -> None:
    done = history((at("2022-03-04"), state(DONE)), task_id="1")
    back = history((at("2022-03-04"), state(Status.RETURNED)), task_id="2")
    found = report(done, back)
    assert any(warning.startswith("KHÔNG DÙNG SỐ LIỆU NÀY") for warning in found.warnings)
    assert all("đọc lần đầu sau thời điểm chốt" in task.uncertain for task in found.tasks)


def test_a_report_begun_in_mid_month_says_from_when_on_it_knows() -> None:
    found = report(history((at("2022-02-15"), state()), last=at("2022-03-04")))
    assert any(warning.startswith("Bắt đầu theo dõi từ") for warning in found.warnings)


def test_a_change_between_the_last_reading_and_the_cut_off_is_said_to_be_possible() -> None:
    task = history(
        (at("2022-01-31"), state(due="2022-03-20")), (at("2022-03-03"), state(DONE, due="2022-03-20")), nightly=False
    )
    (found,) = report(task).tasks
    assert found.state is TimeState.OPEN_IN_TIME
    assert "lần đọc cuối trước thời điểm chốt" in found.uncertain


def test_assigners_who_are_not_counted_are_named() -> None:
    other = history((at("2022-02-10"), state(assigner="Lãnh đạo Mẫu 09")), last=at("2022-03-04"))
    found = report(other)
    assert found.uncounted == {"Lãnh đạo Mẫu 09": 1}
    assert any("counted_assigners" in warning for warning in found.warnings)


def test_the_report_says_when_its_data_ends_before_the_cut_off() -> None:
    found = build_report(
        [history((at("2022-02-10"), state()), last=at("2022-02-27"))], [], POLICY, month=FEBRUARY,
        as_of=day("2022-02-28"), made_at=at("2022-03-01", "08:00"), last_sync_at=at("2022-02-27"),
    )  # fmt: skip
    assert not found.data.covers_cutoff
    assert any("trước thời điểm chốt số liệu" in warning for warning in found.warnings)


def test_figures_that_do_not_add_up_are_never_written() -> None:
    good = report(history((at("2022-02-10"), state()), last=at("2022-03-04")))
    with pytest.raises(TotalsMismatch, match="total"):
        check_totals(replace(good, counts=replace(good.counts, assigned=2)))


_MOMENTS: list[datetime] = [at(f"2022-02-{number:02d}") for number in range(10, 28)]
_STATUSES = st.sampled_from([OPEN, DONE, Status.RETURNED, Status.CANCELLED, Status.WAIT_CONFIRM])


@st.composite
def _task(draw: st.DrawFn, number: int) -> TaskHistory:
    moments = sorted(draw(st.lists(st.sampled_from(_MOMENTS), min_size=1, max_size=4, unique=True)))
    due = draw(st.sampled_from([None, "2022-02-16", "2022-02-19", "2022-02-28", "2022-03-10"]))
    lead = draw(st.sampled_from(["Sở Y tế", "SYT", "Sở Tư pháp", "Ai đó"]))
    seen: list[tuple[datetime, TaskState]] = []
    for moment in moments:
        value = state(draw(_STATUSES), due=due, lead=lead, present=draw(st.booleans()) or not seen)
        seen.append((moment, value))
    return history(*seen, last=at("2022-03-03"), task_id=str(number), nightly=draw(st.booleans()))


@given(st.data())
def test_the_lines_of_the_report_always_add_up_to_its_totals(data: st.DataObject) -> None:
    tasks = [data.draw(_task(number)) for number in range(data.draw(st.integers(0, 8)))]
    found = report(*tasks)
    counts = found.counts
    assert counts.assigned == counts.on_time + counts.late + counts.open_in_time + counts.open_overdue
    assert counts.assigned + len(found.cancelled) + len(found.missing) == len(tasks)
    assert sum(one.assigned for _, one in found.by_agency) == counts.assigned


def test_a_due_date_beyond_every_calendar_is_counted_within_time_and_said() -> None:
    found = report(history((at("2022-02-10"), state(due="2099-12-31")), last=at("2022-03-04")))
    assert states(found) == [TimeState.OPEN_IN_TIME]
    assert "ngoài lịch làm việc" in found.tasks[0].uncertain


def test_after_the_mergers_a_task_is_printed_under_the_name_of_the_cut_off_day() -> None:
    july = Month(2025, 7)
    given_on = day("2025-07-02")
    finance = history((at("2025-07-03"), state(due=None, lead="Sở Kế hoạch và Đầu tư", assigned_on=given_on)))
    district = history((at("2025-07-03"), state(due=None, lead="huyện Hữu Lũng", assigned_on=given_on)), task_id="2")
    found = build_report(
        [finance, district], [], POLICY, month=july, as_of=july.last, made_at=at("2025-08-01"),
        last_sync_at=at("2025-08-01"),
    )  # fmt: skip
    assert found.has_communes
    assert {task.agency.name for task in found.tasks} == {"Sở Tài chính", "UBND huyện Hữu Lũng"}
    assert [(one.task_id, "nhiều đơn vị kế thừa" in one.why) for one in found.unresolved] == [("2", True)]
