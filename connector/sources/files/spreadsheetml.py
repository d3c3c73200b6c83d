"""SpreadsheetML 2003: the XML that Excel calls "XML Spreadsheet", and that web applications like to name .xls.

Source: Microsoft's XML Spreadsheet Reference. Rows and cells follow each other unless they carry an index.
"""

from __future__ import annotations

from typing import BinaryIO

from connector.domain.tables import FORMULA, FORMULA_WITHOUT_VALUE, Range
from connector.errors import FileRefused
from connector.sources.files import markup, values
from connector.sources.files.output import Notes, Output
from connector.sources.files.wire import Value

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
ROOT = f"{NAMESPACE} Workbook"

_SHEET, _TABLE, _ROW, _CELL, _DATA, _COMMENT = (
    f"{NAMESPACE} {name}" for name in ("Worksheet", "Table", "Row", "Cell", "Data", "Comment")
)
_NAME, _INDEX, _SPAN, _ACROSS, _DOWN, _TYPE, _FORMULA = (
    f"{NAMESPACE} {name}" for name in ("Name", "Index", "Span", "MergeAcross", "MergeDown", "Type", "Formula")
)
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_VISIBLE, _OTHER_BOOK, _EPOCH = (f"{_EXCEL} {name}" for name in ("Visible", "SupBook", "Date1904"))
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def read(file: BinaryIO, output: Output, skip: int, encoding: str | None) -> None:
    """``skip``: bytes before the text; ``encoding``: expat's name, None as the document says. Twice through the file
    if need be: a sheet says only behind its rows whether it is hidden. Raises FileRefused: external_links, broken,
    and what ``output`` raises."""
    early = _Early()
    if _mentions(file, ("SheetHidden", "SheetVeryHidden", "SupBook", "Date1904"), wide=encoding is not None):
        file.seek(skip)
        markup.walk(file, early, encoding)
    file.seek(skip)
    markup.walk(file, _Rows(output, early), encoding)


def _mentions(file: BinaryIO, words: tuple[str, ...], *, wide: bool) -> bool:
    wanted = [word.encode("utf-16-le" if wide else "ascii") for word in words]
    file.seek(0)
    tail = b""
    while chunk := file.read(1 << 20):
        if any(word in tail + chunk for word in wanted):
            return True
        tail = chunk[-64:]
    return False


class _Early:
    """What must be known before the rows: which sheets (from 0) are hidden, whether another book is read,
    how days are counted."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.epoch_1904 = False
        self._sheet = -1
        self._inside = False

    def start(self, name: str, _: markup.Attributes) -> None:
        self._inside = name == _VISIBLE
        if name == _SHEET:
            self._sheet += 1
        elif name == _EPOCH:
            self.epoch_1904 = True
        elif name == _OTHER_BOOK:
            raise FileRefused("external_links")

    def text(self, data: str) -> None:
        if self._inside and data.strip() in ("SheetHidden", "SheetVeryHidden"):
            self.hidden.add(self._sheet)

    def end(self, _: str) -> None:
        self._inside = False


class _Rows:
    def __init__(self, output: Output, early: _Early) -> None:
        self._output = output
        self._hidden, self._epoch_1904 = early.hidden, early.epoch_1904
        self._sheet = -1
        self._number = self._column = 0  # of the row and cell at hand, from 1
        self._span = 0  # empty rows that follow the row at hand
        self._values: list[Value] = []
        self._notes: Notes = {}
        self._ranges: list[Range] = []
        self._cell: markup.Attributes = {}
        self._type = ""
        self._text: list[str] = []
        self._in_data = self._in_comment = False

    def start(self, name: str, attributes: markup.Attributes) -> None:
        if name == _CELL:
            self._column = _count(attributes, _INDEX, self._column + 1, _LAST_COLUMN)
            self._cell, self._type, self._text = attributes, "", []
        elif name == _DATA:
            if not self._in_comment:
                self._type, self._in_data = attributes.get(_TYPE, ""), True
        elif name == _ROW:
            self._number = _count(attributes, _INDEX, self._number + 1, _LAST_ROW)
            self._span = _count(attributes, _SPAN, 0, _LAST_ROW)
            self._values, self._notes, self._ranges, self._column = [], {}, [], 0
        elif name == _SHEET:
            self._sheet += 1
            self._number = 0
            hidden = self._sheet in self._hidden
            self._output.sheet(attributes.get(_NAME, ""), hidden=hidden, epoch_1904=self._epoch_1904)
        elif name == _COMMENT:
            self._in_comment = True

    def text(self, data: str) -> None:
        if self._in_data:
            self._text.append(data)

    def end(self, name: str) -> None:
        if name == _DATA:
            self._in_data = False
        elif name == _CELL:
            self._end_cell()
        elif name == _ROW:
            if self._sheet not in self._hidden:
                self._output.merged(self._ranges)
                self._output.row(self._number, self._values, self._notes)
            self._number += self._span
        elif name == _COMMENT:
            self._in_comment = False

    def _end_cell(self) -> None:
        value = _value(self._type, "".join(self._text))
        note = ""
        if _FORMULA in self._cell:
            note = FORMULA if value is not None else FORMULA_WITHOUT_VALUE
        if value is not None or note:
            if self._column > self._output.limits.columns:
                raise self._output.refusal(
                    "too_many_columns", self._number, self._column, limit=self._output.limits.columns
                )
            self._values.extend([None] * (self._column - 1 - len(self._values)))
            self._values.append(value)
        if note:
            self._notes[self._column - 1] = note
        across = _count(self._cell, _ACROSS, 0, _LAST_COLUMN)
        down = _count(self._cell, _DOWN, 0, _LAST_ROW)
        if across or down:
            self._ranges.append(Range(self._number, self._column, self._number + down, self._column + across))
        self._column += across


def _value(kind: str, text: str) -> Value:
    if not text:
        return None
    match kind:
        case "Number":
            return values.number(text)
        case "DateTime":
            return values.iso_moment(text)
        case "Boolean":
            return (text.strip() == "1",)
        case "Error":
            return (text.strip(),)
        case _:
            return text


def _count(attributes: markup.Attributes, name: str, default: int, most: int) -> int:
    text = attributes.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and default <= most):
        raise FileRefused("broken", f"{markup.local(name)}={text[:20]!r}")
    return min(int(text), most)
