"""Rows that were not loaded wait whole, and are loaded later as of the moment their file was."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.errors import UsageProblem
from tests.jobs.importing import DONE, HEADER, Importing, local, row

AS_OF = "2022-02-20 17:00"


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2022-02-28 18:00")


def test_a_refused_row_is_kept_with_its_cell_value_and_reason(office: Importing) -> None:
    result = office.take(office.export("a.xlsx", AS_OF, row(), row(name="Rà soát", due="31/02/2022")))
    assert (result.counts.inserted, result.counts.rejected, result.quarantined) == (1, 1, 1)
    (entry,) = office.imports.waiting()
    assert (entry.file, entry.notes.name, entry.row.row, entry.row.kind) == ("a.xlsx", "Nhiệm vụ", 5, "row")
    ((cell, header, value, reason),) = [(p.cell, p.header, p.value, p.reason) for p in entry.row.problems]
    assert (cell, header, value) == ("I5", "Hạn hoàn thành", "31/02/2022")
    assert reason
    assert office.rows("SELECT outcome, rejected FROM run") == [("incomplete", 1)]


def test_retry_after_the_rules_have_changed_loads_the_row_as_of_its_file(office: Importing) -> None:
    """A row whose status nobody could map is no such row; one whose number Excel made a date may be read by a header
    that a person settles otherwise."""
    header = ["Hạn hoàn thành" if one == "Ngày văn bản" else "Khác" if one == "Hạn hoàn thành" else one
              for one in HEADER]  # fmt: skip
    path = office.export("a.xlsx", AS_OF, row(), row(name="Rà soát", dated="chưa rõ"), header=header)
    assert office.take(path).quarantined == 1
    (still,) = office.imports.retry([], None)
    assert (still.record_id, "F5" in still.why or "E5" in still.why) == ("", True)
    proposed = office.imports.propose(path, {"Khác": "due_on", "Hạn hoàn thành": "other"}, outgoing=None)
    office.imports.accept(proposed)
    (done,) = office.imports.retry([], None)
    assert done.record_id
    task = office.tasks()["Rà soát"]
    assert task.versions[0].observed_at == local(AS_OF)
    assert task.current.due_on == date(2022, 2, 18)
    assert office.imports.waiting() == []
    assert office.imports.entry(done.entry.id).state == "loaded"


def test_an_ambiguous_row_is_a_question_that_a_person_answers_once(office: Importing) -> None:
    office.take(office.export("a.xlsx", AS_OF, row(id="1"), row(id="2", notation="45/UBND-NN")))
    asked = office.take(office.export("b.xlsx", "2022-02-21 17:00", row(notation=None, dated=None, status=DONE)))
    assert (asked.counts.inserted, asked.quarantined) == (0, 1)
    (entry,) = office.imports.waiting()
    assert (entry.row.kind, entry.row.candidates) == ("question", ("x-id-1", "x-id-2"))
    (still,) = office.imports.retry([entry.id], None)
    assert still.record_id == ""
    with pytest.raises(UsageProblem):
        office.imports.retry([entry.id], "7")
    (done,) = office.imports.retry([entry.id], "x-id-2")
    assert done.record_id == "x-id-2"
    assert office.rows("SELECT source_id FROM task ORDER BY 1") == [("x-id-1",), ("x-id-2",)]
    with office.app.uow() as uow:
        found = {one.task_id: one.current.status_label for one in uow.tasks.histories()}
    assert found["x-id-2"] == DONE
    again = office.take(office.export("c.xlsx", "2022-02-22 17:00", row(notation=None, dated=None)))
    assert (again.quarantined, again.counts.updated) == (0, 1), "the answer is remembered"


def test_a_question_may_be_answered_with_a_new_record_and_that_too_is_remembered(office: Importing) -> None:
    office.take(office.export("a.xlsx", AS_OF, row(id="1"), row(id="2", notation="45/UBND-NN")))
    office.take(office.export("b.xlsx", "2022-02-21 17:00", row(notation=None, dated=None)))
    (entry,) = office.imports.waiting()
    (done,) = office.imports.retry([entry.id], "new")
    assert done.record_id not in ("", "x-id-1", "x-id-2")
    office.take(office.export("c.xlsx", "2022-02-22 17:00", row(notation=None, dated=None, status=DONE)))
    assert office.rows("SELECT count(*) FROM task") == [(3,)]
    assert office.rows(f"SELECT count(*) FROM task_version JOIN task ON task.id = task_id WHERE source_id = "
                       f"'{done.record_id}'") == [(2,)]  # fmt: skip


def test_rows_that_contradict_each_other_both_wait_and_one_is_chosen(office: Importing) -> None:
    result = office.take(office.export("a.xlsx", AS_OF, row(), row(due=date(2022, 3, 1))))
    assert (result.counts.inserted, result.quarantined) == (0, 2)
    first, second = office.imports.waiting()
    assert "4, 5" in first.row.problems[0].reason
    (still,) = office.imports.retry([first.id], None)
    assert still.record_id == ""
    (done,) = office.imports.retry([first.id], "new")
    office.imports.drop([second.id])
    (task,) = office.tasks().values()
    assert (task.task_id, task.current.due_on) == (done.record_id, date(2022, 2, 18))
    assert office.imports.waiting() == []


def test_what_is_settled_cannot_be_settled_again(office: Importing) -> None:
    office.take(office.export("a.xlsx", AS_OF, row(name="Rà soát", due="31/02/2022"), row()))
    (entry,) = office.imports.waiting()
    office.imports.drop([entry.id])
    for one in (lambda: office.imports.drop([entry.id]), lambda: office.imports.retry([99], None)):
        with pytest.raises(UsageProblem):
            one()
    assert office.imports.retry([], None) == []
