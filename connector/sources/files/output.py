"""Where every reader puts its rows: one place keeps the limits (F26), leaves out what is empty, marks merged cells.

That is why all formats give the same rows for the same content (F23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from connector.domain.tables import MERGED, Limits, Range, address
from connector.errors import FileRefused
from connector.sources.files.wire import Parts, RowWriter, TooLong, Value, frame

Notes = dict[int, str]  # by column from 0


class Output:
    """Sheets, then their merged ranges and rows, in order. Raises FileRefused at the first cell beyond a limit.

    ``member`` and when it was written are set while a member of an archive is read.
    """

    def __init__(self, write: Callable[[bytes], object], limits: Limits) -> None:
        self.limits = limits
        self.member = ""
        self.member_at: datetime | None = None
        self._write = write
        self._rows = RowWriter(write, limits.text_length)
        self._count = 0
        self._sheet = ""
        self._waiting: list[Range] = []  # those that begin in rows to come, the next one last
        self._active: list[Range] = []  # those that reach into the row at hand

    def sheet(self, name: str, *, hidden: bool = False, epoch_1904: bool = False, delimited: bool = False) -> None:
        self.flush()
        self._sheet, self._waiting, self._active = name, [], []
        written = None if self.member_at is None else self.member_at.timetuple()[:6]
        self._write(frame("sheet", name, self.member, hidden, written, epoch_1904, delimited))

    def merged(self, ranges: Iterable[Range]) -> None:
        """Ranges of this sheet, told before the row they begin in."""
        new = [r for r in ranges if (r.first_row, r.first_column) != (r.last_row, r.last_column)]
        new.sort(key=lambda r: (r.first_row, r.first_column))
        if new:
            self.flush()
            self._write(frame("merged", [(r.first_row, r.first_column, r.last_row, r.last_column) for r in new]))
            self._waiting = sorted([*self._waiting, *new], key=lambda r: r.first_row, reverse=True)

    def unended(self, row: int, fields: int) -> None:
        """No line end follows the delimited row that comes next, the last."""
        self.flush()
        self._write(frame("unended", row, fields))

    def package(self, namespace: str, root: Parts, beside: tuple[tuple[str, int], ...]) -> None:
        """A package of an electronic document; such a file has no sheets."""
        self._write(frame("package", self.member, namespace, root, beside))

    def row(self, number: int, values: list[Value], notes: Notes | None = None) -> None:
        """A row from column A on; empty cells at its end are taken away from ``values``."""
        while values and values[-1] is None:
            values.pop()
        width = max(len(values), max(notes) + 1) if notes else len(values)
        if not width:
            return
        if width > self.limits.columns:
            raise self.refusal("too_many_columns", number, width, limit=self.limits.columns)
        self._count += 1
        if self._count > self.limits.rows:
            raise self.refusal("too_many_rows", number, limit=self.limits.rows)
        if self._waiting or self._active:
            notes = (notes or {}) | self._covered(number)
            width = max(width, max(notes, default=-1) + 1)
        if width > len(values):
            values = values + [None] * (width - len(values))
        try:
            self._rows.row(number, values, notes)
        except TooLong as error:
            column = values.index(error.args[0]) + 1
            raise self.refusal("text_too_long", number, column, limit=self.limits.text_length) from None

    def _covered(self, number: int) -> Notes:
        """The cells of the row that lie under a merged cell that begins elsewhere."""
        while self._waiting and self._waiting[-1].first_row <= number:
            self._active.append(self._waiting.pop())
        self._active = [r for r in self._active if r.last_row >= number]
        if len(self._active) > self.limits.columns:
            raise self.refusal("broken", number, cause="merged ranges lie upon each other")
        notes: Notes = {}
        for r in self._active:
            origin = MERGED.format(origin=address(r.first_row, r.first_column))
            for column in range(r.first_column, min(r.last_column, self.limits.columns) + 1):
                if (number, column) != (r.first_row, r.first_column):
                    notes[column - 1] = origin
        return notes

    def refusal(self, reason: str, row: int, column: int = 1, cause: str = "", **fields: object) -> FileRefused:
        """About a cell of the sheet at hand."""
        return FileRefused(reason, cause, sheet=self._sheet, cell=address(row, column), **fields)

    def flush(self) -> None:
        self._rows.flush()
