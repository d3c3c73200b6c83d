"""The same table written as every kind of file that we read, and a way to read it back."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path

import xlsxwriter
import xlwt

from connector.domain.tables import CellValue, Limits, Range, address
from connector.sources.files.reader import open_table

Row = Sequence[CellValue]
Merged = Sequence[Range]
SMALL = Limits(seconds=10)


def shown(value: CellValue) -> str:
    """As Excel shows it to a person in Vietnam."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case float():
            return repr(value).replace(".", ",")
    return str(value)


def read(path: Path, limits: Limits = SMALL) -> dict[str, list[tuple[int, list[str]]]]:
    """Sheet → (row number, texts)."""
    with open_table(path, limits) as sheets:
        return {sheet.name: [(row.number, [cell.text for cell in row.cells]) for row in sheet.rows] for sheet in sheets}


def rows_of(path: Path, limits: Limits = SMALL) -> list[tuple[int, list[str]]]:
    """Of a file with one sheet."""
    (rows,) = read(path, limits).values()
    return rows


def notes_of(path: Path) -> dict[str, str]:
    """Address → note, of all sheets."""
    with open_table(path, SMALL) as sheets:
        return {
            address(row.number, column): cell.note
            for sheet in sheets
            for row in sheet.rows
            for column, cell in enumerate(row.cells, 1)
            if cell.note
        }


def xlsx(path: Path, rows: Sequence[Row], merged: Merged = ()) -> None:
    xlsx_sheets(path, {"Nhiệm vụ": rows}, merged)


def xlsx_sheets(path: Path, sheets: Mapping[str, Sequence[Row]], merged: Merged = ()) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            _xlsx_sheet(book, book.add_worksheet(name), rows, merged)


def _xlsx_sheet(
    book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, rows: Sequence[Row], merged: Merged
) -> None:
    day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for area in merged:
        sheet.merge_range(area.first_row - 1, area.first_column - 1, area.last_row - 1, area.last_column - 1, "")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, date):
                sheet.write_datetime(row, column, value, moment if isinstance(value, datetime) else day)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write(row, column, value)


def xls(path: Path, rows: Sequence[Row], merged: Merged = ()) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Nhiệm vụ", cell_overwrite_ok=True)
    day, moment = xlwt.easyxf(num_format_str="DD/MM/YYYY"), xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM")
    for area in merged:
        sheet.merge(area.first_row - 1, area.last_row - 1, area.first_column - 1, area.last_column - 1)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, date):
                sheet.write(row, column, value, moment if isinstance(value, datetime) else day)
            elif value is not None:
                sheet.write(row, column, value)
    book.save(str(path))


_ODS_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def ods_parts(body: str, styles: str = "") -> bytes:
    """A content.xml with these tables and automatic styles."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMESPACES}'
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
        ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{body}"
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def ods_file(path: Path, content: bytes, **others: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        for name, data in others.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)


def ods(path: Path, rows: Sequence[Row], merged: Merged = ()) -> None:
    spans = {(area.first_row, area.first_column): area for area in merged}

    def cell(row: int, column: int, value: CellValue) -> str:
        about, text = "", "".join(f"<text:p>{escape(line)}</text:p>" for line in shown(value).split("\n"))
        match value:
            case None:
                text = ""
            case bool():
                about = f' office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
            case date():
                about = f' office:value-type="date" office:date-value="{value.isoformat()}"'
            case int() | float():
                about = f' office:value-type="float" office:value="{value}"'
            case _:
                about = ' office:value-type="string"'
        if area := spans.get((row, column)):
            tall, wide = area.last_row - area.first_row + 1, area.last_column - area.first_column + 1
            about += f' table:number-rows-spanned="{tall}" table:number-columns-spanned="{wide}"'
        return f"<table:table-cell{about}>{text}</table:table-cell>"

    lines = "".join(
        "<table:table-row>"
        + "".join(cell(number, column, value) for column, value in enumerate(values, 1))
        + "</table:table-row>"
        for number, values in enumerate(rows, 1)
    )
    ods_file(path, ods_parts(f'<table:table table:name="Nhiệm vụ">{lines}</table:table>'))


def _spans(merged: Merged) -> tuple[dict[tuple[int, int], Range], set[tuple[int, int]]]:
    """Ranges by their first cell, and the cells they cover."""
    covered = {
        (row, column)
        for area in merged
        for row in range(area.first_row, area.last_row + 1)
        for column in range(area.first_column, area.last_column + 1)
        if (row, column) != (area.first_row, area.first_column)
    }
    return {(area.first_row, area.first_column): area for area in merged}, covered


def html(path: Path, rows: Sequence[Row], merged: Merged = (), encoding: str = "utf-8") -> None:
    spans, covered = _spans(merged)
    lines = []
    for number, values in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(values, 1):
            if (number, column) in covered:
                continue
            area = spans.get((number, column), Range(1, 1, 1, 1))
            tall, wide = area.last_row - area.first_row + 1, area.last_column - area.first_column + 1
            about = (f' rowspan="{tall}"' if tall > 1 else "") + (f" colspan={wide}" if wide > 1 else "")
            cells.append(f"<td{about}>{escape(shown(value)).replace(chr(10), '<br>') or '&nbsp;'}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    page = f'<html><head><meta charset="{encoding}"></head><body><table border=1>{"".join(lines)}</table></body></html>'
    path.write_bytes(page.encode(encoding, "xmlcharrefreplace"))


def spreadsheetml(path: Path, rows: Sequence[Row], merged: Merged = ()) -> None:
    spans, covered = _spans(merged)
    lines = []
    for number, values in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(values, 1):
            if (number, column) in covered:
                continue
            about = f' ss:Index="{column}"'
            if area := spans.get((number, column)):
                about += f' ss:MergeAcross="{area.last_column - column}" ss:MergeDown="{area.last_row - number}"'
            match value:
                case None:
                    data = ""
                case bool():
                    data = f'<Data ss:Type="Boolean">{int(value)}</Data>'
                case date():
                    data = f'<Data ss:Type="DateTime">{value.isoformat()}</Data>'
                case int() | float():
                    data = f'<Data ss:Type="Number">{value}</Data>'
                case _:
                    data = f'<Data ss:Type="String">{escape(value).replace(chr(10), "&#10;")}</Data>'
            cells.append(f"<Cell{about}>{data}</Cell>")
        lines.append(f'<Row ss:Index="{number}">{"".join(cells)}</Row>')
    path.write_bytes(spreadsheet(f'<Worksheet ss:Name="Nhiệm vụ"><Table>{"".join(lines)}</Table></Worksheet>'))


def spreadsheet(sheets: str) -> bytes:
    namespace = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{namespace}" xmlns:ss="{namespace}">{sheets}</Workbook>'
    ).encode()


def delimited(encoding: str, delimiter: str) -> Callable[[Path, Sequence[Row]], None]:
    def write(path: Path, rows: Sequence[Row], merged: Merged = ()) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows([[shown(value) for value in values] for values in rows])
        path.write_bytes(text.getvalue().encode(encoding))

    return write


WRITERS: dict[str, Callable[[Path, Sequence[Row]], None]] = {
    "xlsx": xlsx,
    "xls": xls,
    "ods": ods,
    "html": html,
    "spreadsheetml": spreadsheetml,
    "csv utf-8": delimited("utf-8", ","),
    "csv utf-8 bom semicolon": delimited("utf-8-sig", ";"),
    "tsv utf-16 bom": delimited("utf-16", "\t"),
    "csv utf-16-le": delimited("utf-16-le", ";"),
    "csv utf-16-be": delimited("utf-16-be", ";"),
}
MERGING: dict[str, Callable[[Path, Sequence[Row], Merged], None]] = {
    "xlsx": xlsx,
    "xls": xls,
    "ods": ods,
    "html": html,
    "spreadsheetml": spreadsheetml,
}
