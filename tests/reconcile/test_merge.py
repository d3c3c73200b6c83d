"""One record, however many lists, accounts and lines show it (F102)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import DocumentRow, DocumentState, Stream, TaskRow
from connector.domain.status import Role, Status
from connector.reconcile.merge import by_task, is_authoritative, one_document
from tests.builders import OFFICE, at, day
from tests.reconcile.builders import row

RECEIVED = Stream("test", "ketnoi.mau", "1001", "duocgiao")


def line(role: Role, line_id: str = "5", **fields: object) -> TaskRow:
    return row(stream=RECEIVED, role=role, line_id=line_id, **fields)


def test_the_assigners_list_speaks_for_a_task_before_the_leads_line_and_that_before_the_others() -> None:
    ranked = [
        row(status=Status.DONE),
        line(Role.LEAD, "6"),
        line(Role.UNKNOWN, "7"),
        line(Role.INFORMED, "8"),
        line(Role.COOPERATING, "9"),
    ]
    for first in range(len(ranked)):
        for shown in (ranked[first:], ranked[first:][::-1]):
            merged = by_task(shown)["90001"]
            assert merged.best == ranked[first]
            assert merged.rows == tuple(ranked[first:])
            assert merged.fetched_at == ranked[first].fetched_at


@pytest.mark.parametrize(
    ("shown", "expected"),
    [(row(), True), (line(Role.LEAD), True), (line(Role.COOPERATING), False), (line(Role.UNKNOWN), False)],
)
def test_only_the_assigners_list_and_the_leads_line_show_the_tasks_own_status(shown: TaskRow, expected: bool) -> None:
    assert is_authoritative(shown) is expected
    assert by_task([shown])["90001"].authoritative is expected


def test_the_choice_does_not_depend_on_the_order_of_reading() -> None:
    rows = [row(stream=Stream("test", account, identity, "dagiao")) for account, identity in ("c1", "b2", "a3")]
    chosen = {by_task(some)["90001"].best.stream.identity for some in itertools.permutations(rows)}
    assert chosen == {"1"}


def test_tasks_are_grouped_by_their_id_and_of_one_line_met_twice_the_later_row_counts() -> None:
    merged = by_task([row(), row(task_id="90002"), row(name="Tên mới")])
    assert set(merged) == {"90001", "90002"}
    assert [one.name for one in merged["90001"].rows] == ["Tên mới"]
    assert by_task([]) == {}


WATCHED: dict[str, object] = {
    "name": "Tên mới", "status_label": "Đã hoàn thành", "lead": "Sở Tư pháp", "assigner": "Chủ tịch",
    "assigned_on": day("2022-02-11"), "assigned_at": at("2022-02-10", "09:00"), "due_on": day("2022-02-19"),
    "due_at": at("2022-02-18", "17:00"), "priority": "Khẩn", "urged": True, "evaluation": "Tốt",
    "evaluation_note": "đúng hạn",
}  # fmt: skip


@pytest.mark.parametrize("name", WATCHED)
def test_a_change_of_any_watched_field_shows_in_the_digest(name: str) -> None:
    before, after = by_task([row()])["90001"], by_task([replace(row(), **{name: WATCHED[name]})])["90001"]  # type: ignore[arg-type]
    assert before.digest != after.digest


def test_who_showed_a_task_and_when_does_not_show_in_the_digest() -> None:
    other = row(stream=Stream("test", "b", "2", "dagiao"), fetched_at=at("2022-02-16"))
    assert by_task([row()])["90001"].digest == by_task([other])["90001"].digest
    assert (
        by_task([row(), line(Role.COOPERATING, status_label="Khác")])["90001"].digest
        == by_task([row()])["90001"].digest
    )


@given(st.permutations([row(), line(Role.LEAD), line(Role.COOPERATING, "6"), line(Role.LEAD, "4", name="khác")]))
def test_any_order_of_rows_gives_the_same_task(rows: list[TaskRow]) -> None:
    merged = by_task(rows)["90001"]
    assert merged == by_task(sorted(rows, key=lambda one: one.line_id))["90001"]


# -- documents ---------------------------------------------------------------------------------------------------------

STATE = DocumentState("41/UBND-KT", day("2022-02-10"), OFFICE, "V/v báo cáo", "Khẩn", outgoing=False)


def document(name: str, identity: str = "1001", **state: object) -> DocumentRow:
    stream = Stream("test", "ketnoi.mau", identity, name)
    return DocumentRow(stream, "450001", replace(STATE, **state), datetime(2022, 2, 15, tzinfo=UTC))  # type: ignore[arg-type]


def test_a_documents_own_list_speaks_for_it_before_a_search() -> None:
    found = document("issued:2022-02-01..2022-02-28", urgency="")
    listed = document("processed")
    for rows in ([found, listed], [listed, found]):
        assert one_document(rows) == listed
    assert one_document([found]) == found


def test_the_row_of_a_document_is_chosen_by_name_and_not_by_order() -> None:
    rows = [document(name, identity) for name in ("B", "A") for identity in ("2", "1")]
    assert {one_document(some).stream.identity + one_document(some).stream.list
            for some in itertools.permutations(rows)} == {"1A"}  # fmt: skip


def test_a_document_was_issued_by_the_office_if_any_list_says_so() -> None:
    rows = [document("A"), document("DI_DA_PHAT_HANH", outgoing=True)]
    assert one_document(rows).state == replace(STATE, outgoing=True)
    assert one_document(rows).stream.list == "A"
    assert one_document(rows[:1]).state == STATE
