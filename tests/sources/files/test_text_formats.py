"""HTML, SpreadsheetML, OpenDocument and delimited text: what each can write in more than one way."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.domain.tables import FORMULA, FORMULA_WITHOUT_VALUE, LEADING_APOSTROPHE, TIME_ONLY
from connector.errors import FileRefused
from connector.sources.files.reader import describe, open_table
from tests.sources.files import books


def refusal(path: Path) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        books.read(path)
    return caught.value


class TestHtml:
    def rows(self, tmp_path: Path, page: str | bytes) -> dict[str, list[tuple[int, list[str]]]]:
        path = tmp_path / "xuat.xls"
        path.write_bytes(page if isinstance(page, bytes) else page.encode())
        return books.read(path)

    def test_text_looks_as_in_a_browser_and_entities_are_decoded_once(self, tmp_path: Path) -> None:
        cells = {
            "a &amp;amp; b&nbsp;c": "a &amp; b\xa0c",
            "một<br>hai<br/><br>bốn": "một\nhai\n\nbốn",
            "<p>một</p>\n <p> hai </p>": "một\nhai",
            " x \r\n\t y ": "x y",
            "<b>Đã</b> <font color=red>xong</font>": "Đã xong",
            "a<script>document.write('<td>')</script><style>td {}</style>b": "ab",
            "&#272;&#7863;ng": "Đặng",
            "<!-- ẩn -->hiện": "hiện",
            "=1+1": "=1+1",
        }
        page = f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"
        assert self.rows(tmp_path, page) == {"Bảng 1": [(1, list(cells.values()))]}

    def test_cells_and_rows_that_are_not_closed_end_where_the_next_begins(self, tmp_path: Path) -> None:
        page = "<table><thead><tr><th>STT<th>Tên<tbody><tr><td>1<td>a<tr><td>2<td>b</table>"
        assert self.rows(tmp_path, page) == {"Bảng 1": [(1, ["STT", "Tên"]), (2, ["1", "a"]), (3, ["2", "b"])]}

    def test_a_layout_around_the_table_loses_nothing(self, tmp_path: Path) -> None:
        """Every table is a sheet of its own: which one holds the data is seen by its header, not guessed here."""
        page = """<table><tr><td>Lạng Sơn<td>Biểu 01</table>
            <table><tr><td>Trái<td><table><tr><td>STT<td>Tên<tr><td>1<td>a</table>Phải</td></tr></table>
            <table><tr><td><table><tr><td>Ký tên</table></table>"""
        assert self.rows(tmp_path, page) == {
            "Bảng 1": [(1, ["Lạng Sơn", "Biểu 01"])],
            "Bảng 2": [(1, ["Trái", "Phải"])],
            "Bảng 3": [(1, ["STT", "Tên"]), (2, ["1", "a"])],
            "Bảng 5": [(1, ["Ký tên"])],
        }

    def test_spans_move_the_cells_behind_them(self, tmp_path: Path) -> None:
        page = """<table><tr><td rowspan=3>a<td colspan=2>b<td>c
            <tr><td>d<td>e<td>f
            <tr><td colspan=0>g<td rowspan=x>h</table>"""
        assert self.rows(tmp_path, page)["Bảng 1"] == [
            (1, ["a", "b", "", "c"]),
            (2, ["", "d", "e", "f"]),
            (3, ["", "g", "h"]),
        ]

    @pytest.mark.parametrize(
        ("page", "encoding"),
        [
            (b"\xef\xbb\xbf<table><tr><td>\xc4\x90\xe1\xba\xb7ng</table>", "utf-8"),
            ("<table><tr><td>Đặng</table>".encode("utf-16"), "utf-16-le"),
            ('<meta charset="windows-1258"><table><tr><td>Đă\u0323ng</table>'.encode("windows-1258"), "windows-1258"),
            ("<table><tr><td>Đă\u0323ng Thi\u0323 Hô\u0300ng</table>".encode("windows-1258"), "windows-1258"),
            (
                b'<meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><table><tr><td>\xc4\x90</table>',
                "utf-8",
            ),
            (b"<meta charset=zlib><table><tr><td>\xc4\x90</table>", "utf-8"),  # no code page, however Python calls it
        ],
    )
    def test_the_encoding_comes_from_mark_then_page_then_bytes(
        self, tmp_path: Path, page: bytes, encoding: str
    ) -> None:
        assert self.rows(tmp_path, page)["Bảng 1"][0][1][0].startswith("Đ")
        assert describe(tmp_path / "xuat.xls").encoding == encoding

    def test_a_page_that_lies_about_its_encoding_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "xuat.xls"
        path.write_bytes(b"<meta charset=utf-8><table><tr><td>\xd0\xe3ng</table>")
        assert (refusal(path).reason, refusal(path).fields["encoding"]) == ("encoding", "utf-8")

    def test_entities_of_its_own_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "xuat.xls"
        path.write_text('<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><table><tr><td>&x;</table>')
        assert refusal(path).reason == "doctype"
        path.write_text("<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0//EN' 'x.dtd'><table><tr><td>&x;</table>")
        assert books.read(path) == {"Bảng 1": [(1, ["&x;"])]}


class TestSpreadsheetML:
    def sheets(self, tmp_path: Path, body: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "xuat.xls"
        path.write_bytes(books.spreadsheet(body).decode().encode(encoding))
        return path

    def test_indexes_spans_comments_and_rich_text(self, tmp_path: Path) -> None:
        path = self.sheets(
            tmp_path,
            """<Worksheet ss:Name="A"><Table>
            <Row ss:Index="2" ss:Span="2"><Cell ss:Index="3"><Data ss:Type="String">c</Data></Cell>
              <Cell><ss:Data ss:Type="String" xmlns="urn:h"><B>đậm</B> thường</ss:Data>
                <Comment><ss:Data xmlns="urn:h">bình luận</ss:Data></Comment></Cell></Row>
            <Row><Cell ss:Formula="=1/0"><Data ss:Type="Error">#DIV/0!</Data></Cell><Cell ss:Formula="=A1"/>
              <Cell><Data ss:Type="Number">1.0</Data></Cell><Cell><Data ss:Type="DateTime">không phải ngày</Data></Cell>
              <Cell><Data ss:Type="Number">12 345</Data></Cell></Row></Table></Worksheet>""",
        )
        assert books.rows_of(path) == [
            (2, ["", "", "c", "đậm thường"]),
            (5, ["#DIV/0!", "", "1", "không phải ngày", "12 345"]),
        ]
        assert books.notes_of(path) == {"A5": FORMULA, "B5": FORMULA_WITHOUT_VALUE}

    def test_hidden_sheets_are_named_and_not_read(self, tmp_path: Path) -> None:
        sheet = (
            '<Worksheet ss:Name="{0}"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>'
            '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>{1}</Visible></WorksheetOptions>'
            "</Worksheet>"
        )
        path = self.sheets(tmp_path, sheet.format("Ẩn", "SheetHidden") + sheet.format("Thấy", "SheetVisible"))
        with open_table(path, books.SMALL) as sheets:
            assert [(s.name, s.hidden, len(list(s.rows))) for s in sheets] == [("Ẩn", True, 0), ("Thấy", False, 1)]

    def test_utf_16_is_read_too(self, tmp_path: Path) -> None:
        body = (
            '<Worksheet ss:Name="Đ"><Table><Row><Cell><Data ss:Type="String">ế</Data></Cell></Row></Table></Worksheet>'
        )
        assert books.read(self.sheets(tmp_path, body, "utf-16")) == {"Đ": [(1, ["ế"])]}

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ('<Worksheet ss:Name="A"><Table><Row ss:Index="-1"/></Table></Worksheet>', "broken"),
            ('<Worksheet><Table><Row><Cell ss:MergeDown="99999999999"/></Row></Table></Worksheet>', "broken"),
            ("<Worksheet><Table><Row>", "broken"),
            ('<SupBook xmlns="urn:schemas-microsoft-com:office:excel"><Path>B.xls</Path></SupBook>', "external_links"),
        ],
    )  # fmt: skip
    def test_what_excel_never_writes_is_refused(self, tmp_path: Path, body: str, reason: str) -> None:
        assert refusal(self.sheets(tmp_path, body)).reason == reason

    def test_a_doctype_is_refused_before_its_entities_are_looked_at(self, tmp_path: Path) -> None:
        path = tmp_path / "xuat.xml"
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 20))
        book = books.spreadsheet("&l19;").decode()
        path.write_text(book.replace("<Workbook", f'<!DOCTYPE Workbook [<!ENTITY l0 "ha">{laughs}]><Workbook'))
        assert refusal(path).reason == "doctype"


class TestOds:
    def file(self, tmp_path: Path, body: str, styles: str = "", **others: bytes) -> Path:
        path = tmp_path / "a.ods"
        books.ods_file(path, books.ods_parts(body, styles), **others)
        return path

    def test_repeated_rows_and_cells_are_unfolded_and_empty_ones_are_not(self, tmp_path: Path) -> None:
        path = self.file(
            tmp_path,
            """<table:table table:name="A"><table:table-row table:number-rows-repeated="1048570">
              <table:table-cell table:number-columns-repeated="16384"/></table:table-row>
            <table:table-row table:number-rows-repeated="2"><table:table-cell/>
              <table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="3"/>
              <table:table-cell table:number-columns-repeated="16381"/></table:table-row></table:table>""",
        )
        assert books.rows_of(path) == [(1048571, ["", "3", "3"]), (1048572, ["", "3", "3"])]

    def test_text_has_its_blanks_tabs_and_paragraphs_and_no_comments(self, tmp_path: Path) -> None:
        path = self.file(
            tmp_path,
            """<table:table table:name="A"><table:table-row><table:table-cell office:value-type="string">
              <office:annotation><text:p>bình luận</text:p></office:annotation>
              <text:p>một<text:s text:c="3"/>hai
                 ba<text:tab/><text:span>bốn</text:span><text:line-break/>năm</text:p><text:p/><text:p>sáu</text:p>
              <draw:frame><draw:text-box><text:p>hình</text:p></draw:text-box></draw:frame>
            </table:table-cell></table:table-row></table:table>""",
        )
        assert books.rows_of(path) == [(1, ["một   hai ba\tbốn\nnăm\n\nsáu"])]

    def test_errors_formulas_times_and_hidden_sheets(self, tmp_path: Path) -> None:
        row = """<table:table-row>
            <table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""
              calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
            <table:table-cell table:formula="of:=A1"/>
            <table:table-cell office:value-type="time" office:time-value="PT14H30M00S"><text:p>14:30</text:p>
            </table:table-cell>
            <table:table-cell office:value-type="percentage" office:value="0.5"><text:p>50%</text:p></table:table-cell>
            <table:table-cell office:value-type="date" office:date-value="2022-02-28T08:05:00.000000000"/>
            </table:table-row>"""
        hidden = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
        path = self.file(
            tmp_path,
            f'<table:table table:name="A">{row}</table:table>'
            f'<table:table table:name="Ẩn" table:style-name="h">{row}</table:table>',
            hidden,
        )
        with open_table(path, books.SMALL) as sheets:
            found = [(s.name, s.hidden, [[(c.text, c.kind) for c in row.cells] for row in s.rows]) for s in sheets]
        texts, kinds = ["#DIV/0!", "", "14:30", "0,5", "28/02/2022 08:05"], ["error", "empty", "text", "number", "date"]
        assert found == [("A", False, [list(zip(texts, kinds, strict=True))]), ("Ẩn", True, [])]
        assert books.notes_of(path) == {"A1": FORMULA, "B1": FORMULA_WITHOUT_VALUE, "C1": TIME_ONLY}

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ('<table:table><table:table-row><table:table-cell table:number-columns-repeated="x"/>', "broken"),
            ('<table:table><table:table-source table:table-name="x"/></table:table>', "external_links"),
            (
                "<table:table><table:table-row><table:table-cell table:formula=\"of:='file:///b.ods'#$A.A1\"/>"
                "</table:table-row></table:table>",
                "external_links",
            ),
            (
                '<table:table><table:table-row table:number-rows-repeated="2000000"><table:table-cell '
                'office:value-type="float" office:value="1"/></table:table-row></table:table>',
                "too_many_rows",
            ),
            (
                '<table:table><table:table-row><table:table-cell table:number-columns-repeated="2000000000" '
                'office:value-type="float" office:value="1"/></table:table-row></table:table>',
                "too_many_columns",
            ),
        ],
    )  # fmt: skip
    def test_what_is_too_much_or_from_elsewhere_is_refused(self, tmp_path: Path, body: str, reason: str) -> None:
        assert refusal(self.file(tmp_path, body)).reason == reason

    def test_a_doctype_and_a_password_are_refused(self, tmp_path: Path) -> None:
        content = books.ods_parts("").replace(b"<office:document-content", b"<!DOCTYPE x><office:document-content", 1)
        books.ods_file(tmp_path / "a.ods", content)
        assert refusal(tmp_path / "a.ods").reason == "doctype"
        books.ods_file(tmp_path / "a.ods", b"\x9a\x01", **{"META-INF__manifest_xml": b"<m:encryption-data/>"})
        assert refusal(tmp_path / "a.ods").reason == "protected"


class TestDelimited:
    def test_an_apostrophe_and_a_quoted_formula_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text('STT;Số\r\n\'01;="0""12"\r\n=1+1;-2\r\n', encoding="utf-8", newline="")
        assert books.rows_of(path) == [(1, ["STT", "Số"]), (2, ["'01", '0"12']), (3, ["=1+1", "-2"])]
        assert books.notes_of(path) == {"A2": LEADING_APOSTROPHE, "B2": FORMULA}

    @pytest.mark.parametrize(
        ("text", "line"), [('a;b\n1;2\n3;"x\n4;5\n', 4), ('a;b\n"Kế hoạch" số 5;x\n', 2), ('a;b\n1;"2"3\n', 2)]
    )
    def test_quotes_out_of_place_are_refused_with_their_line(self, tmp_path: Path, text: str, line: int) -> None:
        path = tmp_path / "a.csv"
        path.write_text(text, encoding="utf-8")
        assert (refusal(path).reason, refusal(path).fields["line"]) == ("quotes", line)

    def test_rows_are_records_and_blank_lines_count(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b'a,b\r\n\r\n"1\r\nx",2\r\n,\r\n3,4')
        assert books.rows_of(path) == [(1, ["a", "b"]), (3, ["1\r\nx", "2"]), (5, ["3", "4"])]

    def test_a_byte_of_another_encoding_is_refused_not_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"\xef\xbb\xbfa;b\n1;2\n\xff;3\n")
        assert refusal(path).reason == "encoding"
