"""What Excel workbooks hold besides plain values: errors, formulas, how a value was typed, hidden sheets, old dates."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from connector.domain.tables import (
    DATE_WITHOUT_DAY,
    DATE_WITHOUT_YEAR,
    FORMULA,
    FORMULA_WITHOUT_VALUE,
    LEADING_APOSTROPHE,
    LONG_NUMBER,
    TIME_ONLY,
)
from connector.errors import FileRefused
from connector.sources.files.reader import open_table
from tests.sources.files import books


def edited(path: Path, part: str, old: str, new: str) -> None:
    """The archive with a part of it changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part], parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


class TestXlsx:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "a.xlsx"

    def test_errors_are_seen_and_formulas_give_their_last_result(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, "=1+1", None, 2)
        sheet.write_formula(0, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(0, 2, '="Đã "&"xong"', None, "Đã xong")
        sheet.write_formula(2, 3, "=A1", None, "")
        sheet.write(4, 0, "cuối")
        book.close()
        with open_table(path, books.SMALL) as sheets:
            cells = {row.number: row.cells for found in sheets for row in found.rows}
        assert [(c.value, c.text, c.kind, c.note) for c in cells[1]] == [
            (2, "2", "number", FORMULA),
            (None, "#DIV/0!", "error", FORMULA),
            ("Đã xong", "Đã xong", "text", FORMULA),
        ]
        assert [(c.text, c.kind, c.note) for c in cells[3][3:]] == [("", "empty", FORMULA_WITHOUT_VALUE)]
        assert list(cells) == [1, 3, 5]

    def test_a_formula_that_was_never_calculated_is_no_empty_cell(self, path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["STT", "=SUM(A1:A2)"])  # type: ignore[union-attr]
        book.active["C9"] = "=B1"  # type: ignore[index]
        book.save(path)
        assert books.notes_of(path) == {"B1": FORMULA_WITHOUT_VALUE, "C9": FORMULA_WITHOUT_VALUE}

    def test_how_a_value_was_typed_is_told(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet()
        short, full = book.add_format({"num_format": "d-mmm"}), book.add_format({"num_format": 'dd"/"mm"/"yyyy'})
        month, clock = book.add_format({"num_format": 17}), book.add_format({"num_format": "hh:mm"})
        quoted = book.add_format({"quote_prefix": True})
        sheet.write_datetime(0, 0, date(2022, 9, 15), short)
        sheet.write_datetime(0, 1, date(2022, 9, 15), full)
        sheet.write_datetime(0, 2, date(2022, 5, 1), month)
        sheet.write_string(0, 3, "0123", quoted)
        sheet.write_datetime(0, 4, time(14, 30), clock)
        sheet.write_datetime(0, 5, timedelta(hours=60), book.add_format({"num_format": "[h]:mm"}))
        sheet.write_number(0, 6, 1234567890123456)
        sheet.write_string(0, 7, "chữ trong ô định dạng ngày", short)
        sheet.write_blank(0, 8, None, quoted)
        book.close()
        assert books.notes_of(path) == {
            "A1": DATE_WITHOUT_YEAR,
            "C1": DATE_WITHOUT_DAY,
            "D1": LEADING_APOSTROPHE,
            "E1": TIME_ONLY,
            "F1": TIME_ONLY,
            "G1": LONG_NUMBER,
        }
        assert books.rows_of(path)[0][1][3:7] == ["0123", "14:30", "60:00", "1234567890123456"]

    def test_the_calendar_of_1904_is_heeded(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path, {"date_1904": True, "default_date_format": "dd/mm/yyyy"})
        book.add_worksheet().write_datetime(0, 0, date(2022, 2, 28))
        book.close()
        assert books.rows_of(path) == [(1, ["28/02/2022"])]

    def test_every_second_of_a_day_comes_back_as_that_second(self, path: Path) -> None:
        moments = [datetime(2022, 2, 28, tzinfo=UTC) + timedelta(seconds=7 * n + 1) for n in range(12_000)]
        book = xlsxwriter.Workbook(path, {"remove_timezone": True, "default_date_format": "dd/mm/yyyy hh:mm:ss"})
        book.add_worksheet().write_column(0, 0, moments)
        book.close()
        with open_table(path, books.SMALL) as sheets:
            got = [row.cells[0].value for sheet in sheets for row in sheet.rows]
        assert got == [moment.replace(tzinfo=None) for moment in moments]

    def test_hidden_sheets_are_named_and_not_read(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        for name in ("Thấy", "Ẩn", "Ẩn kỹ", "Trống"):
            book.add_worksheet(name)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Thấy!$A$1:$A$2"})
        book.add_chartsheet("Biểu đồ").set_chart(chart)
        seen, hidden, very_hidden, _, _ = book.worksheets()
        for sheet in (seen, hidden, very_hidden):
            sheet.write(0, 0, "x")
        hidden.write_formula(0, 1, "=1/0", None, "#DIV/0!")
        hidden.hide()
        very_hidden.very_hidden()
        book.close()
        with open_table(path, books.SMALL) as sheets:
            found = [(sheet.name, sheet.hidden, len(list(sheet.rows))) for sheet in sheets]
        assert found == [("Thấy", False, 1), ("Ẩn", True, 0), ("Ẩn kỹ", True, 0), ("Trống", False, 0)]

    def test_text_keeps_its_blanks_lines_and_escaped_controls(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        book.add_worksheet().write_string(0, 0, " a\nb\x07\t_x0041_ ")
        book.close()
        assert books.rows_of(path) == [(1, [" a\nb\x07\t_x0041_ "])]

    def test_a_prefix_and_single_quotes_in_the_xml_hide_nothing(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        book.add_worksheet().write_formula(0, 0, "=1/0", None, "#N/A")
        book.close()
        sheet = "xl/worksheets/sheet1.xml"
        edited(path, sheet, '<c r="A1" t="e"><f>1/0</f><v>#N/A</v></c>', "<c r='A1' t='e'><f>1/0</f><v>#N/A</v></c>")
        assert (books.rows_of(path), books.notes_of(path)) == ([(1, ["#N/A"])], {"A1": FORMULA})

    def test_an_error_in_a_cell_without_address_is_no_silent_blank(self, path: Path) -> None:
        books.xlsx(path, [["a", "b"]])
        edited(path, "xl/worksheets/sheet1.xml", "</row>", '<c t="e"><v>#N/A</v></c></row>')
        with pytest.raises(FileRefused, match="without address"):
            books.read(path)

    @pytest.mark.parametrize(
        ("part", "old", "new", "reason"),
        [
            ("xl/worksheets/sheet1.xml", "<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "doctype"),
            ("xl/sharedStrings.xml", "<sst", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst', "doctype"),
            ("xl/workbook.xml", "<workbook", "<!DOCTYPE workbook><workbook", "doctype"),
            ("xl/worksheets/sheet1.xml", "</row></sheetData>", "</row>", "broken"),
            ("xl/worksheets/sheet1.xml", "</worksheet>", "", "broken"),
            ("xl/worksheets/sheet1.xml", "<worksheet", "<worksheet <", "broken"),
            ("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet9.xml", "broken"),
            ("xl/workbook.xml", "</workbook>", "", "broken"),
        ],
    )
    def test_parts_that_excel_never_writes_like_that_are_refused(
        self, path: Path, part: str, old: str, new: str, reason: str
    ) -> None:
        books.xlsx(path, [["a", "b"]])
        edited(path, part, old, new)
        with pytest.raises(FileRefused) as caught:
            books.read(path)
        assert caught.value.reason == reason

    def test_a_workbook_that_reads_another_one_is_refused(self, path: Path) -> None:
        books.xlsx(path, [["a"]])
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
        with pytest.raises(FileRefused) as caught:
            books.read(path)
        assert caught.value.reason == "external_links"

    def test_a_link_to_a_web_page_is_no_external_workbook(self, path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        book.add_worksheet().write_url(0, 0, "https://a.example/vb", string="Văn bản")
        book.close()
        assert books.rows_of(path) == [(1, ["Văn bản"])]


class TestXls:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "a.xls"

    def test_errors_formulas_and_ways_of_typing_are_seen(self, path: Path) -> None:
        book = xlwt.Workbook()
        sheet = book.add_sheet("A")
        short = xlwt.easyxf(num_format_str="D-MMM")
        sheet.write(0, 0, xlwt.Formula("1/0"))
        sheet.row(0).set_cell_error(1, 0x2A)
        sheet.write(0, 2, date(2022, 9, 15), short)
        sheet.write(0, 3, "chữ", short)
        for column in range(4, 7):
            sheet.write(0, column, 40_000 + column, short)  # written as one record of several numbers
        sheet.write(0, 7, True)
        book.save(str(path))
        assert books.rows_of(path)[0][1][1:4] == ["#N/A", "15/09/2022", "chữ"]
        notes = books.notes_of(path)
        assert notes.pop("A1") in (FORMULA, FORMULA_WITHOUT_VALUE)
        assert notes == dict.fromkeys(["C1", "E1", "F1", "G1"], DATE_WITHOUT_YEAR)

    def test_hidden_sheets_are_named_and_not_read(self, path: Path) -> None:
        book = xlwt.Workbook()
        for name in ("Thấy", "Ẩn"):
            book.add_sheet(name).write(0, 0, "x")
        book.get_sheet(1).visibility = 1
        book.save(str(path))
        with open_table(path, books.SMALL) as sheets:
            assert [(s.name, s.hidden, len(list(s.rows))) for s in sheets] == [("Thấy", False, 1), ("Ẩn", True, 0)]

    def test_a_password_is_named_as_the_reason(self, path: Path) -> None:
        books.xls(path, [["a"]])
        data = bytearray(path.read_bytes())
        first = data.index(b"\x09\x08\x10\x00")  # BOF; the record behind it becomes FILEPASS
        data[first + 20 : first + 22] = b"\x2f\x00"
        path.write_bytes(data)
        with pytest.raises(FileRefused) as caught:
            books.read(path)
        assert caught.value.reason == "protected"

    def test_a_workbook_that_reads_another_one_is_refused(self, path: Path) -> None:
        book = xlwt.Workbook()
        first = book.add_sheet("A")
        book.add_sheet("B").write(0, 0, 1)
        first.write(0, 0, xlwt.Formula("B!A1"))
        book.save(str(path))
        assert books.read(path)["B"] == [(1, ["1"])]
        data = path.read_bytes()
        own_book = b"\xae\x01\x04\x00\x02\x00\x01\x04"
        path.write_bytes(data.replace(own_book, own_book[:-2] + b"\x07\x00"))
        with pytest.raises(FileRefused) as caught:
            books.read(path)
        assert caught.value.reason == "external_links"

    def test_a_cut_file_is_broken(self, path: Path) -> None:
        books.xls(path, [["a", n] for n in range(500)])
        path.write_bytes(path.read_bytes()[:9000])
        with pytest.raises(FileRefused) as caught:
            books.read(path)
        assert caught.value.reason == "broken"


def test_a_protected_xlsx_is_named_as_protected(tmp_path: Path) -> None:
    """Excel puts the encrypted package into an OLE2 file: two streams, EncryptionInfo and EncryptedPackage."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound({"EncryptionInfo": b"\x04\x00\x04\x00", "EncryptedPackage": b"x" * 5000}))
    with pytest.raises(FileRefused) as caught:
        books.read(path)
    assert caught.value.reason == "protected"


def test_a_word_document_in_an_ole2_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(compound({"WordDocument": b"x" * 5000}))
    with pytest.raises(FileRefused) as caught:
        books.read(path)
    assert caught.value.fields["found"] == "văn bản Word (.doc)"


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE2 file: header, one sector of FAT, one of directory, then the streams in their order."""
    free, end, is_fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    fat, body, entries = [is_fat, end], b"", [directory_entry("Root Entry", 5, end, 0)]
    for name, data in streams.items():
        count = -(-len(data) // 512)
        entries.append(directory_entry(name, 2, len(fat), max(len(data), 4096)))
        fat += [*range(len(fat) + 1, len(fat) + count), end]
        body += data.ljust(count * 512, b"\0")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + numbers(2, 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += numbers(4, 1, 1, 0, 4096, end, 0, end, 0, 0) + numbers(4, *[free] * 108)
    return header + numbers(4, *fat, *[free] * (128 - len(fat))) + b"".join(entries).ljust(512, b"\0") + body


def numbers(size: int, *values: int) -> bytes:
    return b"".join(value.to_bytes(size, "little") for value in values)


def directory_entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    about = encoded.ljust(64, b"\0") + numbers(2, len(encoded) + 2) + bytes([kind, 1]) + numbers(4, *[0xFFFFFFFF] * 3)
    return about + bytes(36) + numbers(4, start, size, 0)
