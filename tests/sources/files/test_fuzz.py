"""Random bytes and damaged real files: rows or a reason come out, and nothing else, ever."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.clock import OFFICE_ZONE
from connector.domain.refusals import REFUSALS
from connector.domain.tables import Limits
from connector.errors import FileRefused
from connector.messages import operator_message
from connector.normalise.edxml import read_package
from connector.sources.files.reader import open_table
from tests.sources.files import books
from tests.sources.files.edocs import edoc

# The same examples every time: a new find belongs here as an example, not into somebody else's change.
FUZZ = settings(derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
TABLE: list[books.Row] = [["STT", "Tên", "Hạn"], [1, "Đặng & Bùi\n(khẩn)", date(2022, 2, 28)], [2.5, None, "x"]]
MAGICS = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"<table>", b"<?xml version='1.0'?>", b"\xff\xfe", b"a;b\n")


def check(path: Path) -> None:
    refused: FileRefused | None = None
    try:
        with open_table(path, Limits(seconds=20)) as sheets:
            for package in sheets.packages if sheets.recognised.kind == "edxml" else ():
                read_package(package, OFFICE_ZONE, lambda _: False)
            for sheet in sheets:
                for row in sheet.rows:
                    assert all(isinstance(cell.text, str) for cell in row.cells)
                    assert row.number > 0
    except FileRefused as error:
        refused = error
    if refused:
        assert refused.reason in REFUSALS
        assert "(không rõ)" not in operator_message(refused)
        # A panic inside of calamine is caught and named. An exception that we did not foresee is a bug of ours.
        assert refused.reason != "reader_failed" or "PanicException" in str(refused)


@FUZZ
@given(magic=st.sampled_from((b"", *MAGICS)), rest=st.binary(max_size=2000))
def test_random_bytes_do_no_harm(tmp_path: Path, magic: bytes, rest: bytes) -> None:
    path = tmp_path / "bat-ky.xls"
    path.write_bytes(magic + rest)
    check(path)


def openpyxl_book(path: Path, rows: list[books.Row]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([*row])
    sheet["D1"] = "=A2*2"
    sheet.merge_cells("A5:C6")
    book.save(path)


def package(path: Path, _: list[books.Row]) -> None:
    path.write_text(edoc())


def packages(path: Path, _: list[books.Row]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("goi.edxml", edoc())
        archive.writestr("15.pdf", b"%PDF-")


WRITERS = {**books.WRITERS, "openpyxl": openpyxl_book, "edxml": package, "edxml zip": packages}
Edit = Callable[[bytes], bytes]


def edits() -> st.SearchStrategy[list[Edit]]:
    """Bytes changed, cut out, doubled, or the rest lost, at places given as shares of the length."""
    place, length = st.floats(0, 1, exclude_max=True), st.integers(1, 300)

    def put(where: float, data: bytes) -> Edit:
        return lambda old: old[: int(where * len(old))] + data + old[int(where * len(old)) + len(data) :]

    def cut(where: float, size: int) -> Edit:
        return lambda old: old[: int(where * len(old))] + old[int(where * len(old)) + size :]

    def double(where: float, size: int) -> Edit:
        return lambda old: old[: int(where * len(old)) + size] + old[int(where * len(old)) :]

    def lose(where: float) -> Edit:
        return lambda old: old[: int(where * len(old))]

    nasty = st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 4, b"\0" * 4, b"<&>", b'"' * 3]))
    one = st.builds(put, place, nasty) | st.builds(cut, place, length) | st.builds(double, place, length)
    return st.lists(one | st.builds(lose, place), min_size=1, max_size=4)


def damaged(data: bytes, changes: list[Edit]) -> bytes:
    for change in changes:
        data = change(data)
    return data


@pytest.mark.parametrize("kind", ["xlsx", "openpyxl", "xls", "ods", "html", "spreadsheetml", "tsv utf-16 bom", "edxml"])
@FUZZ
@given(changes=edits())
def test_a_damaged_file_gives_rows_or_a_reason(tmp_path: Path, kind: str, changes: list[Edit]) -> None:
    path = tmp_path / "hong.xlsx"
    WRITERS[kind](path, TABLE)
    path.write_bytes(damaged(path.read_bytes(), changes))
    check(path)


@pytest.mark.parametrize("kind", ["xlsx", "openpyxl", "ods", "edxml zip"])
@FUZZ
@given(changes=edits(), which=st.floats(0, 1, exclude_max=True))
def test_a_damaged_part_of_a_sound_archive_gives_rows_or_a_reason(
    tmp_path: Path, kind: str, changes: list[Edit], which: float
) -> None:
    path = tmp_path / "hong.xlsx"
    WRITERS[kind](path, TABLE)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source, zipfile.ZipFile(path, "w") as archive:
        names = source.namelist()
        for name in names:
            data = source.read(name)
            archive.writestr(name, damaged(data, changes) if name == names[int(which * len(names))] else data)
    check(path)
