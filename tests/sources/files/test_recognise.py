"""What a file is, by its content; what is no table is refused under its true name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import FileRefused
from connector.messages import operator_message
from connector.sources.files.encoding import Encoding, guess
from connector.sources.files.reader import describe, open_table
from tests.sources.files import books
from tests.sources.files.test_same_rows import in_code_page

ROWS: list[books.Row] = [["STT", "Tên nhiệm vụ"], [1, "Rà soát"]]
EDXML = (
    '<?xml version="1.0"?><edXML xmlns="urn:x"><edXML:edXMLEnvelope xmlns:edXML="urn:x"></edXML:edXMLEnvelope></edXML>'
)


@pytest.mark.parametrize(
    ("kind", "suffix", "found", "encoding", "lies"),
    [
        ("xlsx", ".xlsx", "xlsx", None, False),
        ("xlsx", ".xls", "xlsx", None, True),
        ("xls", ".XLS", "xls", None, False),
        ("xls", ".csv", "xls", None, True),
        ("ods", ".ods", "ods", None, False),
        ("html", ".xls", "html", "utf-8", True),
        ("html", ".html", "html", "utf-8", False),
        ("spreadsheetml", ".xls", "spreadsheetml", "utf-8", True),
        ("spreadsheetml", ".xml", "spreadsheetml", "utf-8", False),
        ("csv utf-8", ".csv", "csv", "utf-8", False),
        ("csv utf-8 bom semicolon", ".xlsx", "csv", "utf-8", True),
        ("tsv utf-16 bom", ".xls", "tsv", "utf-16-le", True),
        ("csv utf-16-be", ".txt", "csv", "utf-16-be", False),
        ("csv utf-16-le", ".tmp", "csv", "utf-16-le", False),  # a suffix that promises nothing
    ],
)
def test_content_decides_and_the_name_is_only_compared(
    tmp_path: Path, kind: str, suffix: str, found: str, encoding: str | None, lies: bool
) -> None:
    path = tmp_path / f"xuat{suffix}"
    books.WRITERS[kind](path, ROWS)
    recognised = describe(path)
    assert (recognised.kind, recognised.encoding, recognised.suffix_lies) == (found, encoding, lies)
    assert recognised.said_by


def zipped(**members: bytes) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name.replace("__", "/").replace("_", "."), data)

    return write


def data(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(
    ("write", "reason", "said"),
    [
        (data(b""), "empty", "rỗng"),
        (data(b"\0" * 5000), "blank", "byte 0"),
        (data(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"), "foreign", "tệp PDF"),
        (data(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "foreign", "ảnh PNG"),
        (data(b"\xff\xd8\xff\xe0\0\x10JFIF"), "foreign", "ảnh JPEG"),
        (data(b"{\\rtf1\\ansi Danh s\\'e1ch}"), "foreign", "văn bản RTF"),
        (data(b"Rar!\x1a\x07\x01\0"), "foreign", "tệp nén RAR"),
        (data(bytes(range(256)) * 20), "foreign", "nhị phân"),
        (data(b'{"data": [{"id": 1}]}'), "foreign", "JSON"),
        (data(b'<?xml version="1.0"?><rss version="2.0"></rss>'), "foreign", "tệp XML (thẻ gốc rss)"),
        (data("Kính gửi các đơn vị\nTrân trọng".encode()), "no_table", "văn bản thường"),
        (data(b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"), "old_format", ".mht"),
        (data(b"\x09\x04\x06\x00\x00\x00\x10\x00"), "old_format", "Excel 4"),
        (zipped(**{"word__document_xml": b"<w/>"}), "foreign", "văn bản Word (.docx)"),
        (zipped(**{"ppt__presentation_xml": b"<p/>"}), "foreign", "PowerPoint"),
        (zipped(**{"xl__workbook_bin": b"\0"}), "old_format", ".xlsb"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.text", content_xml=b"<x/>"), "foreign", "OpenDocument"),
        (data(b"<html><body><p>B\xc3\xa1o c\xc3\xa1o</p></body></html>"), "no_table", "trang HTML"),
        (
            data(b"<html><title>iOffice</title><form><input type=password name=p></form></html>"),
            "login_page",
            "trang đăng nhập",
        ),
    ],
)
def test_what_is_no_table_is_refused_under_its_true_name(
    tmp_path: Path, write: Callable[[Path], object], reason: str, said: str
) -> None:
    path = tmp_path / "danh-sach.xlsx"
    write(path)
    with pytest.raises(FileRefused) as caught, open_table(path, books.SMALL) as sheets:
        list(sheets)
    assert caught.value.reason == reason
    message = operator_message(caught.value)
    assert said in message
    assert "danh-sach.xlsx" in message
    assert "\nCần làm: " in message


def test_a_package_of_an_electronic_document_is_named_bare_and_zipped(tmp_path: Path) -> None:
    bare, packed = tmp_path / "a.edxml", tmp_path / "b.zip"
    bare.write_bytes(b"\xef\xbb\xbfx\n" + EDXML.encode())  # stray characters before the declaration occur
    zipped(edoc_xml=EDXML.encode(), tep_pdf=b"%PDF-")(packed)
    assert (describe(bare).kind, describe(packed).kind) == ("edxml", "edxml")


def test_html_without_an_html_tag_and_behind_blank_lines_is_html(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xef\xbb\xbf\r\n\r\n<!-- x --><TABLE><TR><TD>STT</TD></TR></TABLE>")
    assert describe(path).kind == "html"
    path.write_bytes(b"Bao cao\r\n<table><tr><td>STT</td></tr></table>")
    assert describe(path).kind == "html"
    assert books.rows_of(path) == [(1, ["STT"])]


def test_delimited_text_with_html_in_its_cells_is_no_html(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('STT;Nội dung\n1;"<table><tr><td>a;b</table>"\n', encoding="utf-8")
    assert books.rows_of(path) == [(1, ["STT", "Nội dung"]), (2, ["1", "<table><tr><td>a;b</table>"])]


def test_an_opened_table_says_what_it_is_without_a_second_look(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    books.html(path, ROWS)
    with open_table(path, books.SMALL) as table:
        assert table.recognised == describe(path)
        assert [sheet.name for sheet in table] == ["Bảng 1"]


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ("a;b;c\n1,5;2,5;3,5\n", ";", [["a", "b", "c"], ["1,5", "2,5", "3,5"]]),
        ("a,b\n1;2,3\n4,5\n", ",", [["a", "b"], ["1;2", "3"], ["4", "5"]]),
        ('a;b\n"x, y, z\nsecond; line";"q ""r"""\n', ";", [["a", "b"], ["x, y, z\nsecond; line", 'q "r"']]),
        ("sep=,\na,b\n1,2;3;4\n", ",", [["a", "b"], ["1", "2;3;4"]]),
        ("T2, 2022\nS\tTên, họ\tX\n1\tA, B\tc\n", "\t", [["T2, 2022"], ["S", "Tên, họ", "X"], ["1", "A, B", "c"]]),
        ("STT;Tên;Hạn\r\n", ";", [["STT", "Tên", "Hạn"]]),  # an export of an empty list
    ],
)  # fmt: skip
def test_the_delimiter_is_the_one_that_explains_the_columns(
    tmp_path: Path, text: str, delimiter: str, rows: list[list[str]]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert [texts for _, texts in books.rows_of(path)] == rows
    assert {";": "dấu chấm phẩy", ",": "dấu phẩy", "\t": "dấu tab"}[delimiter] in describe(path).said_by


class TestEncodings:
    TEXT = "STT;Tên nhiệm vụ\r\n1;Báo cáo tình hình thực hiện nhiệm vụ được giao quý I\r\n" * 3

    def guessed(self, tmp_path: Path, content: bytes) -> Encoding:
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        with path.open("rb") as file:
            return guess(file)

    def test_one_wrong_byte_at_the_end_is_not_utf_8(self, tmp_path: Path) -> None:
        long = ("x" * 1000 + "\n") * 2000
        assert self.guessed(tmp_path, long.encode() + "ê".encode()).codec == "utf-8"
        assert self.guessed(tmp_path, long.encode() + "ê".encode("windows-1252")).codec == "windows-1258"

    def test_vietnamese_in_windows_1258_is_known_by_its_letters(self, tmp_path: Path) -> None:
        assert self.guessed(tmp_path, in_code_page(self.TEXT)).codec == "windows-1258"

    @pytest.mark.parametrize(
        "old_font",
        [
            "Céng hoµ x· héi chñ nghÜa ViÖt Nam; B¸o c¸o t×nh h×nh thùc hiÖn nhiÖm vô",  # TCVN3
            "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam; Baùo caùo tình hình thöïc hieän nhieäm vuï",  # VNI
        ],
    )
    def test_old_fonts_come_out_as_they_look_without_the_font(self, tmp_path: Path, old_font: str) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(f"STT;Ten\r\n1;{old_font}\r\n".encode("windows-1252"))
        assert describe(path).encoding == "windows-1252"
        assert ";".join(books.rows_of(path)[1][1]) == f"1;{old_font}"

    def test_bytes_that_no_encoding_explains_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"STT;Ten\r\n1;a\x81\x8d\x9db\r\n")
        with pytest.raises(FileRefused) as caught:
            describe(path)
        assert caught.value.reason == "encoding"
