"""The same content gives the same rows, whatever it is written as (F23)."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.tables import CellValue, Range
from connector.sources.files.reader import open_table
from tests.sources.files import books

# Moments of a spreadsheet know no zone.
LATE, AFTERNOON = datetime(2022, 2, 28, 17, 30), datetime(2022, 2, 28, 14, 30)  # noqa: DTZ001
EARLIEST, LATEST = datetime(1950, 1, 1), datetime(2100, 12, 31)  # noqa: DTZ001

TASKS: list[books.Row] = [
    ["VĂN PHÒNG UBND TỈNH"],
    [],
    ["STT", "Tên nhiệm vụ", "Số ký hiệu", "Ngày giao", "Hạn", "Tỷ lệ", "Ghi chú"],
    [1, "Rà soát; báo cáo, đề xuất", "15/UBND-TH", date(2022, 2, 1), LATE, 0.5, None],
    [2, 'Gọi là "khẩn"', "0012", date(2022, 12, 31), None, 12.75, "dòng một\ndòng hai"],
    [None, "Nhóm & <việc> khác"],
    [1234567, None, None, None, None, -3.25, "cuối"],
]
EXPECTED = [
    (number, list(map(books.shown, row))) for number, row in enumerate(TASKS, 1) if any(v is not None for v in row)
]


def without_empty_ends(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    for _, texts in rows:
        while texts and not texts[-1]:
            texts.pop()
    return rows


@pytest.mark.parametrize("kind", books.WRITERS)
def test_every_format_gives_the_same_rows(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "xuat.xls"  # the name says nothing
    books.WRITERS[kind](path, TASKS)
    assert books.rows_of(path) == without_empty_ends([(n, list(texts)) for n, texts in EXPECTED])


def test_windows_1258_gives_the_same_rows_once_composed(tmp_path: Path) -> None:
    """The code page has no precomposed letters with tones; composing is the normaliser's business (T22)."""
    path = tmp_path / "xuat.csv"
    rows = [[books.shown(value) for value in row] for row in TASKS]
    text = "\r\n".join("\t".join(row).replace("\n", " ") for row in rows)
    path.write_bytes(in_code_page(text))
    got = [(n, [unicodedata.normalize("NFC", t) for t in texts]) for n, texts in books.rows_of(path)]
    assert got == without_empty_ends([(n, [t.replace("\n", " ") for t in texts]) for n, texts in EXPECTED])


def in_code_page(text: str) -> bytes:
    """windows-1258, as old programs write it: base letter, then tone."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = ""
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in apart if mark in tones)
        out += unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tones)) + tone
    return out.encode("windows-1258")


HEADERS: list[books.Row] = [
    ["BÁO CÁO", None, None, None],
    ["STT", "Nhiệm vụ", "Thời gian", None],
    [None, None, "Giao", "Hạn"],
    [1, "việc", "01/02/2022", "28/02/2022"],
    [2, None, "02/02/2022", "28/02/2022"],
]
MERGED = [Range(1, 1, 1, 4), Range(2, 1, 3, 1), Range(2, 2, 3, 2), Range(2, 3, 2, 4), Range(4, 2, 5, 2)]


@pytest.mark.parametrize("kind", books.MERGING)
def test_merged_cells_are_told_the_same_way_by_every_format(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "xuat.xls"
    books.MERGING[kind](path, HEADERS, MERGED)
    with open_table(path, books.SMALL) as sheets:
        ((rows, merged),) = [(list(sheet.rows), sheet.merged) for sheet in sheets]
    assert list(merged) == MERGED
    assert [[cell.text for cell in row.cells] for row in rows] == [list(map(books.shown, row)) for row in HEADERS]
    notes = {(row.number, column): cell.note for row in rows for column, cell in enumerate(row.cells, 1) if cell.note}
    assert notes == {
        (1, 2): "gộp với ô A1", (1, 3): "gộp với ô A1", (1, 4): "gộp với ô A1",
        (2, 4): "gộp với ô C2", (3, 1): "gộp với ô A2", (3, 2): "gộp với ô B2", (5, 2): "gộp với ô B4",
    }  # fmt: skip


@pytest.mark.parametrize("kind", books.MERGING)
def test_types_survive_where_the_format_has_them(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "xuat"
    row: books.Row = ["chữ", 3, 2.5, True, date(2022, 2, 28), AFTERNOON]
    books.WRITERS[kind](path, [row])
    with open_table(path, books.SMALL) as sheets:
        (cells,) = [found.cells for sheet in sheets for found in sheet.rows]
    if kind == "html":
        assert [(cell.value, cell.kind) for cell in cells] == [(books.shown(value), "text") for value in row]
    else:
        assert [cell.value for cell in cells] == row
        assert [type(cell.value) for cell in cells] == [type(value) for value in row]
        assert [cell.kind for cell in cells] == ["text", "number", "number", "bool", "date", "date"]


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=8)
values = st.one_of(
    st.none(),
    words.filter(lambda text: text[0] not in "'="),
    st.integers(-(10**14), 10**14),
    st.dates(date(1950, 1, 1), date(2100, 12, 31)),
    st.datetimes(EARLIEST, LATEST).map(lambda m: m.replace(second=0, microsecond=0)),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(values, max_size=5), max_size=5))
def test_any_table_comes_back_from_any_format(tmp_path: Path, rows: list[list[CellValue]]) -> None:
    table: list[books.Row] = [["STT", "Tên"], *rows, ["cuối", "cùng"]]
    expected = without_empty_ends(
        [
            (number, [books.shown(value).removesuffix(" 00:00") for value in row])  # midnight is a day to a spreadsheet
            for number, row in enumerate(table, 1)
            if any(value is not None for value in row)
        ]
    )
    for kind in ("xlsx", "xls", "ods", "spreadsheetml"):
        path = tmp_path / "bat-ky"
        books.WRITERS[kind](path, table)
        assert books.rows_of(path) == expected, kind
