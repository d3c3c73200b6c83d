"""As of when a file counts, and what must not come in of one that was moved, cut or exchanged: real files, a real
database."""

from __future__ import annotations

import os
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from connector.domain.status import Status
from connector.normalise.exports.rows import OUTSIDE
from tests.jobs.importing import DONE, HEADER, OPEN, Importing, local, row
from tests.sources.files import books

PERIOD = "(Từ ngày 01/02/2022 đến ngày 28/02/2022)"


@pytest.fixture
def office(tmp_path: Path) -> Importing:
    return Importing.at(tmp_path, "2022-03-25 18:00")


def written(path: Path, at: datetime) -> Path:
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def plain(office: Importing, name: str, at: str, *rows: dict[str, object], title: str = PERIOD) -> Path:
    """A CSV that states no moment, written then."""
    table = [[title], HEADER, *([number, *one.values()] for number, one in enumerate(rows, 1))]
    books.WRITERS["csv utf-8"](office.folder / name, table)  # type: ignore[arg-type]
    return written(office.folder / name, local(at))


def test_one_list_exported_week_by_week_shows_each_week_how_its_tasks_stand(office: Importing) -> None:
    """The period of its filter ends before all of them; it is not the moment of any."""
    for day, status in ((3, OPEN), (10, OPEN), (17, DONE), (24, DONE)):
        rows = [row(status=status), row(name=f"Việc chỉ có trong tệp ngày {day}")]
        office.take(plain(office, f"{day}.csv", f"2022-03-{day:02} 08:00", *rows))
    task = office.tasks()["Tham mưu báo cáo tuyển sinh"]
    assert [(one.state.status, one.observed_at) for one in task.versions] == [
        (Status.IN_PROGRESS, local("2022-03-03 08:00")),
        (Status.DONE, local("2022-03-17 08:00")),
    ]
    assert task.last_seen_at == local("2022-03-24 08:00")


def test_an_old_export_in_an_archive_of_today_overwrites_nothing(office: Importing) -> None:
    late = {"status": DONE, "due": date(2022, 3, 30)}
    office.take(plain(office, "moi.csv", "2022-03-20 08:00", row(**late)))
    old = plain(office, "cu.csv", "2022-03-05 08:00", row())
    member = zipfile.ZipInfo("cu.csv", (2022, 3, 5, 8, 0, 0))
    with zipfile.ZipFile(office.folder / "cu.zip", "w") as archive:
        archive.writestr(member, old.read_bytes())
    result = office.take(written(office.folder / "cu.zip", local("2022-03-25 17:00")))
    (task,) = office.tasks().values()
    assert (task.current.status, task.current.due_on) == (Status.DONE, date(2022, 3, 30))
    (sheet,) = result.outcome.sheets
    assert sheet.as_of is not None
    assert (sheet.as_of.at, sheet.older) == (local("2022-03-05 08:00"), 1)


def test_a_file_time_that_cannot_be_gives_way_to_the_latest_day_of_the_rows(office: Importing) -> None:
    path = plain(office, "a.csv", "1970-01-02 08:00", row(), row(name="Rà soát", given=date(2022, 3, 1)))
    (sheet,) = office.take(path).outcome.sheets
    assert sheet.as_of is not None
    assert (sheet.as_of.at, sheet.as_of.basis) == (local("2022-03-01 23:59:59"), "rows")


def workbook_1904(path: Path, kind: str) -> None:
    values = [*row(dated=None, due=43158).values()]  # 28 February 2022, counted from 1904 and without a format
    if kind == "xlsx":
        book = xlsxwriter.Workbook(path, {"date_1904": True})
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADER)
        for column, value in enumerate([1, *values]):
            sheet.write(1, column, value, day if isinstance(value, date) else None)
        book.close()
        return
    old = xlwt.Workbook()
    old.dates_1904 = True
    table, style = old.add_sheet("A"), xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for column, value in enumerate(HEADER):
        table.write(0, column, value)
    for column, value in enumerate([1, *values]):
        table.write(1, column, value, style if isinstance(value, date) else xlwt.Style.default_style)
    old.save(str(path))


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_days_of_a_workbook_that_counts_from_1904_come_in_right(office: Importing, kind: str) -> None:
    path = office.folder / f"a.{kind}"
    workbook_1904(path, kind)
    office.take(written(path, local("2022-03-01 08:00")))
    (task,) = office.tasks().values()
    assert (task.current.assigned_on, task.current.due_on) == (date(2022, 2, 8), date(2022, 2, 28))


def test_a_row_that_was_moved_waits_and_is_not_loaded_by_reading_it_again(office: Importing) -> None:
    lines = [",".join(HEADER), "1,,Việc A, phần 2,44/UBND-NN,08/02/2022,UBND tỉnh,Sở Y tế,08/02/2022,,,Đã hoàn thành",
             "2,,Việc B,44/UBND-NN,08/02/2022,UBND tỉnh,Sở Y tế,08/02/2022,,,Đã hoàn thành"]  # fmt: skip
    path = office.folder / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = office.take(written(path, local("2022-03-01 08:00")))
    assert (result.counts.inserted, result.quarantined) == (1, 1)
    (entry,) = office.imports.waiting()
    assert [(one.cell, one.reason) for one in entry.row.problems] == [("L2", OUTSIDE)]
    (still,) = office.imports.retry([], None)
    assert still.record_id == ""
    assert list(office.tasks()) == ["Việc B"]


def test_dates_that_excel_exchanged_refuse_the_file_and_nothing_comes_in(office: Importing) -> None:
    rows = [row(due=date(2022, 5, 2)), row(name="Rà soát", due="13/02/2022")]
    result = office.take(office.export("a.xlsx", "2022-03-01 08:00", *rows))
    assert result.outcome.refused
    assert [one.cell for one in result.outcome.sheets[0].advices if one.stops] == ["I5"]
    assert office.tasks() == {}
