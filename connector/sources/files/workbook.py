"""Excel workbooks, .xlsx and binary .xls, through calamine; what it does not tell about cells comes from ``marks``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from connector.domain.tables import (
    DATE_WITHOUT_DAY,
    DATE_WITHOUT_YEAR,
    FORMULA,
    FORMULA_WITHOUT_VALUE,
    TIME_ONLY,
    Range,
)
from connector.errors import FileRefused
from connector.sources.files import values
from connector.sources.files.marks import Mark, Marks
from connector.sources.files.output import Notes, Output
from connector.sources.files.wire import Value


def read(workbook: str | BinaryIO, output: Output, marks: Sequence[Marks]) -> None:
    """``workbook``: a path, or a file in memory; ``marks``: of each sheet, in the order of the workbook.
    Raises FileRefused: protected, broken, and what ``output`` raises."""
    try:
        with CalamineWorkbook.from_object(workbook) as book:
            sheets = book.sheets_metadata
            if len(sheets) != len(marks):
                raise FileRefused("broken", f"{len(sheets)} sheets, but {len(marks)} in the list of sheets")
            for index, about in enumerate(sheets):
                if about.typ == SheetTypeEnum.WorkSheet:
                    hidden = about.visible != Visible.Visible
                    output.sheet(about.name, hidden=hidden, epoch_1904=marks[index].epoch_1904)
                    if about.visible == Visible.Visible:
                        _read_sheet(book.get_sheet_by_index(index), output, marks[index])
    except PasswordError as error:
        raise FileRefused("protected", str(error)) from error
    except CalamineError as error:
        raise FileRefused("broken", str(error)) from error


def _read_sheet(sheet: CalamineSheet, output: Output, marks: Marks) -> None:
    ranges = sheet.merged_cell_ranges or ()
    output.merged(Range(row + 1, column + 1, last + 1, right + 1) for (row, column), (last, right) in ranges)
    number = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        row_values = [(value or None) if value.__class__ is str else _VALUES[value.__class__](value) for value in row]
        notes: Notes = {}
        if not _TIMES.isdisjoint(map(type, row)):
            notes = {column: TIME_ONLY for column, value in enumerate(row) if value.__class__ in _TIMES}
        if found := marks.of(number):
            _apply(found, row_values, notes)
        output.row(number, row_values, notes)
    for below in marks.below(number):  # formulas without a value are no cells to calamine
        row_values, notes = [], {}
        _apply(marks.of(below), row_values, notes)
        output.row(below, row_values, notes)


def _apply(marks: list[Mark], row: list[Value], notes: Notes) -> None:
    for column, error, said in marks:
        row.extend([None] * (column + 1 - len(row)))
        if error:
            row[column] = (error,)
        fitting = [note for note in (notes.get(column, ""), *(_fitting(note, row[column]) for note in said)) if note]
        if fitting:
            notes[column] = "; ".join(fitting)


def _fitting(note: str, value: Value) -> str:
    if value is None:
        return FORMULA_WITHOUT_VALUE if note == FORMULA else ""
    return note if note not in (DATE_WITHOUT_DAY, DATE_WITHOUT_YEAR) or isinstance(value, tuple) else ""


def _duration(value: timedelta) -> str:
    minutes, second = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{second:02}" if second else "")


def _time(value: time) -> str:
    return f"{value:%H:%M:%S}".removesuffix(":00")


_TIMES = frozenset((time, timedelta))
_VALUES: dict[type, Callable[[Any], Value]] = {
    float: values.number,
    int: lambda value: value,
    bool: lambda value: (value,),
    date: lambda value: (value.year, value.month, value.day),
    datetime: values.moment,
    time: _time,
    timedelta: _duration,
}
