"""One record with the origin of each value (F27)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.errors import UsageProblem
from connector.views_record import record_json, record_text
from tests.jobs.importing import DONE, DUE, HEADER, Importing, local, row

LATER = date(2022, 3, 1)


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2022-02-28 18:00")


def test_each_value_names_the_cell_that_told_it_last(office: Importing) -> None:
    office.take(office.export("a.xlsx", "2022-02-20 17:00", row(), row(name="Rà soát")))
    short = [*HEADER[:8], "Ghi chú", "Ngày hoàn thành", "Trạng thái"]
    office.take(
        office.export("b.xlsx", "2022-02-21 17:00", row(status=DONE, completed=date(2022, 2, 21)), header=short)
    )
    task = office.tasks()["Tham mưu báo cáo tuyển sinh"]
    found = office.imports.record(task.task_id)
    values = {one.field: (one.value, one.file, one.cell, one.at) for one in found.values}
    assert values["due_on"] == (DUE, "a.xlsx", "I4", local("2022-02-20 17:00"))
    assert values["completed_on"] == (date(2022, 2, 21), "b.xlsx", "J4", local("2022-02-21 17:00"))
    assert values["lead"] == ("Sở Tài chính", "b.xlsx", "G4", local("2022-02-21 17:00"))
    assert [(one.file, one.row) for one in found.rows] == [("b.xlsx", 4), ("a.xlsx", 4)]
    assert len(found.versions) == 2
    zone = office.app.settings.office.zone
    text = "\n".join(record_text(found, zone, content=False))
    assert "Hạn xử lý: 18/02/2022  [a.xlsx, trang “Nhiệm vụ”, ô I4, lúc 17:00 ngày 20/02/2022]" in text
    assert "tuyển sinh" not in text, "it may be secret"
    assert "tuyển sinh" in "\n".join(record_text(found, zone, content=True))
    assert record_json(found, content=False)["values"]["name"]["value"] is None
    with pytest.raises(UsageProblem):
        office.imports.record("90999")


def test_a_file_read_again_by_another_mapping_fills_in_the_same_records(office: Importing) -> None:
    header = [{"Cơ quan chủ trì": "Bên làm", "Hạn hoàn thành": "Hẹn"}.get(one, one) for one in HEADER]
    rows = [row(), row(name="Rà soát", due=LATER)]
    path = office.export("a.xlsx", "2022-02-20 17:00", *rows, header=header)
    office.take(path)
    assert {(one.current.lead, one.current.due_on) for one in office.tasks().values()} == {("", None)}
    office.imports.accept(office.imports.propose(path, {"Bên làm": "lead", "Hẹn": "due_on"}, outgoing=None))
    again = office.take(path, again=True)
    assert (again.counts.inserted, again.counts.updated, again.quarantined) == (0, 2, 0)
    assert [(one.current.lead, one.current.due_on) for one in office.tasks().values()] == [
        ("Sở Tài chính", DUE), ("Sở Tài chính", LATER),
    ]  # fmt: skip
