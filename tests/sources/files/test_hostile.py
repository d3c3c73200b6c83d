"""Files made to do harm, or simply far too large: each is refused with its reason, within 30 s and 300 MB (F26)."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.sources.files import books
from tests.sources.files.measure import cost

TWO_MILLION = 2_000_000
DEEP = 100_000


def xlsx_with_sheet(path: Path, pieces: Iterable[bytes], level: int = 1) -> None:
    """A workbook whose sheet is these pieces of XML."""
    small = io.BytesIO()
    books.xlsx(small, [["a"]])  # type: ignore[arg-type]
    with (
        zipfile.ZipFile(small) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive,
    ):
        for name in source.namelist():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, source.read(name))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_END = b"</sheetData></worksheet>"


def many_rows_xlsx(path: Path) -> None:
    rows = (b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n * 7919) for n in range(1, TWO_MILLION + 1))
    blocks = iter(lambda: b"".join(itertools.islice(rows, 50_000)), b"")
    xlsx_with_sheet(path, itertools.chain((SHEET,), blocks, (SHEET_END,)))


def many_rows_csv(path: Path) -> None:
    path.write_bytes(b"STT;Ten\n" + b"1;a\n" * TWO_MILLION)


def many_rows_html(path: Path) -> None:
    path.write_bytes(b"<table>" + b"<tr><td>1<td>a" * TWO_MILLION + b"</table>")


def bomb_xlsx(path: Path) -> None:
    xlsx_with_sheet(path, [SHEET, *[b" " * 2**20] * 100, SHEET_END], level=9)


def bomb_ods(path: Path) -> None:
    books.ods_file(path, b"<x>" + b" " * (50 * 2**20) + b"</x>")


def lying_xlsx(path: Path) -> None:
    """The directory says 100 bytes, the sheet unpacks to 100 MB."""
    bomb_xlsx(path)
    data = bytearray(path.read_bytes())
    for magic, size_at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = -1
        while (at := data.find(magic, at + 1)) >= 0:
            if struct.unpack_from("<I", data, at + size_at)[0] > 2**20:
                struct.pack_into("<I", data, at + size_at, 100)
    path.write_bytes(data)


def far_cell_xlsx(path: Path) -> None:
    """Two cells, a million rows and 16 384 columns apart: what calamine would lay out as one table."""
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    xlsx_with_sheet(path, [SHEET, cells, SHEET_END])


def cut_xlsx(path: Path) -> None:
    books.xlsx(path, [["a", n] for n in range(5000)])
    path.write_bytes(path.read_bytes()[:-3000])


def nested_html(path: Path) -> None:
    path.write_bytes(b"<div>" * DEEP + b"<table><tr><td>" * DEEP)


def nested_spreadsheetml(path: Path) -> None:
    path.write_bytes(books.spreadsheet("<a>" * DEEP + "</a>" * (DEEP - 1)))


def nested_ods(path: Path) -> None:
    books.ods_file(path, books.ods_parts("<a>" * DEEP + "</a>" * (DEEP - 1)))


def nested_xlsx(path: Path) -> None:
    xlsx_with_sheet(path, [SHEET, b"<a>" * DEEP, b"</a>" * (DEEP - 1), SHEET_END])


def wide_html(path: Path) -> None:
    path.write_bytes(b"<table>" + b"<tr>" + b"<td colspan=1000 rowspan=65534>x" * 2000)


def attributes_spreadsheetml(path: Path) -> None:
    path.write_bytes(books.spreadsheet("<a " + " ".join(f'b{n}="{n}"' for n in range(300_000)) + ">"))


def one_line_csv(path: Path) -> None:
    path.write_bytes(b"a;b\n" + b"x" * (90 * 2**20))


def open_quote_csv(path: Path) -> None:
    path.write_bytes(b'a;b\n1;"' + b"x;y\n" * 10_000_000)


def sparse_four_gigabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(4 * 2**30)


def sparse_zip(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(120 * 2**20)


def many_members_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(20_000):
            archive.writestr(f"{n}.csv", b"")


def zip_of_bombs(path: Path) -> None:
    inner = path.with_suffix(".inner")
    bomb_ods(inner)
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(20):
            archive.write(inner, f"{n}.ods")


def quadratic_rows_xlsx(path: Path) -> None:
    """As many row tags as our search for empty ones could be slow on."""
    xlsx_with_sheet(path, [SHEET, b'<row r="1"/>' * TWO_MILLION, b"<row " * 200_000, SHEET_END])


@pytest.mark.parametrize(
    ("make", "reasons"),
    [
        (many_rows_xlsx, {"too_many_rows"}),
        (many_rows_csv, {"too_many_rows"}),
        (many_rows_html, {"too_many_rows"}),
        (bomb_xlsx, {"bomb"}),
        (bomb_ods, {"bomb"}),
        (lying_xlsx, {"broken"}),
        (far_cell_xlsx, {"memory"}),
        (cut_xlsx, {"broken"}),
        (nested_html, {"no_table"}),
        (nested_spreadsheetml, {"broken"}),
        (nested_ods, {"broken"}),
        (nested_xlsx, {""}),  # calamine passes over tags it does not know: a sheet without rows
        (wide_html, {"too_many_columns"}),
        (attributes_spreadsheetml, {"broken"}),
        (one_line_csv, {"text_too_long", "memory"}),
        (open_quote_csv, {"text_too_long"}),
        (sparse_four_gigabytes, {"too_large"}),
        (sparse_zip, {"broken"}),
        (many_members_zip, {"too_many_members"}),
        (zip_of_bombs, {"bomb"}),
        (quadratic_rows_xlsx, {"broken", "too_slow"}),
    ],
)
def test_it_is_refused_in_time_and_memory(
    tmp_path: Path, root: Path, make: Callable[[Path], None], reasons: set[str]
) -> None:
    path = tmp_path / "danh-sach.xlsx"
    make(path)
    found = cost(path, root)
    assert found.reason in reasons
    assert found.reason or not found.rows
    assert found.seconds < 30
    assert found.child <= 300
    assert found.parent < 150
