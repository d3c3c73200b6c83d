"""Rows of one file that are the same record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import Line
from connector.domain.status import Role
from connector.normalise.exports.once import Contradiction, documents_once, tasks_once
from connector.normalise.exports.records import ExportDocument, ExportTask
from tests.normalise.exports.builders import document, task

TASK = task()


def once(*tasks: ExportTask):  # type: ignore[no-untyped-def]
    return tasks_once(tasks, {one.row: (one.task_id, one.state.name, one.document, one.state.lead) for one in tasks})


def test_a_row_that_repeats_another_is_kept_once_and_counted() -> None:
    found = once(replace(TASK, row=2), replace(TASK, row=3), replace(TASK, row=9))
    assert found.records == (replace(TASK, row=2),)
    assert found.repeated == ((3, 2), (9, 2))
    assert found.contradicting == ()


def test_rows_of_one_task_that_contradict_each_other_are_both_withheld() -> None:
    other = replace(TASK.state, due_on=date(2022, 3, 1), urged=True)
    found = once(replace(TASK, row=2), replace(TASK, row=3, state=other), replace(TASK, row=4, task_id="7"))
    assert found.contradicting == (Contradiction((2, 3), ("due_on", "urged")),)
    assert [one.row for one in found.records] == [4]


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


def test_a_cooperating_unit_whose_lead_has_no_row_stays_a_record() -> None:
    found = once(helper(3, "Sở Y tế"), replace(TASK, row=4, document=None))
    assert [one.row for one in found.records] == [3, 4]


@given(st.lists(st.integers(0, 3), max_size=12))
def test_every_row_is_kept_repeated_or_contradicting(leads: list[int]) -> None:
    tasks = [
        replace(TASK, row=row, state=replace(TASK.state, lead=f"Sở {lead}", urged=lead == 0 and row % 2 == 0))
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
    found = documents_once([first, replace(first, row=3)], {2: "a", 3: "a"})
    assert (found.records, found.repeated) == ((first,), ((3, 2),))
