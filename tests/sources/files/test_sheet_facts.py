"""What a reader tells of a sheet besides its rows: when it was written, how it counts days, whether it ends early."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from connector.domain.tables import Limits
from connector.errors import FileRefused
from connector.sources.files.reader import open_table
from tests.sources.files import books

SERIAL_1904 = 43158  # 28 February 2022, counted from 1 January 1904


def facts(path: Path, name: str) -> list[Any]:
    """An attribute of every sheet, after its rows were read."""
    found = []
    with open_table(path, books.SMALL) as sheets:
        for sheet in sheets:
            assert list(sheet.rows)
            found.append(getattr(sheet, name))
    return found


# -- when a member of an archive was written ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((2026, 11, 5, 8, 0, 2), datetime(2026, 11, 5, 8, 0, 2)),  # noqa: DTZ001 (an archive knows no zone)
        ((1980, 1, 1, 0, 0, 0), None),
        ((1980, 6, 1, 0, 0, 0), None),
        ((2026, 2, 31, 0, 0, 0), None),
        ((2026, 0, 5, 0, 0, 0), None),
    ],
)
def test_a_member_of_an_archive_has_its_own_time_unless_it_cannot_be(
    tmp_path: Path, told: tuple[int, int, int, int, int, int], expected: datetime | None
) -> None:
    path = tmp_path / "xuat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("cu.csv", told), "STT;Tên\n1;a\n")
    assert facts(path, "modified_at") == [expected]


def test_a_file_that_is_no_archive_has_no_such_time(tmp_path: Path) -> None:
    books.xlsx(tmp_path / "a.xlsx", [["STT"], [1]])  # an archive by its bytes, and still no archive of files
    assert facts(tmp_path / "a.xlsx", "modified_at") == [None]


# -- how days are counted ----------------------------------------------------------------------------------------------


def xlsx_1904(path: Path, *, epoch_1904: bool) -> None:
    book = xlsxwriter.Workbook(path, {"date_1904": epoch_1904, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet()
    sheet.write_datetime(0, 0, date(2022, 2, 28))
    sheet.write_number(0, 1, SERIAL_1904)
    book.close()


def xls_1904(path: Path, *, epoch_1904: bool) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = epoch_1904
    sheet = book.add_sheet("A")
    sheet.write(0, 0, date(2022, 2, 28), xlwt.easyxf(num_format_str="DD/MM/YYYY"))
    sheet.write(0, 1, SERIAL_1904)
    book.save(str(path))


def spreadsheetml_1904(path: Path, *, epoch_1904: bool) -> None:
    about = '<ExcelWorkbook xmlns="urn:schemas-microsoft-com:office:excel"><Date1904/></ExcelWorkbook>'
    row = '<Cell><Data ss:Type="DateTime">2022-02-28T00:00:00.000</Data></Cell>'
    row += f'<Cell><Data ss:Type="Number">{SERIAL_1904}</Data></Cell>'
    sheet = f'<Worksheet ss:Name="A"><Table><Row>{row}</Row></Table></Worksheet>'
    path.write_bytes(books.spreadsheet((about if epoch_1904 else "") + sheet))


def ods_1904(path: Path, *, epoch_1904: bool) -> None:
    about = '<table:calculation-settings><table:null-date table:date-value="{}"/></table:calculation-settings>'
    row = '<table:table-cell office:value-type="date" office:date-value="2022-02-28"/>'
    row += f'<table:table-cell office:value-type="float" office:value="{SERIAL_1904}"/>'
    table = f'<table:table table:name="A"><table:table-row>{row}</table:table-row></table:table>'
    books.ods_file(path, books.ods_parts(about.format("1904-01-01" if epoch_1904 else "1899-12-30") + table))


@pytest.mark.parametrize("write", [xlsx_1904, xls_1904, spreadsheetml_1904, ods_1904])
@pytest.mark.parametrize("epoch_1904", [True, False])
def test_the_calendar_of_1904_is_told_and_dates_come_out_right(
    tmp_path: Path, write: Callable[..., None], epoch_1904: bool
) -> None:
    path = tmp_path / "a.xls"
    write(path, epoch_1904=epoch_1904)
    assert facts(path, "epoch_1904") == [epoch_1904]
    assert books.rows_of(path) == [(1, ["28/02/2022", str(SERIAL_1904)])]


# -- whether it ends early ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b;c\r\n1;2;3\r\n", None),
        ("a;b;c\n1;2;3\n\n", None),
        ("a;b;c\r\n1;2;3", (2, 3)),
        ("a;b;c\r\n1;2", (2, 2)),
        ("a;b;c\n1;;", (2, 3)),
        ('a;b;c\n1;2;"x\ny"', (2, 3)),
        ('a;b;c\n1;2;"x\ny"\n', None),
    ],
)
def test_a_last_row_without_a_line_end_is_told_with_its_fields(
    tmp_path: Path, encoding: str, text: str, expected: tuple[int, int] | None
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert facts(path, "unended") == [expected]


def test_the_last_row_is_told_in_a_file_of_many_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(f"{number};x" for number in range(1, 2_001)) + "\n2001", encoding="utf-8")
    assert facts(path, "unended") == [(2001, 1)]
    assert len(books.rows_of(path)) == 2001


def test_only_delimited_text_is_told_apart_by_marks(tmp_path: Path) -> None:
    told = {}
    for kind, write in books.WRITERS.items():
        path = tmp_path / "a"
        write(path, [["STT", "Tên"], [1, "a"]])
        told[kind] = facts(path, "delimited")
    assert told == {kind: [kind.startswith(("csv", "tsv"))] for kind in books.WRITERS}


ROW = "<tr><td>STT<td>Tên<tr><td>1<td>a"


@pytest.mark.parametrize(
    "page",
    [
        f"<table>{ROW}",
        f"<html><body><table>{ROW}</tr",
        f"<table>{ROW}</table><table>{ROW}",
        f"<table><tr><td><table>{ROW}</table>",
    ],
)
def test_a_page_that_ends_within_a_table_is_broken(tmp_path: Path, page: str) -> None:
    path = tmp_path / "xuat.xls"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(FileRefused) as caught:
        books.read(path)
    assert caught.value.reason == "broken"


@pytest.mark.parametrize(
    "page", [f"<TABLE>{ROW}</TABLE>", f"<table>{ROW}</table", f"<html><table><tr><td><table>{ROW}</table></html>"]
)
def test_a_page_that_only_forgets_to_close_something_is_whole(tmp_path: Path, page: str) -> None:
    path = tmp_path / "xuat.xls"
    path.write_text(page, encoding="utf-8")
    assert [(1, ["STT", "Tên"]), (2, ["1", "a"])] in books.read(path).values()


@pytest.mark.parametrize("shift", range(7))
def test_the_end_of_a_table_is_seen_where_it_lies_across_two_pieces(tmp_path: Path, shift: int) -> None:
    path = tmp_path / "xuat.xls"
    filler = "x" * ((1 << 16) - len(f"<table>{ROW}") - shift)
    path.write_text(f"<table>{ROW.replace('Tên', 'Ten')}{filler}</table>", encoding="utf-8")
    limits = Limits(seconds=10, text_length=1 << 17)
    assert len(books.rows_of(path, limits)) == 2
