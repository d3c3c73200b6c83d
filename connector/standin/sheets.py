"""A table written as the files that offices call an Excel export: workbook, page named .xls, delimited text."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path
from typing import Literal

import xlsxwriter

from connector.domain.tables import Range
from connector.normalise.exports.legacy_fonts import TCVN3

Value = str | int | date | None
Kind = Literal["xlsx", "html", "spreadsheetml", "csv"]
Dates = Literal["date", "text", "serial"]
Font = Literal["unicode", "tcvn3"]

SUFFIXES: Mapping[Kind, str] = {"xlsx": ".xlsx", "html": ".xls", "spreadsheetml": ".xls", "csv": ".csv"}
_EPOCH = date(1899, 12, 30)
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # letters of their own in windows-1258
_CODES = {ord(letter): code for code, letter in TCVN3.items()}
_CODES |= {ord(letter.upper()): code for code, letter in TCVN3.items() if ord(letter.upper()) not in _CODES}
_EXCEL = "urn:schemas-microsoft-com:office:spreadsheet"


@dataclass
class Grid:
    """Rows from row 1 and column A on; ``merged``: the value stands in the first cell."""

    rows: list[list[Value]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


def write(grid: Grid, path: Path, kind: Kind, *, dates: Dates = "date", font: Font = "unicode") -> None:
    """``dates``: as what they stand in the cells; a format that knows only text shows them dd/mm/yyyy. ``font``: tcvn3
    writes the codes of that font, which has no capitals with a tone."""
    rows = [[_value(value, dates, font) for value in row] for row in grid.rows]
    _WRITERS[kind](path, rows, grid.merged, font)


def _value(value: Value, dates: Dates, font: Font) -> Value:
    if isinstance(value, date):
        return value if dates == "date" else _shown(value) if dates == "text" else (value - _EPOCH).days
    if isinstance(value, str) and font == "tcvn3":
        return unicodedata.normalize("NFC", value).translate(_CODES)
    return value


def _shown(value: Value) -> str:
    return "" if value is None else f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _spans(merged: Sequence[Range]) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """First cell of a range → how many rows and columns it covers; and the cells covered."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for one in merged:
        first = (one.first_row, one.first_column)
        spans[first] = (one.last_row - one.first_row + 1, one.last_column - one.first_column + 1)
        covered |= {
            (row, column)
            for row in range(one.first_row, one.last_row + 1)
            for column in range(one.first_column, one.last_column + 1)
        } - {first}
    return spans, covered


def _xlsx(path: Path, rows: list[list[Value]], merged: Sequence[Range], _font: Font) -> None:
    made = io.BytesIO()  # the library's own errors about files are no OSError
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for one in merged:
            sheet.merge_range(one.first_row - 1, one.first_column - 1, one.last_row - 1, one.last_column - 1, "")
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, value)
    path.write_bytes(made.getvalue())


def _html(path: Path, rows: list[list[Value]], merged: Sequence[Range], _font: Font) -> None:
    spans, covered = _spans(merged)
    lines = []
    for number, values in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(values, 1):
            if (number, column) not in covered:
                tall, wide = spans.get((number, column), (1, 1))
                about = (f' rowspan="{tall}"' if tall > 1 else "") + (f' colspan="{wide}"' if wide > 1 else "")
                cells.append(f"<td{about}>{escape(_shown(value)).replace(chr(10), '<br>')}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    head = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>'
    path.write_text(f"{head}<body><table border=1>\n{''.join(lines)}</table></body></html>", "utf-8")


def _spreadsheetml(path: Path, rows: list[list[Value]], merged: Sequence[Range], _font: Font) -> None:
    spans, covered = _spans(merged)
    lines = []
    for number, values in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(values, 1):
            if (number, column) not in covered and (value is not None or (number, column) in spans):
                tall, wide = spans.get((number, column), (1, 1))
                about = f' ss:MergeDown="{tall - 1}" ss:MergeAcross="{wide - 1}"' if (tall, wide) != (1, 1) else ""
                cells.append(f'<Cell ss:Index="{column}"{about}>{_data(value)}</Cell>')
        lines.append(f'<Row ss:Index="{number}">{"".join(cells)}</Row>\n')
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Workbook xmlns="{_EXCEL}" xmlns:ss="{_EXCEL}">'
        f'<Worksheet ss:Name="Sheet1"><Table>\n{"".join(lines)}</Table></Worksheet></Workbook>',
        "utf-8",
    )


def _data(value: Value) -> str:
    match value:
        case None:
            return ""
        case date():
            return f'<Data ss:Type="DateTime">{value.isoformat()}T00:00:00.000</Data>'
        case int():
            return f'<Data ss:Type="Number">{value}</Data>'
    return f'<Data ss:Type="String">{escape(value).replace(chr(10), "&#10;")}</Data>'


def _csv(path: Path, rows: list[list[Value]], _merged: Sequence[Range], font: Font) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_shown(value) for value in values] for values in rows)
    content = text.getvalue()
    path.write_bytes(content.encode("windows-1252") if font == "tcvn3" else in_windows_1258(content))


def in_windows_1258(text: str) -> bytes:
    """Letters with circumflex, breve and horn are composed there, the tones follow as letters of their own."""
    parts: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        apart = unicodedata.normalize("NFD", char)
        tones = "".join(mark for mark in apart if mark in _TONES)
        letter = "".join(mark for mark in apart if mark not in _TONES)
        parts.append(unicodedata.normalize("NFC", letter) + tones)
    return "".join(parts).encode("windows-1258")


_WRITERS: Mapping[Kind, Callable[[Path, list[list[Value]], Sequence[Range], Font], None]] = {
    "xlsx": _xlsx,
    "html": _html,
    "spreadsheetml": _spreadsheetml,
    "csv": _csv,
}
