"""A file to the database and back: real workbooks, a real database."""

from __future__ import annotations

import resource
import time
from datetime import date
from pathlib import Path

import pytest

from connector.domain.status import Status
from connector.errors import FileRefused, StoreError
from tests.jobs.importing import DONE, GIVEN, HEADER, Importing, local, row
from tests.sources.files import books


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2022-02-28 18:00")


def test_an_export_becomes_tasks_as_of_the_moment_it_states(office: Importing) -> None:
    result = office.take(
        office.export(
            "a.xlsx", "2022-02-28 17:00", row(), row(name="Rà soát", completed=date(2022, 2, 17), status=DONE)
        )
    )
    assert (result.counts.fetched, result.counts.inserted, result.quarantined) == (2, 2, 0)
    first, second = office.tasks()["Tham mưu báo cáo tuyển sinh"], office.tasks()["Rà soát"]
    assert first.versions[0].observed_at == local("2022-02-28 17:00")
    assert first.last_seen_at == local("2022-02-28 17:00")
    assert (first.current.status, first.current.assigned_on) == (Status.IN_PROGRESS, GIVEN)
    assert first.current.content == "số 44/UBND-NN ngày 08/02/2022", "by which its document is found"
    assert (second.current.status, second.current.completed_on) == (Status.DONE, date(2022, 2, 17))
    assert office.rows("SELECT job, outcome, inserted FROM run") == [("import", "ok", 2)]
    assert office.rows("SELECT name, outcome FROM imported_file") == [("a.xlsx", "imported")]


def test_the_same_bytes_again_change_nothing_whatever_the_file_is_called(office: Importing) -> None:
    path = office.export("a.xlsx", "2022-02-28 17:00", row())
    office.take(path)
    before = office.contents()
    again = office.take(path.rename(path.with_name("b.xlsx")))
    assert "“a.xlsx”" in again.outcome.duplicate_of
    assert office.contents() == before


def test_the_same_rows_in_another_file_are_the_same_tasks_unchanged(office: Importing) -> None:
    rows = [row(), row(name="Rà soát"), row(name="Rà soát", lead="Sở Y tế")]
    office.take(office.export("a.xlsx", "2022-02-28 17:00", *rows))
    result = office.take(office.export("b.csv", "2022-02-28 17:30", *reversed(rows), kind="csv utf-8"))
    assert (result.counts.inserted, result.counts.updated, result.counts.unchanged) == (0, 0, 3)
    assert office.rows("SELECT count(*) FROM task") == [(3,)]
    assert office.rows("SELECT count(*) FROM task_version") == [(3,)]


def test_a_newer_export_makes_a_version_and_an_older_one_only_fills_in(office: Importing) -> None:
    ended = date(2022, 2, 17)
    office.take(office.export("b.xlsx", "2022-02-20 17:00", row(status=DONE, due=date(2022, 2, 25))))
    older = office.take(office.export("a.xlsx", "2022-02-18 17:00", row(status=DONE, completed=ended)))
    (task,) = office.tasks().values()
    assert [one.state.completed_on for one in task.versions] == [ended], "nobody had told it"
    assert task.current.due_on == date(2022, 2, 25), "an older file overwrites nothing"
    assert (older.counts.updated, older.outcome.sheets[0].older) == (1, 1)
    assert task.last_seen_at == local("2022-02-20 17:00")
    office.take(office.export("c.xlsx", "2022-02-26 17:00", row()))
    (task,) = office.tasks().values()
    assert [one.observed_at for one in task.versions] == [local("2022-02-20 17:00"), local("2022-02-26 17:00")]
    assert task.versions[1].observed_after == local("2022-02-20 17:00")
    assert (task.current.status, task.current.completed_on) == (Status.IN_PROGRESS, None), "reopened"


def test_what_a_file_does_not_show_has_not_vanished(office: Importing) -> None:
    office.take(office.export("a.xlsx", "2022-02-20 17:00", row(), row(name="Rà soát")))
    office.take(office.export("b.xlsx", "2022-02-26 17:00", row()))
    tasks = office.tasks()
    assert {one.current.present for one in tasks.values()} == {True}
    assert tasks["Rà soát"].last_seen_at == local("2022-02-20 17:00")


def test_a_dry_run_says_the_same_and_writes_nothing(office: Importing) -> None:
    path = office.export("a.xlsx", "2022-02-28 17:00", row(), row(name="Rà soát", due="31/02/2022"))
    office.app.uow()  # makes the database
    before = office.contents()
    dry = office.take(path, dry_run=True)
    assert office.contents() == before
    real = office.take(path)
    assert (dry.counts, dry.quarantined) == (real.counts, real.quarantined)
    assert dry.outcome == real.outcome


def test_a_refused_file_leaves_a_run_and_its_reason_and_no_row(office: Importing) -> None:
    path = office.export("a.xlsx", "2022-02-28 17:00", row(), header=["STT", *"ABCDEFGHIJ"])
    result = office.take(path)
    assert isinstance(result.error, FileRefused)
    assert result.outcome.refused
    assert office.rows("SELECT outcome, fetched FROM run") == [("failed", 0)]
    assert office.rows("SELECT outcome, reason FROM imported_file") == [("refused", "not_understood")]
    assert office.tasks() == {}
    assert office.take(path).outcome.duplicate_of == "", "once the headers are settled it may come again"


@pytest.mark.parametrize(("content", "reason"), [(b"", "empty"), (b"%PDF-1.7 mau", "foreign")])
def test_what_is_no_table_is_refused_with_its_reason(office: Importing, content: bytes, reason: str) -> None:
    path = office.folder / "a.xlsx"
    path.write_bytes(content)
    result = office.take(path)
    assert isinstance(result.error, FileRefused)
    assert result.error.reason == reason
    assert result.outcome.reason
    assert office.rows("SELECT reason FROM imported_file") == [(reason,)]


def test_a_row_is_found_by_its_id_whatever_else_has_changed(office: Importing) -> None:
    others = [row(id=str(number), name=f"Việc {number}") for number in (90002, 90003)]
    office.take(office.export("a.xlsx", "2022-02-20 17:00", row(id="90001"), *others))
    office.take(office.export("b.xlsx", "2022-02-21 17:00", row(id="90001", name="Tên khác", lead="Sở Y tế"), *others))
    task = office.tasks()["Tên khác"]
    assert (task.task_id, task.current.lead, len(task.versions)) == ("x-id-90001", "Sở Y tế", 2)
    assert len(office.tasks()) == 3


def test_a_column_of_ids_that_is_another_numbering_overwrites_no_record(office: Importing) -> None:
    office.take(office.export("a.xlsx", "2022-02-20 17:00", row(id="1"), row(id="2", name="Việc khác")))
    result = office.take(
        office.export("b.xlsx", "2022-02-21 17:00", row(id="2", status=DONE), row(id="1", name="Việc khác"))
    )
    assert (result.counts.updated, result.quarantined) == (0, 2)
    assert {one.task_id for one in office.tasks().values()} == {"x-id-1", "x-id-2"}
    assert not any(one.current.status is Status.DONE for one in office.tasks().values())


def test_a_task_without_an_id_gets_it_from_a_later_file(office: Importing) -> None:
    office.take(office.export("a.xlsx", "2022-02-20 17:00", row()))
    assert next(iter(office.tasks().values())).task_id.startswith("x-")
    office.take(office.export("b.xlsx", "2022-02-21 17:00", row(id="90001")))
    (task,) = office.tasks().values()
    assert (task.task_id, len(task.versions)) == ("x-id-90001", 1)


def test_documents_of_a_register_are_kept_with_what_is_told_of_their_secrecy(office: Importing) -> None:
    header: books.Row = ["STT", "Trích yếu", "Số ký hiệu", "Ngày ban hành", "Đơn vị ban hành", "Độ mật"]
    table: list[books.Row] = [["SỔ VĂN BẢN ĐI"], header,
             [1, "Về việc tuyển sinh", "15/UBND-NN", GIVEN, "UBND tỉnh", "Thường"],
             [2, "Về việc khác", "16/UBND-NC", GIVEN, "UBND tỉnh", "Mật"]]  # fmt: skip
    path = office.folder / "van-ban.xlsx"
    books.xlsx(path, table)
    result = office.take(path)
    assert (result.counts.inserted, result.outcome.sheets[0].table) == (2, "document")
    with office.app.uow() as uow:
        documents = {one.state.notation: one.state for one in uow.documents.histories()}
    assert {name: (one.secret, one.outgoing) for name, one in documents.items()} == {
        "15/UBND-NN": (False, True), "16/UBND-NC": (True, True),
    }  # fmt: skip
    books.xlsx(path, [*table, [3, "Mới", "17/UBND-NN", GIVEN, "UBND tỉnh", "Thường"]])
    assert office.take(path).counts.unchanged == 2


def test_where_a_value_came_from_can_be_named(office: Importing) -> None:
    office.take(office.export("a.xlsx", "2022-02-28 17:00", row()))
    assert office.rows("SELECT file_id, sheet, row, kind FROM file_row") == [(1, 0, 4, "task")]
    with office.app.uow() as uow:
        (notes,) = uow.imports.sheets(1)
    assert (notes.name, notes.columns["due_on"], notes.as_of) == ("Nhiệm vụ", HEADER.index("Hạn hoàn thành"),
                                                                  local("2022-02-28 17:00"))  # fmt: skip


@pytest.mark.sqlite_only("a limit on the size of our own files; a server has a disk of its own")
def test_on_a_full_disk_nothing_of_a_file_is_in_and_afterwards_all_of_it(office: Importing) -> None:
    path = office.export("a.xlsx", "2022-02-28 17:00", *(row(name=f"Nhiệm vụ {number}") for number in range(2000)))
    office.app.uow()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, usual[1]))
    try:
        with pytest.raises(StoreError):
            office.take(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert office.rows("SELECT (SELECT count(*) FROM task), (SELECT count(*) FROM imported_file)") == [(0, 0)]
    assert office.take(path).counts.inserted == 2000
    assert office.rows("SELECT count(*) FROM run WHERE finished_at IS NULL") == [(0,)]


def test_a_file_of_four_gigabytes_is_refused_before_it_is_read(office: Importing) -> None:
    path = office.folder / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(4 << 30)
    began = time.monotonic()
    result = office.take(path)
    assert isinstance(result.error, FileRefused)
    assert result.error.reason == "too_large"
    assert time.monotonic() - began < 5


def test_a_row_of_a_cooperating_unit_says_nothing_of_how_the_task_stands(office: Importing) -> None:
    """It is found by its id; its own status, and when that was, are not the task's (F102)."""
    header = ["Đơn vị xử lý" if one == "Cơ quan chủ trì" else "Vai trò xử lý" if one == "Ngày văn bản" else one
              for one in HEADER]  # fmt: skip
    office.take(office.export("a.xlsx", "2022-02-18 17:00", row(id="90001")))
    line = row(id="90001", lead="Sở Y tế", dated="Phối hợp", status=DONE, completed=date(2022, 2, 17))
    office.take(office.export("b.xlsx", "2022-02-20 17:00", line, header=header))
    (task,) = office.tasks().values()
    assert (task.current.status, task.current.completed_on) == (Status.IN_PROGRESS, None)
    assert task.last_seen_at == local("2022-02-18 17:00")
    office.take(office.export("c.xlsx", "2022-02-19 17:00", row(id="90001", status=DONE)))
    (task,) = office.tasks().values()
    assert task.current.status is Status.DONE, "newer than the last file that told it"


def test_what_does_not_go_together_in_a_row_is_told_and_the_row_is_imported(office: Importing) -> None:
    odd = [row(name=f"Nhiệm vụ {number}", completed=date(2022, 2, 1), status=DONE) for number in range(25)]
    result = office.take(office.export("a.xlsx", "2022-02-28 17:00", *odd))
    assert (result.counts.inserted, result.quarantined) == (25, 0)
    told = [one.what for one in result.outcome.sheets[0].advices]
    assert told[0] == "dòng 4: hoàn thành 01/02/2022 trước khi giao 08/02/2022"
    assert (len(told), told[-1]) == (21, "còn 5 chỗ không khớp như vậy")
