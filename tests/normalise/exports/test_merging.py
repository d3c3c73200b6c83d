"""What an export changes: newer values, and what nobody had told; never a newer value by an older one."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clock import OFFICE_ZONE
from connector.domain.records import DocumentState, Line, TaskState
from connector.domain.status import Role, Status
from connector.normalise.exports.merging import REASONS, Merged, merge_document, merge_task
from tests.normalise.exports.builders import code_of

NOON = datetime(2022, 2, 20, 12, tzinfo=OFFICE_ZONE)
LATER, EARLIER = NOON + timedelta(days=8), NOON - timedelta(days=8)
TOLD = frozenset({
    "name", "assigner", "lead", "status", "status_label", "assigned_on", "assigned_at", "due_on", "due_at", "urged",
    "lines", "completed_on",
})  # fmt: skip
API = frozenset(one.name for one in fields(TaskState)) - {"completed_on"}
"""The API tells everything but the completion date."""

STORED = TaskState(
    name="Rà soát",
    assigner="Lãnh đạo Mẫu 01",
    lead="Sở Tài chính",
    status=Status.IN_PROGRESS,
    status_label="Chưa hoàn thành",
    assigned_on=date(2022, 2, 8),
    assigned_at=datetime(2022, 2, 8, 7, 30, tzinfo=OFFICE_ZONE),
    due_on=date(2022, 2, 18),
    due_at=None,
    content="nội dung",
    lines=(Line("Sở Tài chính", Role.LEAD, "Xử lý chính", "Chưa hoàn thành"),),
)
ROW = replace(STORED, assigned_at=None, content=None, lines=())
DONE = replace(ROW, status=Status.DONE, status_label="Hoàn thành quá hạn", completed_on=date(2022, 2, 19))


def merge(
    incoming: TaskState,
    at: datetime,
    stored: TaskState = STORED,
    known: datetime = NOON,
    last_open_on: date | None = None,
    told: frozenset[str] = TOLD,
    **options: bool,
) -> Merged[TaskState]:
    return merge_task(stored, dict.fromkeys(API, known), incoming, at, told, code_of, last_open_on, **options)


def said(found: Merged[TaskState]) -> tuple[dict[str, str], dict[str, str]]:
    return {one.field: one.why for one in found.changes}, {one.field: one.why for one in found.kept}


def test_a_newer_export_changes_what_differs_and_only_that() -> None:
    found = merge(replace(DONE, due_on=date(2022, 2, 25)), LATER)
    assert said(found) == ({"status": "newer", "due_on": "newer", "completed_on": "first"}, {})
    assert found.state == replace(
        STORED,
        status=Status.DONE,
        status_label="Hoàn thành quá hạn",
        due_on=date(2022, 2, 25),
        completed_on=date(2022, 2, 19),
    )
    assert found.confirmed == {"name", "assigner", "lead", "assigned_on", "assigned_at", "urged"}


@pytest.mark.parametrize("at", [EARLIER, NOON])
def test_an_older_export_overwrites_nothing_and_says_what_it_left(at: datetime) -> None:
    found = merge(replace(DONE, due_on=date(2022, 2, 25)), at)
    assert found.state == STORED
    assert said(found) == ({}, {"status": "older", "due_on": "older"})


def test_an_older_export_still_tells_the_completion_date_the_api_has_not() -> None:
    stored = replace(STORED, status=Status.DONE, status_label="Đã hoàn thành")
    found = merge(DONE, EARLIER, stored)
    assert said(found) == ({"completed_on": "first"}, {})
    assert found.state == replace(stored, completed_on=date(2022, 2, 19))


def test_a_completion_of_an_earlier_round_is_not_taken_for_the_present_one() -> None:
    stored = replace(STORED, status=Status.DONE, status_label="Đã hoàn thành")
    found = merge(DONE, LATER, stored, last_open_on=date(2022, 2, 22))
    assert said(found) == ({}, {"completed_on": "done_again"})
    assert merge(DONE, LATER, stored, last_open_on=date(2022, 2, 19)).state.completed_on == date(2022, 2, 19)


def test_a_task_that_is_open_again_has_no_completion_date() -> None:
    stored = replace(DONE, lines=None)
    found = merge(replace(ROW, status=Status.RETURNED, status_label="Trả lại"), LATER, stored)
    assert said(found) == ({"status": "newer", "completed_on": "not_done"}, {})
    assert found.state.completed_on is None


def test_an_empty_cell_takes_nothing_away() -> None:
    empty = replace(ROW, assigner="", lead="", due_on=None, status=Status.UNKNOWN, status_label="")
    found = merge(empty, LATER)
    assert found.state == STORED
    assert said(found) == ({}, dict.fromkeys(("assigner", "lead", "status", "due_on"), "blank"))


@pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED, Status.WAIT_CONFIRM, Status.NOT_STARTED])
def test_a_missing_completion_date_reopens_nothing(status: Status) -> None:
    stored = replace(STORED, status=status, status_label="x", lines=())
    found = merge(replace(ROW, status_label=""), LATER, stored, implied=True)
    assert found.state == stored
    assert said(found) == ({}, {} if status.is_open else {"status": "implied"})
    unknown = replace(stored, status=Status.UNKNOWN, status_label="?")
    assert merge(replace(ROW, status_label=""), LATER, unknown, implied=True).state.status is Status.IN_PROGRESS


def test_only_the_lists_of_the_source_reopen_what_they_showed_as_finished() -> None:
    stored = replace(STORED, status=Status.DONE, status_label="Đã hoàn thành", lines=())
    assert said(merge(ROW, LATER, stored, listed=True)) == ({}, {"status": "listed"})
    assert said(merge(ROW, LATER, stored)) == ({"status": "newer"}, {})
    assert said(merge(DONE, LATER, replace(stored, status=Status.IN_PROGRESS), listed=True))[0]["status"] == "newer"


def test_a_label_nobody_mapped_is_news_all_the_same() -> None:
    found = merge(replace(ROW, status=Status.UNKNOWN, status_label="Tạm để đó"), LATER)
    assert (found.state.status, found.state.status_label) == (Status.UNKNOWN, "Tạm để đó")


@pytest.mark.parametrize(
    "changes",
    [
        {"lead": "Sở TC"},
        {"lead": "Sở  Tài chính tỉnh Lạng Sơn"},
        {"assigner": "LÃNH ĐẠO MẪU 01"},
        {"name": "Rà  soát"},
        {"status_label": "Đang thực hiện"},
    ],
)
def test_the_same_in_other_words_is_no_change(changes: dict[str, str]) -> None:
    found = merge(replace(ROW, **changes), LATER)  # type: ignore[arg-type]
    assert said(found) == ({}, {})
    assert found.state == STORED


def test_what_the_export_has_no_column_for_is_not_touched() -> None:
    found = merge(replace(DONE, due_on=None, urged=True), LATER, told=frozenset({"name", "urged"}))
    assert said(found) == ({"urged": "newer"}, {})


def test_lines_of_the_source_are_not_replaced_and_missing_ones_are_taken() -> None:
    lines = (Line("Sở Y tế", Role.LEAD, "", ""),)
    assert merge(replace(ROW, lines=lines), LATER).state.lines == STORED.lines
    found = merge_task(replace(STORED, lines=None), {}, replace(ROW, lines=lines), LATER, TOLD, code_of)
    assert found.state.lines == lines


STATES = st.builds(
    replace,
    st.just(ROW),
    lead=st.sampled_from(["", "Sở Tài chính", "Sở TC", "Sở Y tế"]),
    status=st.sampled_from([Status.DONE, Status.IN_PROGRESS, Status.UNKNOWN]),
    status_label=st.sampled_from(["", "Đã hoàn thành", "Tạm để đó"]),
    due_on=st.sampled_from([None, date(2022, 2, 18), date(2022, 2, 25)]),
    completed_on=st.sampled_from([None, date(2022, 2, 15), date(2022, 2, 16)]),
    urged=st.booleans(),
)
TIMES = st.sampled_from([EARLIER, NOON, LATER])


@given(STATES, STATES, TIMES, TIMES)
def test_an_export_read_twice_changes_nothing_the_second_time(
    stored: TaskState, incoming: TaskState, known: datetime, at: datetime
) -> None:
    once = merge_task(stored, dict.fromkeys(TOLD, known), incoming, at, TOLD, code_of)
    taken = {one.field for one in once.changes} | set(once.confirmed)
    now = dict.fromkeys(TOLD, known) | dict.fromkeys(taken, max(known, at))
    twice = merge_task(once.state, now, incoming, at, TOLD, code_of)
    assert twice.state == once.state
    assert twice.changes == ()


@given(STATES, STATES)
def test_no_field_known_later_is_ever_changed_by_an_older_export(stored: TaskState, incoming: TaskState) -> None:
    found = merge_task(stored, dict.fromkeys(TOLD, NOON), incoming, EARLIER, TOLD, code_of)
    told = {one.field for one in found.changes}
    assert told <= {"completed_on"}
    if told:
        assert (stored.status, stored.completed_on) == (Status.DONE, None)
    assert replace(found.state, completed_on=None) == replace(stored, completed_on=None)


@given(STATES, STATES, TIMES)
def test_a_completion_date_stands_with_a_finished_task_only(
    stored: TaskState, incoming: TaskState, at: datetime
) -> None:
    stored = replace(stored, completed_on=stored.completed_on if stored.status is Status.DONE else None)
    found = merge_task(stored, dict.fromkeys(TOLD, NOON), incoming, at, TOLD, code_of)
    assert found.state.completed_on is None or found.state.status is Status.DONE


# -- documents ---------------------------------------------------------------------------------------------------------

REGISTERED = DocumentState("15/UBND-TH", date(2022, 2, 8), "UBND tỉnh Lạng Sơn", "V/v rà soát", "", outgoing=True)


def test_a_secret_document_stays_secret_and_an_issued_one_issued() -> None:
    stored = replace(REGISTERED, secret=True)
    incoming = replace(REGISTERED, secret=False, outgoing=False, urgency="Khẩn")
    told = frozenset({"issuer", "subject", "secret", "urgency"})
    found = merge_document(stored, dict.fromkeys(told, NOON), incoming, LATER, told, code_of)
    assert found.state == replace(stored, urgency="Khẩn")
    known = merge_document(REGISTERED, {}, replace(REGISTERED, secret=True), EARLIER, told, code_of)
    assert known.state.secret is True


def test_a_documents_deadline_has_a_day_and_no_hour() -> None:
    incoming, told = replace(REGISTERED, due_on=date(2025, 9, 20)), frozenset({"due_on"})
    found = merge_document(REGISTERED, {}, incoming, LATER, told, code_of)
    assert (found.state.due_on, [one.field for one in found.changes]) == (date(2025, 9, 20), ["due_on"])


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == {"first", "newer", "older", "blank", "implied", "listed", "not_done", "done_again"}
