"""What the child tells its parent: length-prefixed frames, each a marshalled tuple whose first item is its kind.

    ("ready",)                                               first: the reader itself is well
    ("kind", kind, encoding | None, said_by)                 what the file is
    ("sheet", name, member, hidden, (y, m, d, H, M, S) | None, epoch_1904, delimited)    the rows that follow are of it
    ("unended", row, fields)                                 no line end follows that row, which comes next
    ("merged", [(first_row, first_column, last_row, last_column), ...])
    ("rows", fresh, new_values, [(number, width), ...], indexes, {(row in this frame, column from 0): note})
    ("package", member, namespace, root, [(name, bytes), ...])   of an electronic document, and what lies beside it
    ("refused", reason, cause, fields) or ("end",)           last

Values repeat (agencies, labels, days), so each is sent once into a palette both ends keep, and rows are indexes into
it: most of the work is done in the child, beside what the parent does with the rows before. ``fresh`` empties it.
marshal, because it is four times faster than JSON; both ends are one interpreter, and a child that dies in the middle
of a frame is noticed by the length.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from connector.domain.packages import Element
from connector.domain.tables import EMPTY, LONG_NUMBER, Cell, SheetRow

# (y, m, d), (y, m, d, H, M, S), (name,) of an error, (True,) or (False,): so that True and 1 are two values.
Value = str | int | float | tuple[int, ...] | tuple[str] | None
Parts = tuple[str, str, tuple["Parts", ...], int]  # of an Element
HEADER = 4  # bytes of length before each frame
EXIT_MEMORY = 12  # how a child ends that has no memory left for a last word
_BATCH_ROWS, _BATCH_TEXT = 512, 1 << 18  # a frame ends at so many rows or characters
_PALETTE = 20_000  # values kept, then fresh
_SAFE_NUMBER = 10**15  # Excel keeps 15 digits


def frame(*parts: Any) -> bytes:
    body = marshal.dumps(parts)
    return len(body).to_bytes(HEADER, "big") + body


def parse(body: bytes | bytearray) -> tuple[Any, ...]:
    parts: tuple[Any, ...] = marshal.loads(body)  # noqa: S302
    return parts


def element(parts: Parts) -> Element:
    name, text, children, length = parts
    return Element(name, text, tuple(map(element, children)), length)


class TooLong(Exception):
    """A text longer than allowed; the argument is the text."""


class _Palette(dict[Value, int]):
    """value → index. Values that were not there yet are collected in ``new``; their texts are measured only here."""

    def __init__(self, longest: int) -> None:
        super().__init__({None: 0})
        self._longest = longest
        self.new: list[Value] = []
        self.text = 0

    def __missing__(self, value: Value) -> int:
        if isinstance(value, str):
            if len(value) > self._longest:
                raise TooLong(value)
            self.text += len(value)
        self[value] = index = len(self)
        self.new.append(value)
        return index


class RowWriter:
    """The child's end: collects rows into frames and hands each to ``write``. ``longest``: characters of a text."""

    def __init__(self, write: Callable[[bytes], object], longest: int) -> None:
        self._write = write
        self._longest = longest
        self._palette = _Palette(longest)
        self._fresh = True
        self._clear()

    def _clear(self) -> None:
        self._rows: list[tuple[int, int]] = []
        self._indexes = array("I")
        self._notes: dict[tuple[int, int], str] = {}

    def row(self, number: int, values: list[Value], notes: dict[int, str] | None) -> None:
        """``notes`` by column from 0. Raises TooLong."""
        self._indexes.extend(map(self._palette.__getitem__, values))
        if notes:
            for column, note in notes.items():
                self._notes[len(self._rows), column] = note
        self._rows.append((number, len(values)))
        if len(self._rows) >= _BATCH_ROWS or self._palette.text >= _BATCH_TEXT:
            self.flush()

    def flush(self) -> None:
        if not self._rows:
            return
        palette = self._palette
        self._write(frame("rows", self._fresh, palette.new, self._rows, self._indexes.tobytes(), self._notes))
        self._clear()
        self._fresh = len(palette) > _PALETTE
        if self._fresh:
            self._palette = _Palette(self._longest)
        else:
            palette.new, palette.text = [], 0


class RowReader:
    """The parent's end of ("rows", …) frames."""

    def __init__(self) -> None:
        self._palette = [EMPTY]

    def rows(
        self,
        fresh: bool,
        new: list[Value],
        rows: list[tuple[int, int]],
        indexes: bytes,
        notes: dict[tuple[int, int], str],
    ) -> list[SheetRow]:
        palette = self._palette
        if fresh:
            del palette[1:]
        palette += [
            _new_cell((value, value, "text", "")) if value.__class__ is str else _CELLS[value.__class__](value)
            for value in new
        ]
        cells = tuple(map(palette.__getitem__, memoryview(indexes).cast("I")))
        made, start = [], 0
        for number, width in rows:
            made.append(_new_row((number, cells[start : start + width])))
            start += width
        for (row, column), note in notes.items():
            made[row] = _with_note(made[row], column, note)
        return made


def _with_note(row: SheetRow, column: int, note: str) -> SheetRow:
    cells = list(row.cells)
    known = cells[column].note
    cells[column] = cells[column]._replace(note=f"{known}; {note}" if known else note)
    return row._replace(cells=tuple(cells))


# As Cell(…) and SheetRow(…), without the call in between: there are a million of them.
_new_cell: Callable[[tuple[Any, str, str, str]], Cell] = partial(tuple.__new__, Cell)
_new_row: Callable[[tuple[int, tuple[Cell, ...]]], SheetRow] = partial(tuple.__new__, SheetRow)


def _whole(value: int) -> Cell:
    return _new_cell((value, str(value), "number", LONG_NUMBER if abs(value) >= _SAFE_NUMBER else ""))


def _decimal(value: float) -> Cell:
    return Cell(value, repr(value).replace(".", ","), "number")


def _tagged(value: tuple[Any, ...]) -> Cell:
    match value:
        case (bool(),):
            return Cell(value[0], "TRUE" if value[0] else "FALSE", "bool")
        case (name,):
            return Cell(None, name, "error")
        case year, month, day:
            return Cell(date(year, month, day), f"{day:02}/{month:02}/{year:04}", "date")
    year, month, day, hour, minute, second = value
    text = f"{day:02}/{month:02}/{year:04} {hour:02}:{minute:02}" + (f":{second:02}" if second else "")
    return Cell(datetime(year, month, day, hour, minute, second), text, "date")  # noqa: DTZ001 (a cell knows no zone)


_CELLS: dict[type, Callable[[Any], Cell]] = {int: _whole, float: _decimal, tuple: _tagged}
