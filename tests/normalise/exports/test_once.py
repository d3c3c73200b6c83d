"""Rows of one file that are the same record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import Line
from connector.domain.status import Role, Status
from connector.normalise.exports.keys import TaskKey, document_key, task_key
from connector.normalise.exports.once import Across, Contradiction, Once, across, documents_once, tasks_once
from connector.normalise.exports.records import ExportDocument, ExportTask, SourceDocument
from tests.normalise.exports.builders import code_of, document, task

TASK = task()


def keys_of(tasks: Sequence[ExportTask]) -> dict[int, TaskKey]:
    def named(one: ExportTask) -> list[tuple[str, date | None]]:
        return [(number, one.document.issued_on) for number in one.document.notations] if one.document else []

    return {
        one.row: task_key(
            "", one.state.name, one.state.lead, one.state.assigned_on,
            named(one), code_of, one.task_id, one.state.due_on,
        )
        for one in tasks
    }  # fmt: skip


def once(*tasks: ExportTask, settled: Collection[str] = ()) -> Once[ExportTask]:
    return tasks_once(tasks, keys_of(tasks), settled)


def test_a_row_that_repeats_another_is_kept_once_and_counted() -> None:
    found = once(replace(TASK, row=2), replace(TASK, row=3), replace(TASK, row=9))
    assert found.records == (replace(TASK, row=2),)
    assert found.repeated == ((3, 2), (9, 2))
    assert found.contradicting == ()


def test_rows_of_one_task_that_contradict_each_other_are_both_withheld() -> None:
    other = replace(TASK.state, due_on=date(2022, 3, 1), urged=True)
    found = once(replace(TASK, row=2), replace(TASK, row=3, state=other), replace(TASK, row=4, task_id="7"))
    assert found.contradicting == (Contradiction((2, 3), ("due_on",)),)
    assert [one.row for one in found.records] == [4]


def test_rows_that_a_person_told_apart_by_their_due_dates_are_two_records() -> None:
    other = replace(TASK, row=3, state=replace(TASK.state, due_on=date(2022, 3, 1)))
    told_apart = {key.answer_id for key in keys_of([TASK, other]).values()}
    found = once(replace(TASK, row=2), other, settled=told_apart)
    assert [one.row for one in found.records] == [2, 3]


def test_what_one_row_leaves_empty_another_tells() -> None:
    blank = replace(TASK.state, due_on=None, status=Status.UNKNOWN, status_label="")
    found = once(replace(TASK, row=2, state=blank), replace(TASK, row=3))
    assert found.records == (replace(TASK, row=3),)
    assert found.repeated == ((2, 3),)
    done = replace(TASK.state, status=Status.DONE, status_label="Đã hoàn thành", due_on=None)
    dated = replace(TASK.state, status=Status.UNKNOWN, status_label="")
    (both,) = once(replace(TASK, row=2, state=done), replace(TASK, row=3, state=dated)).records
    assert (both.state.status, both.state.due_on) == (Status.DONE, TASK.state.due_on)


def undocumented(row: int, **changes: object) -> ExportTask:
    return replace(TASK, row=row, document=None, state=replace(TASK.state, content=None, **changes))  # type: ignore[arg-type]


def test_a_row_that_does_not_name_its_document_is_the_one_of_its_key_that_does() -> None:
    found = once(undocumented(2), replace(TASK, row=3))
    assert (found.records, found.repeated) == ((replace(TASK, row=3),), ((2, 3),))
    found = once(undocumented(2, due_on=date(2022, 3, 1)), replace(TASK, row=3))
    assert found.contradicting == (Contradiction((2, 3), ("due_on",)),)
    other = replace(TASK, row=4, document=SourceDocument(("9/UBND",), None))
    found = once(undocumented(2), replace(TASK, row=3), other)
    assert [one.row for one in found.records] == [3, 4]
    assert found.contradicting == (Contradiction((2,), ("source_notation",), (3, 4)),)


def test_sheets_that_tell_one_task_differently_contradict_each_other() -> None:
    done = replace(TASK, row=7, state=replace(TASK.state, status=Status.DONE, status_label="Đã hoàn thành"))
    first, second, third = [replace(TASK, row=2)], [done], [undocumented(5), replace(TASK, row=6, task_id="9")]
    sheets = [(one, keys_of(one)) for one in (first, second, third)]
    (found,) = across(sheets)
    assert found == Across(((0, 2), (1, 7), (2, 5)), ("status",))
    assert across(sheets[:1]) == []
    assert across([sheets[0], sheets[2]]) == []


def helper(row: int, name: str) -> ExportTask:
    state = replace(TASK.state, lead="", lines=None)
    return replace(TASK, row=row, state=state, role=Role.COOPERATING, cooperating=(name,))


def test_rows_of_cooperating_units_go_into_the_row_of_the_lead() -> None:
    found = once(replace(TASK, row=2), helper(3, "Sở Y tế"), helper(4, "Sở Nội vụ"))
    (record,) = found.records
    assert record.cooperating == ("Sở Y tế", "Sở Nội vụ")
    assert record.state.lines is not None
    assert record.state.lines[-1] == Line("Sở Nội vụ", Role.COOPERATING, "", "")
    assert found.repeated == ((3, 2), (4, 2))


def test_cooperating_units_whose_lead_has_no_row_are_one_record_that_stands_alone() -> None:
    found = once(helper(3, "Sở Y tế"), replace(TASK, row=4, document=None), helper(5, "Sở Nội vụ"))
    assert [one.row for one in found.records] == [4]
    assert [(one.row, one.cooperating) for one in found.alone] == [(3, ("Sở Y tế", "Sở Nội vụ"))]
    assert found.helpers == {3: (5,)}


def test_cooperating_units_do_not_go_into_rows_that_contradict_each_other() -> None:
    other = replace(TASK, row=3, state=replace(TASK.state, due_on=date(2022, 3, 1)))
    found = once(replace(TASK, row=2), other, helper(4, "Sở Y tế"))
    assert (found.records, [one.row for one in found.alone]) == ((), [4])


@given(st.lists(st.integers(0, 3), max_size=12))
def test_every_row_is_kept_repeated_or_contradicting(leads: list[int]) -> None:
    tasks = [
        replace(TASK, row=row, state=replace(TASK.state, lead=f"Sở {lead}", priority="x" * (1 + lead * row % 2)))
        for row, lead in enumerate(leads, 2)
    ]
    found = once(*tasks)
    rows = [
        *(one.row for one in found.records),
        *(row for row, _ in found.repeated),
        *(row for one in found.contradicting for row in one.rows),
    ]
    assert sorted(rows) == [one.row for one in tasks]


def test_documents_are_kept_once_too() -> None:
    values = (1, "V/v", "15/UBND", "x", "08/02/2022", "UBND tỉnh", "")
    first = document(*values)
    assert isinstance(first, ExportDocument)
    key = document_key("", "15/UBND", date(2022, 2, 8), "UBND tỉnh", code_of)
    found = documents_once([first, replace(first, row=3)], {2: key, 3: key})
    assert (found.records, found.repeated) == ((first,), ((3, 2),))
