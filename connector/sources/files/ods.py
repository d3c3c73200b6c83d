"""OpenDocument spreadsheets. Not through calamine: it tells neither merged ranges nor errors, and it unfolds a cell
"repeated a million times" in memory.

Source: OpenDocument 1.3 part 3. Repeated cells and rows are one element; white space in paragraphs is one blank.
"""

from __future__ import annotations

import re
from typing import BinaryIO
from zipfile import ZipFile

from connector.domain.tables import FORMULA, FORMULA_WITHOUT_VALUE, TIME_ONLY, Range
from connector.errors import FileRefused
from connector.sources.files import markup, values
from connector.sources.files.output import Notes, Output
from connector.sources.files.wire import Value

MIME = b"application/vnd.oasis.opendocument.spreadsheet"
CONTENT = "content.xml"

_NS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0 {}"
_TABLE, _ROW = _NS.format("table", "table"), _NS.format("table", "table-row")
_CELL, _COVERED = _NS.format("table", "table-cell"), _NS.format("table", "covered-table-cell")
_NAME, _TABLE_STYLE = _NS.format("table", "name"), _NS.format("table", "style-name")
_ROWS, _COLUMNS = _NS.format("table", "number-rows-repeated"), _NS.format("table", "number-columns-repeated")
_TALL, _WIDE = _NS.format("table", "number-rows-spanned"), _NS.format("table", "number-columns-spanned")
_FORMULA, _DISPLAY = _NS.format("table", "formula"), _NS.format("table", "display")
_TYPE, _VALUE = _NS.format("office", "value-type"), _NS.format("office", "value")
_DATE, _BOOLEAN, _STRING = (_NS.format("office", f"{name}-value") for name in ("date", "boolean", "string"))
_ANNOTATION = _NS.format("office", "annotation")
_P, _BREAK = _NS.format("text", "p"), _NS.format("text", "line-break")
_BLANKS, _BLANK_COUNT, _TAB = _NS.format("text", "s"), _NS.format("text", "c"), _NS.format("text", "tab")
_STYLE, _STYLE_NAME = _NS.format("style", "style"), _NS.format("style", "name")
_TABLE_LOOK = _NS.format("style", "table-properties")
_DRAWING = _NS.format("drawing", "")
_LINKS = {_NS.format("table", name) for name in ("table-source", "cell-range-source", "dde-links")}
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_EPOCH, _EPOCH_DAY = _NS.format("table", "null-date"), _NS.format("table", "date-value")
_ELSEWHERE = re.compile(r"'(?:file|https?|ftp|smb):", re.I)  # a formula that reads another file
_MOST = 2**31


def read(archive: ZipFile, output: Output) -> None:
    with archive.open(CONTENT) as file:
        read_content(file, output)  # type: ignore[arg-type]


def read_content(file: BinaryIO, output: Output) -> None:
    markup.walk(file, _Content(output))


class _Content:
    def __init__(self, output: Output) -> None:
        self._output = output
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._in_table = self._hidden = self._epoch_1904 = False
        self._number = 0  # rows before the one at hand
        self._row: markup.Attributes = {}
        self._values: list[Value] = []
        self._notes: Notes = {}
        self._ranges: list[Range] = []
        self._column = 0  # columns before the cell at hand
        self._cell: markup.Attributes | None = None
        self._text: list[str] = []
        self._paragraphs = self._open = 0
        self._skipping = 0  # depth inside of a comment or drawing, whose text is none of the cell's

    def start(self, name: str, attributes: markup.Attributes) -> None:
        if self._skipping:
            self._skipping += 1
        elif self._cell is not None:
            self._start_in_cell(name, attributes)
        elif name in (_CELL, _COVERED):
            self._cell, self._text, self._paragraphs = attributes, [], 0
        elif name == _ROW:
            self._row, self._values, self._notes, self._ranges, self._column = attributes, [], {}, [], 0
        elif name == _TABLE:
            self._in_table, self._number = True, 0
            self._hidden = attributes.get(_TABLE_STYLE) in self._hidden_styles
            self._output.sheet(attributes.get(_NAME, ""), hidden=self._hidden, epoch_1904=self._epoch_1904)
        elif name == _EPOCH:
            self._epoch_1904 = attributes.get(_EPOCH_DAY) == "1904-01-01"
        elif name == _STYLE:
            self._style = attributes.get(_STYLE_NAME, "")
        elif name == _TABLE_LOOK and attributes.get(_DISPLAY) == "false":
            self._hidden_styles.add(self._style)
        elif name in _LINKS:
            raise FileRefused("external_links")

    def _start_in_cell(self, name: str, attributes: markup.Attributes) -> None:
        if name == _P:
            if self._paragraphs:
                self._text.append("\n")
            self._paragraphs += 1
            self._open += 1
        elif name == _BREAK:
            self._text.append("\n")
        elif name == _TAB:
            self._text.append("\t")
        elif name == _BLANKS:
            self._text.append(" " * min(_count(attributes, _BLANK_COUNT), self._output.limits.text_length))
        elif name == _TABLE:
            raise FileRefused("broken", "a table inside of a cell")
        elif name == _ANNOTATION or name.startswith(_DRAWING):
            self._skipping = 1

    def text(self, data: str) -> None:
        if self._open and not self._skipping:
            self._text.append(re.sub(r"[ \t\r\n]+", " ", data) if "\n" in data or "  " in data else data)

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif name == _P:
            self._open = max(self._open - 1, 0)
        elif name in (_CELL, _COVERED):
            self._end_cell(self._cell or {}, covered=name == _COVERED)
            self._cell = None
        elif name == _ROW and self._in_table:
            self._end_row()
        elif name == _TABLE:
            self._in_table = False

    def _end_cell(self, cell: markup.Attributes, *, covered: bool) -> None:
        value, note = self._value(cell)
        repeated = _count(cell, _COLUMNS)
        if value is not None or note:
            width = self._column + repeated
            if width > self._output.limits.columns:
                raise self._output.refusal(
                    "too_many_columns", self._number + 1, width, limit=self._output.limits.columns
                )
            self._values.extend([None] * (self._column - len(self._values)))
            self._values.extend([value] * repeated)
            if note:
                self._notes |= dict.fromkeys(range(self._column, width), note)
        if not covered and (_WIDE in cell or _TALL in cell):
            row, column = self._number + 1, self._column + 1
            last_row, last_column = self._number + _count(cell, _TALL), self._column + _count(cell, _WIDE)
            self._ranges.append(Range(row, column, last_row, last_column))
        self._column += repeated

    def _value(self, cell: markup.Attributes) -> tuple[Value, str]:
        shown = "".join(self._text)
        note = ""
        if _FORMULA in cell:
            if _ELSEWHERE.search(cell[_FORMULA]):
                raise self._output.refusal("external_links", self._number + 1, self._column + 1)
            note = FORMULA if shown or _VALUE in cell else FORMULA_WITHOUT_VALUE
        if cell.get(_CALC_TYPE) == "error":
            return (shown or "#ERR!",), note
        match cell.get(_TYPE):
            case "float" | "percentage" | "currency":
                return values.number(cell.get(_VALUE, shown)), note
            case "date":
                return values.iso_moment(cell.get(_DATE, shown)), note
            case "boolean":
                return (cell.get(_BOOLEAN) == "true",), note
            case "time":
                return shown or None, "; ".join(filter(None, (note, TIME_ONLY)))
            case _:
                return shown or cell.get(_STRING) or None, note

    def _end_row(self) -> None:
        repeated = _count(self._row, _ROWS)
        if not self._hidden:
            self._output.merged(self._ranges)
            if self._values or self._notes:
                for number in range(self._number + 1, self._number + repeated + 1):
                    self._output.row(number, self._values, self._notes)
        self._number += repeated


def _count(attributes: markup.Attributes, name: str) -> int:
    text = attributes.get(name)
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise FileRefused("broken", f"{markup.local(name)}={text[:20]!r}")
    return min(max(int(text), 1), _MOST)
