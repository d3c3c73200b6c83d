"""What could accuse somebody wrongly: files that tell too little, or contradict themselves, each other or the store."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.domain.status import Status
from connector.errors import FileRefused
from connector.jobs.import_file import ImportResult
from connector.normalise.exports.report import report_text
from tests.jobs.importing import DONE, DUE, GIVEN, HEADER, OPEN, Importing, row
from tests.sources.files import books

LATE = date(2022, 3, 1)
BARE = ("STT", "Tên nhiệm vụ", "Cơ quan chủ trì", "Hạn hoàn thành", "Trạng thái")
ROLES = ("Tên nhiệm vụ", "Đơn vị/Cá nhân xử lý", "Vai trò", "Ngày giao", "Hạn hoàn thành", "Trạng thái")


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2022-02-28 18:00")


def bare(name: str = "Rà soát", lead: str = "Sở Y tế", due: date | None = DUE, status: str = OPEN) -> dict[str, Any]:
    return {"name": name, "lead": lead, "due": due, "status": status}


def take(office: Importing, name: str, as_of: str, *rows: dict[str, Any], **options: Any) -> ImportResult:
    return office.take(office.export(name, as_of, *rows, **options))


def text(office: Importing, result: ImportResult) -> str:
    return report_text(result.outcome, office.app.settings.office.zone)


def questions(office: Importing) -> list[str]:
    return [problem.reason for entry in office.imports.waiting() for problem in entry.row.problems]


# -- which task it is --------------------------------------------------------------------------------------------------


def test_exports_with_few_columns_find_their_tasks_again(office: Importing) -> None:
    take(office, "a.csv", "2022-02-10 17:00", bare(), bare("Góp ý"), header=BARE, kind="csv utf-8")
    result = take(office, "b.csv", "2022-02-20 17:00", bare(status=DONE), bare("Góp ý"), header=BARE, kind="csv utf-8")
    assert (result.counts.inserted, result.counts.updated, result.quarantined) == (0, 1, 0)
    assert office.tasks()["Rà soát"].current.status is Status.DONE


def test_a_task_that_only_its_name_and_lead_speak_for_is_asked_about_and_never_doubled(office: Importing) -> None:
    take(office, "a.csv", "2022-02-10 17:00", bare(), header=BARE, kind="csv utf-8")
    result = take(office, "b.csv", "2022-02-20 17:00", bare(due=LATE, status=DONE), header=BARE, kind="csv utf-8")
    assert (result.counts.inserted, result.counts.updated, result.quarantined) == (0, 0, 1)
    assert "khác hạn" in questions(office)[0]
    (entry,) = office.imports.waiting()
    (done,) = office.imports.retry([entry.id], entry.row.candidates[0])
    (task,) = office.tasks().values()
    assert (done.record_id, task.current.status, task.current.due_on) == (task.task_id, Status.DONE, LATE)
    assert take(office, "c.csv", "2022-02-21 17:00", bare(due=LATE), header=BARE, kind="csv utf-8").quarantined == 0


def test_a_day_of_giving_that_differs_by_one_is_a_question(office: Importing) -> None:
    take(office, "a.xlsx", "2022-02-10 17:00", row(notation=None, dated=None))
    moved = row(notation=None, dated=None, given=date(2022, 2, 9))
    assert take(office, "b.xlsx", "2022-02-11 17:00", moved).quarantined == 1
    assert "khác ngày giao" in questions(office)[0]


def test_a_task_that_returns_each_month_is_a_new_one_without_a_question(office: Importing) -> None:
    take(office, "a.xlsx", "2022-02-10 17:00", row(notation=None, dated=None))
    march = row(notation=None, dated=None, given=date(2022, 2, 15), due=LATE)
    result = take(office, "b.xlsx", "2022-02-16 17:00", march)
    assert (result.counts.inserted, result.quarantined) == (1, 0)


def test_each_of_two_tasks_of_one_key_keeps_its_own_answer(office: Importing) -> None:
    twins = (row(), row(due=LATE))
    take(office, "a.xlsx", "2022-02-10 17:00", *twins)
    assert "khác nhau ở: hạn hoàn thành" in questions(office)[0]
    records = [office.imports.retry([entry.id], "new")[0].record_id for entry in office.imports.waiting()]
    assert len(set(records)) == 2
    again = take(office, "b.xlsx", "2022-02-20 17:00", row(status=DONE), row(due=LATE))
    assert (again.counts.updated, again.quarantined) == (1, 0)
    with office.app.uow() as uow:
        found = {one.task_id: (one.current.status, one.current.due_on) for one in uow.tasks.histories()}
    assert found == {records[0]: (Status.DONE, DUE), records[1]: (Status.IN_PROGRESS, LATE)}
    take(office, "c.xlsx", "2022-02-21 17:00", row(due=LATE, status=DONE))
    with office.app.uow() as uow:
        assert {one.current.status for one in uow.tasks.histories()} == {Status.DONE}


def test_one_task_on_two_rows_with_and_without_its_document_is_one(office: Importing) -> None:
    result = take(office, "a.xlsx", "2022-02-10 17:00", row(), row(notation=None, dated=None))
    assert (result.counts.inserted, result.quarantined) == (1, 0)
    assert "1 dòng trùng" in text(office, result)


# -- how it stands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [None, "Quá hạn", "Trong hạn"])
def test_an_empty_completion_date_reopens_no_task(office: Importing, label: str | None) -> None:
    take(office, "a.xlsx", "2022-02-10 17:00", row(status=DONE, completed=date(2022, 2, 9)), row(name="Rà soát"))
    other = row(name="Rà soát", status=DONE, completed=date(2022, 2, 11))
    result = take(office, "b.xlsx", "2022-02-20 17:00", row(status=label), other)
    task = office.tasks()["Tham mưu báo cáo tuyển sinh"]
    assert (task.current.status, task.current.completed_on) == (Status.DONE, date(2022, 2, 9))
    assert result.quarantined == 0
    assert "trạng thái" in text(office, result)


def test_rows_without_a_word_on_their_status_accuse_nobody(office: Importing) -> None:
    result = take(office, "a.xlsx", "2022-02-20 17:00", row(status=None), row(name="Rà soát", status="Quá hạn"))
    assert {one.current.status for one in office.tasks().values()} == {Status.UNKNOWN}
    assert "không rõ đã xong hay chưa" in text(office, result)
    office.app.detect()
    assert office.rows("SELECT count(*) FROM finding") == [(0,)]


def test_a_row_that_contradicts_itself_waits_with_its_cells_and_accuses_nobody(office: Importing) -> None:
    early, future = date(2022, 2, 10), date(2022, 3, 25)
    wrong = [row(completed=early), row(name="Rà soát", status=DONE, completed=future)]
    result = take(office, "a.xlsx", "2022-02-20 17:00", *wrong, row(name="Việc khác", due=LATE))
    assert (result.counts.inserted, result.quarantined) == (1, 2)
    said = text(office, result)
    assert "J4 (Ngày hoàn thành): có ngày hoàn thành nhưng trạng thái là “Chưa hoàn thành”" in said
    assert "J5 ngày hoàn thành sau ngày của số liệu (20/02/2022)" in said
    assert list(office.tasks()) == ["Việc khác"]
    again = office.imports.retry([], None)
    assert [one.record_id for one in again] == ["", ""], "nothing has changed about the row"


def test_sheets_of_one_file_that_contradict_each_other_are_a_question(office: Importing) -> None:
    path = office.folder / "a.xlsx"
    rows = [[1, *row().values()], [1, *row(status=DONE, completed=date(2022, 2, 15)).values()]]
    books.xlsx_sheets(path, {"Một": [HEADER, rows[0]], "Hai": [HEADER, rows[1]]})
    result = office.take(path)
    assert (result.counts.inserted, result.quarantined) == (0, 2)
    assert "trang “Một” dòng 2; trang “Hai” dòng 2" in questions(office)[0]


def test_a_file_of_which_much_cannot_be_read_is_refused_whole(office: Importing) -> None:
    good = [row(name=f"Việc {number}") for number in range(60)]
    few = take(office, "a.xlsx", "2022-02-20 17:00", *good[:3], *(row(due="32/13/2022") for _ in range(4)))
    assert (few.counts.inserted, few.quarantined, few.error) == (3, 4, None)
    many = take(office, "b.xlsx", "2022-02-21 17:00", *good, *(row(due="32/13/2022") for _ in range(5)))
    assert isinstance(many.error, FileRefused)
    assert many.counts.inserted == 0
    assert "5 trong 65 dòng không đọc được" in text(office, many)
    assert "J" not in text(office, many).splitlines()[0]
    assert "I64" in text(office, many)


def test_an_open_task_that_has_left_the_list_is_told_and_no_longer_accused(office: Importing) -> None:
    others = [row(name=f"Việc {number}", due=LATE) for number in range(3)]
    take(office, "a.xlsx", "2022-02-20 17:00", row(), *others)
    office.app.detect()
    late = "FROM finding WHERE rule = 'TD01_OVERDUE'"
    assert office.rows(f"SELECT state {late}") == [("open",)]
    result = take(office, "b.xlsx", "2022-02-25 17:00", *others)
    assert "1 nhiệm vụ chưa xong của danh sách trước không còn trong tệp này (“a.xlsx” dòng 4)" in text(office, result)
    found = office.app.detect()
    assert found.not_evaluable["TD01_OVERDUE"] == 1
    assert office.rows(f"SELECT state {late}") == [("closed",)]
    assert ("danh sách ngày 25/02/2022 không còn nhiệm vụ này, không rõ đã xong hay chưa",) in office.rows(
        "SELECT reason FROM finding_event WHERE event = 'closed'"
    )
    take(office, "c.xlsx", "2022-02-26 17:00", row(), *others)
    office.app.detect()
    assert office.rows(f"SELECT state {late}") == [("open",)], "seen again, and still open"


def test_a_list_of_other_tasks_takes_nothing_from_those_of_an_earlier_one(office: Importing) -> None:
    """One export for each leader, or for each month."""
    take(office, "a.xlsx", "2022-02-20 17:00", row(), row(name="Rà soát"))
    result = take(office, "b.xlsx", "2022-02-25 17:00", row(name="Việc khác"), row(name="Rà soát", lead="Sở Y tế"))
    assert "không còn trong tệp này" not in text(office, result)
    assert "TD01_OVERDUE" not in office.app.detect().not_evaluable


def test_a_file_of_which_nothing_can_be_read_is_refused_however_short(office: Importing) -> None:
    result = take(office, "a.xlsx", "2022-02-20 17:00", row(due="32/13/2022"))
    assert isinstance(result.error, FileRefused)
    assert "1 trong 1 dòng không đọc được" in text(office, result)


def test_a_finished_task_that_a_list_shows_unfinished_is_told(office: Importing) -> None:
    take(office, "a.xlsx", "2022-02-20 17:00", row(status=DONE), row(name="Việc khác"))
    result = take(office, "b.xlsx", "2022-02-21 17:00", row(), row(name="Việc khác"))
    assert "1 nhiệm vụ đã hoàn thành nay lại là chưa xong theo tệp này (dòng 4)" in text(office, result)


def test_tasks_without_a_lead_are_told(office: Importing) -> None:
    result = take(office, "a.xlsx", "2022-02-20 17:00", row(), row(name="Rà soát", lead=None))
    assert "1 nhiệm vụ không ghi đơn vị chủ trì (dòng 5)" in text(office, result)


def test_a_list_that_says_nothing_of_the_status_vouches_for_none(office: Importing) -> None:
    take(office, "a.xlsx", "2022-02-16 17:00", row())
    take(office, "b.xlsx", "2022-02-25 17:00", row(status=None))
    result = office.app.detect()
    assert office.rows("SELECT count(*) FROM finding WHERE rule = 'TD01_OVERDUE'") == [(0,)]
    assert result.not_evaluable["TD01_OVERDUE"] == 1
    take(office, "c.xlsx", "2022-02-26 17:00", row())
    office.app.detect()
    assert office.rows("SELECT count(*) FROM finding WHERE rule = 'TD01_OVERDUE'") == [(1,)]


@pytest.mark.parametrize("due", ["Không thời hạn", "Tháng 3/2022"])
def test_a_deadline_that_is_taken_back_accuses_nobody_any_more(office: Importing, due: str) -> None:
    take(office, "a.xlsx", "2022-02-20 17:00", row())
    take(office, "b.xlsx", "2022-02-21 17:00", row(due=due))
    assert office.tasks()["Tham mưu báo cáo tuyển sinh"].current.due_on is None
    take(office, "c.xlsx", "2022-02-22 17:00", row(due=LATE))
    take(office, "d.xlsx", "2022-02-23 17:00", row(due=None))
    assert office.tasks()["Tham mưu báo cáo tuyển sinh"].current.due_on == LATE, "an empty cell says nothing"


# -- who leads it ------------------------------------------------------------------------------------------------------


def test_lines_of_cooperating_units_wait_for_the_row_of_their_lead(office: Importing) -> None:
    def line(unit: str, role: str, due: Any = DUE) -> dict[str, Any]:
        return {"name": "Rà soát", "unit": unit, "role": role, "given": GIVEN, "due": due, "status": OPEN}

    helpers = [line("Sở Y tế", "Phối hợp"), line("Sở Nội vụ", "Phối hợp")]
    path = office.folder / "a.xlsx"
    books.xlsx(
        path, [ROLES, list(line("Sở Tài chính", "Chủ trì", "?").values()), *(list(one.values()) for one in helpers)]
    )
    result = office.take(path)
    assert (result.counts.inserted, result.quarantined) == (0, 3)
    books.xlsx(office.folder / "b.xlsx", [ROLES, list(line("Sở Tài chính", "Chủ trì").values())])
    assert office.take(office.folder / "b.xlsx").counts.inserted == 1
    done = office.imports.retry([], None)
    assert sorted(bool(one.record_id) for one in done) == [False, True, True]
    (task,) = office.tasks().values()
    assert task.current.lead == "Sở Tài chính"
